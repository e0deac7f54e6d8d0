/* doc.h: rich text as a flat list of events: what every reader makes and every writer walks, so
 * that no reader knows a writer.
 *
 * - A block is an OPEN and its CLOSE with its content between; everything else is a LEAF. Leaves
 * stand only in blocks that hold text (JD_MK_HOLDS_TEXT); jd_mk_text puts a paragraph around a
 * stray one.
 * - Texts are whole characters of valid UTF-8 without control characters but tab and newline; a
 * newline is a hard break only inside JD_MK_CODE's text, elsewhere readers say JD_MK_BREAK.
 * - Texts and links are borrowed: from the source bytes, a JSON tree or the document's arena,
 * whichever the reader took them from. They must outlive the document's use.
 * - Links are safe by then: jd_mk_link refuses what runs code.
 * - Nothing is allocated per event: the list grows by doubling and is kept from one document to the
 * next.
 * - Bounded: blocks deeper than JD_MK_DEPTH lose their frame and keep their content; past
 * JD_MK_EVENTS_MAX events nothing more is taken and JD_MK_W_TOO_LONG is counted. */
#ifndef JD_MARKUP_DOC_H
#define JD_MARKUP_DOC_H

#include "base/arena.h"
#include "base/str.h"

enum { JD_MK_DEPTH = 64, JD_MK_EVENTS_MAX = 1 << 22 };

typedef enum jd_mk_kind {
    /* blocks */
    JD_MK_PARAGRAPH,
    JD_MK_HEADING, /* num: level, 1 to 6 */
    JD_MK_BULLETS,
    JD_MK_ORDERED, /* num: number of the first item */
    JD_MK_ITEM,
    JD_MK_TASKS,
    JD_MK_TASK, /* num: 1 when done; holds text, or blocks */
    JD_MK_DECISIONS,
    JD_MK_DECISION,
    JD_MK_CODE, /* text: language, or empty; holds TEXT only, taken verbatim and joined */
    JD_MK_QUOTE,
    JD_MK_PANEL,  /* num: jd_mk_panel */
    JD_MK_EXPAND, /* text: title, or empty */
    JD_MK_TABLE,
    JD_MK_ROW,
    JD_MK_CELL,   /* num: jd_mk_cell(); holds blocks */
    JD_MK_FIGURE, /* one picture of its own; what follows the IMAGE is its caption, a PARAGRAPH */
    JD_MK_FILES,  /* a list of FILE leaves */
    JD_MK_BLOCKS, /* leaves */
    JD_MK_RULE = JD_MK_BLOCKS, /* stands among blocks */
    JD_MK_CARD, /* a link on a line of its own, among blocks. text: its words, or empty; link */
    JD_MK_TEXT,
    JD_MK_BREAK,
    JD_MK_MENTION,     /* text: name without @, or empty; more: id */
    JD_MK_EMOJI,       /* text: the glyph, or the :short_name:; more: id is the short name */
    JD_MK_DATE,        /* text: YYYY-MM-DD; more: id is the time stamp as Atlassian writes it */
    JD_MK_STATUS,      /* text: its words; more: id is the colour */
    JD_MK_INLINE_CARD, /* text: its words, or empty; link */
    JD_MK_IMAGE,       /* text: alt, or empty; more: dest, name */
    JD_MK_FILE,        /* text: its name; more: dest */
    JD_MK_KINDS
} jd_mk_kind;

typedef enum jd_mk_edge { JD_MK_LEAF, JD_MK_OPEN, JD_MK_CLOSE } jd_mk_edge;

/* Outermost first, as writers nest them; a link goes around all. */
enum jd_mk_mark {
    JD_MK_UNDERLINE = 1 << 0,
    JD_MK_STRIKE    = 1 << 1,
    JD_MK_STRONG    = 1 << 2,
    JD_MK_EM        = 1 << 3,
    JD_MK_SUB       = 1 << 4,
    JD_MK_SUP       = 1 << 5,
    JD_MK_MONO      = 1 << 6, /* a code span: its text is verbatim */
    JD_MK_MARKS     = 7
};

/* PLAIN is wiki's own: a frame without a meaning, written as a quote. */
typedef enum jd_mk_panel {
    JD_MK_PANEL_PLAIN,
    JD_MK_PANEL_INFO,
    JD_MK_PANEL_NOTE,
    JD_MK_PANEL_TIP,
    JD_MK_PANEL_SUCCESS,
    JD_MK_PANEL_WARNING,
    JD_MK_PANEL_ERROR,
    JD_MK_PANEL_CUSTOM,
} jd_mk_panel;

typedef struct jd_mk_event {
    uint8_t  kind, edge;
    uint16_t marks; /* of a leaf */
    uint32_t num;
    uint32_t link; /* of a leaf: jd_mk_link()'s answer, 0 for none */
    uint32_t more; /* OPEN: index of its CLOSE. LEAF: jd_mk_more()'s answer, 0 for none */
    jd_str   text;
} jd_mk_event;

typedef struct jd_mk_href {
    jd_str dest, title;
} jd_mk_href;

/* What some leaves carry beside their text; each may be empty. */
typedef struct jd_mk_extra {
    jd_str id;
    jd_str dest; /* a URL, a file's name, or "media:ID" */
} jd_mk_extra;

/* What was passed over or given up, counted; the words are for people. */
#define JD_MK_WARNINGS(X)                                               \
    X(UNKNOWN_NODE, "unknown node, kept as its content")                \
    X(UNKNOWN_MACRO, "unknown macro, kept as text")                     \
    X(UNCLOSED, "macro without an end")                                 \
    X(BAD_JSON, "embedded document that is no JSON")                    \
    X(BAD_SHAPE, "node of the wrong shape")                             \
    X(UNSAFE_LINK, "link that runs code or carries data, kept as text") \
    X(TOO_DEEP, "nested too deep, frame left out")                      \
    X(TOO_LONG, "too long, the rest left out")                          \
    X(TANGLED, "too tangled to read as Markdown, kept as text")         \
    X(BAD_TEXT, "bytes that are no text, replaced")
typedef enum jd_mk_warning {
#define X(name, words) JD_MK_W_##name,
    JD_MK_WARNINGS(X)
#undef X
        JD_MK_W_COUNT
} jd_mk_warning;
const char *jd_mk_warning_text(jd_mk_warning w);

/* Names that only the caller knows. Each function may be NULL; an empty answer means unknown. The
 * answer lives at least as long as the document's use. */
typedef struct jd_mk_names {
    void *user;
    jd_str (*person)(void *user, jd_str id); /* display name of a mention */
    jd_str (*file)(void *user, jd_str id,
                   jd_str name); /* where an attachment is found; id or name may be empty */
    jd_str (*issue)(void *user, jd_str key); /* URL of an issue */
} jd_mk_names;

/* Sixty-four bytes of the source, a bit for each: those that Markdown may take for more than
 * themselves among words (\ & < ` * ~ _ [ ] : ! | and newlines) or in code (` | and newlines). */
typedef struct jd_mk_sight {
    uint64_t odd[2]; /* in words, in code */
} jd_mk_sight;

typedef struct jd_mk_doc {
    jd_mk_event       *ev;
    uint32_t           n;
    jd_mk_href        *links;  /* [0] is unused */
    jd_mk_extra       *extra;  /* [0] is unused */
    jd_arena          *arena;  /* the caller's: for texts that readers put together */
    const jd_mk_names *names;  /* may be NULL */
    jd_str             source; /* what texts were borrowed from, readable to its end, or empty */
    const jd_mk_sight *sight;  /* of the source and the place behind it, for writers, or NULL */
    uint32_t           warned[JD_MK_W_COUNT];
    uint64_t
        steps; /* work done by readers and writers, in bytes looked at: for tests of linearity */
    /* private */
    void    *scratch; /* of whoever reads or writes, kept from one document to the next */
    size_t   scratch_cap;
    uint32_t cap, room, nlinks, links_cap, nextra, extra_cap; /* room: for events of any edge */
    uint32_t open[JD_MK_DEPTH], depth, beyond;
    bool     holds[JD_MK_DEPTH + 1]; /* whether what is open at this depth holds text */
    bool     full, implied;
} jd_mk_doc;

#define JD_MK_DOC_INIT(arena_) \
    {                          \
        .arena = (arena_)      \
    }

/* Empty again, memory kept; the arena is the caller's to reset. */
void jd_mk_reset(jd_mk_doc *d);
void jd_mk_release(jd_mk_doc *d);

/* Room for n bytes, aligned for any type, that lasts until the next call; its content is anything.
 */
void *jd_mk_scratch(jd_mk_doc *d, size_t n);

/* Readers' side. Every open has its close, in order; jd_mk_finish closes what is left open. */
void jd_mk_open(jd_mk_doc *d, jd_mk_kind kind, uint32_t num, jd_str text);
void jd_mk_close(jd_mk_doc *d);
void jd_mk_finish(jd_mk_doc *d);
/* Text with marks; joins the leaf before it when marks and link are the same and the bytes adjoin.
 */
void jd_mk_text(jd_mk_doc *d, jd_str text, unsigned marks, uint32_t link);
/* Any other leaf. A block leaf (RULE, CARD) ends an implied paragraph. */
void jd_mk_leaf(jd_mk_doc *d, jd_mk_kind kind, jd_str text, unsigned marks, uint32_t link,
                uint32_t more);
/* Whether the innermost open block holds text, and how deep one is. */
bool jd_mk_in_text(const jd_mk_doc *d);
/* Number for a leaf's link; the same as the last one when it is the same. 0 and a warning when dest
 * is empty, or its scheme (white space and control characters left out, case folded) is javascript,
 * data or vbscript. */
uint32_t jd_mk_link(jd_mk_doc *d, jd_str dest, jd_str title);
uint32_t jd_mk_more(jd_mk_doc *d, jd_str id, jd_str dest);
bool     jd_mk_safe(jd_str dest);
void     jd_mk_warn(jd_mk_doc *d, jd_mk_warning w);

/* A cell's number: header or not, and how many columns and rows it spans (1 to 4095). */
static inline uint32_t jd_mk_cell(bool header, uint32_t columns, uint32_t rows)
{
    return (header ? 1U : 0U) | (columns & 4095U) << 1 | (rows & 4095U) << 13;
}
static inline bool jd_mk_cell_header(uint32_t num)
{
    return num & 1U;
}
static inline uint32_t jd_mk_cell_columns(uint32_t num)
{
    return num >> 1 & 4095U;
}
static inline uint32_t jd_mk_cell_rows(uint32_t num)
{
    return num >> 13 & 4095U;
}

/* The block kinds whose content is leaves. FIGURE holds one IMAGE, then maybe a PARAGRAPH. */
static inline bool jd_mk_holds_text(jd_mk_kind k)
{
    return k == JD_MK_PARAGRAPH || k == JD_MK_HEADING || k == JD_MK_TASK || k == JD_MK_DECISION ||
           k == JD_MK_CODE || k == JD_MK_FIGURE || k == JD_MK_FILES;
}

#endif
