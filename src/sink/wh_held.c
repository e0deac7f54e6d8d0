#include "sink/wh_held.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STRETCHES = 20, READ = 2000, ROWS_MAX = 4000 };

typedef struct stretch { /* all that is held from `from` to `to`, both included */
    uint64_t   from, to;
    uint64_t   used; /* when; 0: empty place */
    jd_wh_held row[ROWS_MAX];
    size_t     n;
} stretch;

struct jd_wh_known {
    jd_wh_db db;
    int64_t  site;
    uint64_t now;
    stretch *stretch[STRETCHES];
};

jd_wh_known *jd_wh_known_new(const jd_wh_db *db, int64_t site)
{
    jd_wh_known *k = jd_xcalloc(1, sizeof *k);
    k->db          = *db;
    k->site        = site;
    return k;
}

void jd_wh_known_free(jd_wh_known *k)
{
    for (int i = 0; k && i < STRETCHES; i++)
        free(k->stretch[i]);
    free(k);
}

void jd_wh_known_clear(jd_wh_known *k)
{
    for (int i = 0; i < STRETCHES; i++)
        if (k->stretch[i])
            k->stretch[i]->used = 0;
}

static bool covers(const stretch *s, uint64_t id)
{
    return s && s->used && s->from <= id && id <= s->to;
}

/* The place of the first row whose id is not less. */
static size_t place_of(const stretch *s, uint64_t id)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (s->row[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool take_row(void *self, const jd_str *col)
{
    stretch    *s = self;
    jd_wh_held *h = &s->row[s->n];
    int64_t     id, hash, plan;
    if (!jd_str_i64(col[0], &id) || !jd_str_i64(col[4], &hash) || !jd_str_i64(col[5], &plan))
        return true; /* made by hand: as if it were not held */
    *h = (jd_wh_held){.id   = (uint64_t)id,
                      .key  = jd_hash64(col[1]),
                      .held = {.updated_ms = jd_wh_time_of(col[2]),
                               .fetched_ms = jd_wh_time_of(col[3]),
                               .hash       = (uint64_t)hash,
                               .plan       = (uint64_t)plan}};
    s->n++;
    return s->n < READ;
}

/* Reads from id on, over what was used longest ago. */
static jd_code learn(jd_wh_known *k, uint64_t id, stretch **out, jd_err *e)
{
    static const char sql[] =
        "SELECT id, key, updated, fetched, content_hash, plan_hash FROM issue WHERE site_id = $1"
        " AND id >= $2 ORDER BY site_id, id LIMIT 2000";
    _Static_assert(READ == 2000, "as in the query");
    char site[24], from[24];
    int  oldest = 0;
    for (int i = 0; i < STRETCHES; i++) {
        if (!k->stretch[i])
            k->stretch[i] = jd_xcalloc(1, sizeof(stretch));
        if (k->stretch[i]->used < k->stretch[oldest]->used)
            oldest = i;
        if (!k->stretch[oldest]->used)
            break;
    }
    stretch *s = k->stretch[oldest];
    s->used    = 0;
    s->n       = 0;
    (void)snprintf(site, sizeof site, "%" PRId64, k->site);
    (void)snprintf(from, sizeof from, "%" PRId64, (int64_t)id);
    jd_str  param[] = {jd_str_of(site), jd_str_of(from)};
    jd_code rc      = k->db.ops->each(k->db.self, sql, param, 2, take_row, s, e);
    if (rc)
        return rc;
    s->from = id;
    s->to   = s->n < READ ? UINT64_MAX : s->row[s->n - 1].id;
    *out    = s;
    return JD_OK;
}

jd_code jd_wh_known_get(jd_wh_known *k, uint64_t id, jd_wh_held *out, bool *found, jd_err *e)
{
    stretch *s  = NULL;
    jd_code  rc = JD_OK;
    for (int i = 0; i < STRETCHES && !s; i++)
        if (covers(k->stretch[i], id))
            s = k->stretch[i];
    if (!s)
        rc = learn(k, id, &s, e);
    *found = false;
    if (rc)
        return rc;
    size_t at = place_of(s, id);
    s->used   = ++k->now;
    *found    = at < s->n && s->row[at].id == id;
    if (*found)
        *out = s->row[at];
    return JD_OK;
}

/* Ids rise: the lower half is not asked for again. */
static void let_go_of_half(stretch *s)
{
    size_t half = s->n / 2;
    s->from     = s->row[half].id;
    s->n -= half;
    memmove(s->row, s->row + half, s->n * sizeof *s->row);
}

void jd_wh_known_put(jd_wh_known *k, const jd_wh_held *row)
{
    for (int i = 0; i < STRETCHES; i++) {
        stretch *s = k->stretch[i];
        if (!covers(s, row->id))
            continue;
        if (s->n == ROWS_MAX)
            let_go_of_half(s);
        if (row->id < s->from)
            continue;
        size_t at = place_of(s, row->id);
        if (at == s->n || s->row[at].id != row->id) {
            memmove(s->row + at + 1, s->row + at, (s->n - at) * sizeof *s->row);
            s->n++;
        }
        s->row[at] = *row;
    }
}
