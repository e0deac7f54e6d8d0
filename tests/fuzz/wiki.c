/* Wiki markup of any bytes, read and written in all four forms: what comes out is text without
 * control characters, the work grows with the input and no faster, and no link runs code. */
#include "markup/markup.h"
#include "text/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void destinations(const jd_mk_doc *d)
{
    for (uint32_t i = 0; i < d->n; i++) {
        const jd_mk_event *e = &d->ev[i];
        if (e->edge != JD_MK_LEAF)
            continue;
        must(e->link == 0 || jd_mk_safe(d->links[e->link].dest));
        must(e->more == 0 || jd_mk_safe(d->extra[e->more].dest));
    }
}

/* Every open has its close, and leaves stand where they may. */
static void tree(const jd_mk_doc *d)
{
    uint32_t open[JD_MK_DEPTH], depth = 0;
    for (uint32_t i = 0; i < d->n; i++) {
        const jd_mk_event *e = &d->ev[i];
        if (e->edge == JD_MK_OPEN) {
            must(depth < JD_MK_DEPTH);
            open[depth++] = i;
        } else if (e->edge == JD_MK_CLOSE) {
            must(depth > 0 && d->ev[open[--depth]].more == i && e->more == open[depth]);
        } else if (e->kind >= JD_MK_TEXT) {
            must(depth > 0 && jd_mk_holds_text(d->ev[open[depth - 1]].kind));
        }
    }
    must(depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const jd_mk_form forms[] = {JD_MK_MARKDOWN, JD_MK_PLAIN, JD_MK_ADF, JD_MK_WIKI};
    jd_arena               *a       = jd_arena_new(0);
    jd_mk_doc               d       = JD_MK_DOC_INIT(a);
    jd_buf                  out     = JD_BUF_INIT(64 << 20);
    jd_read_wiki(&d, (jd_str){(const char *)data, size});
    must(d.steps <= 64 * ((uint64_t)size + 64));
    destinations(&d);
    tree(&d);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        jd_buf_reset(&out);
        jd_mk_write(&out, forms[i], &d);
        must(jd_buf_ok(&out));
        jd_str s = jd_buf_view(&out);
        must(jd_utf8_clean_prefix(s) == s.n);
        must(s.n == 0 || (s.p[0] != '\n' && s.p[s.n - 1] != '\n'));
    }
    jd_buf_release(&out);
    jd_mk_release(&d);
    jd_arena_free(a);
    return 0;
}
