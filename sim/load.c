#include "sim/load.h"

#include "base/hash.h"
#include "base/vec.h"
#include "sim/generate.h"
#include "sim/graft.h"
#include "sim/meta.h"
#include "sys/file.h"
#include "sys/zip.h"

#include <stdlib.h>

/* -- zones ------------------------------------------------------------------------------------- */

struct sim_zones {
    JD_VEC(sim_zone *) list;
};

sim_zones *sim_zones_new(void)
{
    return jd_xcalloc(1, sizeof(sim_zones));
}

void sim_zones_free(sim_zones *z)
{
    if (!z)
        return;
    for (size_t i = 0; i < z->list.n; i++)
        sim_zone_free(z->list.v[i]);
    jd_vec_release(&z->list);
    free(z);
}

jd_code sim_zones_get(sim_zones *z, jd_str name, const sim_zone **out, jd_err *e)
{
    *out = NULL;
    if (name.n == 0 || jd_str_is(name, "UTC") || jd_str_is(name, "Etc/UTC"))
        return JD_OK;
    for (size_t i = 0; i < z->list.n; i++)
        if (jd_str_eq(sim_zone_name(z->list.v[i]), name))
            *out = z->list.v[i];
    if (*out)
        return JD_OK;
    sim_zone *fresh = sim_zone_open(name);
    if (!fresh)
        return jd_fail(e, JD_E_USAGE,
                       "this system knows no time zone %.*s; write one such as Europe/Berlin",
                       JD_FMT(name));
    *jd_vec_add(&z->list) = fresh;
    *out                  = fresh;
    return JD_OK;
}

/* -- accounts ---------------------------------------------------------------------------------- */

static jd_code account(jd_arena *a, sim_zones *z, const char *text, bool pat, sim_conf *conf,
                       sim_account *out, jd_err *e)
{
    jd_str rest = jd_str_of(text), first = JD_NOSTR, second = JD_NOSTR;
    (void)jd_str_split(&rest, ':', &first);
    (void)jd_str_split(&rest, ':', &second);
    jd_str name = pat ? second : first, secret = pat ? first : second;
    if (secret.n == 0 || (!pat && name.n == 0))
        return pat ? jd_fail(e, JD_E_USAGE, "--pat needs TOKEN[:NAME[:ZONE]]")
                   : jd_fail(e, JD_E_USAGE, "--user needs NAME:PASSWORD[:ZONE]");
    *out = (sim_account){.name   = name.n > 0 ? jd_arena_dup(a, name) : JD_STR("bot"),
                         .secret = jd_arena_dup(a, secret),
                         .pat    = pat,
                         .zone   = conf->zone};
    return rest.n > 0 ? sim_zones_get(z, rest, &out->zone, e) : JD_OK;
}

static jd_code described(jd_arena *a, sim_zones *z, const jd_json *v, const sim_conf *conf,
                         sim_account *out, jd_err *e)
{
    jd_str kind   = jd_json_str(jd_json_get(v, "kind"));
    jd_str zone   = jd_json_str(jd_json_get(v, "zone")),
           when   = jd_json_str(jd_json_get(v, "expires"));
    jd_str scopes = jd_json_str(jd_json_get(v, "scopes"));
    *out          = (sim_account){.name   = jd_arena_dup(a, jd_json_str(jd_json_get(v, "name"))),
                                  .secret = jd_arena_dup(a, jd_json_str(jd_json_get(v, "secret"))),
                                  .pat    = jd_str_is(kind, "pat"),
                                  .scoped = jd_str_is(kind, "scoped"),
                                  .scopes = scopes.n > 0 ? jd_arena_dup(a, scopes) : JD_NOSTR,
                                  .zone   = conf->zone};
    if (out->name.n == 0 || out->secret.n == 0 ||
        (kind.n > 0 && !out->pat && !out->scoped && !jd_str_is(kind, "basic")))
        return jd_fail(e, JD_E_USAGE,
                       "an account needs a name, a secret, and kind basic, pat or scoped");
    if (when.n > 0 && !sim_date_read(when, &out->expires_ms))
        return jd_fail(e, JD_E_USAGE, "expires of account %.*s is no date", JD_FMT(out->name));
    return zone.n > 0 ? sim_zones_get(z, zone, &out->zone, e) : JD_OK;
}

jd_code sim_load_accounts(jd_arena *a, sim_zones *z, const jd_list *users, const jd_list *pats,
                          const char *file, sim_conf *conf, jd_err *e)
{
    enum { FILE_MAX = 1 << 20 };
    jd_buf         text = JD_BUF_INIT(FILE_MAX);
    const jd_json *all  = NULL;
    size_t         n    = 0;
    jd_code        rc   = file ? jd_file_read(file, &text, e) : JD_OK;
    if (rc == JD_OK && file && jd_json_read(a, jd_buf_view(&text), &all, e) != JD_OK)
        rc = jd_wrap(e, "%s", file);
    sim_account *list = JD_NEW_ARRAY(a, sim_account, users->n + pats->n + jd_json_len(all) + 1);
    for (size_t i = 0; rc == JD_OK && i < users->n; i++)
        rc = account(a, z, users->v[i], false, conf, &list[n++], e);
    for (size_t i = 0; rc == JD_OK && i < pats->n; i++)
        rc = account(a, z, pats->v[i], true, conf, &list[n++], e);
    for (jd_json_iter it = jd_json_walk(all); rc == JD_OK && jd_json_next(&it);)
        if ((rc = described(a, z, it.value, conf, &list[n++], e)) != JD_OK)
            (void)!jd_wrap(e, "%s", file);
    jd_buf_release(&text);
    conf->account  = list;
    conf->naccount = n;
    return rc;
}

/* -- issues ------------------------------------------------------------------------------------ */

typedef struct loading {
    sim_store *store;
    jd_code    rc;
    jd_err    *e;
} loading;

static void put(void *self, jd_str json)
{
    loading *l = self;
    if (l->rc == JD_OK)
        l->rc = sim_store_put(l->store, json, l->e);
}

/* The public Jira's own numbers where they are known. */
static void describe(sim_gen_conf *conf)
{
    static const struct {
        const char *key, *name;
        uint64_t    id;
    } known[]        = {{"HADOOP", "Hadoop Common", 12310240},
                        {"KAFKA", "Kafka", 12311720},
                        {"SPARK", "Spark", 12315420}};
    conf->name       = conf->key;
    conf->project_id = 12400000 + jd_hash64(conf->key) % 100000;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!jd_str_is(conf->key, known[i].key))
            continue;
        conf->name       = jd_str_of(known[i].name);
        conf->project_id = known[i].id;
    }
}

jd_code sim_load_generated(sim_store *s, const sim_conf *conf, jd_str what, bool nasty, jd_err *e)
{
    enum { MOST = 10000000, FIRST_ID = 13000000 };
    size_t       colon = jd_str_find(what, ':');
    sim_gen_conf gen   = {.key             = jd_str_cut(what, 0, colon),
                          .seed            = conf->seed,
                          .base_url        = conf->base_url,
                          .first_id        = FIRST_ID,
                          .first_number    = 1,
                          .created_from_ms = INT64_C(1420070400000), /* 2015 */
                          .created_to_ms   = INT64_C(1735689600000), /* to 2025 */
                          .nasty           = nasty,
                          .calm            = conf->calm};
    loading      l     = {s, JD_OK, e};
    jd_buf       json  = JD_BUF_INIT(1 << 20);
    if (!jd_is_project_key(gen.key) ||
        !jd_str_u64(jd_str_cut(what, colon + 1, SIZE_MAX), &gen.count) || gen.count > MOST)
        return jd_fail(e, JD_E_USAGE, "--generate %.*s: write KEY:COUNT, such as HADOOP:2000",
                       JD_FMT(what));
    describe(&gen);
    sim_store_read_begin(s);
    bool taken = sim_store_project_named(s, gen.key) != NULL;
    if (sim_store_top_id(s) >= gen.first_id)
        gen.first_id = sim_store_top_id(s) + 1;
    while (sim_store_project(s, gen.project_id))
        gen.project_id++;
    sim_store_read_end(s);
    if (taken)
        return jd_fail(e, JD_E_USAGE, "--generate %.*s: this project is there already",
                       JD_FMT(what));
    sim_meta_generated(sim_store_meta(s));
    sim_gen_project(&json, &gen);
    l.rc = sim_store_add_project(s, jd_buf_view(&json), e);
    jd_buf_release(&json);
    if (l.rc == JD_OK)
        sim_generate(&gen, put, &l);
    return l.rc;
}

jd_code sim_load_file(sim_store *s, const char *path, const uint64_t *changelog_seed, jd_err *e)
{
    jd_lines *lines  = NULL;
    jd_str    line   = JD_NOSTR;
    jd_buf    graft  = JD_BUF_INIT(SIM_ISSUE_MAX);
    uint64_t  number = 0;
    jd_code   rc     = jd_lines_open(path, SIM_ISSUE_MAX, &lines, e);
    while (rc == JD_OK && (rc = jd_lines_next(lines, &line, e)) == JD_OK && line.p) {
        number++;
        line = jd_str_trim(line);
        if (line.n == 0)
            continue;
        if (changelog_seed) {
            jd_buf_reset(&graft);
            sim_graft(&graft, line, *changelog_seed);
            line = jd_buf_view(&graft);
        }
        rc = sim_store_put(s, line, e);
        if (rc != JD_OK)
            (void)!jd_wrap(e, "%s:%llu", path, (unsigned long long)number);
    }
    jd_lines_close(lines);
    jd_buf_release(&graft);
    return rc;
}
