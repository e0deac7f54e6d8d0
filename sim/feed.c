#include "sim/feed.h"

#include "base/map.h"
#include "base/vec.h"
#include "sim/dump.h"
#include "sim/raw.h"
#include "sim/side.h"
#include "text/jsonw.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct mention {
    int64_t  ms;
    uint64_t worklog;
} mention;

typedef JD_VEC(mention) mentions;

struct sim_feed {
    pthread_mutex_t lock;
    bool            learnt;
    uint64_t        version;                    /* of the store, when it was learnt */
    mentions        updated;                    /* by time, then id */
    jd_idmap       *worklog_of, *attachment_of; /* -> issue */
    mentions        deleted;                    /* in the order in which it happened */
};

sim_feed *sim_feed_new(void)
{
    sim_feed *f = jd_xcalloc(1, sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    f->worklog_of    = jd_idmap_new();
    f->attachment_of = jd_idmap_new();
    return f;
}

void sim_feed_free(sim_feed *f)
{
    if (!f)
        return;
    jd_vec_release(&f->updated);
    jd_vec_release(&f->deleted);
    jd_idmap_free(f->worklog_of);
    jd_idmap_free(f->attachment_of);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

void sim_feed_deleted(sim_feed *f, uint64_t worklog, int64_t ms)
{
    pthread_mutex_lock(&f->lock);
    *jd_vec_add(&f->deleted) = (mention){ms, worklog};
    pthread_mutex_unlock(&f->lock);
}

static int by_time(const void *a, const void *b)
{
    const mention *x = a, *y = b;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    return x->worklog < y->worklog ? -1 : x->worklog > y->worklog;
}

/* A raw string without its quotes; ids and dates need no unescaping. */
static jd_str bare(jd_str raw)
{
    return raw.n >= 2 && raw.p[0] == '"' ? jd_str_cut(raw, 1, raw.n - 2) : raw;
}

static void learn_issue(sim_feed *f, const sim_issue *i)
{
    jd_str fields = sim_raw_get(i->json, "fields");
    jd_str logs   = sim_raw_get(sim_raw_get(fields, "worklog"), "worklogs");
    jd_str files  = sim_raw_get(fields, "attachment");
    for (jd_skim it = jd_skim_open(logs.p ? logs : JD_STR("[]")); jd_skim_next(&it);) {
        mention m = {.worklog = sim_raw_u64(bare(sim_raw_get(it.value, "id")))};
        if (m.worklog == 0 || !sim_date_read(bare(sim_raw_get(it.value, "updated")), &m.ms))
            continue;
        *jd_vec_add(&f->updated)                      = m;
        *jd_idmap_put(f->worklog_of, m.worklog, NULL) = (int64_t)i->id;
    }
    for (jd_skim it = jd_skim_open(files.n > 0 && files.p[0] == '[' ? files : JD_STR("[]"));
         jd_skim_next(&it);) {
        uint64_t id = sim_raw_u64(bare(sim_raw_get(it.value, "id")));
        if (id > 0)
            *jd_idmap_put(f->attachment_of, id, NULL) = (int64_t)i->id;
    }
}

/* Under the lock. */
static void learn(sim_feed *f, sim_store *s)
{
    sim_text **all     = NULL;
    uint64_t   version = sim_store_version(s);
    if (f->learnt && f->version == version)
        return;
    f->updated.n = 0;
    jd_idmap_clear(f->worklog_of);
    jd_idmap_clear(f->attachment_of);
    size_t n = sim_dump_all(s, &all);
    for (size_t i = 0; i < n; i++) {
        learn_issue(f, &all[i]->issue);
        sim_text_drop(all[i]);
    }
    free(all);
    if (f->updated.n > 1)
        qsort(f->updated.v, f->updated.n, sizeof *f->updated.v, by_time);
    f->learnt  = true;
    f->version = version;
}

sim_text *sim_feed_attachment(sim_call *c, uint64_t attachment)
{
    sim_feed *f = c->s->feed;
    pthread_mutex_lock(&f->lock);
    learn(f, c->s->store);
    const int64_t *at    = jd_idmap_get(f->attachment_of, attachment);
    uint64_t       issue = at ? (uint64_t)*at : 0;
    pthread_mutex_unlock(&f->lock);
    jd_str name = jd_arena_fmt(c->a, "%llu", (unsigned long long)issue);
    return issue > 0 ? sim_store_get_for(c->s->store, name, c->viewer) : NULL;
}

/* -- routes ------------------------------------------------------------------------------------ */

/* The page of what happened since; one time may fill it, and then it leads nowhere, as in Jira. */
static void say_feed(sim_call *c, const mentions *all, const char *kind)
{
    int64_t since = sim_call_number(c, "since", 0);
    int64_t until = sim_now(c->s) - (int64_t)sim_tuned(&c->s->tuning, SIM_HOLD_BACK_MS);
    size_t  cap = (size_t)sim_tuned(&c->s->tuning, SIM_FEED_PAGE), n = 0, i = 0;
    int64_t last = since;
    jd_buf  body = JD_BUF_INIT(64 << 20);
    jd_str  url =
        jd_arena_fmt(c->a, "%.*s/rest/api/%d/worklog/%s?since=", JD_FMT(c->s->conf->base_url),
                     c->s->conf->cloud ? 3 : 2, kind);
    jd_jsonw w = jd_jsonw_to(&body);
    jd_jsonw_object(&w);
    jd_jsonw_name(&w, "values");
    jd_jsonw_array(&w);
    while (i < all->n && all->v[i].ms < since)
        i++;
    for (; i < all->n && n < cap && all->v[i].ms <= until; i++, n++) {
        jd_jsonw_object(&w);
        jd_jsonw_kint(&w, "worklogId", (int64_t)all->v[i].worklog);
        jd_jsonw_kint(&w, "updatedTime", all->v[i].ms);
        jd_jsonw_name(&w, "properties");
        jd_jsonw_raw(&w, JD_STR("[]"));
        jd_jsonw_end(&w);
        last = all->v[i].ms;
    }
    bool more = i < all->n && all->v[i].ms <= until;
    jd_jsonw_end(&w);
    jd_jsonw_kint(&w, "since", since);
    jd_jsonw_kint(&w, "until", last);
    jd_jsonw_kstr(&w, "self", jd_arena_fmt(c->a, "%.*s%lld", JD_FMT(url), (long long)since));
    if (more)
        jd_jsonw_kstr(&w, "nextPage", jd_arena_fmt(c->a, "%.*s%lld", JD_FMT(url), (long long)last));
    jd_jsonw_kbool(&w, "lastPage", !more);
    jd_jsonw_end(&w);
    sim_reply_rows(c->r, n);
    sim_call_say(c, &body);
}

void sim_get_worklogs_updated(sim_call *c, jd_str name)
{
    sim_feed *f = c->s->feed;
    (void)name;
    if (sim_call_anonymous(c))
        return;
    pthread_mutex_lock(&f->lock);
    learn(f, c->s->store);
    say_feed(c, &f->updated, "updated");
    pthread_mutex_unlock(&f->lock);
}

void sim_get_worklogs_deleted(sim_call *c, jd_str name)
{
    sim_feed *f = c->s->feed;
    (void)name;
    if (sim_call_anonymous(c))
        return;
    pthread_mutex_lock(&f->lock);
    say_feed(c, &f->deleted, "deleted");
    pthread_mutex_unlock(&f->lock);
}

static uint64_t issue_of(sim_call *c, uint64_t worklog)
{
    sim_feed *f = c->s->feed;
    pthread_mutex_lock(&f->lock);
    learn(f, c->s->store);
    const int64_t *at    = jd_idmap_get(f->worklog_of, worklog);
    uint64_t       issue = at ? (uint64_t)*at : 0;
    pthread_mutex_unlock(&f->lock);
    return issue;
}

static bool say_worklog(sim_call *c, jd_jsonw *w, uint64_t id)
{
    const jd_json *tree = NULL;
    jd_err         none = JD_ERR_NONE;
    bool           said = false;
    jd_str         name = jd_arena_fmt(c->a, "%llu", (unsigned long long)issue_of(c, id));
    sim_text      *t    = sim_store_get_for(c->s->store, name, c->viewer);
    if (!t)
        return false;
    if (jd_json_read(c->a, t->issue.json, &tree, &none) != JD_OK)
        tree = NULL;
    sim_store_read_begin(c->s->store);
    sim_cloud cloud = {c->s->conf->base_url, sim_store_meta(c->s->store), c->s->store};
    for (jd_json_iter it = jd_json_walk(jd_json_path(tree, "fields.worklog.worklogs"));
         !said && jd_json_next(&it);)
        if (jd_json_id(jd_json_get(it.value, "id")) == id) {
            if (c->s->conf->cloud)
                sim_cloud_worklog(w, &cloud, it.value);
            else
                jd_jsonw_value(w, it.value);
            said = true;
        }
    sim_store_read_end(c->s->store);
    sim_text_drop(t);
    return said;
}

void sim_post_worklog_list(sim_call *c, jd_str name)
{
    enum { MOST = 1000 };
    const jd_json *body;
    uint64_t       rows = 0;
    jd_buf         out  = JD_BUF_INIT(SIM_ISSUE_MAX);
    (void)name;
    if (sim_call_anonymous(c) || !sim_call_body(c, &body))
        return;
    const jd_json *ids = jd_json_get(body, "ids");
    if (jd_json_kind(ids) != JD_JSON_ARRAY || jd_json_len(ids) > MOST) {
        sim_reply_error(c->r, 400, JD_STR("At most 1000 worklog ids can be asked for."));
        return;
    }
    jd_jsonw w = jd_jsonw_to(&out);
    jd_jsonw_array(&w);
    for (jd_json_iter it = jd_json_walk(ids); jd_json_next(&it);)
        rows += say_worklog(c, &w, jd_json_id(it.value));
    jd_jsonw_end(&w);
    sim_reply_rows(c->r, rows);
    sim_call_say(c, &out);
}
