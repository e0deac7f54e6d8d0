/* Wiki markup of any bytes, read and written in all four forms: what rich.h promises, and work that
 * grows with the input and no faster. */
#include "tests/fuzz/rich.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena *a = jd_arena_new(0);
    jd_mk_doc d = JD_MK_DOC_INIT(a);
    jd_read_wiki(&d, (jd_str){(const char *)data, size});
    must(d.steps <= 64 * ((uint64_t)size + 64));
    must_hold(&d);
    must_write(&d);
    jd_mk_release(&d);
    jd_arena_free(a);
    return 0;
}
