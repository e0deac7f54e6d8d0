#include "markup/markup.h"
#include "markup/write.h"

#include <stdlib.h>
#include <string.h>

/* Leaves one after the other. Breaks wait until words follow them; blanks at a line's ends go. */
typedef struct run {
    jd_mkw  *w;
    unsigned where;
    size_t   line;   /* where the line's words begin in the output */
    uint32_t breaks; /* met since the last words */
    uint32_t link;   /* the last words' */
    size_t   linked; /* where they begin */
} run;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static size_t trim_output(run *r)
{
    size_t n = 0;
    for (jd_buf *out = r->w->out; out->n > r->line && is_blank(out->p[out->n - 1]); out->n--)
        n++;
    return n;
}

/* " (url)" unless the words say so already. */
static void put_url(jd_mkw *w, size_t words, jd_str dest)
{
    if (jd_str_eq(jd_str_cut(jd_buf_view(w->out), words, w->out->n), dest))
        return;
    if (jd_str_starts(dest, JD_STR("mailto:")))
        dest = jd_str_cut(dest, 7, dest.n);
    jd_str said = jd_str_cut(jd_buf_view(w->out), words, w->out->n);
    if (dest.n == 0 || dest.p[0] == '#' || jd_str_eq(said, dest))
        return;
    w->d->steps += dest.n;
    if (said.n)
        jd_buf_addc(w->out, ' ');
    jd_buf_addc(w->out, '(');
    jd_buf_adds(w->out, dest);
    jd_buf_addc(w->out, ')');
}

static void end_link(run *r)
{
    if (r->link == 0)
        return;
    size_t blanks = trim_output(r);
    put_url(r->w, r->linked, r->w->d->links[r->link].dest);
    while (blanks--)
        jd_buf_addc(r->w->out, ' ');
    r->link = 0;
}

/* The breaks that were met, now that something follows. */
static void put_breaks(run *r)
{
    jd_mkw *w = r->w;
    if (r->breaks == 0)
        return;
    trim_output(r);
    if (r->where & JD_MKW_HEADING)
        jd_buf_addc(w->out, ' ');
    else
        for (; r->breaks; r->breaks--)
            jd_mkw_newline(w);
    r->breaks = 0;
    r->line   = w->out->n;
}

static void put_raw(jd_mkw *w, jd_str s)
{
    jd_str line;
    w->d->steps += s.n;
    if (s.n == 0)
        return;
    for (bool first = true; jd_str_split(&s, '\n', &line); first = false) {
        if (!first)
            jd_buf_addc(w->out, ' ');
        jd_buf_adds(w->out, line);
    }
}

/* Makes the place right for words with this link, and tells where they begin. */
static size_t begin_words(run *r, uint32_t link)
{
    if (r->link != link)
        end_link(r);
    put_breaks(r);
    if (link && r->link != link)
        r->linked = r->w->out->n;
    r->link = link;
    return r->w->out->n;
}

static void put_words(run *r, jd_str s, uint32_t link)
{
    size_t ahead = 0;
    while (ahead < s.n && is_blank(s.p[ahead]))
        ahead++;
    jd_str blanks = jd_str_cut(s, 0, ahead);
    if (ahead == s.n) {
        if (r->link != link)
            end_link(r);
        if (r->w->out->n > r->line && r->breaks == 0)
            put_raw(r->w, blanks);
        return;
    }
    s = jd_str_cut(s, ahead, s.n);
    if (r->link != link)
        end_link(r);
    put_breaks(r);
    if (r->w->out->n > r->line)
        put_raw(r->w, blanks);
    begin_words(r, link);
    put_raw(r->w, s);
}

static void put_bracketed(run *r, const char *what, jd_str name, uint32_t link)
{
    jd_buf *out = r->w->out;
    name        = jd_str_trim(name);
    begin_words(r, link);
    jd_buf_addc(out, '[');
    jd_buf_addz(out, what);
    if (name.n) {
        jd_buf_adds(out, JD_STR(": "));
        put_raw(r->w, name);
    }
    jd_buf_addc(out, ']');
}

static void put_card(run *r, const jd_mk_event *e)
{
    if (e->link == 0 || jd_mkw_white(e->text)) {
        jd_str words = e->link ? r->w->d->links[e->link].dest : e->text;
        if (!jd_mkw_white(words))
            put_words(r, jd_str_trim(words), 0);
        return;
    }
    size_t words = begin_words(r, 0);
    put_raw(r->w, jd_str_trim(e->text));
    put_url(r->w, words, r->w->d->links[e->link].dest);
}

void jd_mkw_inline_text(jd_mkw *w, uint32_t from, uint32_t to, unsigned where)
{
    run r = {.w = w, .where = where, .line = w->out->n};
    for (uint32_t i = from; i < to; i++) {
        const jd_mk_event *e = &w->ev[i];
        switch ((jd_mk_kind)e->kind) {
        case JD_MK_BREAK:
            r.breaks += w->out->n > r.line || r.breaks;
            break;
        case JD_MK_IMAGE:
            if (e->text.n || e->more)
                put_bracketed(&r, "image", e->text, e->link);
            break;
        case JD_MK_FILE:
            if (e->text.n || e->more)
                put_bracketed(&r, "file", jd_mkw_file_name(w, e), e->link);
            break;
        case JD_MK_CARD:
        case JD_MK_INLINE_CARD:
            put_card(&r, e);
            break;
        default:
            put_words(&r, jd_mkw_words(w, e), e->link);
            break;
        }
    }
    w->d->steps += to - from;
    end_link(&r);
    trim_output(&r);
}

void jd_write_text(jd_buf *out, jd_mk_doc *d)
{
    jd_mkw w = {.out = out, .d = d};
    jd_mkw_document(&w);
}
