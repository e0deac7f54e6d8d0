/* ADF of any bytes: a document that keeps the promises of markup/doc.h, work that grows no faster
 * than the input, every form written of it is clean text, and ADF written of it reads again. */

#include "markup/adf.h"

#include "tests/fuzz/rich.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool text_of(const jd_json *v, const char *needle)
{
    if (jd_json_is_str(v))
        return jd_str_ieq(jd_str_cut(jd_str_trim(jd_json_str(v)), 0, strlen(needle)),
                          jd_str_of(needle));
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
        if ((jd_str_is(it.name, "href") || jd_str_is(it.name, "url") ||
             !jd_json_is_str(it.value)) &&
            text_of(it.value, needle))
            return true;
    return false;
}

/* What we write is a document, and no address in it runs code. */
static void must_be_adf(jd_arena *a, jd_mk_doc *d)
{
    jd_buf         out = JD_BUF_INIT((size_t)1 << 28);
    const jd_json *root;
    jd_err         e = {0};
    jd_write_adf(&out, d);
    must(jd_json_read(a, jd_buf_view(&out), &root, &e) == JD_OK);
    must(jd_str_is(jd_json_str(jd_json_get(root, "type")), "doc"));
    must(!text_of(root, "javascript:") && !text_of(root, "data:") && !text_of(root, "vbscript:"));
    jd_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena *a = jd_arena_new(0);
    jd_mk_doc d = JD_MK_DOC_INIT(a), again = JD_MK_DOC_INIT(a);
    jd_str    source = {(const char *)data, size};
    jd_read_adf_bytes(&d, source);
    must(d.steps <= 64 * size + 4096);
    must_hold(&d);
    must_write(&d);
    must_be_adf(a, &d);
    for (int inside = 0; inside < 2; inside++) {
        jd_mk_reset(&again);
        if (inside)
            jd_mk_open(&again, JD_MK_PARAGRAPH, 0, JD_NOSTR);
        jd_mk_read_adf_into(&again, source, inside);
        jd_mk_finish(&again);
        must_hold(&again);
    }
    jd_mk_release(&d);
    jd_mk_release(&again);
    jd_arena_free(a);
    return 0;
}
