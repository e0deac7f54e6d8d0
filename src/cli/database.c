#include "cli/database.h"

#include <string.h>

/* "//user:password@host" */
static bool has_password(const char *url)
{
    const char *from = strstr(url, "://"), *at, *colon;
    if (!from)
        return false;
    from += 3;
    size_t n = strcspn(from, "/?");
    at       = memrchr(from, '@', n);
    colon    = at ? memchr(from, ':', (size_t)(at - from)) : NULL;
    return colon || strstr(from + n, "password=");
}

static bool is_given(const jd_cli *c)
{
    const jd_conf_value *v = jd_conf_find(c->values, "database");
    return v && v->origin != JD_FROM_DEFAULT;
}

jd_code jd_database_url(const jd_cli *c, const jd_database_args *a, const char **out, jd_err *e)
{
    const char *given = a->database;
    if (a->url && !is_given(c)) {
        *out = a->url;
        return JD_OK;
    }
    if (!strstr(given, "://")) {
        *out = jd_arena_fmt(c->arena, "sqlite:///%s", given).p;
        return JD_OK;
    }
    if (has_password(given))
        return jd_fail(
            e, JD_E_USAGE,
            "--database holds a password, which other users of this machine can see: put "
            "the address into DATABASE_URL, or the password into .pgpass");
    *out = given;
    return JD_OK;
}
