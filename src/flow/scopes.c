#include "flow/scopes.h"

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

jd_code jd_scopes_resolve(const jd_scrape_conf *conf, jd_jira *j, jd_str site, jd_arena *a,
                          jd_scope **out, size_t *n, jd_err *e)
{
    *n   = 0;
    *out = JD_NEW_ARRAY(a, jd_scope, conf->nproject + 1);
    if (conf->jql) {
        *n = 1;
        return jd_scope_jql(a, site, jd_str_of(conf->jql), &(*out)[0], e);
    }
    for (size_t i = 0; i < conf->nproject; i++) {
        jd_project project;
        jd_code    rc = jd_jira_project(j, a, jd_str_of(conf->project[i]), &project, e);
        if (rc)
            return rc;
        if (scope_known(*out, *n, project.id))
            continue;
        (*out)[*n]       = jd_scope_project(a, site, project.key, project.id);
        (*out)[*n].about = project.doc;
        (*n)++;
    }
    return JD_OK;
}
