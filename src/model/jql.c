#include "model/jql.h"

#include "model/cursor.h"
#include "text/date.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* No clocks in use are put forward or back by more at once (Antarctica/Casey). */
enum { WIDEST_SHIFT = 3 * HOUR };

static const char *const axis_name[] = {[JD_BY_CREATED] = "created", [JD_BY_UPDATED] = "updated"};

void jd_bounds_learn(jd_bounds *b, int offset_min)
{
    if (!b->quoted || b->zone)
        return;
    b->offset_known = true;
    b->offset_min   = offset_min;
}

/* How far the reading of a quoted minute may be off. */
static int64_t slack_ms(const jd_bounds *b, int64_t ms)
{
    if (b->zone)
        return jd_zone_doubt(b->zone, ms);
    return b->offset_known ? WIDEST_SHIFT : DAY;
}

static void add_bound(jd_buf *out, const char *axis, bool lower, int64_t ms, const jd_bounds *b)
{
    jd_buf_addf(out, " AND %s %s ", axis, lower ? ">=" : "<");
    if (!b->quoted) {
        jd_buf_addi(out, ms);
        return;
    }
    char    text[JD_TIME_MAX];
    int64_t at     = lower ? ms - slack_ms(b, ms) : ms + slack_ms(b, ms);
    int     offset = b->zone ? jd_zone_offset(b->zone, at) / 60 : b->offset_min;
    int64_t minute = jd_floor_ms(at, MINUTE);
    if (!lower && minute < at)
        minute += MINUTE;
    /* zones of old have offsets with seconds, which a minute cannot say */
    if (b->zone && jd_zone_offset(b->zone, at) % 60 != 0)
        minute += lower ? -MINUTE : MINUTE;
    jd_buf_addf(out, "\"%s\"", jd_time_minute(minute, offset, text));
}

static void add_selection(jd_buf *out, jd_str selection, int64_t since, const jd_bounds *b)
{
    jd_buf_adds(out, selection);
    if (since != JD_PAST)
        add_bound(out, "updated", true, since, b);
}

void jd_jql_walk(jd_buf *out, jd_str selection, jd_axis axis, int64_t from, int64_t to,
                 int64_t since, const jd_bounds *b)
{
    const char *name = axis_name[axis];
    add_selection(out, selection, since, b);
    if (from >= 0)
        add_bound(out, name, true, from, b);
    if (to != JD_FUTURE)
        add_bound(out, name, false, to, b);
    jd_buf_addf(out, " ORDER BY %s ASC", name);
}

void jd_jql_created_before(jd_buf *out, jd_str selection, int64_t before, int64_t since,
                           const jd_bounds *b)
{
    add_selection(out, selection, since, b);
    add_bound(out, axis_name[JD_BY_CREATED], false, before, b);
}

void jd_jql_probe(jd_buf *out, jd_str selection)
{
    jd_buf_adds(out, selection);
    jd_buf_addz(out, " AND created >= 0");
}

void jd_jql_count(jd_buf *out, jd_str selection, int64_t since, const jd_bounds *b)
{
    add_selection(out, selection, since, b);
}
