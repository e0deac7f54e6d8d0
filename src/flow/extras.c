#include "flow/extras.h"

#include "text/jsonw.h"

#include <inttypes.h>

enum { FILE_MAX = 256 << 20 };

/* One answer; NULL where Jira has none for us. */
static jd_code read_one(const jd_extras_conf *in, jd_arena *a, const jd_extra_due *of,
                        jd_extra which, const jd_json **out, jd_err *e)
{
    jd_err   why = JD_ERR_NONE;
    jd_reply reply;
    jd_str   path = jd_arena_fmt(a, "%s/issue/%" PRIu64 "%s", jd_jira_root(in->jira), of->id,
                                 jd_extra_path(which));
    jd_code  rc   = jd_jira_get(in->jira, a, path, out, &reply, &why);
    bool     none = rc == JD_E_NOTFOUND || (rc == JD_E_AUTH && why.http == 403) ||
                (rc == JD_E_AUTH && !in->jira->signed_in);
    if (none)
        *out = NULL;
    else if (rc)
        *e = why;
    return none ? JD_OK : rc;
}

static jd_code read_issue(const jd_extras_conf *in, jd_extras *x, jd_arena *a,
                          const jd_extra_due *of, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf b  = JD_BUF_INIT(FILE_MAX);
    jd_jsonw                          w  = jd_jsonw_to(&b);
    jd_code                           rc = JD_OK;
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", jd_arena_fmt(a, "%" PRIu64, of->id));
    jd_jsonw_kstr(&w, "key", of->key);
    for (int i = 0; i < JD_NEXTRA && !rc; i++) {
        const jd_json *v = NULL;
        if (!(in->want >> i & 1))
            continue;
        rc = read_one(in, a, of, (jd_extra)i, &v, e);
        jd_jsonw_name(&w, jd_extra_name((jd_extra)i));
        if (v)
            jd_jsonw_value(&w, v);
        else
            jd_jsonw_null(&w);
    }
    jd_jsonw_end(&w);
    jd_buf_addc(&b, '\n');
    if (!rc && !jd_buf_ok(&b))
        rc = jd_fail(e, JD_E_TOOBIG, "over %d MiB beside one issue", FILE_MAX >> 20);
    return rc ? rc : jd_extras_put(x, of, in->want, jd_buf_view(&b), e);
}

jd_code jd_extras_read(const jd_extras_conf *in, jd_arena *a, jd_outcome *out, jd_err *e)
{
    jd_extras    x;
    jd_extra_due due;
    uint64_t     after = 0;
    bool         found = true;
    jd_arena    *one   = jd_arena_new(0);
    out->extras.asked  = true;
    jd_code rc         = jd_extras_open(in->state, in->raw_dir, &x, e);
    if (!rc)
        rc = jd_extras_prune(&x, e);
    while (!rc && found) {
        jd_err why = JD_ERR_NONE;
        jd_arena_reset(one);
        rc = jd_extras_next(&x, one, after, in->want, &due, &found, e);
        if (rc || !found)
            break;
        after        = due.id;
        jd_code made = read_issue(in, &x, one, &due, &why);
        if (!made) {
            out->extras.read++;
        } else if (made == JD_E_REMOTE || made == JD_E_DATA || made == JD_E_TOOBIG) {
            out->extras.failed++;
            jd_note(&out->warning, jd_arena_fmt(a, "beside %.*s: %s", JD_FMT(due.key), why.msg).p);
        } else {
            *e = why;
            rc = jd_wrap(e, "beside %.*s", JD_FMT(due.key));
        }
    }
    jd_arena_free(one);
    return rc;
}
