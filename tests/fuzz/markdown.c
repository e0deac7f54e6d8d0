/* Markdown of any bytes: a document that keeps the promises of markup/doc.h, and every form written
 * of it is valid UTF-8 without control characters and without links that run code. */
#include "tests/fuzz/rich.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena *a = jd_arena_new(0);
    jd_mk_doc d = JD_MK_DOC_INIT(a);
    jd_read_markdown(&d, (jd_str){(const char *)data, size});
    must_hold(&d);
    must_write(&d);
    jd_mk_release(&d);
    jd_arena_free(a);
    return 0;
}
