/* Settings of any bytes: read into paths that are each there once, or refused with name, line and
 * column. */
#include "text/yaml.h"

#include "base/map.h"
#include "text/utf8.h"

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
    jd_arena *a    = jd_arena_new(0);
    jd_map   *seen = jd_map_new();
    jd_yaml   v    = {0};
    jd_err    e    = JD_ERR_NONE;
    if (jd_yaml_read(a, (jd_str){(const char *)data, size}, "x.yml", &v, &e) == JD_OK) {
        for (size_t i = 0; i < v.n; i++) {
            must(v.item[i].path.n > 0 && v.item[i].line > 0);
            must(jd_utf8_valid(v.item[i].path) == v.item[i].path.n);
            must(jd_utf8_valid(v.item[i].value) == v.item[i].value.n);
            (void)jd_map_put(seen, v.item[i].path, NULL);
        }
    } else {
        must(e.code == JD_E_CONFIG && strncmp(e.msg, "x.yml:", 6) == 0 && v.n == 0);
    }
    jd_map_free(seen);
    jd_arena_free(a);
    return 0;
}
