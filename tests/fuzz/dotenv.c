/* A .env file of any bytes: it is read, or refused with its name and line. */
#include "text/yaml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena *a = jd_arena_new(0);
    jd_env    v = {0};
    jd_err    e = JD_ERR_NONE;
    if (jd_env_read(a, (jd_str){(const char *)data, size}, "x.env", &v, &e) == JD_OK) {
        for (size_t i = 0; i < v.n; i++) {
            must(v.item[i].name.n > 0 && v.item[i].value.p && v.item[i].line > 0);
            must(i == 0 || v.item[i].line > v.item[i - 1].line);
            must(jd_str_find(v.item[i].value, '\0') == v.item[i].value.n);
            must(v.item[i].value.n <= size);
        }
    } else {
        must(e.code == JD_E_CONFIG && strncmp(e.msg, "x.env:", 6) == 0 && v.n == 0);
    }
    jd_arena_free(a);
    return 0;
}
