#include "markup/markdown_scan.h"
#include "text/utf8.h"

#include <string.h>

bool jd_mkw_white(jd_str s)
{
    uint32_t cp;
    if (s.n && s.p[0] > ' ')
        return false;
    while (jd_utf8_next(&s, &cp))
        if (jd_utf8_class(cp) != JD_CP_SPACE)
            return false;
    return true;
}

/* What shows */

static bool has_more(const jd_mkw *w, const jd_mk_event *e)
{
    return e->more && (w->d->extra[e->more].id.n || w->d->extra[e->more].dest.n);
}

static bool event_shows(jd_mkw *w, const jd_mk_event *e)
{
    w->d->steps++;
    if (e->edge == JD_MK_OPEN)
        return (e->kind == JD_MK_EXPAND && !jd_mkw_white(e->text)) ||
               (e->kind == JD_MK_CELL && w->markdown);
    if (e->edge != JD_MK_LEAF)
        return false;
    switch ((jd_mk_kind)e->kind) {
    case JD_MK_RULE:
        return w->markdown;
    case JD_MK_BREAK:
        return false;
    case JD_MK_IMAGE:
    case JD_MK_FILE:
    case JD_MK_MENTION:
    case JD_MK_EMOJI:
        return !jd_mkw_white(e->text) || has_more(w, e);
    case JD_MK_CARD:
    case JD_MK_INLINE_CARD:
        return e->link || !jd_mkw_white(e->text);
    default:
        return !jd_mkw_white(e->text);
    }
}

void jd_mkw_look(jd_mkw *w, uint32_t from)
{
    w->scanned = from;
    for (w->shown = from; w->shown < w->d->n; w->shown++)
        if (event_shows(w, &w->ev[w->shown]))
            break;
}

/* Lines */

void jd_mkw_newline(jd_mkw *w)
{
    enum { USUAL = 32 };
    if (w->in_cell) {
        jd_mkw_puts(w, w->markdown ? JD_STR("<br>") : JD_STR("; "));
        return;
    }
    char *to = w->prefix_n <= USUAL ? jd_mks_room(w, USUAL) : NULL;
    if (to) {
        to[0] = '\n';
        memcpy(to + 1, w->prefix, USUAL);
        w->out->n += 1 + w->prefix_n;
        return;
    }
    jd_buf_addc(w->out, '\n');
    jd_mkw_put(w, w->prefix, w->prefix_n);
}

static void blank_line(jd_mkw *w)
{
    if (!w->in_cell && w->prefix_n == 0) {
        jd_mkw_put(w, "\n\n", 2);
        return;
    }
    if (!w->in_cell) {
        jd_buf_addc(w->out, '\n');
        jd_mkw_put(w, w->prefix, w->bare_n);
    }
    jd_mkw_newline(w);
}

/* Leaves the line just begun empty. */
static void blank_before(jd_mkw *w)
{
    w->out->n -= w->out->n >= w->prefix_n - w->bare_n ? w->prefix_n - w->bare_n : 0;
    jd_mkw_newline(w);
}

typedef struct prefix_mark {
    uint32_t n, bare_n;
} prefix_mark;

/* What the next lines begin with, too: n blanks, or "> ". */
static prefix_mark push_blanks(jd_mkw *w, size_t n)
{
    prefix_mark was = {w->prefix_n, w->bare_n};
    if (!w->in_cell && n <= JD_MKW_PREFIX - w->prefix_n) {
        memset(w->prefix + w->prefix_n, ' ', n);
        w->prefix_n += (uint32_t)n;
    }
    return was;
}

static prefix_mark push_quote(jd_mkw *w)
{
    prefix_mark was = {w->prefix_n, w->bare_n};
    if (w->prefix_n + 2 <= JD_MKW_PREFIX) {
        w->prefix[w->prefix_n] = '>';
        w->bare_n              = w->prefix_n + 1;
        w->prefix[w->bare_n]   = ' ';
        w->prefix_n += 2;
    }
    return was;
}

static void pop(jd_mkw *w, prefix_mark was)
{
    w->prefix_n = was.n;
    w->bare_n   = was.bare_n;
}

/* Bytes that are taken as they are, of several lines. */
static void put_lines(jd_mkw *w, jd_str s)
{
    w->d->steps += s.n;
    if (w->prefix_n == 0) {
        jd_mkw_puts(w, s);
        return;
    }
    for (;;) {
        size_t n = jd_str_find(s, '\n');
        jd_mkw_put(w, s.p, n);
        if (n == s.n)
            return;
        s = jd_str_cut(s, n + 1, s.n);
        if (s.n && s.p[0] == '\n') {
            jd_buf_addc(w->out, '\n');
            jd_mkw_put(w, w->prefix, w->bare_n);
        } else {
            jd_mkw_newline(w);
        }
    }
}

/* Between blocks */

static bool is_list(int kind)
{
    return kind == JD_MK_BULLETS || kind == JD_MK_ORDERED || kind == JD_MK_TASKS ||
           kind == JD_MK_DECISIONS || kind == JD_MK_FILES;
}

/* A list that does not begin at 1 cannot stand right below a paragraph's line in Markdown. */
static bool follows_closely(const jd_mkw *w, const jd_mkw_seq *s, jd_mk_kind kind, uint32_t num)
{
    if (!is_list((int)kind))
        return false;
    if (is_list(s->last) && kind != JD_MK_ORDERED && s->last != JD_MK_ORDERED)
        return true; /* Markdown sees one list in two with the same marker */
    if (!s->item)
        return false;
    if (s->last == JD_MK_PARAGRAPH)
        return !w->markdown || kind != JD_MK_ORDERED || num == 1;
    return !w->markdown && is_list(s->last);
}

static void separate(jd_mkw *w, jd_mkw_seq *s, jd_mk_kind kind, uint32_t num)
{
    int last = s->last;
    if (last >= 0) {
        if (follows_closely(w, s, kind, num)) {
            jd_mkw_newline(w);
        } else {
            if (w->markdown && !w->in_cell && last == JD_MK_ORDERED && kind == JD_MK_ORDERED) {
                blank_line(w);
                jd_mkw_puts(w, JD_STR("<!-- -->"));
            }
            blank_line(w);
        }
    }
    /* words above take a list that does not begin at 1 for more words, and a table's row, too */
    if (last < 0 && s->where & JD_MKW_UNDER &&
        ((kind == JD_MK_ORDERED && num != 1) || kind == JD_MK_TABLE))
        blank_before(w);
    s->last = (int)kind;
}

void jd_mkw_separate(jd_mkw *w, jd_mkw_seq *s, jd_mk_kind kind)
{
    separate(w, s, kind, 1);
}

/* Blocks of text */

/* Begins one; where its leaves stand. Nothing but lists and tables is separated otherwise. */
static inline unsigned begin_paragraph(jd_mkw *w, jd_mkw_seq *s)
{
    unsigned where = s->where;
    if (s->last >= 0) {
        where = JD_MKW_LINES;
        blank_line(w);
    }
    s->last = JD_MK_PARAGRAPH;
    return w->in_cell ? (unsigned)JD_MKW_CELL : where;
}

static void paragraph(jd_mkw *w, uint32_t from, uint32_t to, jd_mkw_seq *s)
{
    jd_mkw_inline(w, from, to, begin_paragraph(w, s));
}

/* What a paragraph that begins with words holds. */
static void words(jd_mkw *w, uint32_t from, uint32_t to, jd_mkw_seq *s)
{
    unsigned where = begin_paragraph(w, s);
    if (w->markdown && jd_mkw_in_turn(w, from, to, where))
        return;
    uint32_t end = jd_mkw_leaves(w, from, to);
    if (w->markdown)
        jd_mkw_in_pieces(w, from, end, where);
    else
        jd_mkw_inline_text(w, from, end, where);
    if (end < to)
        jd_mkw_blocks(w, end, to, s);
}

static void rule(jd_mkw *w, jd_mkw_seq *s)
{
    /* "- ---" would be a rule and no item, "---" below words a heading */
    bool first = s->last < 0 && (s->item || s->where & JD_MKW_UNDER);
    jd_mkw_separate(w, s, JD_MK_RULE);
    jd_mkw_puts(w, first && !w->in_cell ? JD_STR("***") : JD_STR("---"));
}

static void heading(jd_mkw *w, uint32_t open, uint32_t close, jd_mkw_seq *s)
{
    uint32_t num = w->ev[open].num, end = jd_mkw_leaves(w, open + 1, close);
    if (jd_mkw_shows(w, open + 1, end)) {
        jd_mkw_separate(w, s, JD_MK_HEADING);
        unsigned on = w->on;
        if (w->in_cell) {
            w->on |= JD_MK_STRONG;
        } else if (w->markdown) {
            num = num < 1 ? 1 : num > 6 ? 6 : num;
            jd_mkw_put(w, "######", num);
            jd_buf_addc(w->out, ' ');
        }
        jd_mkw_inline(w, open + 1, end, w->in_cell ? JD_MKW_CELL : JD_MKW_HEADING);
        w->on = on;
    }
    jd_mkw_blocks(w, end, close, s);
}

static void expand(jd_mkw *w, uint32_t open, uint32_t close, jd_mkw_seq *s)
{
    jd_str title = w->ev[open].text;
    if (!jd_mkw_white(title)) {
        const jd_mk_event words = {
            .kind = JD_MK_TEXT, .edge = JD_MK_LEAF, .marks = JD_MK_STRONG, .text = title};
        const jd_mk_event *ev = w->ev;
        jd_mkw_separate(w, s, JD_MK_PARAGRAPH);
        w->ev = &words;
        jd_mkw_inline(w, 0, 1, w->in_cell ? JD_MKW_CELL : JD_MKW_HEADING);
        w->ev = ev;
    }
    jd_mkw_blocks(w, open + 1, close, s);
}

/* Code */

static jd_str all_text(jd_mkw *w, uint32_t from, uint32_t to)
{
    size_t   n = 0, leaves = 0;
    uint32_t last = from;
    for (uint32_t i = from; i < to; i++)
        if (w->ev[i].edge == JD_MK_LEAF && w->ev[i].kind == JD_MK_TEXT) {
            n += w->ev[i].text.n;
            last = i;
            leaves++;
        }
    if (leaves < 2)
        return leaves ? w->ev[last].text : JD_NOSTR;
    char *p = jd_arena_bytes(w->d->arena, n);
    n       = 0;
    for (uint32_t i = from; i < to; i++)
        if (w->ev[i].edge == JD_MK_LEAF && w->ev[i].kind == JD_MK_TEXT) {
            memcpy(p + n, w->ev[i].text.p, w->ev[i].text.n);
            n += w->ev[i].text.n;
        }
    return (jd_str){p, n};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Without blank lines before and white space after. */
static jd_str code_of(jd_mkw *w, uint32_t from, uint32_t to)
{
    jd_str s    = all_text(w, from, to);
    size_t line = 0;
    for (size_t i = 0; i < s.n && is_blank(s.p[i]); i++)
        if (s.p[i] == '\n')
            line = i + 1;
    s = jd_str_cut(s, line, s.n);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static size_t longest_ticks(jd_str s)
{
    size_t longest = 0;
    for (size_t i = jd_str_find(s, '`'); i < s.n;) {
        size_t n = 0;
        while (i + n < s.n && s.p[i + n] == '`')
            n++;
        longest = n > longest ? n : longest;
        i += n;
        i += jd_str_find(jd_str_cut(s, i, s.n), '`');
    }
    return longest;
}

/* An info string is one line without backticks. */
static void put_language(jd_mkw *w, jd_str s)
{
    s = jd_str_trim(s);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '`')
            jd_buf_addc(w->out, is_blank(s.p[i]) ? ' ' : s.p[i]);
}

static void put_fence(jd_mkw *w, size_t n)
{
    char *p = jd_buf_room(w->out, n);
    if (!p)
        return;
    memset(p, '`', n);
    jd_buf_wrote(w->out, n);
}

/* A cell's code: each line a span of its own. */
static void cell_code(jd_mkw *w, jd_str code)
{
    bool   first = true;
    jd_str line;
    w->d->steps += code.n;
    while (jd_str_split(&code, '\n', &line)) {
        while (line.n && is_blank(line.p[line.n - 1]))
            line.n--;
        if (line.n == 0)
            continue;
        if (!first)
            jd_mkw_newline(w);
        first = false;
        if (w->markdown)
            jd_mkw_code_span(w, line);
        else
            jd_mkw_puts(w, line);
    }
}

static void code(jd_mkw *w, uint32_t open, uint32_t close, jd_mkw_seq *s)
{
    jd_str text = code_of(w, open + 1, close);
    if (text.n == 0)
        return;
    jd_mkw_separate(w, s, JD_MK_CODE);
    if (w->in_cell) {
        cell_code(w, text);
        return;
    }
    if (!w->markdown) {
        put_lines(w, text);
        return;
    }
    size_t ticks = longest_ticks(text), n = ticks < 3 ? 3 : ticks + 1;
    w->d->steps += text.n;
    put_fence(w, n);
    put_language(w, w->ev[open].text);
    jd_mkw_newline(w);
    put_lines(w, text);
    jd_mkw_newline(w);
    put_fence(w, n);
}

/* Quotes and panels */

static const char *alert_of(uint32_t panel)
{
    switch ((jd_mk_panel)panel) {
    case JD_MK_PANEL_NOTE:
        return "IMPORTANT";
    case JD_MK_PANEL_TIP:
    case JD_MK_PANEL_SUCCESS:
        return "TIP";
    case JD_MK_PANEL_WARNING:
        return "WARNING";
    case JD_MK_PANEL_ERROR:
        return "CAUTION";
    case JD_MK_PANEL_PLAIN:
    case JD_MK_PANEL_INFO:
    case JD_MK_PANEL_CUSTOM:
        break;
    }
    return "NOTE";
}

static void quote(jd_mkw *w, uint32_t open, uint32_t close, jd_mkw_seq *s)
{
    const jd_mk_event *e     = &w->ev[open];
    bool               plain = e->kind == JD_MK_QUOTE || e->num == JD_MK_PANEL_PLAIN;
    if (w->in_cell) {
        jd_mkw_blocks(w, open + 1, close, s);
        return;
    }
    jd_mkw_separate(w, s, JD_MK_QUOTE);
    jd_mkw_seq inner = {.last = -1, .where = JD_MKW_LINES};
    if (!w->markdown) {
        jd_mkw_blocks(w, open + 1, close, &inner);
        return;
    }
    jd_mkw_puts(w, JD_STR("> "));
    prefix_mark was = push_quote(w);
    if (plain) {
        inner.where |= JD_MKW_QUOTE;
    } else {
        jd_mkw_puts(w, JD_STR("[!"));
        jd_buf_addz(w->out, alert_of(e->num));
        jd_buf_addc(w->out, ']');
        jd_mkw_newline(w);
        inner.where |= JD_MKW_UNDER;
    }
    jd_mkw_blocks(w, open + 1, close, &inner);
    pop(w, was);
}

/* Lists */

enum { ORDINAL_MAX = 999999999 }; /* CommonMark's */

static uint32_t ordinal(uint32_t first, uint32_t nth)
{
    return first > ORDINAL_MAX - nth ? ORDINAL_MAX : first + nth;
}

/* Writes an item's marker and answers how far its lines are indented. */
static size_t put_marker(jd_mkw *w, const jd_mk_event *item, bool ordered, uint32_t number)
{
    size_t before = w->out->n;
    bool   bare   = w->markdown && w->in_cell;
    if (item->edge == JD_MK_OPEN && item->kind == JD_MK_TASK) {
        jd_buf_addz(w->out, bare ? "[" : "- [");
        jd_buf_addz(w->out, item->num ? "x] " : " ] ");
        return 2;
    }
    if (item->edge == JD_MK_OPEN && item->kind == JD_MK_DECISION) {
        jd_buf_addz(w->out, bare          ? "**Decision:** "
                            : w->markdown ? "- **Decision:** "
                                          : "- Decision: ");
        return 2;
    }
    if (!ordered) {
        jd_mkw_puts(w, JD_STR("- "));
        return 2;
    }
    jd_buf_addu(w->out, number);
    jd_mkw_puts(w, JD_STR(". "));
    return w->out->n - before;
}

/* Whether the first thing that shows in [from, to) is text, which may follow words on its line. */
static bool begins_with_text(jd_mkw *w, uint32_t from, uint32_t to)
{
    while (from < to) {
        const jd_mk_event *e   = &w->ev[from];
        uint32_t           end = e->edge == JD_MK_OPEN ? jd_mkw_close(w, from, to) : from;
        if (jd_mkw_shows(w, from, end + 1))
            return e->edge != JD_MK_OPEN ? e->kind != JD_MK_RULE
                                         : e->kind == JD_MK_PARAGRAPH || e->kind == JD_MK_FIGURE;
        from = end + 1;
    }
    return false;
}

/* An item that is opened, or one leaf, or a run of them. */
static size_t item(jd_mkw *w, uint32_t from, uint32_t to, bool ordered, uint32_t number)
{
    const jd_mk_event *e     = &w->ev[from];
    jd_mkw_seq         s     = {.item = true, .last = -1, .where = JD_MKW_LINES | JD_MKW_ITEM};
    size_t             width = put_marker(w, e, ordered, number);
    prefix_mark        was   = push_blanks(w, width);
    if (e->edge == JD_MK_OPEN)
        from++;
    if (e->edge == JD_MK_OPEN && (e->kind == JD_MK_TASK || e->kind == JD_MK_DECISION)) {
        s.where = JD_MKW_LATER;
        if (!begins_with_text(w, from, to)) {
            w->out->n -= w->out->n && w->out->p[w->out->n - 1] == ' ';
            s.last = JD_MK_PARAGRAPH;
        }
    }
    jd_mkw_blocks(w, from, to, &s);
    pop(w, was);
    return width;
}

static void list(jd_mkw *w, uint32_t open, uint32_t close, jd_mkw_seq *s)
{
    const jd_mk_event *e       = &w->ev[open];
    bool               ordered = e->kind == JD_MK_ORDERED;
    uint32_t           first = ordinal(e->num, 0), nth = 0;
    size_t             width = 0; /* of the item before: lists right below it belong to it */
    separate(w, s, (jd_mk_kind)e->kind, first);
    for (uint32_t i = open + 1, end; i < close; i = end) {
        const jd_mk_event *child = &w->ev[i];
        if (child->edge == JD_MK_OPEN)
            end = jd_mkw_close(w, i, close) + 1;
        else
            end = e->kind == JD_MK_FILES ? i + 1 : jd_mkw_leaves(w, i, close);
        if (end == i)
            end++;
        if (!jd_mkw_shows(w, i, end))
            continue;
        if (child->edge == JD_MK_OPEN && is_list(child->kind)) {
            jd_mkw_seq  inner = {.last = -1};
            prefix_mark was   = push_blanks(w, width);
            if (width)
                jd_mkw_newline(w);
            list(w, i, end - 1, &inner);
            pop(w, was);
            width = width ? width : 2;
            continue;
        }
        if (width)
            jd_mkw_newline(w);
        width = item(w, i, child->edge == JD_MK_OPEN ? end - 1 : end, ordered, ordinal(first, nth));
        nth++;
    }
}

/* All blocks */

static void block(jd_mkw *w, uint32_t open, uint32_t close, jd_mkw_seq *s)
{
    switch ((jd_mk_kind)w->ev[open].kind) {
    case JD_MK_HEADING:
        heading(w, open, close, s);
        return;
    case JD_MK_BULLETS:
    case JD_MK_ORDERED:
    case JD_MK_TASKS:
    case JD_MK_DECISIONS:
    case JD_MK_FILES:
        list(w, open, close, s);
        return;
    case JD_MK_CODE:
        code(w, open, close, s);
        return;
    case JD_MK_QUOTE:
    case JD_MK_PANEL:
        quote(w, open, close, s);
        return;
    case JD_MK_EXPAND:
        expand(w, open, close, s);
        return;
    case JD_MK_TABLE:
        if (!w->in_cell) {
            jd_mkw_table(w, open, close, s);
            return;
        }
        break;
    default:
        break;
    }
    jd_mkw_blocks(w, open + 1, close, s);
}

void jd_mkw_blocks(jd_mkw *w, uint32_t from, uint32_t to, jd_mkw_seq *s)
{
    for (uint32_t i = from, end; i < to; i = end) {
        const jd_mk_event *e = &w->ev[i];
        if (e->edge == JD_MK_OPEN) {
            uint32_t close = jd_mkw_close(w, i, to);
            end            = close + 1;
            if (e->kind == JD_MK_PARAGRAPH && close > i + 1 && jd_mkw_plainly(e + 1))
                words(w, i + 1, close, s);
            else if (jd_mkw_shows(w, i, close))
                block(w, i, close, s);
            continue;
        }
        end        = i + 1;
        bool alone = e->kind == JD_MK_RULE || e->kind == JD_MK_CARD;
        if (e->edge == JD_MK_LEAF && !alone)
            end = jd_mkw_leaves(w, i, to);
        if (!jd_mkw_shows(w, i, end))
            continue;
        if (e->edge == JD_MK_LEAF && e->kind == JD_MK_RULE)
            rule(w, s);
        else
            paragraph(w, i, end, s);
    }
}

/* What leaves say */

static jd_str without_at(jd_str s)
{
    s = jd_str_trim(s);
    while (s.n && s.p[0] == '@')
        s = jd_str_trim(jd_str_cut(s, 1, s.n));
    return s;
}

static jd_str mention(jd_mkw *w, const jd_mk_event *e, jd_str id)
{
    const jd_mk_names *names = w->d->names;
    jd_str             name  = without_at(e->text);
    if (name.n == 0 && names && names->person && id.n)
        name = without_at(names->person(names->user, id));
    if (name.n == 0)
        name = without_at(id);
    if (name.n == 0)
        return JD_NOSTR;
    char *p = jd_arena_bytes(w->d->arena, name.n + 1);
    *p      = '@';
    memcpy(p + 1, name.p, name.n);
    return (jd_str){p, name.n + 1};
}

jd_str jd_mkw_words(jd_mkw *w, const jd_mk_event *e)
{
    jd_str id = e->more ? w->d->extra[e->more].id : JD_NOSTR;
    if (e->kind == JD_MK_MENTION)
        return mention(w, e, id);
    if (e->kind == JD_MK_EMOJI && e->text.n == 0)
        return id;
    return e->text;
}

jd_str jd_mkw_target(jd_mkw *w, const jd_mk_event *e)
{
    jd_str             dest  = e->more ? w->d->extra[e->more].dest : JD_NOSTR;
    jd_str             id    = e->more ? w->d->extra[e->more].id : JD_NOSTR;
    const jd_mk_names *names = w->d->names;
    bool               media = jd_str_starts(dest, JD_STR("media:"));
    if (!names || !names->file || (!media && jd_str_search(dest, JD_STR(":")) < dest.n))
        return dest;
    jd_str name  = media ? (e->text.n ? e->text : id) : dest;
    jd_str found = names->file(names->user, media ? jd_str_cut(dest, 6, dest.n) : JD_NOSTR, name);
    return found.n && jd_mk_safe(found) ? found : dest;
}

jd_str jd_mkw_file_name(jd_mkw *w, const jd_mk_event *e)
{
    if (!jd_mkw_white(e->text) || !e->more)
        return e->text;
    jd_str dest = w->d->extra[e->more].dest, id = w->d->extra[e->more].id;
    if (id.n)
        return id;
    return jd_str_starts(dest, JD_STR("media:")) ? jd_str_cut(dest, 6, dest.n) : dest;
}

void jd_mkw_document(jd_mkw *w)
{
    jd_mkw_seq s    = {.last = -1, .where = JD_MKW_LINES};
    jd_mark    mark = jd_arena_mark(w->d->arena);
    w->ev           = w->d->ev;
    w->scanned      = 1; /* nothing known yet */
    w->wide         = w->d->sight && w->d->source.n > 64 ? w->d->source.n - 64 : 0;
    jd_mkw_blocks(w, 0, w->d->n, &s);
    jd_arena_rewind(w->d->arena, mark);
}
