#include "sink/wh_db.h"
#include "text/date.h"

#include <string.h>

const char jd_wh_sql_join[] =
    "INSERT INTO sync_member (site_id, scope_id, issue_id)"
    " SELECT i.site_id, c.id, i.id FROM issue AS i JOIN sync_scope AS c ON c.site_id = i.site_id"
    " WHERE i.site_id = $1 AND c.id = $2 AND i.id = $3 AND (c.project IS NULL OR"
    " substr(i.key, 1, length(c.project) + 1) = c.project || '-') ON CONFLICT DO NOTHING";
const char jd_wh_sql_member[] =
    "INSERT INTO sync_member (site_id, scope_id, issue_id) VALUES ($1, $2, $3)"
    " ON CONFLICT DO NOTHING";
const char jd_wh_sql_leave[] =
    "DELETE FROM sync_member WHERE site_id = $1 AND scope_id <> $2 AND issue_id = $3 AND scope_id"
    " IN (SELECT c.id FROM sync_scope AS c WHERE c.site_id = sync_member.site_id AND c.project IS"
    " NOT NULL)";
const char jd_wh_sql_cursor[] = "UPDATE sync_scope SET cursor = $1 WHERE site_id = $2 AND id = $3";

static void conflict(jd_buf *out, const jd_table *t)
{
    jd_buf_addz(out, " ON CONFLICT (");
    for (unsigned i = 0; i < t->nkey; i++)
        jd_buf_addf(out, "%s%s", i ? ", " : "", t->col[i].name);
    jd_buf_addz(out, ") DO ");
}

void jd_wh_sql_replace(jd_buf *out, const jd_table *t)
{
    conflict(out, t);
    if (t->nkey == t->ncol) {
        jd_buf_addz(out, "NOTHING");
        return;
    }
    jd_buf_addz(out, "UPDATE SET ");
    for (unsigned i = t->nkey; i < t->ncol; i++)
        jd_buf_addf(out, "%s%s = excluded.%s", i > t->nkey ? ", " : "", t->col[i].name,
                    t->col[i].name);
    jd_buf_addz(out, " WHERE (");
    jd_sql_columns(out, t, t->nkey, "t.");
    jd_buf_addz(out, ") IS DISTINCT FROM (");
    jd_sql_columns(out, t, t->nkey, "excluded.");
    jd_buf_addz(out, ")");
}

/* Columns that tell something of the thing: neither key nor when it was read. */
static bool tells(const jd_table *t, unsigned i)
{
    return i >= t->nkey && (int)i != t->seen && (int)i != t->gone;
}

static unsigned count_telling(const jd_table *t)
{
    unsigned n = 0;
    for (unsigned i = 0; i < t->ncol; i++)
        n += tells(t, i);
    return n;
}

/* Whether the later of the two rows is the new one; without `seen` it always is. */
static const char *is_later(const jd_table *t)
{
    return t->seen >= 0 ? "excluded.seen >= t.seen" : "1 = 1";
}

void jd_wh_sql_merge(jd_buf *out, const jd_table *t, bool listed)
{
    unsigned n = 0;
    conflict(out, t);
    if (!count_telling(t)) {
        jd_buf_addz(out, "NOTHING");
        return;
    }
    jd_buf_addz(out, "UPDATE SET ");
    for (unsigned i = 0; i < t->ncol; i++) {
        const char *c    = t->col[i].name;
        bool        full = listed && t->col[i].flags & JD_C_FULL;
        if (!tells(t, i))
            continue;
        jd_buf_addf(out, "%s%s = CASE WHEN %s THEN ", n++ ? ", " : "", c, is_later(t));
        jd_buf_addf(out, full ? "excluded.%s" : "coalesce(excluded.%s, t.%s)", c, c);
        jd_buf_addf(out, " ELSE coalesce(t.%s, excluded.%s) END", c, c);
    }
    if (t->seen >= 0)
        jd_buf_addf(out, ", seen = CASE WHEN %s THEN excluded.seen ELSE t.seen END", is_later(t));
    const char *after = listed ? ">=" : ">";
    if (t->gone >= 0)
        jd_buf_addf(out, ", gone = CASE WHEN excluded.seen %s t.gone THEN NULL ELSE t.gone END",
                    after);
    jd_buf_addz(out, " WHERE ");
    n = 0;
    for (unsigned i = 0; i < t->ncol; i++) {
        const char *c    = t->col[i].name;
        bool        full = listed && t->col[i].flags & JD_C_FULL;
        if (!tells(t, i))
            continue;
        jd_buf_addz(out, n++ ? " OR " : "");
        if (full)
            jd_buf_addf(out, "(%s AND excluded.%s IS NULL AND t.%s IS NOT NULL) OR ", is_later(t),
                        c, c);
        jd_buf_addf(out,
                    "(excluded.%s IS NOT NULL AND (t.%s IS NULL OR (%s AND excluded.%s <> t.%s)))",
                    c, c, is_later(t), c, c);
    }
    if (t->gone >= 0)
        jd_buf_addf(out, " OR excluded.seen %s t.gone", after);
}

/* -- times ----------------------------------------------------------------------------------- */

static char *digits(char *at, int value, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + width;
}

size_t jd_wh_time(int64_t ms, bool day, char out[JD_WH_TIME_MAX])
{
    jd_civil c  = jd_civil_of(ms);
    char    *at = digits(out, c.year, 4);
    *at++       = '-';
    at          = digits(at, c.month, 2);
    *at++       = '-';
    at          = digits(at, c.day, 2);
    if (!day) {
        *at++ = ' ';
        at    = digits(at, c.hour, 2);
        *at++ = ':';
        at    = digits(at, c.minute, 2);
        *at++ = ':';
        at    = digits(at, c.second, 2);
        *at++ = '.';
        at    = digits(at, c.ms, 3);
    }
    *at = '\0';
    return (size_t)(at - out);
}

int64_t jd_wh_time_of(jd_str text)
{
    int64_t ms;
    if (jd_str_ends(text, JD_STR("+00")))
        text.n -= 3;
    return jd_time_parse(text, &ms, NULL) ? ms : JD_NO_TIME;
}
