/* A cursor of any bytes, as a database or a file may hold it: it is refused, or what is written of
 * it reads as the same. */
#include "model/cursor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_cursor c, again;
    jd_buf    one = JD_BUF_INIT(SIZE_MAX / 4), two = JD_BUF_INIT(SIZE_MAX / 4);
    jd_err    e;
    jd_cursor_init(&c, JD_STR("site/scope"), 1);
    if (jd_cursor_read(&c, (jd_str){(const char *)data, size}, &e) == JD_OK) {
        jd_cursor_write(&c, &one);
        jd_cursor_init(&again, JD_STR("site/scope"), 1);
        must(jd_cursor_read(&again, jd_buf_view(&one), &e) == JD_OK);
        jd_cursor_write(&again, &two);
        must(jd_str_eq(jd_buf_view(&one), jd_buf_view(&two)));
        must(jd_cursor_backfilled(&c) == jd_cursor_backfilled(&again));
    }
    jd_buf_release(&one);
    jd_buf_release(&two);
    return 0;
}
