#include "markup/doc_put.h"

#include <stdlib.h>
#include <string.h>

const char *jd_mk_warning_text(jd_mk_warning w)
{
    static const char *const words[] = {
#define X(name, words) words,
        JD_MK_WARNINGS(X)
#undef X
    };
    return (unsigned)w < JD_MK_W_COUNT ? words[w] : "";
}

void jd_mk_reset(jd_mk_doc *d)
{
    d->n     = 0;
    d->depth = d->beyond = 0;
    d->nlinks = d->nextra = 1;
    d->full = d->implied = false;
    d->steps             = 0;
    d->source            = JD_NOSTR;
    d->sight             = NULL;
    memset(d->warned, 0, sizeof d->warned);
}

void jd_mk_release(jd_mk_doc *d)
{
    free(d->ev);
    free(d->links);
    free(d->extra);
    free(d->scratch);
    d->ev          = NULL;
    d->links       = NULL;
    d->extra       = NULL;
    d->scratch     = NULL;
    d->scratch_cap = 0;
    d->cap = d->room = d->links_cap = d->extra_cap = 0;
    jd_mk_reset(d);
}

void *jd_mk_scratch(jd_mk_doc *d, size_t n)
{
    if (n > d->scratch_cap) {
        free(d->scratch);
        d->scratch     = jd_xmalloc(n + n / 2);
        d->scratch_cap = n + n / 2;
    }
    return d->scratch;
}

void jd_mk_warn(jd_mk_doc *d, jd_mk_warning w)
{
    d->warned[w]++;
}

/* Room for one more of `size` bytes in a list that may hold up to the ceiling. */
static void *grown(void *list, uint32_t *cap, size_t size)
{
    *cap = *cap ? *cap * 2 : 64;
    return jd_xrealloc(list, *cap * size);
}

/* Makes room; false when nothing more is taken. Opens are refused early enough that there is room
 * for the closes of those that were not. */
__attribute__((cold, noinline)) static bool make_room(jd_mk_doc *d, bool close)
{
    enum { LAST = JD_MK_EVENTS_MAX - JD_MK_DEPTH };
    if (d->n == d->cap)
        d->ev = grown(d->ev, &d->cap, sizeof *d->ev);
    d->room = d->cap < LAST ? d->cap : LAST;
    if (close || d->n < d->room)
        return true;
    if (!d->full)
        jd_mk_warn(d, JD_MK_W_TOO_LONG);
    d->full = true;
    return false;
}

static inline bool has_room(jd_mk_doc *d, bool close)
{
    return d->n < d->room || make_room(d, close);
}

bool jd_mk_in_text(const jd_mk_doc *d)
{
    return d->holds[d->depth];
}

static void close_innermost(jd_mk_doc *d)
{
    (void)has_room(d, true);
    jd_mkd_end(d);
}

static void end_implied(jd_mk_doc *d)
{
    if (d->implied)
        close_innermost(d);
}

void jd_mkd_open_after(jd_mk_doc *d, jd_mk_kind kind, uint32_t num, jd_str text)
{
    end_implied(d);
    bool deep = d->beyond > 0 || d->depth + jd_mkd_levels[kind] >= JD_MK_DEPTH;
    if (deep && d->beyond == 0)
        jd_mk_warn(d, JD_MK_W_TOO_DEEP);
    if (deep || !has_room(d, false))
        d->beyond++;
    else
        jd_mkd_begin(d, kind, num, text);
}

void jd_mk_open(jd_mk_doc *d, jd_mk_kind kind, uint32_t num, jd_str text)
{
    jd_mkd_open(d, kind, num, text);
}

void jd_mkd_close_after(jd_mk_doc *d)
{
    if (d->beyond > 0) {
        d->beyond--;
        end_implied(d);
        return;
    }
    end_implied(d);
    if (d->depth)
        close_innermost(d);
}

void jd_mk_close(jd_mk_doc *d)
{
    jd_mkd_close(d);
}

void jd_mk_finish(jd_mk_doc *d)
{
    d->beyond = 0;
    while (d->depth)
        close_innermost(d);
}

/* Leaves of text go into a block that holds text; one is made where there is none. */
static bool settle(jd_mk_doc *d)
{
    if (d->holds[d->depth])
        return true;
    if (!has_room(d, false))
        return false;
    jd_mkd_begin(d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    d->implied = true;
    return true;
}

void jd_mk_leaf(jd_mk_doc *d, jd_mk_kind kind, jd_str text, unsigned marks, uint32_t link,
                uint32_t more)
{
    if (kind == JD_MK_RULE || kind == JD_MK_CARD)
        end_implied(d);
    else if (!settle(d))
        return;
    if (has_room(d, false))
        jd_mkd_add(d, kind, text, marks, link, more);
}

void jd_mkd_text_after(jd_mk_doc *d, jd_str text, unsigned marks, uint32_t link)
{
    if (text.n && (d->n == 0 || !jd_mkd_joined(d, text, marks, link)))
        jd_mk_leaf(d, JD_MK_TEXT, text, marks, link, 0);
}

void jd_mk_text(jd_mk_doc *d, jd_str text, unsigned marks, uint32_t link)
{
    jd_mkd_text(d, text, marks, link);
}

static bool scheme_is(jd_str dest, const char *scheme)
{
    size_t i = 0;
    for (; i < dest.n && *scheme; i++) {
        unsigned char c = (unsigned char)dest.p[i];
        if (c <= ' ' || c == 0x7f)
            continue;
        if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != (unsigned char)*scheme)
            return false;
        scheme++;
    }
    return *scheme == '\0';
}

bool jd_mk_safe(jd_str dest)
{
    /* most begin with a letter that settles it */
    char first = dest.n ? (char)(dest.p[0] | 0x20) : '\0';
    if (first >= 'a' && first <= 'z' && first != 'j' && first != 'd' && first != 'v')
        return true;
    return !scheme_is(dest, "javascript:") && !scheme_is(dest, "data:") &&
           !scheme_is(dest, "vbscript:");
}

uint32_t jd_mk_link(jd_mk_doc *d, jd_str dest, jd_str title)
{
    if (dest.n == 0)
        return 0;
    if (!jd_mk_safe(dest)) {
        jd_mk_warn(d, JD_MK_W_UNSAFE_LINK);
        return 0;
    }
    if (d->nlinks > 1) {
        const jd_mk_href *last = &d->links[d->nlinks - 1];
        if (jd_str_eq(last->dest, dest) && jd_str_eq(last->title, title))
            return d->nlinks - 1;
    }
    if (d->full)
        return 0;
    if (d->nlinks >= d->links_cap)
        d->links = grown(d->links, &d->links_cap, sizeof *d->links);
    d->links[d->nlinks] = (jd_mk_href){dest, title};
    return d->nlinks++;
}

uint32_t jd_mk_more(jd_mk_doc *d, jd_str id, jd_str dest)
{
    if ((id.n == 0 && dest.n == 0) || d->full)
        return 0;
    if (!jd_mk_safe(dest)) {
        jd_mk_warn(d, JD_MK_W_UNSAFE_LINK);
        dest = JD_NOSTR;
    }
    if (d->nextra >= d->extra_cap)
        d->extra = grown(d->extra, &d->extra_cap, sizeof *d->extra);
    d->extra[d->nextra] = (jd_mk_extra){id, dest};
    return d->nextra++;
}
