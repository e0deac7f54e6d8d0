#include "flow/rawlist.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static jd_code wanted_projects(jd_arena *a, jd_store *store, const char *raw_dir,
                               const char *const *want, size_t n_want, jd_names *out, jd_err *e)
{
    out->name = JD_NEW_ARRAY(a, char *, n_want);
    for (size_t i = 0; i < n_want; i++) {
        jd_str key = jd_str_of(want[i]);
        if (!jd_is_project_key(key))
            return jd_fail(e, JD_E_USAGE,
                           "'%s' is no project key: write the letters before the dash of an issue "
                           "key, as HADOOP",
                           want[i]);
        if (!jd_store_has_project(store, want[i]))
            return jd_fail(e, JD_E_NOTFOUND,
                           "%s: no project %s in it: run `jiraduct scrape --projects %s` first",
                           raw_dir, want[i], want[i]);
        out->name[out->n++] = jd_arena_cstr(a, key);
    }
    qsort(out->name, out->n, sizeof *out->name, by_name);
    size_t kept = 0;
    for (size_t i = 0; i < out->n; i++)
        if (i == 0 || strcmp(out->name[i], out->name[kept - 1]) != 0)
            out->name[kept++] = out->name[i];
    out->n = kept;
    return JD_OK;
}

jd_code jd_rawlist_projects(jd_arena *a, jd_store *store, const char *raw_dir,
                            const char *const *want, size_t n_want, jd_names *out, jd_err *e)
{
    *out = (jd_names){0};
    if (!jd_path_is_dir(raw_dir))
        return jd_fail(e, JD_E_NOTFOUND,
                       "%s: there is no such folder: run `jiraduct scrape` first, or name the raw "
                       "store with --input-dir",
                       raw_dir);
    if (n_want)
        return wanted_projects(a, store, raw_dir, want, n_want, out, e);
    jd_code c = jd_store_projects(store, a, out, e);
    if (!c && out->n == 0)
        c = jd_fail(e, JD_E_NOTFOUND,
                    "%s: no project in it: run `jiraduct scrape` first, or name the raw store with "
                    "--input-dir",
                    raw_dir);
    return c;
}
