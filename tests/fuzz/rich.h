/* rich.h: what a document of src/markup promises (markup/doc.h), and what every form written of it
 * does: valid UTF-8, no control characters, no newline at its ends, no link that runs code. */
#ifndef FUZZ_RICH_H
#define FUZZ_RICH_H

#include "markup/markup.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

static inline void must(bool holds)
{
    if (!holds)
        abort();
}

static inline void must_be_text(jd_str s, bool lines)
{
    must(jd_utf8_clean_prefix(s) == s.n);
    must(lines || jd_str_find(s, '\n') == s.n);
}

static inline void must_hold(const jd_mk_doc *d)
{
    uint32_t open[JD_MK_DEPTH], depth = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        const jd_mk_event *e = &d->ev[i];
        must(e->kind < JD_MK_KINDS);
        must(e->edge == JD_MK_LEAF ? e->kind >= JD_MK_BLOCKS : e->kind < JD_MK_BLOCKS);
        bool code = depth && d->ev[open[depth - 1]].kind == JD_MK_CODE;
        must_be_text(e->text, code && e->edge == JD_MK_LEAF);
        must(!e->link || jd_mk_safe(d->links[e->link].dest));
        if (e->edge == JD_MK_OPEN) {
            must(depth < JD_MK_DEPTH);
            open[depth++] = i;
        } else if (e->edge == JD_MK_CLOSE) {
            must(depth > 0 && d->ev[open[--depth]].more == i && e->more == open[depth]);
        } else {
            must(!e->more || jd_mk_safe(d->extra[e->more].dest));
            must(e->kind == JD_MK_RULE || e->kind == JD_MK_CARD || depth > 0);
        }
    }
    must(depth == 0);
}

/* Writes d in every form. */
static inline void must_write(jd_mk_doc *d)
{
    static const jd_mk_form forms[] = {JD_MK_MARKDOWN, JD_MK_PLAIN, JD_MK_ADF, JD_MK_WIKI};

    jd_buf out = JD_BUF_INIT((size_t)1 << 28);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        jd_buf_reset(&out);
        jd_mk_write(&out, forms[i], d);
        must(jd_buf_ok(&out));
        jd_str s = jd_buf_view(&out);
        must(jd_utf8_clean_prefix(s) == s.n);
        must(s.n == 0 || (s.p[0] != '\n' && s.p[s.n - 1] != '\n'));
    }
    jd_buf_release(&out);
}

#endif
