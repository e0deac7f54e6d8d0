#include "sim/dump.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_key(const void *x, const void *y)
{
    const sim_issue *a = &(*(sim_text *const *)x)->issue, *b = &(*(sim_text *const *)y)->issue;
    int              d = jd_str_cmp(a->project, b->project);
    if (d != 0)
        return d;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

size_t sim_dump_all(sim_store *s, sim_text ***all)
{
    sim_store_read_begin(s);
    const sim_column *c    = &sim_store_everything(s)->by[0];
    size_t            n    = c->n;
    sim_text        **list = jd_xcalloc(n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = sim_text_ref(c->v[i].text);
    sim_store_read_end(s);
    qsort(list, n, sizeof(sim_text *), by_key);
    *all = list;
    return n;
}

jd_code sim_dump_file(sim_store *s, const sim_zone *zone, const char *path, jd_err *e)
{
    enum { CHUNK = 1 << 20 };
    sim_text **all = NULL;
    bool       out = strcmp(path, "-") == 0;
    int     fd = out ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    jd_buf  b = JD_BUF_INIT(2u * SIM_ISSUE_MAX), one = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_code rc = JD_OK;
    if (fd < 0)
        return jd_fail_sys(e, JD_E_IO, errno, "cannot write the dump %s", path);
    size_t n = sim_dump_all(s, &all);
    for (size_t i = 0; i < n; i++) {
        jd_buf_reset(&one);
        if (rc == JD_OK)
            sim_store_write(s, all[i], &one);
        if (zone)
            sim_select_turn(&b, zone, jd_buf_view(&one));
        else
            jd_buf_adds(&b, jd_buf_view(&one));
        jd_buf_addc(&b, '\n');
        sim_text_drop(all[i]);
        if (rc == JD_OK && !jd_buf_ok(&b))
            rc = jd_fail(e, JD_E_TOOBIG, "an issue is too long for the dump");
        if (rc == JD_OK && (b.n >= CHUNK || i + 1 == n)) {
            rc = jd_file_write(fd, jd_buf_view(&b), out ? "standard output" : path, e);
            jd_buf_reset(&b);
        }
    }
    if (!out && close(fd) != 0 && rc == JD_OK)
        rc = jd_fail_sys(e, JD_E_IO, errno, "cannot write the dump %s", path);
    jd_buf_release(&b);
    jd_buf_release(&one);
    free(all);
    return rc;
}
