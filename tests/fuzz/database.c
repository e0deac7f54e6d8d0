/* Addresses of databases of any bytes: taken or refused, and whatever comes of it, no message shows
 * a password. Lines of the input are its parts: user, password before and behind a word, the rest.
 */
#include "db/postgres.h"
#include "sink/warehouse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "xyzzy";

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Both readers of an address; what they say is appended. */
static void read_address(jd_arena *a, const char *url, jd_buf *said)
{
    char   name[JD_PG_NAME_MAX] = "";
    jd_err e                    = JD_ERR_NONE;
    if (jd_pg_address(url, name, &e)) {
        must(e.code == JD_E_CONFIG && e.msg[0]);
        jd_buf_addz(said, e.msg);
    } else {
        must(strncmp(name, "database ", 9) == 0 && strlen(name) < sizeof name);
        jd_buf_addz(said, name);
    }
    jd_buf_adds(said, jd_warehouse_name(a, url));
}

static bool has(jd_str s, char c)
{
    return jd_str_find(s, c) < s.n;
}

/* A user has none of what ends one; a password that reads as settings ("?dbname=word") is taken for
 * them by anybody. */
static bool is_plain(const jd_str part[4])
{
    for (size_t i = 0; i < part[0].n; i++)
        if (strchr("/?#@:", part[0].p[i]))
            return false;
    bool settings = has(part[1], '?') || has(part[2], '?');
    return !(settings && (has(part[1], '=') || has(part[2], '='))) &&
           jd_str_search(part[3], jd_str_of(secret)) == part[3].n &&
           jd_str_search(part[0], jd_str_of(secret)) == part[0].n;
}

static void with_password(jd_arena *a, jd_str s)
{
    jd_str part[4] = {{0}};
    jd_buf said    = JD_BUF_INIT(1 << 20);
    for (size_t i = 0; i < 3; i++)
        (void)jd_str_split(&s, '\n', &part[i]);
    part[3] = s;
    if (is_plain(part)) {
        jd_str url = jd_arena_fmt(a, "postgresql://%.*s:%.*s%s%.*s@%.*s", JD_FMT(part[0]),
                                  JD_FMT(part[1]), secret, JD_FMT(part[2]), JD_FMT(part[3]));
        read_address(a, url.p, &said);
        must(jd_str_search(jd_buf_view(&said), jd_str_of(secret)) == said.n);
    }
    jd_buf_release(&said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena *a    = jd_arena_new(0);
    jd_buf    said = JD_BUF_INIT(1 << 20);
    jd_str    s    = {(const char *)data, size};
    if (memchr(data, '\0', size) == NULL) { /* as the environment gives them */
        read_address(a, jd_arena_cstr(a, s), &said);
        with_password(a, s);
    }
    jd_buf_release(&said);
    jd_arena_free(a);
    return 0;
}
