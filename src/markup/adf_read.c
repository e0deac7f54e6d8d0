#include "markup/adf.h"
#include "markup/adf_names.h"
#include "markup/markup.h"
#include "text/date.h"
#include "text/utf8.h"

#include <string.h>

/* Where a node stands, as this reader sees it: it decides what is done with a node that does not
 * belong there. */
typedef enum place {
    BLOCKS,
    LINE, /* leaves only: blocks become lines */
    LIST,
    TASKS,
    DECISIONS,
    TABLE,
    ROW
} place;

typedef enum class {
    UNKNOWN,
    INLINE,
    BLOCK,
    THROUGH, /* no frame of its own */
    ITEM,
    TASK,
    DECISION,
    TABLE_ROW,
    CELL
} class;

typedef struct reader {
    jd_mk_doc *d;
    jd_buf     scratch;
    bool newline; /* a block among leaves began or ended: the next leaf stands on a new line */
} reader;

typedef struct type type;

typedef struct node {
    const type    *type;
    const jd_json *attrs, *content, *marks, *text;
} node;

typedef void maker(reader *r, const node *n, place where);

struct type {
    jd_str name;
    uint8_t class, kind, inner; /* class, jd_mk_kind, place of the content */
    maker      *make;
    const char *words; /* the attribute that the OPEN's text is taken from */
    uint32_t (*num)(const node *n);
};

static void content_of(reader *r, const jd_json *content, place where);
static void put(reader *r, const node *n, place where);

/* Texts */

static jd_str kept(reader *r)
{
    jd_str s = jd_arena_dup(r->d->arena, jd_buf_view(&r->scratch));
    jd_buf_reset(&r->scratch);
    return s;
}

/* s without control characters, lines ended by newlines. */
static jd_str clean(reader *r, jd_str s)
{
    r->d->steps += s.n;
    if (jd_utf8_clean_prefix(s) == s.n)
        return s;
    (void)jd_utf8_clean(&r->scratch, s, JD_CLEAN_LINES);
    return kept(r);
}

static jd_str text_of(reader *r, const jd_json *v)
{
    if (jd_json_is_str(v))
        return clean(r, jd_json_str(v));
    jd_json_type kind = jd_json_kind(v);
    if (kind != JD_JSON_NUMBER && kind != JD_JSON_BOOL)
        return JD_NOSTR;
    jd_json_write(&r->scratch, v);
    return kept(r);
}

/* A text that stands on one line. */
static jd_str line_of(reader *r, const jd_json *v)
{
    jd_str s = jd_str_trim(text_of(r, v));
    if (jd_str_find(s, '\n') == s.n && jd_str_find(s, '\t') == s.n)
        return s;
    jd_buf_adds(&r->scratch, s);
    for (size_t i = 0; i < r->scratch.n; i++)
        if (r->scratch.p[i] == '\n' || r->scratch.p[i] == '\t')
            r->scratch.p[i] = ' ';
    return kept(r);
}

static jd_str attr_line(reader *r, const node *n, const char *name)
{
    return line_of(r, jd_json_get(n->attrs, name));
}

/* A URL: white space at the ends and control characters are no part of it. */
static jd_str url_of(reader *r, const jd_json *v)
{
    jd_str s = jd_str_trim(text_of(r, v));
    if (jd_str_find(s, '\n') == s.n && jd_str_find(s, '\t') == s.n)
        return s;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\n' && s.p[i] != '\t')
            jd_buf_addc(&r->scratch, s.p[i]);
    return kept(r);
}

static bool number_of(const jd_json *v, int64_t *out)
{
    return jd_json_i64(v, out) || jd_str_i64(jd_str_trim(jd_json_str(v)), out);
}

static uint32_t attr_number(const node *n, const char *name, int64_t otherwise, int64_t low,
                            int64_t high)
{
    int64_t v;
    if (!number_of(jd_json_get(n->attrs, name), &v))
        v = otherwise;
    return (uint32_t)(v < low ? low : v > high ? high : v);
}

/* Leaves */

static void settle_line(reader *r)
{
    jd_mk_doc *d = r->d;
    if (!r->newline)
        return;
    r->newline = false;
    if (d->n && d->ev[d->n - 1].edge == JD_MK_LEAF && d->ev[d->n - 1].kind != JD_MK_BREAK &&
        jd_mk_in_text(d))
        jd_mk_leaf(d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
}

static void leaf(reader *r, jd_mk_kind kind, jd_str text, unsigned marks, uint32_t link,
                 uint32_t more)
{
    settle_line(r);
    jd_mk_leaf(r->d, kind, text, marks, link, more);
}

/* Text in which a newline is a break. */
static void words(reader *r, jd_str s, unsigned marks, uint32_t link)
{
    while (s.n) {
        const char *nl = memchr(s.p, '\n', s.n);
        size_t      n  = nl ? (size_t)(nl - s.p) : s.n;
        settle_line(r);
        jd_mk_text(r->d, (jd_str){s.p, n}, marks, link);
        if (!nl)
            return;
        jd_mk_leaf(r->d, JD_MK_BREAK, JD_NOSTR, marks, link, 0);
        s = (jd_str){nl + 1, s.n - n - 1};
    }
}

static uint32_t link_of(reader *r, const jd_json *url, const jd_json *title)
{
    return jd_mk_link(r->d, url_of(r, url), line_of(r, title));
}

static void mark_of(reader *r, const jd_json *mark, unsigned *marks, uint32_t *link)
{
    jd_str         name  = jd_json_str(mark);
    const jd_json *attrs = NULL;
    unsigned       bits  = 0;
    for (jd_json_iter it = jd_json_walk(mark); jd_json_next(&it);) {
        r->d->steps++;
        if (jd_str_eq(it.name, JD_STR("type")))
            name = jd_json_str(it.value);
        else if (jd_str_eq(it.name, JD_STR("attrs")))
            attrs = it.value;
    }
    switch (jd_adf_mark_of(name, &bits)) {
    case JD_ADF_MARK_PLAIN:
        *marks |= bits;
        return;
    case JD_ADF_MARK_SUBSUP:
        *marks |= jd_str_is(jd_json_str(jd_json_get(attrs, "type")), "sup") ? JD_MK_SUP : JD_MK_SUB;
        return;
    case JD_ADF_MARK_LINK:
        if (*link == 0)
            *link = link_of(r, jd_json_get(attrs, "href"), jd_json_get(attrs, "title"));
        return;
    case JD_ADF_MARK_UNKNOWN:
    case JD_ADF_MARK_SILENT:
        return;
    }
}

static unsigned marks_of(reader *r, const node *n, uint32_t *link)
{
    unsigned marks = 0;
    *link          = 0;
    if (!n->marks)
        return 0;
    if (jd_json_kind(n->marks) != JD_JSON_ARRAY) {
        mark_of(r, n->marks, &marks, link);
        return marks;
    }
    for (jd_json_iter it = jd_json_walk(n->marks); jd_json_next(&it);)
        mark_of(r, it.value, &marks, link);
    return marks;
}

static void make_text(reader *r, const node *n, place where)
{
    uint32_t link;
    unsigned marks = marks_of(r, n, &link);
    jd_str   s     = text_of(r, n->text);
    words(r, s, marks, link);
    if (n->content) {
        jd_mk_warn(r->d, JD_MK_W_BAD_SHAPE);
        content_of(r, n->content, LINE);
    }
    (void)where;
}

static void make_break(reader *r, const node *n, place where)
{
    uint32_t link;
    unsigned marks = marks_of(r, n, &link);
    leaf(r, JD_MK_BREAK, JD_NOSTR, marks, link, 0);
    (void)where;
}

static void make_mention(reader *r, const node *n, place where)
{
    uint32_t           link;
    unsigned           marks = marks_of(r, n, &link);
    jd_str             id = attr_line(r, n, "id"), name = attr_line(r, n, "text");
    const jd_mk_names *names = r->d->names;
    if (name.n && name.p[0] == '@')
        name = jd_str_cut(name, 1, name.n);
    if (name.n == 0 && id.n && names && names->person)
        name = names->person(names->user, id);
    if (name.n || id.n)
        leaf(r, JD_MK_MENTION, name, marks, link, jd_mk_more(r->d, id, JD_NOSTR));
    (void)where;
}

static bool is_shortcode(jd_str s)
{
    return s.n > 1 && s.p[0] == ':' && s.p[s.n - 1] == ':';
}

static void make_emoji(reader *r, const node *n, place where)
{
    uint32_t link;
    unsigned marks = marks_of(r, n, &link);
    jd_str   code = attr_line(r, n, "shortName"), glyph = attr_line(r, n, "text");
    if (glyph.n == 0 || is_shortcode(glyph)) {
        jd_str name = code.n ? code : glyph;
        jd_str own  = jd_adf_emoji(is_shortcode(name) ? jd_str_cut(name, 1, name.n - 2) : name);
        glyph       = own.n ? own : name;
    }
    if (glyph.n)
        leaf(r, JD_MK_EMOJI, glyph, marks, link, jd_mk_more(r->d, code, JD_NOSTR));
    (void)where;
}

static void make_date(reader *r, const node *n, place where)
{
    /* years 0001 to 9999 */
    static const int64_t first = -62135596800000, last = 253402300799999;
    uint32_t             link;
    unsigned             marks = marks_of(r, n, &link);
    jd_str               raw = attr_line(r, n, "timestamp"), day = raw;
    int64_t              ms;
    if (jd_str_i64(raw, &ms) && ms >= first && ms <= last) {
        char buf[JD_TIME_MAX];
        day = jd_arena_dup(r->d->arena, jd_str_of(jd_time_day(ms, buf)));
    }
    if (day.n)
        leaf(r, JD_MK_DATE, day, marks, link, jd_mk_more(r->d, raw, JD_NOSTR));
    (void)where;
}

static void make_status(reader *r, const node *n, place where)
{
    uint32_t link;
    unsigned marks = marks_of(r, n, &link);
    jd_str   text  = attr_line(r, n, "text");
    if (text.n)
        leaf(r, JD_MK_STATUS, text, marks, link,
             jd_mk_more(r->d, attr_line(r, n, "color"), JD_NOSTR));
    (void)where;
}

static void make_nothing(reader *r, const node *n, place where)
{
    (void)r, (void)n, (void)where;
}

/* A block's one line of words: a paragraph among blocks. */
static void line(reader *r, jd_str s, place where)
{
    if (s.n == 0)
        return;
    if (where == LINE) {
        words(r, s, 0, 0);
        return;
    }
    jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    words(r, s, 0, 0);
    jd_mk_close(r->d);
}

static void make_extension(reader *r, const node *n, place where)
{
    line(r, text_of(r, jd_json_get(n->attrs, "text")), where);
    content_of(r, n->content, where);
}

static void make_inline_extension(reader *r, const node *n, place where)
{
    words(r, text_of(r, jd_json_get(n->attrs, "text")), 0, 0);
    content_of(r, n->content, LINE);
    (void)where;
}

/* Cards hold a URL, or JSON-LD with a name and a URL. */
static void make_card(reader *r, const node *n, place where)
{
    bool           among_leaves = where == LINE || n->type->class == INLINE;
    const jd_json *data         = jd_json_get(n->attrs, "data");
    jd_str         url = url_of(r, jd_json_get(n->attrs, "url")), name = JD_NOSTR;
    uint32_t       inherited;
    unsigned       marks = marks_of(r, n, &inherited);
    if (data) {
        name = line_of(r, jd_json_get(data, "name"));
        if (url.n == 0)
            url = url_of(r, jd_json_get(data, "url"));
        if (jd_str_eq(name, url))
            name = JD_NOSTR;
    }
    if (n->content)
        content_of(r, n->content, where);
    if (url.n == 0 && name.n == 0)
        return;
    uint32_t link = jd_mk_link(r->d, url, JD_NOSTR);
    if (link && !among_leaves)
        jd_mk_leaf(r->d, JD_MK_CARD, name, marks, link, 0);
    else if (link)
        leaf(r, JD_MK_INLINE_CARD, name, marks, link, 0);
    else
        line(r, name.n ? name : url, among_leaves ? LINE : where);
}

/* Media */

/* Where a media node's bytes are found: its URL, what the caller knows, or "media:ID". */
static uint32_t media_more(reader *r, const node *n, jd_str alt)
{
    const jd_mk_names *names = r->d->names;
    jd_str             id = attr_line(r, n, "id"), dest = url_of(r, jd_json_get(n->attrs, "url"));
    if (dest.n == 0 && names && names->file)
        dest = names->file(names->user, id, alt);
    if (dest.n == 0 && id.n)
        dest = jd_arena_fmt(r->d->arena, "media:%.*s", JD_FMT(id));
    return jd_mk_more(r->d, id, dest);
}

static void media_leaf(reader *r, const node *n, jd_mk_kind kind, unsigned marks, uint32_t link)
{
    jd_str   alt  = attr_line(r, n, "alt");
    uint32_t more = media_more(r, n, alt);
    if (alt.n || more)
        leaf(r, kind, alt, marks, link, more);
}

static void make_media_inline(reader *r, const node *n, place where)
{
    uint32_t   link;
    unsigned   marks = marks_of(r, n, &link);
    jd_mk_kind kind =
        jd_str_is(jd_json_str(jd_json_get(n->attrs, "type")), "image") ? JD_MK_IMAGE : JD_MK_FILE;
    media_leaf(r, n, kind, marks, link);
    (void)where;
}

static void make_media(reader *r, const node *n, place where)
{
    uint32_t link;
    unsigned marks = marks_of(r, n, &link);
    if (where == LINE) {
        media_leaf(r, n, JD_MK_IMAGE, marks, link);
        return;
    }
    jd_mk_open(r->d, JD_MK_FIGURE, 0, JD_NOSTR);
    media_leaf(r, n, JD_MK_IMAGE, marks, link);
    jd_mk_close(r->d);
}

/* Nodes */

static node node_of(reader *r, const jd_json *v);

/* Each element of content, which ought to be an array of nodes but may be anything. */
#define EACH_NODE(r, content, it) \
    for (jd_json_iter it = elements((r), (content)); jd_json_next(&it);)

static jd_json_iter elements(reader *r, const jd_json *content)
{
    if (jd_json_kind(content) == JD_JSON_ARRAY)
        return jd_json_walk(content);
    if (!jd_json_is_null(content))
        jd_mk_warn(r->d, JD_MK_W_BAD_SHAPE);
    return (jd_json_iter){0};
}

static bool is_media(const node *n)
{
    return n->type && jd_str_is(n->type->name, "media");
}

static bool is_caption(const node *n)
{
    return n->type && jd_str_is(n->type->name, "caption");
}

static void make_media_single(reader *r, const node *n, place where)
{
    bool     figure = false, captioned = false;
    uint32_t outer;
    unsigned outer_marks = marks_of(r, n, &outer);
    if (where == LINE) {
        content_of(r, n->content, LINE);
        return;
    }
    EACH_NODE(r, n->content, it)
    {
        node child = node_of(r, it.value);
        bool media = is_media(&child), caption = figure && !captioned && is_caption(&child);
        if (figure && !caption)
            jd_mk_close(r->d);
        figure = media || caption;
        if (media) {
            uint32_t link;
            unsigned marks = marks_of(r, &child, &link) | outer_marks;
            jd_mk_open(r->d, JD_MK_FIGURE, 0, JD_NOSTR);
            media_leaf(r, &child, JD_MK_IMAGE, marks, link ? link : outer);
            captioned = false;
        } else {
            put(r, &child, BLOCKS);
            captioned = true;
        }
    }
    if (figure)
        jd_mk_close(r->d);
}

static void make_media_group(reader *r, const node *n, place where)
{
    bool list = false;
    if (where == LINE) {
        content_of(r, n->content, LINE);
        return;
    }
    EACH_NODE(r, n->content, it)
    {
        node child = node_of(r, it.value);
        bool media = is_media(&child);
        if (media != list) {
            if (media)
                jd_mk_open(r->d, JD_MK_FILES, 0, JD_NOSTR);
            else
                jd_mk_close(r->d);
        }
        list = media;
        if (media) {
            uint32_t link;
            unsigned marks = marks_of(r, &child, &link);
            media_leaf(r, &child, JD_MK_FILE, marks, link);
        } else {
            put(r, &child, BLOCKS);
        }
    }
    if (list)
        jd_mk_close(r->d);
}

/* Blocks */

static void make_rule(reader *r, const node *n, place where)
{
    if (where == LINE)
        r->newline = true;
    else
        jd_mk_leaf(r->d, JD_MK_RULE, JD_NOSTR, 0, 0, 0);
    content_of(r, n->content, where);
}

/* Verbatim text; whatever else stands in a code block gives its words. */
static void code_text(reader *r, const jd_json *content)
{
    if (jd_json_is_str(content))
        jd_mk_text(r->d, text_of(r, content), 0, 0);
    EACH_NODE(r, jd_json_is_str(content) ? NULL : content, it)
    {
        node n = node_of(r, it.value);
        if (n.text)
            jd_mk_text(r->d, text_of(r, n.text), 0, 0);
        else if (n.type && n.type->kind == JD_MK_BREAK && n.type->class == INLINE)
            jd_mk_text(r->d, JD_STR("\n"), 0, 0);
        else if (n.content)
            code_text(r, n.content);
        else if (n.attrs)
            jd_mk_text(r->d, text_of(r, jd_json_get(n.attrs, "text")), 0, 0);
        else
            jd_mk_text(r->d, text_of(r, it.value), 0, 0);
    }
}

static void make_code(reader *r, const node *n, place where)
{
    const jd_json *content = n->content ? n->content : n->text;
    if (where == LINE) {
        content_of(r, content, LINE);
        return;
    }
    jd_mk_open(r->d, JD_MK_CODE, 0, attr_line(r, n, "language"));
    code_text(r, content);
    jd_mk_close(r->d);
}

static uint32_t num_level(const node *n)
{
    return attr_number(n, "level", 1, 1, 6);
}

static uint32_t num_order(const node *n)
{
    return attr_number(n, "order", 1, 0, 999999999);
}

static uint32_t num_panel(const node *n)
{
    const jd_json *v = jd_json_get(n->attrs, "panelType");
    return v ? jd_adf_panel_of(jd_json_str(v)) : JD_MK_PANEL_INFO;
}

static uint32_t num_done(const node *n)
{
    return jd_str_ieq(jd_json_str(jd_json_get(n->attrs, "state")), JD_STR("DONE"));
}

static uint32_t num_cell(const node *n)
{
    return jd_mk_cell(false, attr_number(n, "colspan", 1, 1, 4095),
                      attr_number(n, "rowspan", 1, 1, 4095));
}

static uint32_t num_header(const node *n)
{
    return num_cell(n) | jd_mk_cell(true, 0, 0);
}

/* Opened and closed with its content between; the way of most blocks. */
static void make_block(reader *r, const node *n, place where)
{
    const type    *t       = n->type;
    const jd_json *content = n->content ? n->content : n->text;
    if (where == LINE) {
        if (t->words)
            words(r, attr_line(r, n, t->words), 0, 0);
        r->newline = true;
        content_of(r, content, LINE);
        return;
    }
    jd_mk_open(r->d, (jd_mk_kind)t->kind, t->num ? t->num(n) : 0,
               t->words ? attr_line(r, n, t->words) : JD_NOSTR);
    content_of(r, content, (place)t->inner);
    jd_mk_close(r->d);
}

static void make_through(reader *r, const node *n, place where)
{
    content_of(r, n->content ? n->content : n->text, where);
}

static bool is_paragraph(const node *n)
{
    return n->type && n->type->class == BLOCK && n->type->kind == JD_MK_PARAGRAPH;
}

/* Tasks hold leaves, or blocks; one paragraph is as good as its leaves. */
static void make_task(reader *r, const node *n, place where)
{
    const jd_json *content = n->content ? n->content : n->text;
    place          inner   = LINE;
    if (where == LINE) {
        make_block(r, n, where);
        return;
    }
    if (jd_json_kind(content) == JD_JSON_ARRAY && jd_json_len(content) > 0) {
        node first = node_of(r, jd_json_at(content, 0));
        bool alone = jd_json_len(content) == 1;
        if (alone && is_paragraph(&first))
            content = first.content ? first.content : first.text;
        else if (first.type && first.type->class != INLINE)
            inner = BLOCKS;
    }
    jd_mk_open(r->d, JD_MK_TASK, num_done(n), JD_NOSTR);
    content_of(r, content, inner);
    jd_mk_close(r->d);
}

/* The table of nodes, with slots as in adf_names.c: by length, first, last and middle letter. */
#define SLOT(len, first, last, mid) (((len) + (first)*9 + (last)*4 + (mid)) & 255)
#define NODE(name, first, last, mid, class, kind, inner, ...)                                    \
    [SLOT(sizeof(name) - 1, first, last, mid)] = {JD_STR_INIT(name), class, JD_MK_##kind, inner, \
                                                  __VA_ARGS__}

static const type types[256] = {
    NODE("doc", 'd', 'c', 'o', THROUGH, BLOCKS, BLOCKS, make_through),
    NODE("paragraph", 'p', 'h', 'g', BLOCK, PARAGRAPH, LINE, make_block),
    NODE("heading", 'h', 'g', 'd', BLOCK, HEADING, LINE, make_block, NULL, num_level),
    NODE("bulletList", 'b', 't', 't', BLOCK, BULLETS, LIST, make_block),
    NODE("orderedList", 'o', 't', 'e', BLOCK, ORDERED, LIST, make_block, NULL, num_order),
    NODE("listItem", 'l', 'm', 'I', ITEM, ITEM, BLOCKS, make_block),
    NODE("taskList", 't', 't', 'L', BLOCK, TASKS, TASKS, make_block),
    NODE("taskItem", 't', 'm', 'I', TASK, TASK, LINE, make_task),
    NODE("blockTaskItem", 'b', 'm', 'a', TASK, TASK, BLOCKS, make_task),
    NODE("decisionList", 'd', 't', 'o', BLOCK, DECISIONS, DECISIONS, make_block),
    NODE("decisionItem", 'd', 'm', 'o', DECISION, DECISION, LINE, make_block),
    NODE("blockquote", 'b', 'e', 'q', BLOCK, QUOTE, BLOCKS, make_block),
    NODE("codeBlock", 'c', 'k', 'B', BLOCK, CODE, BLOCKS, make_code),
    NODE("rule", 'r', 'e', 'l', BLOCK, RULE, BLOCKS, make_rule),
    NODE("bodiedRule", 'b', 'e', 'd', BLOCK, RULE, BLOCKS, make_rule),
    NODE("panel", 'p', 'l', 'n', BLOCK, PANEL, BLOCKS, make_block, NULL, num_panel),
    NODE("expand", 'e', 'd', 'a', BLOCK, EXPAND, BLOCKS, make_block, "title"),
    NODE("nestedExpand", 'n', 'd', 'E', BLOCK, EXPAND, BLOCKS, make_block, "title"),
    NODE("table", 't', 'e', 'b', BLOCK, TABLE, TABLE, make_block),
    NODE("tableRow", 't', 'w', 'e', TABLE_ROW, ROW, ROW, make_block),
    NODE("tableCell", 't', 'l', 'e', CELL, CELL, BLOCKS, make_block, NULL, num_cell),
    NODE("tableHeader", 't', 'r', 'H', CELL, CELL, BLOCKS, make_block, NULL, num_header),
    NODE("mediaSingle", 'm', 'e', 'S', BLOCK, FIGURE, BLOCKS, make_media_single),
    NODE("mediaGroup", 'm', 'p', 'G', BLOCK, FILES, BLOCKS, make_media_group),
    NODE("media", 'm', 'a', 'd', BLOCK, FIGURE, BLOCKS, make_media),
    NODE("caption", 'c', 'n', 't', BLOCK, PARAGRAPH, LINE, make_block),
    NODE("blockCard", 'b', 'd', 'k', BLOCK, CARD, BLOCKS, make_card),
    NODE("embedCard", 'e', 'd', 'd', BLOCK, CARD, BLOCKS, make_card),
    NODE("layoutSection", 'l', 'n', 'S', THROUGH, BLOCKS, BLOCKS, make_through),
    NODE("layoutColumn", 'l', 'n', 'C', THROUGH, BLOCKS, BLOCKS, make_through),
    NODE("extension", 'e', 'n', 'n', BLOCK, PARAGRAPH, BLOCKS, make_extension),
    NODE("bodiedExtension", 'b', 'n', 'x', THROUGH, BLOCKS, BLOCKS, make_through),
    NODE("multiBodiedExtension", 'm', 'n', 'd', THROUGH, BLOCKS, BLOCKS, make_through),
    NODE("extensionFrame", 'e', 'e', 'o', THROUGH, BLOCKS, BLOCKS, make_through),
    NODE("syncBlock", 's', 'k', 'B', THROUGH, BLOCKS, BLOCKS, make_through),
    NODE("bodiedSyncBlock", 'b', 'k', 'y', THROUGH, BLOCKS, BLOCKS, make_through),
    NODE("text", 't', 't', 'x', INLINE, TEXT, LINE, make_text),
    NODE("hardBreak", 'h', 'k', 'B', INLINE, BREAK, LINE, make_break),
    NODE("mention", 'm', 'n', 't', INLINE, MENTION, LINE, make_mention),
    NODE("emoji", 'e', 'i', 'o', INLINE, EMOJI, LINE, make_emoji),
    NODE("date", 'd', 'e', 't', INLINE, DATE, LINE, make_date),
    NODE("status", 's', 's', 't', INLINE, STATUS, LINE, make_status),
    NODE("placeholder", 'p', 'r', 'h', INLINE, TEXT, LINE, make_nothing),
    NODE("inlineCard", 'i', 'd', 'e', INLINE, INLINE_CARD, LINE, make_card),
    NODE("mediaInline", 'm', 'e', 'I', INLINE, FILE, LINE, make_media_inline),
    NODE("inlineExtension", 'i', 'n', 'x', INLINE, TEXT, LINE, make_inline_extension),
};

static const type *type_of(jd_str name)
{
    if (name.n == 0)
        return NULL;
    const unsigned char *p = (const unsigned char *)name.p;
    const type          *t = &types[SLOT(name.n, p[0], p[name.n - 1], p[name.n / 2])];
    return jd_str_eq(t->name, name) ? t : NULL;
}

static node node_of(reader *r, const jd_json *v)
{
    node n = {0};
    if (jd_json_kind(v) == JD_JSON_ARRAY) {
        n.content = v;
        return n;
    }
    if (jd_json_kind(v) != JD_JSON_OBJECT) {
        n.type = type_of(JD_STR("text"));
        n.text = v;
        return n;
    }
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        r->d->steps++;
        if (it.name.n == 4) {
            if (memcmp(it.name.p, "type", 4) == 0)
                n.type = type_of(jd_json_str(it.value));
            else if (memcmp(it.name.p, "text", 4) == 0)
                n.text = it.value;
        } else if (it.name.n == 5) {
            if (memcmp(it.name.p, "attrs", 5) == 0)
                n.attrs = it.value;
            else if (memcmp(it.name.p, "marks", 5) == 0)
                n.marks = it.value;
        } else if (it.name.n == 7 && memcmp(it.name.p, "content", 7) == 0) {
            n.content = it.value;
        }
    }
    return n;
}

/* Where each place wants its children to be of one class, the frame that is put around others. */
static const struct {
    uint8_t child, kind, inner;
} frames[] = {
    [LIST]      = {ITEM, JD_MK_ITEM, BLOCKS},
    [TASKS]     = {TASK, JD_MK_TASK, LINE},
    [DECISIONS] = {DECISION, JD_MK_DECISION, LINE},
    [TABLE]     = {TABLE_ROW, JD_MK_ROW, ROW},
    [ROW]       = {CELL, JD_MK_CELL, BLOCKS},
};

/* And what is put around those that stand without their parent. */
static const struct {
    uint8_t kind, inner;
} parents[] = {
    [ITEM]      = {JD_MK_BULLETS, LIST},
    [TASK]      = {JD_MK_TASKS, TASKS},
    [DECISION]  = {JD_MK_DECISIONS, DECISIONS},
    [TABLE_ROW] = {JD_MK_TABLE, TABLE},
    [CELL]      = {JD_MK_TABLE, TABLE},
};

static uint32_t frame_num(place where)
{
    return where == ROW ? jd_mk_cell(false, 1, 1) : 0;
}

static void put_unknown(reader *r, const node *n, place where)
{
    uint32_t link;
    unsigned marks = marks_of(r, n, &link);
    if (n->content) {
        content_of(r, n->content, where);
        return;
    }
    jd_str s = text_of(r, n->text ? n->text : jd_json_get(n->attrs, "text"));
    if (s.n == 0)
        return;
    if (where != LINE)
        jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    words(r, s, marks, link);
    if (where != LINE)
        jd_mk_close(r->d);
}

static bool has_words(const node *n)
{
    return !jd_json_is_null(n->content) || !jd_json_is_null(n->text) || n->attrs;
}

/* A node at a place: as it is where it belongs, within the frames that are missing elsewhere. */
static void put(reader *r, const node *n, place where)
{
    class c = n->type ? (class)n->type->class : UNKNOWN;
    if (where == LINE) {
        bool block = c != INLINE && c != UNKNOWN;
        r->newline |= block;
        if (n->type)
            n->type->make(r, n, LINE);
        else
            put_unknown(r, n, LINE);
        r->newline |= block;
        return;
    }
    if (c == THROUGH || (c == UNKNOWN && n->content)) {
        content_of(r, n->content ? n->content : n->text, where);
        return;
    }
    if (where != BLOCKS && c != frames[where].child &&
        !(where == TASKS && n->type && n->type->kind == JD_MK_TASKS)) {
        if (c == UNKNOWN && !has_words(n))
            return;
        jd_mk_open(r->d, (jd_mk_kind)frames[where].kind, frame_num(where), JD_NOSTR);
        put(r, n, (place)frames[where].inner);
        jd_mk_close(r->d);
        return;
    }
    if (where == BLOCKS && c >= ITEM) {
        jd_mk_open(r->d, (jd_mk_kind)parents[c].kind, 0, JD_NOSTR);
        put(r, n, (place)parents[c].inner);
        jd_mk_close(r->d);
        return;
    }
    if (c == UNKNOWN) {
        put_unknown(r, n, where);
    } else if (c == INLINE) {
        jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
        n->type->make(r, n, LINE);
        jd_mk_close(r->d);
    } else {
        r->newline = false;
        n->type->make(r, n, where);
    }
}

/* Leaves among blocks are gathered in paragraphs. */
static void content_of(reader *r, const jd_json *content, place where)
{
    bool paragraph = false;
    if (jd_json_is_null(content))
        return;
    if (jd_json_kind(content) != JD_JSON_ARRAY) {
        node n = node_of(r, content);
        jd_mk_warn(r->d, JD_MK_W_BAD_SHAPE);
        put(r, &n, where);
        return;
    }
    for (jd_json_iter it = jd_json_walk(content); jd_json_next(&it);) {
        node n       = node_of(r, it.value);
        bool inline_ = n.type ? n.type->class == INLINE : paragraph && !n.content;
        if (!n.type)
            jd_mk_warn(r->d, jd_json_kind(it.value) == JD_JSON_OBJECT ? JD_MK_W_UNKNOWN_NODE
                                                                      : JD_MK_W_BAD_SHAPE);
        if (where != BLOCKS) {
            put(r, &n, where);
            continue;
        }
        if (inline_ != paragraph) {
            if (paragraph)
                jd_mk_close(r->d);
            else
                jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
            paragraph  = inline_;
            r->newline = false;
        }
        put(r, &n, inline_ ? LINE : BLOCKS);
    }
    if (paragraph)
        jd_mk_close(r->d);
}

static void read_root(jd_mk_doc *d, const jd_json *root, place where)
{
    reader r = {.d = d, .scratch = JD_BUF_INIT(SIZE_MAX - 1)};
    node   n = node_of(&r, root);
    if (!n.type && !jd_json_is_null(root))
        jd_mk_warn(d, JD_MK_W_UNKNOWN_NODE);
    put(&r, &n, where);
    jd_buf_release(&r.scratch);
}

void jd_read_adf(jd_mk_doc *d, const jd_json *root)
{
    jd_mk_reset(d);
    read_root(d, root, BLOCKS);
    jd_mk_finish(d);
}

void jd_read_adf_bytes(jd_mk_doc *d, jd_str json)
{
    const jd_json *root;
    jd_err         e = {0};
    if (jd_json_read(d->arena, json, &root, &e) == JD_OK) {
        jd_read_adf(d, root);
        return;
    }
    jd_read_text(d, json);
    jd_mk_warn(d, JD_MK_W_BAD_JSON);
}

void jd_mk_read_adf_into(jd_mk_doc *d, jd_str json, bool inline_)
{
    const jd_json *root;
    jd_err         e = {0};
    if (jd_json_read(d->arena, json, &root, &e) == JD_OK) {
        read_root(d, root, inline_ ? LINE : BLOCKS);
        return;
    }
    jd_mk_warn(d, JD_MK_W_BAD_JSON);
    reader r = {.d = d, .scratch = JD_BUF_INIT(SIZE_MAX - 1)};
    (void)jd_utf8_clean(&r.scratch, jd_str_trim(json), JD_CLEAN_LINES);
    jd_str s = kept(&r);
    jd_buf_release(&r.scratch);
    if (inline_) {
        words(&r, s, JD_MK_MONO, 0);
        return;
    }
    jd_mk_open(d, JD_MK_CODE, 0, JD_NOSTR);
    jd_mk_text(d, s, 0, 0);
    jd_mk_close(d);
}
