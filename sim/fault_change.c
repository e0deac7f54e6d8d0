#include "base/hash.h"
#include "base/map.h"
#include "sim/change.h"
#include "sim/fault.h"

#include <stdlib.h>

struct sim_seen {
    jd_idmap *ids;
};

sim_seen *sim_seen_new(void)
{
    sim_seen *s = jd_xcalloc(1, sizeof *s);
    s->ids      = jd_idmap_new();
    return s;
}

void sim_seen_free(sim_seen *s)
{
    if (!s)
        return;
    jd_idmap_free(s->ids);
    free(s);
}

void sim_seen_add(sim_seen *s, uint64_t id)
{
    *jd_idmap_put(s->ids, id, NULL) = 1;
}

static bool fits(const sim_fault *f, const sim_seen *seen, const sim_issue *issue)
{
    if (f->in.n > 0 && !jd_str_eq(f->in, issue->project))
        return false;
    return f->whom == SIM_ANYBODY ||
           (jd_idmap_get(seen->ids, issue->id) != NULL) == (f->whom == SIM_SEEN);
}

/* The first that fits from a place on that chance has chosen; empty when none does. */
static jd_str pick_issue(sim_call *c, const sim_fault *f, const sim_seen *seen, uint64_t chance)
{
    jd_str name = f->issue;
    if (name.n > 0)
        return name;
    sim_store_read_begin(c->s->store);
    const sim_column *all = &sim_store_everything(c->s->store)->by[0];
    for (size_t i = 0; i < all->n && name.n == 0; i++) {
        const sim_issue *issue = &all->v[(chance % all->n + i) % all->n].text->issue;
        if (fits(f, seen, issue))
            name = jd_arena_fmt(c->a, "%llu", (unsigned long long)issue->id);
    }
    sim_store_read_end(c->s->store);
    return name;
}

/* A project by chance; another than `not_this`, an issue's, when that is not empty. */
static jd_str pick_project(sim_call *c, jd_str wanted, jd_str not_this, uint64_t chance)
{
    const sim_project **all = NULL;
    jd_str              key = wanted;
    if (key.n > 0)
        return key;
    sim_store_read_begin(c->s->store);
    const sim_text *t    = not_this.n > 0 ? sim_store_peek(c->s->store, not_this) : NULL;
    uint64_t        left = t ? t->issue.project_id : 0;
    size_t          n    = sim_store_projects(c->s->store, &all);
    for (size_t i = 0; i < n && key.n == 0; i++) {
        const sim_project *p = all[(chance % n + i) % n];
        if (p->id != left || !t)
            key = jd_arena_dup(c->a, p->key);
    }
    sim_store_read_end(c->s->store);
    free(all);
    return key;
}

static jd_code archive(sim_call *c, jd_str issue, sim_changed *out, jd_err *e)
{
    sim_text *t = sim_store_get(c->s->store, issue);
    if (t)
        *out = (sim_changed){.key = jd_arena_dup(c->a, t->issue.key), .id = t->issue.id};
    sim_text_drop(t);
    if (!t || !sim_store_veil_issue(c->s->store, issue, SIM_ARCHIVED, true))
        return jd_fail(e, JD_E_NOTFOUND, "there is no issue %.*s", JD_FMT(issue));
    return JD_OK;
}

static jd_code change_one(sim_call *c, const sim_fault *f, jd_str issue, uint64_t chance,
                          sim_changed *out, jd_err *e)
{
    switch (f->kind) {
    case SIM_FAULT_TOUCH:
        return sim_change_touch(c->s, c->a, issue, out, e);
    case SIM_FAULT_COMMENT:
        return sim_change_comment(c->s, c->a, issue, JD_STR("A word in between."), out, e);
    case SIM_FAULT_MOVE:
        return sim_change_move(c->s, c->a, issue, pick_project(c, f->to, issue, chance), out, e);
    case SIM_FAULT_DELETE:
        return sim_change_delete(c->s, c->a, issue, out, e);
    case SIM_FAULT_ARCHIVE:
        return archive(c, issue, out, e);
    default:
        return sim_change_create(c->s, c->a, pick_project(c, f->in, JD_NOSTR, chance), 1,
                                 sim_now(c->s), out, e);
    }
}

bool sim_fault_change(sim_call *c, const sim_fault *f, const sim_seen *seen, uint64_t chance,
                      jd_buf *said)
{
    uint64_t done = 0, n = f->issue.n > 0 ? 1 : f->amount;
    for (uint64_t i = 0; i < n; i++) {
        sim_changed k     = {0};
        jd_err      e     = JD_ERR_NONE;
        uint64_t    each  = jd_mix64(chance + i);
        jd_str      issue = JD_NOSTR;
        if (f->kind != SIM_FAULT_CREATE) {
            issue = pick_issue(c, f, seen, each);
            if (issue.n == 0)
                break;
        }
        /* What cannot be changed so (gone meanwhile, no other project) stays as it is. */
        if (change_one(c, f, issue, jd_mix64(each), &k, &e) != JD_OK)
            continue;
        jd_buf_addf(said, "%s%s %.*s", said->n > 0 ? ", " : "", f->name, JD_FMT(k.key));
        done++;
    }
    return done > 0;
}
