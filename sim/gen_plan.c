/* An issue's life: what happens to it, when, and by whom. Fields at the end are chosen first and
 * the changes walked backwards from them, so that a changelog always leads to what the fields say.
 */
#include "base/hash.h"
#include "sim/gen.h"

enum { STEPS_MAX = 5, SPECIAL_STEPS = 8 };

typedef struct path {
    int weight, n, steps[STEPS_MAX]; /* after Open */
} path;

static const path paths[] = {
    {26, 0, {0}},
    {5, 1, {SIM_PROGRESS}},
    {6, 1, {SIM_PATCH}},
    {34, 1, {SIM_RESOLVED}},
    {7, 2, {SIM_PROGRESS, SIM_RESOLVED}},
    {10, 2, {SIM_PATCH, SIM_RESOLVED}},
    {12, 2, {SIM_RESOLVED, SIM_CLOSED}},
    {8, 3, {SIM_PATCH, SIM_RESOLVED, SIM_CLOSED}},
    {2, 2, {SIM_RESOLVED, SIM_REOPENED}},
    {2, 4, {SIM_RESOLVED, SIM_REOPENED, SIM_RESOLVED, SIM_CLOSED}},
    {2, 5, {SIM_PROGRESS, SIM_OPEN, SIM_PROGRESS, SIM_PATCH, SIM_RESOLVED}},
};

static const int resolution_weights[SIM_RESOLUTIONS_N] = {62, 9, 10, 5, 5, 5, 4};
static const int type_weights[SIM_TYPES_N]             = {48, 10, 9, 25, 5, 3, 0};
static const int priority_weights[SIM_PRIORITIES_N]    = {4, 8, 60, 22, 6};

static int weighted(jd_rng *r, const int *w, size_t n)
{
    int all = 0, at;
    for (size_t i = 0; i < n; i++)
        all += w[i];
    at = (int)jd_rng_below(r, (uint64_t)all);
    for (size_t i = 0; i < n; i++) {
        if (at < w[i])
            return (int)i;
        at -= w[i];
    }
    return 0;
}

static int path_drawn(jd_rng *r)
{
    int w[sizeof paths / sizeof *paths];
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        w[i] = paths[i].weight;
    return weighted(r, w, sizeof paths / sizeof *paths);
}

/* ---- from the index alone */

sim_gen_special sim_generate_special(const sim_gen_conf *c, uint64_t index)
{
    if (c->count < 100)
        return c->nasty && index == c->count / 2 ? SIM_GEN_NASTY : SIM_GEN_PLAIN;
    uint64_t stride = c->count / SPECIAL_STEPS;
    uint64_t first  = jd_mix64(c->seed ^ jd_hash64(c->key)) % stride;
    if (index < first || (index - first) % stride)
        return SIM_GEN_PLAIN;
    switch ((index - first) / stride) {
    case 1:
        return SIM_GEN_HISTORIES;
    case 2:
        return SIM_GEN_COMMENTS;
    case 3:
        return SIM_GEN_WORKLOGS;
    case 4:
        return SIM_GEN_LONG;
    case 5:
        return c->nasty ? SIM_GEN_NASTY : SIM_GEN_PLAIN;
    default:
        return SIM_GEN_PLAIN;
    }
}

/* Some groups of 32 hold a parent and its two sub-tasks. */
static void find_family(const gen_ctx *c, gen_head *h)
{
    uint64_t base = h->index - h->index % 32, at = h->index % 32;
    h->parent = -1;
    if (base + 22 >= c->conf->count || jd_mix64(c->seed ^ (base + 3)) % 3 != 0)
        return;
    h->is_parent = at == 20;
    if (at == 21 || at == 22) {
        h->parent = (int64_t)base + 20;
        h->type   = SIM_SUBTASK;
    }
}

gen_head gen_head_of(const gen_ctx *c, uint64_t index)
{
    jd_rng   r = jd_rng_seed(jd_mix64(c->seed ^ index * 2));
    gen_head h = {.index     = index,
                  .id        = c->conf->first_id + index,
                  .number    = c->conf->first_number + index,
                  .special   = sim_generate_special(c->conf, index),
                  .text_seed = jd_rng_next(&r)};
    h.type     = weighted(&r, type_weights, SIM_TYPES_N);
    h.priority = weighted(&r, priority_weights, SIM_PRIORITIES_N);
    h.path     = path_drawn(&r);
    if (h.special == SIM_GEN_HISTORIES || h.special == SIM_GEN_COMMENTS)
        h.path = 6; /* resolved and closed, like most old and busy ones */
    const path *p = &paths[h.path];
    h.status      = p->n ? p->steps[p->n - 1] : SIM_OPEN;
    bool done     = h.status == SIM_RESOLVED || h.status == SIM_CLOSED;
    h.resolution  = weighted(&r, resolution_weights, SIM_RESOLUTIONS_N);
    if (!done)
        h.resolution = SIM_FIXED; /* what it had before it was opened again */
    h.topic[0] = (int)jd_rng_below(&r, sim_words_class.n);
    h.topic[1] = (int)jd_rng_below(&r, sim_words_method.n);
    h.topic[2] = (int)jd_rng_below(&r, sim_words_exception.n);
    h.topic[3] = (int)jd_rng_below(&r, sim_words_config.n);
    h.linked   = (index ^ 1) < c->conf->count && jd_mix64(c->seed + index / 2) % 10 == 0;
    find_family(c, &h);
    return h;
}

/* Evenly over the span, never falling with the index; in one group of 16 of five all are created
 * within one second, as by a script. */
static int64_t created_at(const gen_ctx *c, uint64_t index)
{
    const sim_gen_conf *k     = c->conf;
    uint64_t            span  = k->created_to_ms > k->created_from_ms
                                    ? (uint64_t)(k->created_to_ms - k->created_from_ms)
                                    : 0;
    uint64_t            step  = k->count ? span / k->count : 0;
    uint64_t            group = index / 16, in_group = index % 16;
    if (step >= 250 && jd_mix64(c->seed ^ (group * 5 + 1)) % 5 == 0) {
        int64_t at = k->created_from_ms + (int64_t)(group * 16 * step);
        at += (1000 - at % 1000) % 1000 + (int64_t)in_group * 37;
        return at < k->created_to_ms ? at : k->created_to_ms;
    }
    uint64_t jitter = step ? jd_mix64(c->seed + index * 31) % step : 0;
    return k->created_from_ms + (int64_t)(index * step + jitter);
}

/* ---- events */

size_t gen_count(const gen_issue *g, gen_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < g->nevents; i++)
        n += g->events[i].kind == kind;
    return n;
}

size_t gen_count_histories(const gen_issue *g)
{
    return g->nevents - gen_count(g, GEN_COMMENT);
}

static void insert(gen_issue *g, size_t at, gen_event e)
{
    if (g->nevents >= GEN_EVENTS_MAX)
        return;
    memmove(&g->events[at + 1], &g->events[at], (g->nevents - at) * sizeof *g->events);
    g->events[at] = e;
    g->nevents++;
}

static void insert_anywhere(gen_issue *g, gen_event e)
{
    insert(g, gen_below(g, g->nevents + 1), e);
}

static int anybody(gen_issue *g)
{
    return (int)gen_below(g, SIM_PEOPLE);
}

static int somebody_involved(gen_issue *g)
{
    uint64_t draw = gen_below(g, 10);
    if (draw < 3 && g->reporter >= 0)
        return g->reporter;
    if (draw < 7 && g->assignee >= 0)
        return g->assignee;
    return anybody(g);
}

static int worker(const gen_issue *g)
{
    return g->assignee >= 0 ? g->assignee : g->reporter >= 0 ? g->reporter : 0;
}

static gen_event comment(gen_issue *g, gen_comment kind)
{
    int who = kind == GEN_C_QA                               ? SIM_BOT_QA
              : kind == GEN_C_HUDSON                         ? SIM_BOT_HUDSON
              : kind == GEN_C_GITHUB                         ? SIM_BOT_GITHUB
              : kind == GEN_C_ANSWER || kind == GEN_C_COMMIT ? worker(g)
                                                             : somebody_involved(g);
    return (gen_event){.kind = GEN_COMMENT, .who = who, .from = (int)kind};
}

static gen_comment chatter(gen_issue *g)
{
    uint64_t draw = gen_below(g, 100);
    return draw < 64   ? GEN_C_TALK
           : draw < 72 ? GEN_C_FOREIGN
           : draw < 85 ? GEN_C_PLUS_ONE
           : draw < 90 ? GEN_C_QA
                       : GEN_C_GITHUB;
}

static void add_steps(gen_issue *g)
{
    const path *p    = &paths[g->head.path];
    int         from = SIM_OPEN;
    for (int i = 0; i < p->n; i++) {
        int who = p->steps[i] == SIM_REOPENED ? somebody_involved(g) : worker(g);
        insert(g, g->nevents,
               (gen_event){.kind = GEN_STATUS, .who = who, .from = from, .to = p->steps[i]});
        from = p->steps[i];
    }
}

static void add_comments(gen_issue *g)
{
    static const int weights[] = {58, 22, 10, 5, 2, 1, 1, 1};
    int              n         = weighted(&g->rng, weights, sizeof weights / sizeof *weights);
    if (g->head.special == SIM_GEN_LONG) {
        for (int i = 0; i < 3; i++)
            insert_anywhere(g, comment(g, GEN_C_LONG));
    }
    for (int i = 0; i < n; i++)
        insert_anywhere(g, comment(g, chatter(g)));
}

static void add_worklogs(gen_issue *g)
{
    int n = g->head.special == SIM_GEN_WORKLOGS ? 25
            : gen_chance(g, 30)                 ? 1 + (int)gen_below(g, 3)
                                                : 0;
    for (int i = 0; i < n; i++)
        insert_anywhere(
            g, (gen_event){.kind = GEN_WORKLOG,
                           .who  = gen_chance(g, 300) ? SIM_BOT_GITHUB : somebody_involved(g),
                           .to   = (int)(1 + gen_below(g, 36)) * 600});
}

static void add_edits(gen_issue *g)
{
    static const struct {
        gen_kind kind;
        unsigned permille;
    } edits[] = {{GEN_PRIORITY, 30},    {GEN_SUMMARY, 15},   {GEN_DESCRIPTION, 15},
                 {GEN_LABELS, 40},      {GEN_COMPONENT, 20}, {GEN_REMOTE, 40},
                 {GEN_ATTACHMENT, 100}, {GEN_ATTACHMENT, 30}};
    if (g->assignee >= 0 && gen_chance(g, 250))
        insert_anywhere(g, (gen_event){.kind = GEN_ASSIGN, .who = somebody_involved(g)});
    if (g->head.linked)
        insert_anywhere(g, (gen_event){.kind = GEN_LINK, .who = somebody_involved(g)});
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
        if (gen_chance(g, edits[i].permille))
            insert_anywhere(g, (gen_event){.kind = edits[i].kind, .who = somebody_involved(g)});
}

/* The one who resolves it says, just before, what it was; bots and committers follow. */
static void add_resolution(gen_issue *g)
{
    size_t at = 0;
    while (at < g->nevents &&
           !(g->events[at].kind == GEN_STATUS && g->events[at].to == SIM_RESOLVED))
        at++;
    if (at == g->nevents)
        return;
    bool fixed = g->head.resolution == SIM_FIXED || g->head.resolution == SIM_IMPLEMENTED;
    if (fixed && gen_chance(g, 100))
        insert(g, at + 1, comment(g, GEN_C_HUDSON));
    if (gen_chance(g, 120))
        insert(g, at + 1, comment(g, GEN_C_COMMIT));
    if (fixed && gen_chance(g, 550))
        insert(g, at, comment(g, GEN_C_ANSWER));
    if (fixed && g->fix_version < 0 && gen_chance(g, 850)) {
        g->fix_version          = (int)gen_below(g, GEN_VERSIONS);
        g->version_with_resolve = gen_chance(g, 600);
        if (!g->version_with_resolve)
            insert_anywhere(g, (gen_event){.kind = GEN_FIX_VERSION, .who = worker(g)});
    }
}

/* Some of what the fields do not show at the end never happened. */
static void calm_down(gen_issue *g)
{
    size_t kept = 0;
    for (size_t i = 0; i < g->nevents; i++) {
        gen_kind kind = g->events[i].kind;
        bool     must = kind == GEN_STATUS || kind == GEN_FIX_VERSION || kind == GEN_LINK;
        if (must || !gen_chance(g, g->ctx->conf->calm * 10))
            g->events[kept++] = g->events[i];
    }
    g->nevents = kept;
}

static void fill_up(gen_issue *g)
{
    static const gen_kind fillers[] = {GEN_PRIORITY, GEN_ASSIGN, GEN_REMOTE};
    if (g->head.special == SIM_GEN_HISTORIES)
        for (size_t i = 0; gen_count_histories(g) < 130; i++)
            insert_anywhere(g, (gen_event){.kind = fillers[i % 3], .who = anybody(g)});
    if (g->head.special == SIM_GEN_COMMENTS)
        while (gen_count(g, GEN_COMMENT) < 140)
            insert_anywhere(g, comment(g, chatter(g)));
}

/* ---- times */

static bool is_resolve(const gen_event *e)
{
    return e->kind == GEN_STATUS && e->to == SIM_RESOLVED;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Every event has a slot of its own, as wide as the others, and a place in it by chance; what
 * belongs to the resolution moves close to it. */
static void set_times(gen_issue *g)
{
    int64_t  end     = g->ctx->conf->created_to_ms;
    uint64_t horizon = end > g->created ? (uint64_t)(end - g->created) : 0;
    uint64_t life    = UINT64_C(60000) << gen_below(g, 21);
    life             = least(life + gen_below(g, life), horizon);
    if (g->head.special != SIM_GEN_PLAIN)
        life = horizon;
    uint64_t slot = life / (g->nevents + 1);
    for (size_t i = 0; i < g->nevents; i++)
        g->events[i].at = g->created + (int64_t)(i * slot + gen_below(g, slot));
    for (size_t i = 0; i < g->nevents; i++) {
        gen_event *e   = &g->events[i];
        gen_event *was = i > 0 ? e - 1 : NULL, *next = i + 1 < g->nevents ? e + 1 : NULL;
        if (e->kind != GEN_COMMENT)
            continue;
        if (e->from == GEN_C_ANSWER && next && is_resolve(next))
            e->at = next->at - (int64_t)gen_below(g, least((uint64_t)(next->at - e->at), 2400000));
        else if ((e->from == GEN_C_COMMIT || e->from == GEN_C_HUDSON) && was)
            e->at = was->at + (int64_t)gen_below(g, least((uint64_t)(e->at - was->at), 7200000));
    }
}

/* Now and then somebody edits hundreds of issues at once: the last change of each of them bears
 * the same second. */
static void add_bulk_edit(gen_issue *g)
{
    int64_t span = g->ctx->conf->created_to_ms - g->ctx->conf->created_from_ms;
    int64_t at   = g->ctx->conf->created_to_ms - span / 10 * (int64_t)gen_below(g, 8) - 1000;
    at -= ((at % 1000) + 1000) % 1000;
    int64_t last = g->nevents ? g->events[g->nevents - 1].at : g->created;
    if (gen_count(g, GEN_LABELS) || at < last || !gen_chance(g, 60) ||
        g->head.special != SIM_GEN_PLAIN)
        return;
    insert(g, g->nevents, (gen_event){.kind = GEN_LABELS, .who = 3, .at = at});
}

/* ---- from the end backwards */

static int other_than(gen_issue *g, int v, int n)
{
    int draw = (int)gen_below(g, (uint64_t)n - 1);
    return draw >= v ? draw + 1 : draw;
}

static void walk_back(gen_issue *g)
{
    int    assignee = g->assignee, priority = g->head.priority;
    size_t assigns = gen_count(g, GEN_ASSIGN);
    for (size_t i = g->nevents; i-- > 0;) {
        gen_event *e = &g->events[i];
        if (e->kind == GEN_ASSIGN) {
            bool first = --assigns == 0;
            e->to      = assignee;
            e->from    = first && gen_chance(g, 800) && assignee >= 0
                             ? GEN_NOBODY
                             : other_than(g, assignee < 0 ? 0 : assignee, SIM_PEOPLE);
            assignee   = e->from;
        } else if (e->kind == GEN_PRIORITY) {
            e->to    = priority;
            e->from  = other_than(g, priority, SIM_PRIORITIES_N);
            priority = e->from;
        } else if (is_resolve(e) && g->resolved == INT64_MIN &&
                   (g->head.status == SIM_RESOLVED || g->head.status == SIM_CLOSED)) {
            g->resolved = e->at;
        }
    }
}

static void choose_lists(gen_issue *g)
{
    static const int label_weights[] = {62, 24, 10, 4}, component_weights[] = {30, 60, 10};
    g->nlabels     = weighted(&g->rng, label_weights, 4);
    g->ncomponents = weighted(&g->rng, component_weights, 3);
    if (gen_count(g, GEN_LABELS) && g->nlabels == 0)
        g->nlabels = 1;
    if (gen_count(g, GEN_COMPONENT) && g->ncomponents == 0)
        g->ncomponents = 1;
    int label = (int)gen_below(g, sim_words_label.n), component = (int)gen_below(g, GEN_COMPONENTS);
    for (int i = 0; i < g->nlabels; i++)
        g->labels[i] = (label + i * 5) % (int)sim_words_label.n;
    for (int i = 0; i < g->ncomponents; i++)
        g->components[i] = (component + i * 5) % GEN_COMPONENTS;
}

/* The last that happened, a comment that was edited later included. */
static void find_updated(gen_issue *g)
{
    g->updated = g->created;
    for (size_t i = 0; i < g->nevents; i++) {
        gen_event *e    = &g->events[i];
        int64_t    left = g->ctx->conf->created_to_ms - e->at;
        if (e->kind == GEN_COMMENT)
            e->to = left > 0 && gen_chance(g, 40) ? (int)gen_below(g, least((uint64_t)left, 900000))
                                                  : 0;
        int64_t at = e->at + (e->kind == GEN_COMMENT ? e->to : 0);
        if (at > g->updated)
            g->updated = at;
    }
}

void gen_plan(gen_issue *g)
{
    bool worked_on          = paths[g->head.path].n > 0;
    g->rng                  = jd_rng_seed(jd_mix64(g->ctx->seed ^ (g->head.index * 2 + 1)));
    g->created              = created_at(g->ctx, g->head.index);
    g->resolved             = INT64_MIN;
    g->nevents              = 0;
    g->fix_version          = -1;
    g->version_with_resolve = false;
    g->crlf                 = gen_chance(g, 700);
    g->creator              = gen_chance(g, 5) ? GEN_NOBODY : anybody(g);
    g->reporter             = gen_chance(g, 20) ? anybody(g) : g->creator;
    g->assignee             = gen_chance(g, worked_on ? 880 : 250) ? anybody(g) : GEN_NOBODY;
    if (g->assignee >= 0 && gen_chance(g, 200) && g->reporter >= 0)
        g->assignee = g->reporter;
    add_steps(g);
    add_edits(g);
    add_comments(g);
    add_worklogs(g);
    add_resolution(g);
    if (g->ctx->conf->calm > 0 && g->head.special == SIM_GEN_PLAIN)
        calm_down(g);
    fill_up(g);
    set_times(g);
    add_bulk_edit(g);
    choose_lists(g);
    walk_back(g);
    find_updated(g);
}
