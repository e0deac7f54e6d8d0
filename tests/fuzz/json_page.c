/* A page of issues, or one issue, of any bytes: what the reader takes is valid UTF-8, writes and
 * reads back the same, and the skimmer cuts it into the same values, as a glance does. */
#include "text/glance.h"
#include "text/json.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool holds_others(const jd_json *v)
{
    return jd_json_kind(v) == JD_JSON_ARRAY || jd_json_kind(v) == JD_JSON_OBJECT;
}

static void texts_are_valid(const jd_json *v)
{
    must(jd_utf8_valid(jd_json_str(v)) == jd_json_str(v).n);
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);) {
        must(jd_utf8_valid(it.name) == it.name.n);
        texts_are_valid(it.value);
    }
}

static void writes_back(jd_arena *a, const jd_json *v, bool pretty)
{
    jd_buf         b = JD_BUF_INIT(SIZE_MAX - 1);
    const jd_json *again;
    jd_err         e;
    if (pretty)
        jd_json_write_pretty(&b, v);
    else
        jd_json_write(&b, v);
    must(jd_json_read(a, jd_buf_view(&b), &again, &e) == JD_OK);
    must(jd_json_same(v, again) && jd_json_hash(v, NULL) == jd_json_hash(again, NULL));
    jd_buf_release(&b);
}

/* Slices are read one by one down to this level; deeper ones are inside their text. */
enum { SKIM_LEVELS = 6 };

static void skims_the_same(jd_arena *a, jd_str bytes, const jd_json *tree, int level)
{
    jd_skim        it   = jd_skim_open(bytes);
    jd_json_iter   want = jd_json_walk(tree);
    const jd_json *v;
    jd_err         e;
    must(!it.bad && it.object == (jd_json_kind(tree) == JD_JSON_OBJECT));
    while (jd_skim_next(&it)) {
        jd_mark mark = jd_arena_mark(a);
        must(jd_json_next(&want));
        if (it.object) {
            must(jd_json_read(a, (jd_str){it.name.p - 1, it.name.n + 2}, &v, &e) == JD_OK);
            must(jd_str_eq(jd_json_str(v), want.name));
        }
        must(jd_json_read(a, it.value, &v, &e) == JD_OK && jd_json_same(v, want.value));
        if (level < SKIM_LEVELS && holds_others(v))
            skims_the_same(a, it.value, v, level + 1);
        jd_arena_rewind(a, mark);
    }
    must(!it.bad && !jd_json_next(&want));
}

/* What a glance takes the reader takes, with the same hash; and so a second time, when it has met
 * every object. */
static void glances_the_same(jd_arena *a, jd_str bytes, const char *const *skip)
{
    static jd_met  met; /* large for the stack */
    const jd_json *v;
    jd_err         e;
    uint64_t       hash, again;
    size_t         n = jd_glance(bytes, skip, NULL, NULL, 0, NULL, &hash);
    memset(&met, 0, sizeof met);
    for (int i = 0; i < 2; i++) {
        must(jd_glance(bytes, skip, NULL, NULL, 0, &met, &again) == n);
        must(n == 0 || hash == again);
    }
    if (n) {
        must(n <= bytes.n && jd_json_read(a, jd_str_cut(bytes, 0, n), &v, &e) == JD_OK);
        must(hash == jd_json_hash(v, skip));
    }
}

/* On any bytes: it ends, and gives slices of the input only. */
static void skims_anything(jd_str bytes, int level)
{
    const char *end = bytes.n ? bytes.p + bytes.n : bytes.p;
    jd_skim     it  = jd_skim_open(bytes);
    while (jd_skim_next(&it)) {
        must(it.value.n && it.value.p >= bytes.p && it.value.p + it.value.n <= end);
        must(it.at <= bytes.n);
        if (level < SKIM_LEVELS)
            skims_anything(it.value, level + 1);
    }
    must(it.at <= bytes.n && !jd_skim_next(&it));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const skip[] = {"self", "lastViewed", NULL};
    jd_arena                *a      = jd_arena_new(0);
    jd_str                   bytes  = {(const char *)data, size};
    const jd_json           *v      = NULL;
    jd_err                   e      = JD_ERR_NONE;
    jd_code                  code   = jd_json_read(a, bytes, &v, &e);
    must(code == JD_OK ? v != NULL : code == JD_E_DATA && e.msg[0]);
    if (code == JD_OK) {
        texts_are_valid(v);
        writes_back(a, v, false);
        writes_back(a, v, true);
        (void)jd_json_hash(v, skip);
        (void)jd_json_id(jd_json_path(v, "issues.id"));
        if (holds_others(v))
            skims_the_same(a, bytes, v, 0);
    }
    glances_the_same(a, bytes, skip);
    skims_anything(bytes, 0);
    jd_arena_free(a);
    return 0;
}
