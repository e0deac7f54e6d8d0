#include "markup/adf_names.h"
#include "markup/adf_reader.h"
#include "text/date.h"
#include "text/utf8.h"

#include <string.h>

/* Texts */

jd_str ar_kept(ar_reader *r)
{
    jd_str s = jd_arena_dup(r->d->arena, jd_buf_view(&r->scratch));
    jd_buf_reset(&r->scratch);
    return s;
}

/* s without control characters, lines ended by newlines. */
static jd_str clean(ar_reader *r, jd_str s)
{
    r->d->steps += s.n;
    if (jd_utf8_clean_prefix(s) == s.n)
        return s;
    (void)jd_utf8_clean(&r->scratch, s, JD_CLEAN_LINES);
    return ar_kept(r);
}

jd_str ar_text_of(ar_reader *r, const jd_json *v)
{
    if (jd_json_is_str(v))
        return clean(r, jd_json_str(v));
    jd_json_type kind = jd_json_kind(v);
    if (kind != JD_JSON_NUMBER && kind != JD_JSON_BOOL)
        return JD_NOSTR;
    jd_json_write(&r->scratch, v);
    return ar_kept(r);
}

/* A text that stands on one line. */
static jd_str line_of(ar_reader *r, const jd_json *v)
{
    jd_str s = jd_str_trim(ar_text_of(r, v));
    if (jd_str_find(s, '\n') == s.n && jd_str_find(s, '\t') == s.n)
        return s;
    jd_buf_adds(&r->scratch, s);
    for (size_t i = 0; i < r->scratch.n; i++)
        if (r->scratch.p[i] == '\n' || r->scratch.p[i] == '\t')
            r->scratch.p[i] = ' ';
    return ar_kept(r);
}

jd_str ar_attr_line(ar_reader *r, const ar_node *n, const char *name)
{
    return line_of(r, jd_json_get(n->attrs, name));
}

/* A URL: white space at the ends and control characters are no part of it. */
static jd_str url_of(ar_reader *r, const jd_json *v)
{
    jd_str s = jd_str_trim(ar_text_of(r, v));
    if (jd_str_find(s, '\n') == s.n && jd_str_find(s, '\t') == s.n)
        return s;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\n' && s.p[i] != '\t')
            jd_buf_addc(&r->scratch, s.p[i]);
    return ar_kept(r);
}

static bool number_of(const jd_json *v, int64_t *out)
{
    return jd_json_i64(v, out) || jd_str_i64(jd_str_trim(jd_json_str(v)), out);
}

uint32_t ar_attr_number(const ar_node *n, const char *name, int64_t otherwise, int64_t low,
                        int64_t high)
{
    int64_t v;
    if (!number_of(jd_json_get(n->attrs, name), &v))
        v = otherwise;
    return (uint32_t)(v < low ? low : v > high ? high : v);
}

/* Leaves */

static void settle_line(ar_reader *r)
{
    jd_mk_doc *d = r->d;
    if (!r->newline)
        return;
    r->newline = false;
    if (d->n && d->ev[d->n - 1].edge == JD_MK_LEAF && d->ev[d->n - 1].kind != JD_MK_BREAK &&
        jd_mk_in_text(d))
        jd_mk_leaf(d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
}

static void leaf(ar_reader *r, jd_mk_kind kind, jd_str text, unsigned marks, uint32_t link,
                 uint32_t more)
{
    settle_line(r);
    jd_mk_leaf(r->d, kind, text, marks, link, more);
}

/* Text in which a newline is a break. */
void ar_words(ar_reader *r, jd_str s, unsigned marks, uint32_t link)
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

static uint32_t link_of(ar_reader *r, const jd_json *url, const jd_json *title)
{
    return jd_mk_link(r->d, url_of(r, url), line_of(r, title));
}

static void mark_of(ar_reader *r, const jd_json *mark, unsigned *marks, uint32_t *link)
{
    jd_str         name  = jd_json_str(mark);
    const jd_json *attrs = NULL;
    unsigned       bits  = 0;
    for (jd_json_iter it = jd_json_walk(mark); jd_json_next(&it);) {
        r->d->steps++;
        if (it.name.n == 4 && memcmp(it.name.p, "type", 4) == 0)
            name = jd_json_str(it.value);
        else if (it.name.n == 5 && memcmp(it.name.p, "attrs", 5) == 0)
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

unsigned ar_marks_of(ar_reader *r, const ar_node *n, uint32_t *link)
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

/* Whether one of eight bytes is none of printable ASCII: one below 0x20 borrows, 0x7f carries, and
 * those beyond ASCII are high. */
static inline uint64_t odd_bytes(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u;
    return ((w - ones * ' ') | (w + ones) | w) & ones << 7;
}

/* Most texts are printable ASCII and no more, and these need no second look. */
static inline bool is_plain(jd_str s)
{
    uint64_t w, odd = 0;
    if (s.n < sizeof w) {
        for (size_t i = 0; i < s.n; i++)
            odd |= (unsigned char)(s.p[i] - ' ') >= 0x7f - ' ';
        return odd == 0;
    }
    for (size_t i = 0; i + sizeof w <= s.n; i += sizeof w) {
        memcpy(&w, s.p + i, sizeof w);
        odd |= odd_bytes(w);
    }
    memcpy(&w, s.p + s.n - sizeof w, sizeof w);
    return (odd | odd_bytes(w)) == 0;
}

void ar_make_text(ar_reader *r, const ar_node *n, ar_place where)
{
    uint32_t link  = 0;
    unsigned marks = n->marks ? ar_marks_of(r, n, &link) : 0;
    jd_str   s     = jd_json_str(n->text);
    if (s.n && is_plain(s)) {
        r->d->steps += s.n;
        settle_line(r);
        jd_mk_text(r->d, s, marks, link);
    } else {
        ar_words(r, ar_text_of(r, n->text), marks, link);
    }
    if (n->content) {
        jd_mk_warn(r->d, JD_MK_W_BAD_SHAPE);
        ar_content_of(r, n->content, AR_LINE);
    }
    (void)where;
}

void ar_make_break(ar_reader *r, const ar_node *n, ar_place where)
{
    uint32_t link;
    unsigned marks = ar_marks_of(r, n, &link);
    leaf(r, JD_MK_BREAK, JD_NOSTR, marks, link, 0);
    (void)where;
}

void ar_make_mention(ar_reader *r, const ar_node *n, ar_place where)
{
    uint32_t           link;
    unsigned           marks = ar_marks_of(r, n, &link);
    jd_str             id = ar_attr_line(r, n, "id"), name = ar_attr_line(r, n, "text");
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

void ar_make_emoji(ar_reader *r, const ar_node *n, ar_place where)
{
    uint32_t link;
    unsigned marks = ar_marks_of(r, n, &link);
    jd_str   code = ar_attr_line(r, n, "shortName"), glyph = ar_attr_line(r, n, "text");
    if (glyph.n == 0 || is_shortcode(glyph)) {
        jd_str name = code.n ? code : glyph;
        jd_str own  = jd_adf_emoji(is_shortcode(name) ? jd_str_cut(name, 1, name.n - 2) : name);
        glyph       = own.n ? own : name;
    }
    if (glyph.n)
        leaf(r, JD_MK_EMOJI, glyph, marks, link, jd_mk_more(r->d, code, JD_NOSTR));
    (void)where;
}

void ar_make_date(ar_reader *r, const ar_node *n, ar_place where)
{
    /* years 0001 to 9999 */
    static const int64_t first = -62135596800000, last = 253402300799999;
    uint32_t             link;
    unsigned             marks = ar_marks_of(r, n, &link);
    jd_str               raw = ar_attr_line(r, n, "timestamp"), day = raw;
    int64_t              ms;
    if (jd_str_i64(raw, &ms) && ms >= first && ms <= last) {
        char buf[JD_TIME_MAX];
        day = jd_arena_dup(r->d->arena, jd_str_of(jd_time_day(ms, buf)));
    }
    if (day.n)
        leaf(r, JD_MK_DATE, day, marks, link, jd_mk_more(r->d, raw, JD_NOSTR));
    (void)where;
}

void ar_make_status(ar_reader *r, const ar_node *n, ar_place where)
{
    uint32_t link;
    unsigned marks = ar_marks_of(r, n, &link);
    jd_str   text  = ar_attr_line(r, n, "text");
    if (text.n)
        leaf(r, JD_MK_STATUS, text, marks, link,
             jd_mk_more(r->d, ar_attr_line(r, n, "color"), JD_NOSTR));
    (void)where;
}

void ar_make_nothing(ar_reader *r, const ar_node *n, ar_place where)
{
    (void)r, (void)n, (void)where;
}

/* A block's one line of words: a paragraph among blocks. */
static void line(ar_reader *r, jd_str s, ar_place where)
{
    if (s.n == 0)
        return;
    if (where == AR_LINE) {
        ar_words(r, s, 0, 0);
        return;
    }
    jd_mk_open(r->d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    ar_words(r, s, 0, 0);
    jd_mk_close(r->d);
}

void ar_make_extension(ar_reader *r, const ar_node *n, ar_place where)
{
    line(r, ar_text_of(r, jd_json_get(n->attrs, "text")), where);
    ar_content_of(r, n->content, where);
}

void ar_make_inline_extension(ar_reader *r, const ar_node *n, ar_place where)
{
    ar_words(r, ar_text_of(r, jd_json_get(n->attrs, "text")), 0, 0);
    ar_content_of(r, n->content, AR_LINE);
    (void)where;
}

/* Cards hold a URL, or JSON-LD with a name and a URL. */
void ar_make_card(ar_reader *r, const ar_node *n, ar_place where)
{
    bool           among_leaves = where == AR_LINE || n->type->class == AR_IS_INLINE;
    const jd_json *data         = jd_json_get(n->attrs, "data");
    jd_str         url = url_of(r, jd_json_get(n->attrs, "url")), name = JD_NOSTR;
    uint32_t       inherited;
    unsigned       marks = ar_marks_of(r, n, &inherited);
    if (data) {
        name = line_of(r, jd_json_get(data, "name"));
        if (url.n == 0)
            url = url_of(r, jd_json_get(data, "url"));
        if (jd_str_eq(name, url))
            name = JD_NOSTR;
    }
    if (n->content)
        ar_content_of(r, n->content, where);
    if (url.n == 0 && name.n == 0)
        return;
    uint32_t link = jd_mk_link(r->d, url, JD_NOSTR);
    if (link && !among_leaves)
        jd_mk_leaf(r->d, JD_MK_CARD, name, marks, link, 0);
    else if (link)
        leaf(r, JD_MK_INLINE_CARD, name, marks, link, 0);
    else
        line(r, name.n ? name : url, among_leaves ? AR_LINE : where);
}

/* Media */

/* Where a media node's bytes are found: its URL, what the caller knows, or "media:ID". */
static uint32_t media_more(ar_reader *r, const ar_node *n, jd_str alt)
{
    const jd_mk_names *names = r->d->names;
    jd_str id = ar_attr_line(r, n, "id"), dest = url_of(r, jd_json_get(n->attrs, "url"));
    if (dest.n == 0 && names && names->file)
        dest = names->file(names->user, id, alt);
    if (dest.n == 0 && id.n)
        dest = jd_arena_fmt(r->d->arena, "media:%.*s", JD_FMT(id));
    return jd_mk_more(r->d, id, dest);
}

void ar_media_leaf(ar_reader *r, const ar_node *n, jd_mk_kind kind, unsigned marks, uint32_t link)
{
    jd_str   alt  = ar_attr_line(r, n, "alt");
    uint32_t more = media_more(r, n, alt);
    if (alt.n || more)
        leaf(r, kind, alt, marks, link, more);
}

void ar_make_media_inline(ar_reader *r, const ar_node *n, ar_place where)
{
    uint32_t   link;
    unsigned   marks = ar_marks_of(r, n, &link);
    jd_mk_kind kind =
        jd_str_is(jd_json_str(jd_json_get(n->attrs, "type")), "image") ? JD_MK_IMAGE : JD_MK_FILE;
    ar_media_leaf(r, n, kind, marks, link);
    (void)where;
}

void ar_make_media(ar_reader *r, const ar_node *n, ar_place where)
{
    uint32_t link;
    unsigned marks = ar_marks_of(r, n, &link);
    if (where == AR_LINE) {
        ar_media_leaf(r, n, JD_MK_IMAGE, marks, link);
        return;
    }
    jd_mk_open(r->d, JD_MK_FIGURE, 0, JD_NOSTR);
    ar_media_leaf(r, n, JD_MK_IMAGE, marks, link);
    jd_mk_close(r->d);
}
