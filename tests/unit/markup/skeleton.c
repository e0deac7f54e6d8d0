#include "skeleton.h"

#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 4096 };

typedef struct skeleton {
    const jd_mk_doc *d;
    jd_buf          *out;
    unsigned         lists;
    uint32_t         number[JD_MK_DEPTH + 1];
    bool             ordered[JD_MK_DEPTH + 1];
    size_t           begin[JD_MK_DEPTH + 1]; /* where each open block's line begins */
    size_t           filled[JD_MK_DEPTH + 1];
    unsigned         depth;
    unsigned         cells;  /* that are open, one in the other */
    uint32_t         column; /* of the row */
    uint16_t         covered[COLUMNS];
    bool             files; /* a list of them is open */
    uint32_t         link;  /* that is open */
    size_t           link_at;
    jd_buf           code;
} skeleton;

static bool says_something(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
           (cp > 0xa0 && cp != 0xad && !(cp >= 0x2000 && cp <= 0x200f) &&
            !(cp >= 0x2028 && cp <= 0x202f) && cp != 0x205f && cp != 0x3000 && cp != 0xfe0f);
}

static void put_words(jd_buf *out, jd_str s)
{
    uint32_t cp;
    while (jd_utf8_next(&s, &cp))
        if (says_something(cp))
            jd_utf8_put(out, cp);
}

static bool same_words(jd_str a, jd_str b)
{
    jd_buf x = JD_BUF_INIT(1 << 28), y = JD_BUF_INIT(1 << 28);
    put_words(&x, a);
    put_words(&y, b);
    bool same = jd_str_eq(jd_buf_view(&x), jd_buf_view(&y));
    jd_buf_release(&x);
    jd_buf_release(&y);
    return same;
}

/* "<dest>" behind the words of the link that was open, unless they are the address. */
static void end_link(skeleton *s)
{
    if (!s->link)
        return;
    jd_str dest  = s->d->links[s->link].dest;
    jd_buf words = JD_BUF_INIT(1 << 28);
    jd_buf_add(&words, s->out->p + s->link_at, s->out->n - s->link_at);
    jd_str said = jd_buf_view(&words), bare = dest;
    if (jd_str_starts(bare, JD_STR("mailto:")))
        bare = jd_str_cut(bare, 7, bare.n);
    jd_str http = jd_str_starts(bare, JD_STR("http://")) ? jd_str_cut(bare, 7, bare.n) : bare;
    if (said.n && !same_words(said, dest) && !same_words(said, bare) && !same_words(said, http))
        jd_buf_addf(s->out, "<%.*s>", JD_FMT(dest));
    jd_buf_release(&words);
    s->link = 0;
}

static void begin_link(skeleton *s, uint32_t link)
{
    if (s->link && link && jd_str_eq(s->d->links[s->link].dest, s->d->links[link].dest))
        return;
    end_link(s);
    s->link    = link;
    s->link_at = s->out->n;
}

static void put_leaf(skeleton *s, const jd_mk_event *e)
{
    static const jd_mk_extra none  = {{NULL, 0}, {NULL, 0}};
    const jd_mk_extra       *more  = e->more ? &s->d->extra[e->more] : &none;
    jd_str                   words = e->text;
    switch ((jd_mk_kind)e->kind) {
    case JD_MK_RULE:
        end_link(s);
        jd_buf_addz(s->out, s->cells ? "" : "\n---\n");
        return;
    case JD_MK_IMAGE:
        begin_link(s, e->link);
        jd_buf_addf(s->out, "(%.*s)", JD_FMT(more->dest));
        return;
    case JD_MK_FILE:
        end_link(s);
        put_words(s->out, words);
        if (!same_words(words, more->dest))
            jd_buf_addf(s->out, "<%.*s>", JD_FMT(more->dest));
        return;
    case JD_MK_MENTION:
        words = words.n ? words : more->id;
        break;
    case JD_MK_CARD: /* a link of its own */
    case JD_MK_INLINE_CARD:
        end_link(s);
        begin_link(s, e->link);
        put_words(s->out, words.n || !e->link ? words : s->d->links[e->link].dest);
        end_link(s);
        return;
    case JD_MK_BREAK: /* a link over two lines is as good as two */
        end_link(s);
        return;
    default:
        break;
    }
    begin_link(s, e->link);
    put_words(s->out, words);
}

static void open_cell(skeleton *s, const jd_mk_event *e)
{
    if (s->cells++)
        return;
    for (; s->column < COLUMNS && s->covered[s->column]; s->column++) {
        s->covered[s->column]--;
        jd_buf_addc(s->out, '|');
    }
    jd_buf_addc(s->out, '|');
    for (uint32_t i = 0; i < jd_mk_cell_columns(e->num) && s->column + i < COLUMNS; i++)
        s->covered[s->column + i] = (uint16_t)(jd_mk_cell_rows(e->num) - 1);
}

static void close_cell(skeleton *s, const jd_mk_event *e)
{
    if (--s->cells)
        return;
    s->column++;
    for (uint32_t i = 1; i < jd_mk_cell_columns(e->num); i++, s->column++)
        jd_buf_addc(s->out, '|');
}

static void close_row(skeleton *s)
{
    if (s->cells)
        return;
    for (uint32_t i = s->column; i < COLUMNS; i++)
        s->covered[i] = (uint16_t)(s->covered[i] - (s->covered[i] > 0));
    while (s->out->n && s->out->p[s->out->n - 1] == '|')
        s->out->n--;
}

static const char *panel_name(uint32_t panel)
{
    switch ((jd_mk_panel)panel) {
    case JD_MK_PANEL_PLAIN:
        return "quote";
    case JD_MK_PANEL_NOTE:
        return "important";
    case JD_MK_PANEL_TIP:
    case JD_MK_PANEL_SUCCESS:
        return "tip";
    case JD_MK_PANEL_WARNING:
        return "warning";
    case JD_MK_PANEL_ERROR:
        return "caution";
    case JD_MK_PANEL_INFO:
    case JD_MK_PANEL_CUSTOM:
        break;
    }
    return "note";
}

/* In a cell only the letters and digits of the marker count. */
static void open_item_in_cell(skeleton *s, const jd_mk_event *e)
{
    if (e->kind == JD_MK_ITEM && s->ordered[s->lists])
        jd_buf_addu(s->out, s->number[s->lists]++);
    if (e->kind == JD_MK_TASK && e->num)
        jd_buf_addz(s->out, "x");
    if (e->kind == JD_MK_DECISION)
        jd_buf_addz(s->out, "Decision");
}

static void open_item(skeleton *s, const char *kind, uint32_t done)
{
    if (s->ordered[s->lists])
        jd_buf_addf(s->out, "\n%u. %u ", s->lists, s->number[s->lists]++);
    else
        jd_buf_addf(s->out, "\n%u%s%u ", s->lists, kind, done);
}

static void put_code(skeleton *s, jd_str language, jd_str text)
{
    for (size_t end; (end = jd_str_find(text, '\n')) < text.n;) {
        if (jd_str_trim(jd_str_cut(text, 0, end)).n)
            break;
        text = jd_str_cut(text, end + 1, text.n);
    }
    while (text.n && strchr(" \t\n", text.p[text.n - 1]))
        text.n--;
    if (text.n == 0)
        return;
    if (s->cells) {
        put_words(s->out, text);
        return;
    }
    jd_buf_addz(s->out, "\n```");
    for (size_t i = 0; i < language.n; i++)
        jd_buf_addc(s->out, (char)(language.p[i] |
                                   (language.p[i] >= 'A' && language.p[i] <= 'Z' ? 0x20 : 0)));
    jd_buf_addf(s->out, "\n%.*s\n```\n", JD_FMT(text));
}

/* What a block says by itself, in front of its content. */
static void put_open(skeleton *s, const jd_mk_event *e)
{
    switch ((jd_mk_kind)e->kind) {
    case JD_MK_HEADING:
        jd_buf_addf(s->out, "\nh%u ", e->num < 1 ? 1 : e->num > 6 ? 6 : e->num);
        return;
    case JD_MK_ITEM:
        open_item(s, "-", 0);
        return;
    case JD_MK_TASK:
        open_item(s, "[]", e->num);
        return;
    case JD_MK_DECISION:
        open_item(s, "<>", 0);
        return;
    case JD_MK_QUOTE:
        jd_buf_addz(s->out, "\nquote{");
        return;
    case JD_MK_PANEL:
        jd_buf_addf(s->out, "\n%s{", panel_name(e->num));
        return;
    case JD_MK_TABLE:
        jd_buf_addz(s->out, "\ntable{");
        return;
    case JD_MK_ROW:
        jd_buf_addz(s->out, "\nrow ");
        return;
    default:
        return;
    }
}

static bool is_list(jd_mk_kind kind)
{
    return kind == JD_MK_BULLETS || kind == JD_MK_ORDERED || kind == JD_MK_TASKS ||
           kind == JD_MK_DECISIONS || kind == JD_MK_FILES;
}

static void open_block(skeleton *s, const jd_mk_event *e)
{
    jd_mk_kind kind = (jd_mk_kind)e->kind;
    end_link(s);
    s->begin[s->depth] = s->out->n;
    if (is_list(kind)) {
        s->lists++;
        s->ordered[s->lists] = kind == JD_MK_ORDERED;
        s->number[s->lists]  = e->num;
        s->files             = kind == JD_MK_FILES && !s->cells;
    } else if (kind == JD_MK_CELL) {
        open_cell(s, e);
    } else if (kind == JD_MK_EXPAND) {
        put_words(s->out, e->text);
    } else if (s->cells) {
        open_item_in_cell(s, e);
    } else {
        put_open(s, e);
    }
    if (kind == JD_MK_TABLE && !s->cells)
        memset(s->covered, 0, sizeof s->covered);
    if (kind == JD_MK_ROW && !s->cells)
        s->column = 0;
    s->filled[s->depth++] = s->out->n;
}

static void close_block(skeleton *s, const jd_mk_event *e)
{
    jd_mk_kind kind = (jd_mk_kind)e->kind;
    end_link(s);
    s->depth--;
    if (kind == JD_MK_CELL) {
        close_cell(s, e);
        return;
    }
    if (is_list(kind)) {
        s->lists--;
        s->files = false;
    }
    if (kind == JD_MK_ROW)
        close_row(s);
    if (s->out->n <= s->filled[s->depth] && kind != JD_MK_EXPAND) { /* nothing in it */
        s->out->n = s->begin[s->depth];
        if ((kind == JD_MK_ITEM || kind == JD_MK_TASK) && s->ordered[s->lists])
            s->number[s->lists]--;
        return;
    }
    if (s->cells)
        return;
    if (kind == JD_MK_HEADING)
        jd_buf_addc(s->out, '\n');
    if (kind == JD_MK_QUOTE || kind == JD_MK_PANEL || kind == JD_MK_TABLE)
        jd_buf_addz(s->out, "}\n");
}

void skeleton_of(jd_buf *out, const jd_mk_doc *d)
{
    skeleton *s = jd_xcalloc(1, sizeof *s);
    s->d        = d;
    s->out      = out;
    s->code     = (jd_buf)JD_BUF_INIT(1 << 28);
    for (uint32_t i = 0; i < d->n; i++) {
        const jd_mk_event *e = &d->ev[i];
        if (e->edge == JD_MK_OPEN && e->kind == JD_MK_CODE) {
            jd_buf_reset(&s->code);
            for (uint32_t to = e->more; i < to; i++)
                jd_buf_adds(&s->code, d->ev[i].edge == JD_MK_LEAF ? d->ev[i].text : JD_NOSTR);
            end_link(s);
            put_code(s, e->text, jd_buf_view(&s->code));
        } else if (e->edge == JD_MK_OPEN) {
            open_block(s, e);
        } else if (e->edge == JD_MK_CLOSE) {
            close_block(s, e);
        } else {
            if (s->files && e->kind == JD_MK_FILE)
                jd_buf_addf(out, "\n%u-0 ", s->lists);
            put_leaf(s, e);
        }
    }
    end_link(s);
    jd_buf_release(&s->code);
    free(s);
}
