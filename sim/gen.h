/* gen.h: what the parts of the generator share. Private.
 *
 * An issue is planned first (gen_plan.c: who, when, from which status to which), then written
 * (gen_json.c its fields, gen_child.c its comments, worklogs and histories, gen_text.c the prose).
 */
#ifndef SIM_GEN_H
#define SIM_GEN_H

#include "base/arena.h"
#include "base/rng.h"
#include "sim/generate.h"
#include "sim/words.h"

#include <string.h>

enum { GEN_COMPONENTS = 12, GEN_VERSIONS = 12, GEN_EVENTS_MAX = 448, GEN_NOBODY = -1 };

/* One run's fixed pieces, written once. */
typedef struct gen_ctx {
    const sim_gen_conf *conf;
    jd_arena           *arena;
    uint64_t            seed;  /* of this project */
    jd_str              lower; /* the project's key in lower case */
    jd_str project, people[SIM_PEOPLE + SIM_BOTS], statuses[SIM_STATUSES_N], types[SIM_TYPES_N],
        priorities[SIM_PRIORITIES_N], resolutions[SIM_RESOLUTIONS_N], components[GEN_COMPONENTS],
        versions[GEN_VERSIONS];
} gen_ctx;

/* Components and versions are a project's own: no two projects share an id. */
static inline uint64_t gen_component_id(const gen_ctx *c, int i)
{
    return c->conf->project_id * 100 + (uint64_t)i;
}

static inline uint64_t gen_version_id(const gen_ctx *c, int i)
{
    return c->conf->project_id * 100 + 50 + (uint64_t)i;
}

void gen_ctx_open(gen_ctx *c, const sim_gen_conf *conf);
void gen_ctx_close(gen_ctx *c);

/* What is known of an issue from its index alone: enough to show it in another one's links. */
typedef struct gen_head {
    uint64_t        index, id, number, text_seed;
    int             type, priority, resolution, path, status;
    sim_gen_special special;
    int             topic[4]; /* class, method, exception, configuration key it is about */
    int64_t         parent;   /* index, -1 when none */
    bool            is_parent, linked;
} gen_head;

gen_head gen_head_of(const gen_ctx *c, uint64_t index);

typedef enum gen_kind {
    GEN_COMMENT, /* from: gen_comment; to: edited so many ms later */
    GEN_WORKLOG, /* to: seconds */
    GEN_STATUS,  /* from, to: as in sim_status_at */
    GEN_ASSIGN,  /* from, to: people */
    GEN_PRIORITY,
    GEN_FIX_VERSION,
    GEN_SUMMARY,
    GEN_DESCRIPTION,
    GEN_LABELS,
    GEN_LINK,
    GEN_ATTACHMENT,
    GEN_COMPONENT,
    GEN_REMOTE
} gen_kind;

typedef enum gen_comment {
    GEN_C_TALK,
    GEN_C_FOREIGN,
    GEN_C_PLUS_ONE,
    GEN_C_QA,
    GEN_C_HUDSON,
    GEN_C_GITHUB,
    GEN_C_ANSWER,
    GEN_C_COMMIT,
    GEN_C_LONG
} gen_comment;

typedef struct gen_event {
    int64_t  at;
    gen_kind kind;
    int      who, from, to;
} gen_event;

typedef struct gen_issue {
    const gen_ctx *ctx;
    gen_head       head;
    jd_rng         rng;
    int64_t        created, updated, resolved; /* resolved: INT64_MIN when it is not */
    int            creator, reporter, assignee;
    int            labels[4], nlabels, components[2], ncomponents, fix_version;
    bool           version_with_resolve, crlf;
    gen_event      events[GEN_EVENTS_MAX];
    size_t         nevents;
    jd_buf         text, summary, description; /* unescaped */
} gen_issue;

void   gen_plan(gen_issue *g);
size_t gen_count(const gen_issue *g, gen_kind kind);
/* What happens to the fields: everything but comments. */
size_t gen_count_histories(const gen_issue *g);

/* ---- prose (gen_text.c); all append to `out` */
void gen_say(gen_issue *g, jd_buf *out, jd_str template);
void gen_summary(const gen_ctx *c, const gen_head *h, jd_buf *out);
void gen_description(gen_issue *g, jd_buf *out);
void gen_lines(gen_issue *g, jd_buf *out, int sentences);
void gen_comment_body(gen_issue *g, jd_buf *out, gen_comment kind);

/* ---- JSON (gen_json.c, gen_child.c) */
void gen_write(gen_issue *g, jd_buf *out);
void gen_write_comments(gen_issue *g, jd_buf *out);
void gen_write_worklogs(gen_issue *g, jd_buf *out);
void gen_write_changelog(gen_issue *g, jd_buf *out);
void gen_person(jd_buf *out, const sim_person *p, jd_str base);

/* ---- small things on the hot path */

static inline void gen_put(jd_buf *b, const char *p, size_t n)
{
    if (n == 0)
        return;
    if (b->cap - b->n >= n && b->n + n <= b->max && !b->over) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
    } else {
        jd_buf_add(b, p, n);
    }
}

#define GEN_LIT(b, literal) gen_put((b), "" literal, sizeof(literal) - 1)

static inline void gen_puts(jd_buf *b, jd_str s)
{
    gen_put(b, s.p, s.n);
}

void gen_number(jd_buf *b, uint64_t v);
void gen_date(jd_buf *b, int64_t ms);    /* quoted */
void gen_escape(jd_buf *b, jd_str text); /* without the quotes */
void gen_quote(jd_buf *b, jd_str text);
void gen_key(jd_buf *b, const gen_ctx *c, uint64_t index);

static inline uint64_t gen_below(gen_issue *g, uint64_t n)
{
    return jd_rng_below(&g->rng, n);
}

static inline bool gen_chance(gen_issue *g, unsigned permille)
{
    return jd_rng_below(&g->rng, 1000) < permille;
}

static inline jd_str gen_pick(gen_issue *g, sim_words w)
{
    return w.v[jd_rng_below(&g->rng, w.n)];
}

#endif
