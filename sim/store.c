#include "sim/store.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "sim/cloud.h"
#include "sim/jql.h"
#include "sim/meta.h"
#include "sim/text.h"
#include "text/jsonw.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A change that searches do not know of yet. */
typedef struct late {
    int64_t   due_ms;
    size_t    at;
    sim_text *text; /* NULL: removed */
} late;

typedef struct alias { /* a key that a project once had */
    jd_str   key;
    uint64_t id;
} alias;

/* Change first, then lock: `change` keeps writers apart, `lock` keeps readers from half a change.
 */
struct sim_store {
    sim_cuts         cuts;
    jd_str           base_url;
    pthread_mutex_t  change;
    pthread_rwlock_t lock;
    sim_names       *names;
    sim_meta        *meta;
    jd_arena        *scratch, *keep;
    JD_VEC(sim_text *) issues; /* NULL: removed */
    JD_VEC(sim_text *) found;  /* the versions that searches know, in the same places */
    JD_VEC(uint64_t) veils;    /* in the same places */
    JD_VEC(late) late;         /* oldest first */
    JD_VEC(alias) aliases;
    atomic_size_t        nlate;
    atomic_uint_fast64_t version;
    int64_t (*now)(void *self);
    void       *now_self;
    int64_t     lag_ms;
    size_t      nveils; /* veils that are not empty, of issues and projects */
    bool        cloud;
    jd_idmap   *at;   /* id -> place in issues */
    jd_map     *keys; /* every key an issue ever had -> id; 0: removed */
    sim_project all;
    JD_VEC(sim_project *) projects; /* by key */
    uint64_t top_id;
    size_t   live;
    bool     settled;
};

sim_store *sim_store_new(const sim_cuts *cuts, jd_str base_url)
{
    sim_store *s = jd_xcalloc(1, sizeof *s);
    s->cuts      = *cuts;
    s->base_url  = base_url;
    pthread_mutex_init(&s->change, NULL);
    pthread_rwlock_init(&s->lock, NULL);
    s->names   = sim_names_new();
    s->meta    = sim_meta_new(base_url);
    s->scratch = jd_arena_new(0);
    s->keep    = jd_arena_new(0);
    s->at      = jd_idmap_new();
    s->keys    = jd_map_new();
    return s;
}

static void columns_free(sim_project *p)
{
    free(p->by[SIM_BY_CREATED].v);
    free(p->by[SIM_BY_UPDATED].v);
}

void sim_store_free(sim_store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->issues.n; i++) {
        sim_text_drop(s->issues.v[i]);
        sim_text_drop(s->found.v[i]);
    }
    for (size_t i = 0; i < s->late.n; i++)
        sim_text_drop(s->late.v[i].text);
    jd_vec_release(&s->issues);
    jd_vec_release(&s->found);
    jd_vec_release(&s->veils);
    jd_vec_release(&s->late);
    jd_vec_release(&s->aliases);
    for (size_t i = 0; i < s->projects.n; i++)
        columns_free(s->projects.v[i]);
    jd_vec_release(&s->projects);
    columns_free(&s->all);
    sim_names_free(s->names);
    sim_meta_free(s->meta);
    jd_arena_free(s->scratch);
    jd_arena_free(s->keep);
    jd_idmap_free(s->at);
    jd_map_free(s->keys);
    pthread_mutex_destroy(&s->change);
    pthread_rwlock_destroy(&s->lock);
    free(s);
}

void sim_store_cloud(sim_store *s)
{
    s->cloud = true;
}

uint64_t sim_store_version(const sim_store *s)
{
    return atomic_load(&s->version);
}

void sim_store_change_begin(sim_store *s)
{
    pthread_mutex_lock(&s->change);
}

void sim_store_change_end(sim_store *s)
{
    pthread_mutex_unlock(&s->change);
}

void sim_store_read_begin(sim_store *s)
{
    pthread_rwlock_rdlock(&s->lock);
}

void sim_store_read_end(sim_store *s)
{
    pthread_rwlock_unlock(&s->lock);
}

/* -- columns ----------------------------------------------------------------------------------- */

static int64_t second_of(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

static int entry_order(const void *x, const void *y)
{
    const sim_entry *a = x, *b = y;
    if (a->second != b->second)
        return a->second < b->second ? -1 : 1;
    if (a->tie != b->tie)
        return a->tie < b->tie ? -1 : 1;
    uint64_t i = a->text->issue.id, j = b->text->issue.id;
    return i < j ? -1 : i > j;
}

static sim_entry entry_of(sim_text *t, int by)
{
    int64_t ms = by == SIM_BY_CREATED ? t->issue.created_ms : t->issue.updated_ms;
    return (sim_entry){second_of(ms), t->tie, t};
}

/* Place of the first entry not before e. */
static size_t column_find(const sim_column *c, const sim_entry *e)
{
    size_t lo = 0, hi = c->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (entry_order(&c->v[mid], e) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t sim_column_from(const sim_column *c, int64_t ms)
{
    size_t lo = 0, hi = c->n;
    /* second * 1000 >= ms, without overflow */
    int64_t second = second_of(ms) + (ms % 1000 != 0);
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (c->v[mid].second < second)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static sim_entry *column_room(sim_column *c)
{
    if (c->n == c->cap)
        c->v = jd_vec_grow(c->v, &c->cap, sizeof *c->v);
    return &c->v[c->n++];
}

static void column_add(sim_column *c, sim_entry e)
{
    size_t at = column_find(c, &e);
    (void)column_room(c);
    memmove(&c->v[at + 1], &c->v[at], (c->n - 1 - at) * sizeof *c->v);
    c->v[at] = e;
}

static void column_remove(sim_column *c, sim_entry e)
{
    size_t at = column_find(c, &e);
    if (at == c->n || c->v[at].text != e.text)
        return;
    c->n--;
    memmove(&c->v[at], &c->v[at + 1], (c->n - at) * sizeof *c->v);
}

static sim_project *project_by_id(const sim_store *s, uint64_t id)
{
    for (size_t i = 0; i < s->projects.n; i++)
        if (s->projects.v[i]->id == id)
            return s->projects.v[i];
    return NULL;
}

static void columns_add(sim_store *s, sim_text *t)
{
    sim_project *p = project_by_id(s, t->issue.project_id);
    for (int by = 0; by < 2; by++) {
        column_add(&s->all.by[by], entry_of(t, by));
        column_add(&p->by[by], entry_of(t, by));
    }
}

static void columns_remove(sim_store *s, sim_text *t)
{
    sim_project *p = project_by_id(s, t->issue.project_id);
    for (int by = 0; by < 2; by++) {
        column_remove(&s->all.by[by], entry_of(t, by));
        column_remove(&p->by[by], entry_of(t, by));
    }
}

void sim_store_settle(sim_store *s)
{
    pthread_rwlock_wrlock(&s->lock);
    for (size_t i = 0; !s->settled && i < s->issues.n; i++) {
        sim_text *t = s->issues.v[i];
        if (!t)
            continue;
        s->found.v[i]  = sim_text_ref(t);
        sim_project *p = project_by_id(s, t->issue.project_id);
        for (int by = 0; by < 2; by++) {
            *column_room(&s->all.by[by]) = entry_of(t, by);
            *column_room(&p->by[by])     = entry_of(t, by);
        }
    }
    for (int by = 0; !s->settled && by < 2; by++) {
        if (s->all.by[by].n > 0)
            qsort(s->all.by[by].v, s->all.by[by].n, sizeof(sim_entry), entry_order);
        for (size_t i = 0; i < s->projects.n; i++)
            if (s->projects.v[i]->by[by].n > 0)
                qsort(s->projects.v[i]->by[by].v, s->projects.v[i]->by[by].n, sizeof(sim_entry),
                      entry_order);
    }
    s->settled = true;
    pthread_rwlock_unlock(&s->lock);
}

/* -- projects ---------------------------------------------------------------------------------- */

static sim_project *project_by_key(const sim_store *s, jd_str key)
{
    for (size_t i = 0; i < s->projects.n; i++)
        if (jd_str_ieq(s->projects.v[i]->key, key))
            return s->projects.v[i];
    return NULL;
}

static sim_project *project_add(sim_store *s, uint64_t id, jd_str key, jd_str name, jd_str json)
{
    sim_project *p = JD_NEW(s->keep, sim_project);
    size_t       i = 0;
    p->id          = id;
    p->key         = jd_arena_dup(s->keep, key);
    p->name        = jd_arena_dup(s->keep, name);
    p->json        = jd_arena_dup(s->keep, json);
    (void)jd_vec_add(&s->projects);
    for (i = s->projects.n - 1; i > 0 && jd_str_cmp(s->projects.v[i - 1]->key, key) > 0; i--)
        s->projects.v[i] = s->projects.v[i - 1];
    s->projects.v[i] = p;
    return p;
}

/* A project that its issues do not describe: an id that no other has. */
static sim_project *project_made_up(sim_store *s, jd_str key)
{
    uint64_t id = 10000 + jd_hash64(key) % 1000000;
    while (project_by_id(s, id))
        id++;
    jd_buf   b = JD_BUF_INIT(1u << 20);
    jd_jsonw w = jd_jsonw_to(&b);
    jd_jsonw_object(&w);
    jd_str url = jd_arena_fmt(s->scratch, "%.*s/rest/api/2/project/%llu", JD_FMT(s->base_url),
                              (unsigned long long)id);
    jd_jsonw_kstr(&w, "self", url);
    jd_jsonw_kstr(&w, "id", jd_arena_fmt(s->scratch, "%llu", (unsigned long long)id));
    jd_jsonw_kstr(&w, "key", key);
    jd_jsonw_kstr(&w, "name", key);
    jd_jsonw_kstr(&w, "projectTypeKey", JD_STR("software"));
    jd_jsonw_end(&w);
    sim_project *p = project_add(s, id, key, key, jd_buf_view(&b));
    jd_buf_release(&b);
    return p;
}

static sim_project *project_of(sim_store *s, const jd_json *field, jd_str issue_key)
{
    uint64_t     id  = jd_json_id(jd_json_get(field, "id"));
    jd_str       key = jd_json_str(jd_json_get(field, "key"));
    sim_project *p   = NULL;
    if (id > 0 && (p = project_by_id(s, id)))
        return p;
    if (!jd_is_project_key(key))
        key = jd_key_project(issue_key);
    if ((p = project_by_key(s, key)))
        return p;
    if (id == 0)
        return project_made_up(s, key);
    jd_buf b    = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_str name = jd_json_str(jd_json_get(field, "name"));
    jd_json_write(&b, field);
    p = project_add(s, id, key, name.n > 0 ? name : key, jd_buf_view(&b));
    jd_buf_release(&b);
    return p;
}

jd_code sim_store_add_project(sim_store *s, jd_str json, jd_err *e)
{
    const jd_json *v = NULL;
    pthread_rwlock_wrlock(&s->lock);
    jd_arena_reset(s->scratch);
    jd_code rc  = jd_json_read(s->scratch, json, &v, e);
    jd_str  key = jd_json_str(jd_json_get(v, "key"));
    if (rc == JD_OK && (!jd_is_project_key(key) || jd_json_id(jd_json_get(v, "id")) == 0))
        rc = jd_fail(e, JD_E_DATA, "a project needs an id, and a key such as HADOOP");
    if (rc == JD_OK)
        (void)project_of(s, v, JD_NOSTR);
    pthread_rwlock_unlock(&s->lock);
    return rc;
}

/* -- issues ------------------------------------------------------------------------------------ */

static jd_str upper(jd_arena *a, jd_str s)
{
    char *p = jd_arena_bytes(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = (char)(s.p[i] >= 'a' && s.p[i] <= 'z' ? s.p[i] - 32 : s.p[i]);
    return (jd_str){p, s.n};
}

static sim_text *by_id(const sim_store *s, uint64_t id)
{
    const int64_t *at = id > 0 ? jd_idmap_get(s->at, id) : NULL;
    return at ? s->issues.v[*at] : NULL;
}

static sim_text *by_name(const sim_store *s, jd_str id_or_key)
{
    uint64_t id = 0;
    char     up[256];
    if (jd_str_u64(id_or_key, &id))
        return by_id(s, id);
    if (id_or_key.n > sizeof up)
        return NULL;
    for (size_t i = 0; i < id_or_key.n; i++) {
        char c = id_or_key.p[i];
        up[i]  = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    const uint64_t *known = jd_map_get(s->keys, (jd_str){up, id_or_key.n});
    return known ? by_id(s, *known) : NULL;
}

/* -- what searches know ------------------------------------------------------------------------ */

static void reindex(sim_store *s, size_t at, sim_text *t)
{
    sim_text *old = s->found.v[at];
    if (old)
        columns_remove(s, old);
    sim_text_drop(old);
    s->found.v[at] = t ? sim_text_ref(t) : NULL;
    if (t)
        columns_add(s, t);
}

/* Place `at` has a new version, or none any more. */
static void changed(sim_store *s, size_t at)
{
    sim_text *t = s->issues.v[at];
    atomic_fetch_add(&s->version, 1);
    if (!s->settled)
        return;
    if (s->lag_ms <= 0 && s->late.n == 0) {
        reindex(s, at, t);
        return;
    }
    *jd_vec_add(&s->late) = (late){s->now(s->now_self) + s->lag_ms, at, t ? sim_text_ref(t) : NULL};
    atomic_store(&s->nlate, s->late.n);
}

void sim_store_lag(sim_store *s, int64_t lag_ms, int64_t (*now)(void *self), void *self)
{
    pthread_rwlock_wrlock(&s->lock);
    s->lag_ms   = lag_ms;
    s->now      = now;
    s->now_self = self;
    pthread_rwlock_unlock(&s->lock);
}

static bool among(const sim_store *s, size_t at, const uint64_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int64_t *place = jd_idmap_get(s->at, ids[i]);
        if (place && (size_t)*place == at)
            return true;
    }
    return false;
}

void sim_store_catch_up(sim_store *s, const uint64_t *ids, size_t n)
{
    if (atomic_load_explicit(&s->nlate, memory_order_relaxed) == 0)
        return;
    pthread_rwlock_wrlock(&s->lock);
    size_t  kept = 0;
    int64_t now  = s->late.n > 0 ? s->now(s->now_self) : 0;
    for (size_t i = 0; i < s->late.n; i++) {
        late l = s->late.v[i];
        if (l.due_ms > now && !among(s, l.at, ids, n)) {
            s->late.v[kept++] = l;
            continue;
        }
        reindex(s, l.at, l.text);
        sim_text_drop(l.text);
    }
    s->late.n = kept;
    atomic_store(&s->nlate, kept);
    pthread_rwlock_unlock(&s->lock);
}

/* Puts t in its place; the store owns it from now on. */
static void place(sim_store *s, sim_text *t)
{
    bool     fresh = false;
    int64_t *at    = jd_idmap_put(s->at, t->issue.id, &fresh);
    if (fresh) {
        *at                     = (int64_t)s->issues.n;
        *jd_vec_add(&s->issues) = NULL;
        *jd_vec_add(&s->found)  = NULL;
        *jd_vec_add(&s->veils)  = 0;
    }
    sim_text *old = s->issues.v[*at];
    if (!old)
        s->live++;
    sim_text_drop(old);
    s->issues.v[*at] = t;
    changed(s, (size_t)*at);
}

static jd_code put_locked(sim_store *s, jd_str json, jd_err *e)
{
    const jd_json *tree = NULL;
    sim_text      *t    = NULL;
    jd_arena_reset(s->scratch);
    jd_code         rc    = jd_json_read(s->scratch, json, &tree, e);
    const sim_cloud cloud = {s->base_url, s->meta, s};
    if (rc == JD_OK)
        rc = sim_text_make(&s->cuts, s->names, s->cloud ? &cloud : NULL, json, tree, &t, e);
    if (rc != JD_OK)
        return rc;
    uint64_t *key   = jd_map_put(s->keys, upper(s->scratch, t->issue.key), NULL);
    sim_text *other = *key ? by_id(s, *key) : NULL;
    if (other && other->issue.id != t->issue.id && jd_str_ieq(other->issue.key, t->issue.key)) {
        rc = jd_fail(e, JD_E_DATA, "key %.*s belongs to issue %llu already, not to %llu",
                     JD_FMT(t->issue.key), (unsigned long long)other->issue.id,
                     (unsigned long long)t->issue.id);
        sim_text_drop(t);
        return rc;
    }
    *key                = t->issue.id;
    sim_project *p      = project_of(s, jd_json_path(tree, "fields.project"), t->issue.key);
    t->issue.project_id = p->id;
    t->issue.project    = p->key;
    if (t->issue.number > p->top)
        p->top = t->issue.number;
    if (t->issue.id > s->top_id)
        s->top_id = t->issue.id;
    sim_meta_learn(s->meta, tree, p->id);
    place(s, t);
    return JD_OK;
}

jd_code sim_store_put(sim_store *s, jd_str json, jd_err *e)
{
    pthread_rwlock_wrlock(&s->lock);
    jd_code rc = put_locked(s, json, e);
    pthread_rwlock_unlock(&s->lock);
    return rc;
}

bool sim_store_remove(sim_store *s, uint64_t id)
{
    pthread_rwlock_wrlock(&s->lock);
    sim_text *t = by_id(s, id);
    if (t) {
        size_t at       = (size_t)*jd_idmap_get(s->at, id);
        s->issues.v[at] = NULL;
        s->live--;
        changed(s, at);
        sim_text_drop(t);
    }
    pthread_rwlock_unlock(&s->lock);
    return t != NULL;
}

sim_text *sim_store_get(sim_store *s, jd_str id_or_key)
{
    pthread_rwlock_rdlock(&s->lock);
    sim_text *t = by_name(s, id_or_key);
    if (t)
        sim_text_ref(t);
    pthread_rwlock_unlock(&s->lock);
    return t;
}

sim_text *sim_store_get_for(sim_store *s, jd_str id_or_key, unsigned viewer)
{
    pthread_rwlock_rdlock(&s->lock);
    sim_text *t = by_name(s, id_or_key);
    if (t && !sim_store_sees(s, t, viewer))
        t = NULL;
    if (t)
        sim_text_ref(t);
    pthread_rwlock_unlock(&s->lock);
    return t;
}

void sim_store_put_field(sim_store *s, jd_str id, jd_str name, jd_str json)
{
    pthread_rwlock_wrlock(&s->lock);
    sim_meta_put_field(s->meta, id, name, json);
    pthread_rwlock_unlock(&s->lock);
}

void sim_store_write(sim_store *s, const sim_text *t, jd_buf *out)
{
    static const sim_cuts none = {SIZE_MAX, SIZE_MAX, SIZE_MAX};
    const jd_json        *tree = NULL;
    jd_err                e    = JD_ERR_NONE;
    if (!s->cloud) {
        jd_buf_adds(out, t->issue.json);
        return;
    }
    jd_arena *a = jd_arena_new(0);
    if (jd_json_read(a, t->issue.json, &tree, &e) == JD_OK) {
        const sim_cloud cloud = {s->base_url, s->meta, s};
        jd_jsonw        w     = jd_jsonw_to(out);
        pthread_rwlock_rdlock(&s->lock);
        sim_cloud_issue(&w, &cloud, tree, &none);
        pthread_rwlock_unlock(&s->lock);
    }
    jd_arena_free(a);
}

/* -- veils ------------------------------------------------------------------------------------- */

static void veil(sim_store *s, uint64_t *mask, uint64_t bits, bool on)
{
    uint64_t next = on ? *mask | bits : *mask & ~bits;
    s->nveils += next != 0;
    s->nveils -= *mask != 0;
    *mask = next;
    atomic_fetch_add(&s->version, 1);
}

bool sim_store_veil_issue(sim_store *s, jd_str id_or_key, uint64_t bits, bool on)
{
    pthread_rwlock_wrlock(&s->lock);
    const sim_text *t = by_name(s, id_or_key);
    if (t)
        veil(s, &s->veils.v[*jd_idmap_get(s->at, t->issue.id)], bits, on);
    pthread_rwlock_unlock(&s->lock);
    return t != NULL;
}

bool sim_store_veil_project(sim_store *s, jd_str project, uint64_t bits, bool on)
{
    pthread_rwlock_wrlock(&s->lock);
    const sim_project *known = sim_store_project_named(s, project);
    sim_project       *p     = known ? project_by_id(s, known->id) : NULL;
    if (p)
        veil(s, &p->veil, bits, on);
    pthread_rwlock_unlock(&s->lock);
    return p != NULL;
}

static uint64_t veil_of(const sim_store *s, const sim_text *t)
{
    const int64_t     *at = jd_idmap_get(s->at, t->issue.id);
    const sim_project *p  = project_by_id(s, t->issue.project_id);
    return (at ? s->veils.v[*at] : 0) | (p ? p->veil : 0);
}

bool sim_store_veiled(const sim_store *s)
{
    return s->nveils > 0;
}

bool sim_store_sees(const sim_store *s, const sim_text *t, unsigned viewer)
{
    return s->nveils == 0 || !(veil_of(s, t) >> viewer & 1);
}

bool sim_store_finds(const sim_store *s, const sim_text *t, unsigned viewer)
{
    return s->nveils == 0 || !(veil_of(s, t) & (SIM_ARCHIVED | UINT64_C(1) << viewer));
}

bool sim_store_archived(const sim_store *s, const sim_text *t)
{
    return s->nveils > 0 && (veil_of(s, t) & SIM_ARCHIVED) != 0;
}

/* -- a project's new name ---------------------------------------------------------------------- */

jd_code sim_store_rename_project(sim_store *s, jd_str project, jd_str key, jd_str name, jd_str json,
                                 bool forget, jd_err *e)
{
    jd_code rc = JD_OK;
    pthread_rwlock_wrlock(&s->lock);
    const sim_project *known = sim_store_project_named(s, project), *other = project_by_key(s, key);
    if (!known)
        rc = jd_fail(e, JD_E_NOTFOUND, "there is no project %.*s", JD_FMT(project));
    else if (!jd_is_project_key(key) || (other && other != known))
        rc = jd_fail(e, JD_E_USAGE, "%.*s is no key such as HADOOP, or another project's",
                     JD_FMT(key));
    if (rc == JD_OK) {
        sim_project *p = project_by_id(s, known->id);
        if (!forget)
            *jd_vec_add(&s->aliases) = (alias){p->key, p->id};
        p->key  = jd_arena_dup(s->keep, key);
        p->name = jd_arena_dup(s->keep, name);
        p->json = jd_arena_dup(s->keep, json);
        atomic_fetch_add(&s->version, 1);
    }
    pthread_rwlock_unlock(&s->lock);
    return rc;
}

size_t sim_store_count(sim_store *s)
{
    pthread_rwlock_rdlock(&s->lock);
    size_t n = s->live;
    pthread_rwlock_unlock(&s->lock);
    return n;
}

/* -- for readers ------------------------------------------------------------------------------- */

const sim_text *sim_store_peek(const sim_store *s, jd_str id_or_key)
{
    return by_name(s, id_or_key);
}

const sim_project *sim_store_everything(const sim_store *s)
{
    return &s->all;
}

const sim_project *sim_store_project(const sim_store *s, uint64_t id)
{
    return project_by_id(s, id);
}

const sim_project *sim_store_project_keyed(const sim_store *s, jd_str name)
{
    uint64_t           id = 0;
    const sim_project *p  = project_by_key(s, name);
    if (!p && jd_str_u64(name, &id))
        p = project_by_id(s, id);
    for (size_t i = 0; !p && i < s->aliases.n; i++)
        if (jd_str_ieq(s->aliases.v[i].key, name))
            p = project_by_id(s, s->aliases.v[i].id);
    return p;
}

const sim_project *sim_store_project_named(const sim_store *s, jd_str name)
{
    const sim_project *p = sim_store_project_keyed(s, name);
    for (size_t i = 0; !p && i < s->projects.n; i++)
        if (jd_str_ieq(s->projects.v[i]->name, name))
            p = s->projects.v[i];
    return p;
}

uint64_t sim_store_top_id(const sim_store *s)
{
    return s->top_id;
}

size_t sim_store_projects(const sim_store *s, const sim_project ***all)
{
    const sim_project **list = jd_xcalloc(s->projects.n + 1, sizeof *list);
    for (size_t i = 0; i < s->projects.n; i++)
        list[i] = s->projects.v[i];
    *all = list;
    return s->projects.n;
}

sim_meta *sim_store_meta(sim_store *s)
{
    return s->meta;
}
