/* jirasim's JQL on any bytes: no crash, and what a query's shape promises is what asking it says.
 */
#include "sim/jql.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Keys, ids and names are known by their first letter, so that most texts bind. */
static bool find(void *self, sim_jql_what what, jd_str value, sim_jql_ref *ref)
{
    (void)self;
    (void)what;
    if (value.n == 0 || (value.p[0] & 7) == 0)
        return false;
    ref->id         = (unsigned char)value.p[0] & 3;
    ref->project_id = 1;
    ref->number     = (unsigned char)value.p[0];
    return true;
}

/* The kind by the second letter. */
static jd_str custom(void *self, jd_str name, sim_jql_kind *kind)
{
    (void)self;
    *kind = name.n > 1 ? (sim_jql_kind)(name.p[1] & 3) : SIM_JQL_VALUES;
    return name.n > 0 && (name.p[0] & 3) == 3 ? JD_STR("customfield_20") : JD_NOSTR;
}

static sim_issue issue_at(uint64_t n)
{
    static const int64_t dates[] = {INT64_MIN / 4, -1, 0, 999, 1705314600400, INT64_MAX / 4};
    static const jd_str  json[]  = {
          JD_STR_INIT("{\"fields\":{\"labels\":[\"docs\"],\"components\":[{\"name\":\"Core\"}],"
                        "\"summary\":\"a task\",\"customfield_20\":2.5,\"duedate\":\"2024-01-20\"}}"),
          JD_STR_INIT("{\"fields\":{\"customfield_20\":\"2024-01-15T10:30:00.000+0000\","
                        "\"comment\":{\"comments\":[{\"body\":\"x\"}]},\"labels\":null}}"),
          JD_STR_INIT("{\"fields\":{\"labels\":[")};
    return (sim_issue){.id          = n,
                       .number      = 60 + n * 9,
                       .project_id  = n & 3,
                       .key         = JD_STR("A-1"),
                       .project     = n & 1 ? JD_STR("A") : JD_STR("B"),
                       .created_ms  = dates[n % 6],
                       .updated_ms  = dates[(n + 1) % 6],
                       .resolved_ms = n & 1 ? INT64_MIN : dates[n % 6],
                       .status      = {JD_STR("1"), JD_STR("Open")},
                       .category    = (unsigned)n & 3,
                       .json        = n < 3 ? json[n] : JD_NOSTR,
                       .assignee    = n & 2 ? JD_STR("ann") : JD_NOSTR};
}

static bool in_shape(const sim_jql_shape *s, const sim_issue *i)
{
    bool project = s->all_projects;
    for (size_t p = 0; p < s->nprojects; p++)
        project |= s->projects[p] == i->project_id;
    return project && i->created_ms >= s->lo[SIM_BY_CREATED] &&
           i->created_ms < s->hi[SIM_BY_CREATED] && i->updated_ms >= s->lo[SIM_BY_UPDATED] &&
           i->updated_ms < s->hi[SIM_BY_UPDATED];
}

static void ask(const sim_jql *q)
{
    const sim_jql_shape *s = sim_jql_shape_of(q);
    for (uint64_t n = 0; n < 6; n++) {
        sim_issue a = issue_at(n), b = issue_at(n + 1);
        bool      hit = sim_jql_match(q, &a), inside = in_shape(s, &a);
        if ((hit && !inside) || (s->pure && hit != inside))
            abort();
        if (sim_jql_compare(q, &a, &b) != -sim_jql_compare(q, &b, &a))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static sim_zone *zone;
    if (size == 0)
        return 0;
    if (!zone)
        zone = sim_zone_open(JD_STR("America/New_York"));
    jd_arena      *arena = jd_arena_new(0);
    sim_jql_errors errs;
    sim_jql_env    env  = {.now_ms      = 1705314600000,
                           .zone        = data[0] & 32 ? zone : NULL,
                           .user        = data[0] & 1 ? JD_STR("ann") : JD_NOSTR,
                           .no_epoch    = (data[0] & 6) == 6,
                           .floor_epoch = data[0] & 8,
                           .find        = data[0] & 16 ? NULL : find,
                           .custom      = data[0] & 64 ? NULL : custom};
    jd_str         text = {(const char *)data + 1, size - 1};
    sim_jql       *q    = sim_jql_parse(arena, text, &env, &errs);
    if (!q && errs.n != 1)
        abort();
    if (q)
        ask(q);
    jd_arena_free(arena);
    return 0;
}
