#include "flow/rawlist.h"

#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static jd_code wanted_projects(jd_arena *a, const char *raw_dir, const char *const *want,
                               size_t n_want, jd_names *out, jd_err *e)
{
    out->name = JD_NEW_ARRAY(a, char *, n_want);
    for (size_t i = 0; i < n_want; i++) {
        jd_str key = jd_str_of(want[i]);
        if (!jd_is_project_key(key))
            return jd_fail(e, JD_E_USAGE,
                           "'%s' is no project key: write the letters before the dash of an issue "
                           "key, as HADOOP",
                           want[i]);
        if (!jd_path_is_dir(jd_arena_fmt(a, "%s/%s", raw_dir, want[i]).p))
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

jd_code jd_rawlist_projects(jd_arena *a, const char *raw_dir, const char *const *want,
                            size_t n_want, jd_names *out, jd_err *e)
{
    *out = (jd_names){0};
    if (!jd_path_is_dir(raw_dir))
        return jd_fail(e, JD_E_NOTFOUND,
                       "%s: there is no such folder: run `jiraduct scrape` first, or name the raw "
                       "store with --input-dir",
                       raw_dir);
    if (n_want)
        return wanted_projects(a, raw_dir, want, n_want, out, e);
    jd_names all;
    jd_code  c = jd_dir_list(a, raw_dir, &all, e);
    if (c)
        return c;
    out->name = JD_NEW_ARRAY(a, char *, all.n + 1);
    for (size_t i = 0; i < all.n; i++)
        if (jd_is_project_key(jd_str_of(all.name[i])) &&
            jd_path_is_dir(jd_arena_fmt(a, "%s/%s", raw_dir, all.name[i]).p))
            out->name[out->n++] = all.name[i];
    if (out->n == 0)
        return jd_fail(e, JD_E_NOTFOUND,
                       "%s: no project in it: run `jiraduct scrape` first, or name the raw store "
                       "with --input-dir",
                       raw_dir);
    return JD_OK;
}

typedef enum entry { OF_OTHERS, ISSUE, STRANGE } entry;

static entry entry_of(jd_str name, jd_str project, uint64_t *number)
{
    static const jd_str json = JD_STR_INIT(".json"), extra = JD_STR_INIT(".extra.json");
    if (jd_str_starts(name, JD_STR(".")) || jd_str_ends(name, extra) || !jd_str_ends(name, json))
        return OF_OTHERS;
    if (name.n <= project.n + 1 + json.n || !jd_str_starts(name, project) ||
        name.p[project.n] != '-')
        return STRANGE;
    jd_str digits = jd_str_cut(name, project.n + 1, name.n - project.n - 1 - json.n);
    return digits.p[0] != '0' && jd_str_u64(digits, number) ? ISSUE : STRANGE;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

jd_code jd_rawlist_open(jd_rawlist *l, const char *raw_dir, const char *project, jd_err *e)
{
    jd_code     c            = JD_OK;
    jd_arena   *a            = jd_arena_new(0);
    const char *path         = jd_arena_fmt(a, "%s/%s", raw_dir, project).p;
    JD_VEC(uint64_t) numbers = {0};
    DIR *dir                 = NULL;
    *l                       = (jd_rawlist){.fd = -1};
    l->fd                    = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int twin                 = l->fd < 0 ? -1 : fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
    if (twin < 0 || !(dir = fdopendir(twin))) {
        c = jd_file_fail(e, errno, "read", path);
        if (twin >= 0)
            (void)close(twin);
        goto out;
    }
    for (;;) {
        errno                  = 0;
        const struct dirent *d = readdir(dir);
        uint64_t             number;
        if (!d)
            break;
        entry kind = entry_of(jd_str_of(d->d_name), jd_str_of(project), &number);
        if (kind == ISSUE)
            *jd_vec_add(&numbers) = number;
        l->ignored += kind == STRANGE;
    }
    if (errno) {
        c = jd_file_fail(e, errno, "read", path);
        goto out;
    }
    if (numbers.n)
        qsort(numbers.v, numbers.n, sizeof *numbers.v, by_number);
    l->number = numbers.v;
    l->n      = numbers.n;
    numbers.v = NULL;
out:
    if (dir)
        (void)closedir(dir);
    free(numbers.v);
    jd_arena_free(a);
    return c;
}

void jd_rawlist_close(jd_rawlist *l)
{
    if (l->fd >= 0)
        (void)close(l->fd);
    free(l->number);
    *l = (jd_rawlist){.fd = -1};
}
