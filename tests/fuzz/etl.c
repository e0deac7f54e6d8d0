/* What a configuration says of backfill and sync: any text is read or refused with its line, and
 * what was read names nothing that could leave its folder or its quotes. */
#include "cli/etlconf.h"
#include "derive/wide.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_columns(const jd_etl_columns *all)
{
    for (size_t i = 0; i < all->n; i++)
        if (!jd_wide_name_ok(jd_str_of(all->v[i].name)) || !all->v[i].field)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena   *a = jd_arena_new(0);
    jd_etl_conf conf;
    jd_err      e  = JD_ERR_NONE;
    jd_code     rc = jd_etl_parse(a, (jd_str){(const char *)data, size}, "f", &conf, &e);
    if (rc && (rc != JD_E_CONFIG || strncmp(e.msg, "f:", 2) != 0))
        abort();
    for (size_t i = 0; i < conf.sites && !rc; i++) {
        const jd_etl_site *s = &conf.site[i];
        check_columns(&s->set.columns);
        if (conf.listed && (!s->base_url || !*s->name || *s->name == '.' || strchr(s->name, '/')))
            abort();
        for (size_t k = 0; k < s->scopes; k++) {
            check_columns(&s->scope[k].set.columns);
            if (!s->scope[k].project == !s->scope[k].jql)
                abort();
        }
    }
    if (!rc)
        check_columns(&conf.set.columns);
    jd_arena_free(a);
    return 0;
}
