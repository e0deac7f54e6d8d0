#include "cli/database.h"

#include <string.h>

/* "//user:password@host"; as libpq has it, a '?' ends no password */
static bool has_password(const char *url)
{
    const char *from = strstr(url, "://"), *at, *colon;
    if (!from)
        return false;
    from += 3;
    size_t n = strcspn(from, "/");
    at       = memrchr(from, '@', n);
    colon    = at ? memchr(from, ':', (size_t)(at - from)) : NULL;
    return colon || strstr(from, "password=");
}

/* NULL: it is the default. */
static const jd_conf_value *given_by(const jd_cli *c)
{
    const jd_conf_value *v = jd_conf_find(c->values, "database");
    return v && v->origin != JD_FROM_DEFAULT ? v : NULL;
}

static jd_code fail_password(const jd_conf_value *v, jd_err *e)
{
    if (v && v->file)
        return jd_fail(e, JD_E_CONFIG,
                       "%s: warehouse.database holds a password: put the address into DATABASE_URL "
                       "(the environment or .env), or the password into .pgpass",
                       v->where);
    return jd_fail(e, JD_E_USAGE,
                   "--database holds a password, which other users of this machine can see: put "
                   "the address into DATABASE_URL, or the password into .pgpass");
}

/* The message must not show the address: it may hold a password. */
static jd_code check(const jd_cli *c, const char *option, const char *url, jd_err *e)
{
    jd_code rc = jd_warehouse_check(url, e);
    return rc ? jd_wrap(e, "%s", jd_cli_label(c, option)) : JD_OK;
}

jd_code jd_database_url(const jd_cli *c, const jd_database_args *a, const char **out, jd_err *e)
{
    const char          *given = a->database;
    const jd_conf_value *by    = given_by(c);
    if (a->url && !by) {
        *out = a->url;
        return check(c, "DATABASE_URL", a->url, e);
    }
    if (!strstr(given, "://")) {
        *out = jd_arena_fmt(c->arena, "sqlite:///%s", given).p;
        return JD_OK;
    }
    if (has_password(given))
        return fail_password(by, e);
    *out = given;
    return check(c, "database", given, e);
}

jd_code jd_database_wrong(const jd_cli *c, const jd_database_args *a, jd_err *e)
{
    const char *option = a->url && !given_by(c) ? "DATABASE_URL" : "database";
    bool        theirs = e->code == JD_E_CONFIG || e->code == JD_E_AUTH;
    return theirs ? jd_wrap(e, "%s", jd_cli_label(c, option)) : e->code;
}

/* Room is left for the number of a site. */
enum { SCHEMA_MAX = 48 };

jd_code jd_dbt_of(const jd_cli *c, const char *schema, jd_dbt_conf *out, jd_err *e)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
    size_t            n         = strspn(schema, letters);
    *out                        = (jd_dbt_conf){.log = c->log};
    if (strcmp(schema, "none") == 0)
        return JD_OK;
    if (n == 0 || n > SCHEMA_MAX || schema[n] || (*schema >= '0' && *schema <= '9') ||
        strncmp(schema, "pg_", 3) == 0)
        return jd_cli_wrong(c, "dbt-schema", e,
                            "'%s' is no name of a schema: small letters, digits and _ only, as in "
                            "jira",
                            schema);
    out->schema = schema;
    return JD_OK;
}
