#include "markup/adf_writer.h"
#include "text/date.h"

#include <string.h>

void aw_begin(aw_writer *w, const char *type)
{
    jd_jsonw_object(&w->j);
    jd_jsonw_kstr(&w->j, "type", jd_str_of(type));
}

void aw_begin_list(aw_writer *w, const char *name)
{
    jd_jsonw_name(&w->j, name);
    jd_jsonw_array(&w->j);
}

void aw_begin_attrs(aw_writer *w)
{
    jd_jsonw_name(&w->j, "attrs");
    jd_jsonw_object(&w->j);
}

void aw_end(aw_writer *w, int n)
{
    while (n--)
        jd_jsonw_end(&w->j);
}

void aw_put_bare(aw_writer *w, const char *type)
{
    aw_begin(w, type);
    aw_end(w, 1);
}

static void link_mark(aw_writer *w, jd_mk_href href)
{
    aw_begin(w, "link");
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "href", href.dest);
    if (href.title.n)
        jd_jsonw_kstr(&w->j, "title", href.title);
    aw_end(w, 2);
}

/* Code goes with a link and nothing else; of sub and sup there is one. */
void aw_put_marks(aw_writer *w, unsigned marks, jd_mk_href href)
{
    static const struct {
        unsigned    bit;
        const char *type;
    } plain[] = {
        {JD_MK_EM, "em"},
        {JD_MK_STRONG, "strong"},
        {JD_MK_STRIKE, "strike"},
        {JD_MK_UNDERLINE, "underline"},
    };
    if (marks & JD_MK_MONO)
        marks = JD_MK_MONO;
    if (marks == 0 && href.dest.n == 0)
        return;
    aw_begin_list(w, "marks");
    if (href.dest.n)
        link_mark(w, href);
    if (marks & JD_MK_MONO)
        aw_put_bare(w, "code");
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (marks & plain[i].bit)
            aw_put_bare(w, plain[i].type);
    if (marks & (JD_MK_SUB | JD_MK_SUP)) {
        aw_begin(w, "subsup");
        aw_begin_attrs(w);
        jd_jsonw_kstr(&w->j, "type", marks & JD_MK_SUB ? JD_STR("sub") : JD_STR("sup"));
        aw_end(w, 2);
    }
    aw_end(w, 1);
}

void aw_put_text(aw_writer *w, jd_str s, unsigned marks, jd_mk_href href)
{
    if (s.n == 0)
        return;
    w->d->steps += s.n;
    aw_begin(w, "text");
    jd_jsonw_kstr(&w->j, "text", s);
    aw_put_marks(w, marks | w->add, href);
    aw_end(w, 1);
}

static void put_break(aw_writer *w)
{
    aw_put_bare(w, "hardBreak");
}

jd_mk_href aw_href_of(const aw_writer *w, const jd_mk_event *e)
{
    return e->link ? w->d->links[e->link] : (jd_mk_href){0};
}

jd_mk_extra aw_extra_of(const aw_writer *w, const jd_mk_event *e)
{
    return e->more ? w->d->extra[e->more] : (jd_mk_extra){0};
}

/* A verbatim text may hold several lines. */
void aw_put_lines(aw_writer *w, jd_str s, unsigned marks)
{
    jd_str rest = s, line;
    for (bool first = true; jd_str_split(&rest, '\n', &line); first = false) {
        if (!first)
            put_break(w);
        aw_put_text(w, line, marks, (jd_mk_href){0});
    }
}

static bool same_text(const jd_mk_event *a, const jd_mk_event *b)
{
    return b->edge == JD_MK_LEAF && b->kind == JD_MK_TEXT && a->marks == b->marks &&
           a->link == b->link;
}

/* The texts from i on that are alike as one node; gives the index of the last one. */
static uint32_t put_texts(aw_writer *w, uint32_t i, uint32_t to)
{
    const jd_mk_event *e = &w->ev[i];
    if (i + 1 >= to || !same_text(e, &w->ev[i + 1])) {
        aw_put_text(w, e->text, e->marks, aw_href_of(w, e));
        return i;
    }
    aw_begin(w, "text");
    jd_jsonw_name(&w->j, "text");
    jd_jsonw_open_str(&w->j);
    uint32_t k = i;
    for (; k < to && same_text(e, &w->ev[k]); k++) {
        w->d->steps += w->ev[k].text.n;
        jd_jsonw_more_str(&w->j, w->ev[k].text);
    }
    jd_jsonw_close_str(&w->j);
    aw_put_marks(w, e->marks | w->add, aw_href_of(w, e));
    aw_end(w, 1);
    return k - 1;
}

static void put_mention(aw_writer *w, const jd_mk_event *e)
{
    const jd_mk_names *names = w->d->names;
    jd_str             id = aw_extra_of(w, e).id, name = e->text;
    if (name.n == 0 && names && names->person)
        name = names->person(names->user, id);
    jd_str words = jd_arena_fmt(w->d->arena, "@%.*s", JD_FMT(name.n ? name : id));
    if (id.n == 0) {
        aw_put_text(w, words, e->marks, aw_href_of(w, e));
        return;
    }
    aw_begin(w, "mention");
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "id", id);
    if (name.n)
        jd_jsonw_kstr(&w->j, "text", words);
    aw_end(w, 2);
}

static bool is_shortcode(jd_str s)
{
    return s.n > 2 && s.p[0] == ':' && s.p[s.n - 1] == ':';
}

static void put_emoji(aw_writer *w, const jd_mk_event *e)
{
    jd_str code = aw_extra_of(w, e).id;
    if (!is_shortcode(code))
        code = e->text;
    if (!is_shortcode(code)) {
        aw_put_text(w, e->text, e->marks, aw_href_of(w, e));
        return;
    }
    aw_begin(w, "emoji");
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "shortName", code);
    jd_jsonw_kstr(&w->j, "text", e->text);
    aw_end(w, 2);
}

static void put_date(aw_writer *w, const jd_mk_event *e)
{
    jd_str  stamp = aw_extra_of(w, e).id;
    int64_t ms;
    if (!jd_str_i64(stamp, &ms)) {
        if (!jd_date_parse(e->text, &ms)) {
            aw_put_text(w, e->text, e->marks, aw_href_of(w, e));
            return;
        }
        stamp = jd_arena_fmt(w->d->arena, "%lld", (long long)ms);
    }
    aw_begin(w, "date");
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "timestamp", stamp);
    aw_end(w, 2);
}

static bool is_colour(jd_str s)
{
    static const char *const names[] = {"neutral", "purple", "blue", "red", "yellow", "green"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (jd_str_is(s, names[i]))
            return true;
    if (s.n != 7 || s.p[0] != '#')
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!strchr("0123456789abcdefABCDEF", s.p[i]) || s.p[i] == '\0')
            return false;
    return true;
}

static void put_status(aw_writer *w, const jd_mk_event *e)
{
    jd_str colour = aw_extra_of(w, e).id;
    if (e->text.n == 0)
        return;
    aw_begin(w, "status");
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "text", e->text);
    jd_jsonw_kstr(&w->j, "color", is_colour(colour) ? colour : JD_STR("neutral"));
    aw_end(w, 2);
}

/* A card without words of its own is shown by the service; one with words is a link that says
 * them. */
void aw_put_card(aw_writer *w, const jd_mk_event *e, const char *type)
{
    jd_mk_href href = aw_href_of(w, e);
    jd_str     mail = JD_STR("mailto:"), words = e->text;
    if (words.n == 0 && jd_str_starts(href.dest, mail))
        words = jd_str_cut(href.dest, mail.n, href.dest.n);
    if (words.n || href.dest.n == 0) {
        aw_put_text(w, words, e->marks, href);
        return;
    }
    aw_begin(w, type);
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "url", href.dest);
    aw_end(w, 2);
}

jd_str aw_media_id(jd_str dest)
{
    return jd_str_starts(dest, JD_STR("media:")) ? jd_str_cut(dest, 6, dest.n) : JD_NOSTR;
}

void aw_media_attrs(aw_writer *w, const char *type, jd_str id, jd_str alt)
{
    aw_begin_attrs(w);
    jd_jsonw_kstr(&w->j, "type", jd_str_of(type));
    jd_jsonw_kstr(&w->j, "id", id);
    jd_jsonw_kstr(&w->j, "collection", JD_STR(""));
    if (alt.n)
        jd_jsonw_kstr(&w->j, "alt", alt);
    aw_end(w, 1);
}

/* An image or a file in a line: there is a node only for what is attached. */
static void put_media_inline(aw_writer *w, const jd_mk_event *e)
{
    jd_str     dest = aw_extra_of(w, e).dest, id = aw_media_id(dest);
    jd_mk_href href = aw_href_of(w, e);
    if (id.n && !w->in_caption) {
        aw_begin(w, "mediaInline");
        aw_media_attrs(w, e->kind == JD_MK_IMAGE ? "image" : "file", id, e->text);
        aw_put_marks(w, 0, href);
        aw_end(w, 1);
        return;
    }
    if (href.dest.n == 0 && jd_str_find(dest, '/') < dest.n)
        href.dest = dest;
    aw_put_text(w, e->text.n ? e->text : dest, e->marks, href);
}

/* One leaf, or all the texts that are alike; gives the index of the last one. */
static uint32_t put_leaf(aw_writer *w, uint32_t i, uint32_t to)
{
    const jd_mk_event *e = &w->ev[i];
    w->d->steps++;
    switch (e->kind) {
    case JD_MK_TEXT:
        return put_texts(w, i, to);
    case JD_MK_BREAK:
        put_break(w);
        break;
    case JD_MK_MENTION:
        put_mention(w, e);
        break;
    case JD_MK_EMOJI:
        put_emoji(w, e);
        break;
    case JD_MK_DATE:
        put_date(w, e);
        break;
    case JD_MK_STATUS:
        put_status(w, e);
        break;
    case JD_MK_CARD:
    case JD_MK_INLINE_CARD:
        aw_put_card(w, e, "inlineCard");
        break;
    case JD_MK_IMAGE:
    case JD_MK_FILE:
        put_media_inline(w, e);
        break;
    default:
        break;
    }
    return i;
}

/* All leaves in [from, to); between those of two blocks a break, or `joint` when there is one. */
void aw_put_leaves(aw_writer *w, uint32_t from, uint32_t to, jd_str joint)
{
    bool any = false, edge = false;
    for (uint32_t i = from; i < to; i++) {
        const jd_mk_event *e = &w->ev[i];
        if (e->edge != JD_MK_LEAF || e->kind == JD_MK_RULE) {
            w->d->steps++;
            edge = any;
            continue;
        }
        if (edge && joint.n)
            aw_put_text(w, joint, 0, (jd_mk_href){0});
        else if (edge)
            put_break(w);
        edge = false;
        any  = true;
        if (e->kind == JD_MK_TEXT && memchr(e->text.p, '\n', e->text.n))
            aw_put_lines(w, e->text, e->marks);
        else
            i = put_leaf(w, i, to);
    }
}
