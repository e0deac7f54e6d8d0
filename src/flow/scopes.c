#include "flow/scopes.h"

#include "sys/file.h"
#include "text/url.h"

#include <string.h>

enum { ZONE_FILE_MAX = 1 << 20, JQL_MAX = 1 << 20 };

jd_code jd_scopes_check(const jd_scrape_conf *conf, jd_err *e)
{
    if (conf->jql)
        return JD_OK;
    if (conf->nproject == 0)
        return jd_fail(e, JD_E_USAGE, "no project: name one with --projects, or give --jql");
    for (size_t i = 0; i < conf->nproject; i++)
        if (!jd_is_project_key(jd_str_of(conf->project[i])))
            return jd_fail(
                e, JD_E_USAGE,
                "--projects: '%s' is no project key: capital letters, digits and _ only, "
                "beginning with a letter, as in HADOOP",
                conf->project[i]);
    return JD_OK;
}

static bool scope_known(const jd_scope *scope, size_t n, uint64_t project_id)
{
    for (size_t i = 0; i < n; i++)
        if (scope[i].project_id == project_id)
            return true;
    return false;
}

jd_code jd_scopes_resolve(const jd_scrape_conf *conf, jd_jira *j, jd_arena *a, jd_scope **out,
                          size_t *n, jd_err *e)
{
    jd_str site = jd_url_site(j->base);
    *n          = 0;
    *out        = JD_NEW_ARRAY(a, jd_scope, conf->nproject + 1);
    if (conf->jql) {
        *n = 1;
        return jd_scope_jql(a, site, jd_str_of(conf->jql), &(*out)[0], e);
    }
    for (size_t i = 0; i < conf->nproject; i++) {
        jd_project project;
        jd_code    rc = jd_jira_project(j, a, jd_str_of(conf->project[i]), &project, e);
        if (rc)
            return rc;
        if (!scope_known(*out, *n, project.id))
            (*out)[(*n)++] = jd_scope_project(a, site, project.key, project.id);
    }
    return JD_OK;
}

jd_code jd_bounds_probe(jd_jira *j, jd_arena *a, const jd_scope *scope, uint64_t counted,
                        bool *quoted, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf q = JD_BUF_INIT(JQL_MAX);
    jd_page                           page;
    jd_jql_probe(&q, scope->selection);
    jd_code rc = jd_jira_search(j, a, jd_buf_view(&q), 0, 0, &page, e);
    if (rc == JD_E_DATA) { /* refused: the server does not take epoch milliseconds */
        *quoted = true;
        return JD_OK;
    }
    *quoted = !rc && page.total != counted;
    return rc;
}

jd_code jd_bounds_zone(const jd_scrape_conf *conf, jd_jira *j, jd_arena *a, const jd_log *log,
                       jd_bounds *b, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf bytes = JD_BUF_INIT(ZONE_FILE_MAX);
    jd_account                        me;
    jd_code                           rc = jd_jira_myself(j, a, conf->signed_in, &me, e);
    if (rc || me.anonymous || !jd_zone_name_ok(me.time_zone))
        return rc;
    jd_str path = jd_arena_fmt(a, "%s/%.*s", conf->zone_dir, JD_FMT(me.time_zone));
    jd_err why;
    if (jd_file_read(path.p, &bytes, &why) ||
        jd_zone_read(a, jd_buf_view(&bytes), &b->zone, &why)) {
        b->zone = NULL;
        jd_event(log, JD_WARN, "note",
                 "the account's time zone %.*s is not known here (%s): wider bounds are used; "
                 "install tzdata",
                 JD_FMT(me.time_zone), why.msg);
    }
    return JD_OK;
}
