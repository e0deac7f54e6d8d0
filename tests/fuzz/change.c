/* Two copies of an issue, one a line, of any bytes: what changed between them can be written, every
 * line of it is JSON, nothing changed between a copy and itself, and in order of time. */
#include "model/change.h"

#include "text/date.h"
#include "text/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void written(jd_arena *a, const jd_change *c)
{
    jd_buf         b = JD_BUF_INIT(SIZE_MAX / 4);
    const jd_json *v;
    jd_err         e;
    jd_change_write(&b, c);
    jd_str line = jd_buf_view(&b);
    must(line.n && line.p[line.n - 1] == '\n' && jd_str_find(line, '\n') == line.n - 1);
    must(jd_utf8_valid(line) == line.n && jd_json_read(a, line, &v, &e) == JD_OK);
    must(jd_str_is(jd_json_str(jd_json_get(v, "kind")), jd_change_name(c->kind)));
    jd_buf_release(&b);
}

static void differ(jd_arena *a, const jd_json *was, const jd_json *is, const jd_json *names)
{
    jd_changes     all  = {0};
    jd_change_conf conf = {.names = names, .noticed_ms = 1700000000000};
    jd_change_diff(a, was, is, &conf, &all);
    for (size_t i = 0; i < all.n; i++) {
        written(a, &all.v[i]);
        must(i == 0 || all.v[i - 1].at_ms <= all.v[i].at_ms);
    }
    all.n = 0;
    jd_change_diff(a, is, is, &conf, &all);
    must(all.n == 0);
    jd_change_created(a, is, &conf, &all);
    must(all.n == 1);
    written(a, &all.v[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_str         bytes = {(const char *)data, size};
    size_t         cut   = jd_str_find(bytes, '\n');
    jd_arena      *a     = jd_arena_new(0);
    const jd_json *was, *is;
    jd_err         e;
    if (cut < size && !jd_json_read(a, jd_str_cut(bytes, 0, cut), &was, &e) &&
        !jd_json_read(a, jd_str_cut(bytes, cut + 1, size), &is, &e)) {
        differ(a, was, is, NULL);
        differ(a, is, was, jd_json_get(is, "names"));
    }
    jd_arena_free(a);
    return 0;
}
