#include "flow/catalogues.h"

#include "base/map.h"
#include "base/vec.h"
#include "jira/catalogue.h"
#include "model/field.h"
#include "sink/facts.h"
#include "sink/site.h"
#include "sink/users.h"
#include "text/jsonw.h"

#include <inttypes.h>

enum { TRIES = 3, BOARDS_MAX = 100, DRIFT_MAX = 4096, ENTRY_MAX = 256 << 20, TOGETHER = 4 << 20 };
static const int64_t DAY_MS = 24 * 3600 * 1000;

typedef JD_VEC(const jd_json *) rows;

/* What is read of each project: a file of all of them each. */
typedef enum part { VERSIONS, COMPONENTS, BOARDS, SPRINTS, NPARTS } part;
static const char *const part_name[NPARTS] = {"versions", "components", "boards", "sprints"};

typedef struct job {
    const jd_catalogues *in;
    jd_arena            *keep, *a; /* of the run; of one catalogue */
    jd_outcome          *out;
    jd_jira              jira;  /* asks not as often as a walk does */
    bool                 again; /* what is missing may be had the next time */
    bool                 down;  /* the service: nothing more is asked */
    /* Entries of projects that are not in their files yet: these are read and written whole. */
    jd_arena *held;
    rows      entry[NPARTS];
    size_t    put;             /* bytes of those that are */
    JD_VEC(const char *) read; /* facts: what is to be noted as read once they are written */
} job;

/* -- failures -------------------------------------------------------------------------------- */

/* Who asks is not the trouble: an anonymous reader who may not know, credentials that do not reach
 * as far (without the scope for it the gateway says 401), and sites that send to the login page
 * whoever asks for what they do not have. */
static bool not_allowed(const job *b, const jd_err *why)
{
    jd_str text = jd_str_of(why->msg);
    return why->http == 403 || (why->http == 401 && !b->jira.signed_in) ||
           jd_str_search(text, JD_STR("scope does not match")) < text.n;
}

/* A failure that is not the run's is told and passed over. `quiet`: that there is no such thing is
 * no news. */
static jd_code pass_over(job *b, const char *what, jd_code rc, bool quiet, const jd_err *why,
                         jd_err *e)
{
    bool none = rc == JD_E_NOTFOUND || rc == JD_E_DATA || (why->http >= 300 && why->http <= 399) ||
                (rc == JD_E_AUTH && not_allowed(b, why));
    bool trouble =
        !none && (rc == JD_E_NET || rc == JD_E_REMOTE || rc == JD_E_BUSY || rc == JD_E_TOOBIG);
    if (!none && !trouble) {
        *e = *why;
        return jd_wrap(e, "catalogue %s", what);
    }
    b->again = b->again || trouble;
    b->down  = b->down || rc == JD_E_NET || rc == JD_E_BUSY;
    if (none && quiet) {
        jd_event(b->in->log, JD_DEBUG, "note", "no %s here: %s", what, why->msg);
        return JD_OK;
    }
    jd_str line = jd_arena_fmt(b->keep, "catalogue %s: %s", what, why->msg);
    jd_note(&b->out->warning, line.p);
    jd_event(b->in->log, JD_WARN, "note", "%s", line.p);
    return JD_OK;
}

/* -- age ------------------------------------------------------------------------------------- */

static const char *fact_name(job *b, uint64_t project)
{
    return project ? jd_arena_fmt(b->keep, JD_FACT_CATALOGUES ":%" PRIu64, project).p
                   : JD_FACT_CATALOGUES;
}

/* 0: the site. A date that lies ahead is none. */
static jd_code is_due(job *b, uint64_t project, bool *due, jd_err *e)
{
    jd_str  text;
    int64_t at = 0;
    jd_code rc = jd_fact_get(b->in->state, b->keep, fact_name(b, project), &text, e);
    *due       = b->in->force || !jd_str_i64(text, &at) || at > b->in->now_ms ||
           b->in->now_ms - at >= DAY_MS;
    return rc;
}

static jd_code note_time(job *b, const char *fact, jd_err *e)
{
    jd_str now = jd_arena_fmt(b->keep, "%" PRId64, b->in->now_ms);
    return jd_fact_set(b->in->state, fact, now, e);
}

/* -- the site's ------------------------------------------------------------------------------ */

static void tell_drift(job *b, const jd_drifts *drift)
{
    for (size_t i = 0; i < drift->n; i++) {
        JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(DRIFT_MAX);
        jd_drift_text(&text, &drift->v[i]);
        const char *line = jd_arena_cstr(b->keep, jd_buf_view(&text));
        jd_note(&b->out->drift, line);
        jd_event(b->in->log, JD_INFO, "field", "%s", line);
    }
}

/* The names that fields have, and what changed of the fields since they were last read. */
static jd_code name_fields(job *b, const jd_entries *list, jd_err *e)
{
    const jd_json **entry, *was;
    jd_fields       before, now;
    jd_drifts       drift;
    jd_code         rc = jd_site_read(b->in->raw_dir, JD_SITE_NAMES, b->a, &was, e);
    if (rc)
        return rc;
    jd_fields_read(b->a, was, &before);
    jd_fields_name(b->a, &before, list->v, list->n, &now, &drift);
    entry = JD_NEW_ARRAY(b->a, const jd_json *, now.n + 1);
    for (size_t i = 0; i < now.n && !rc; i++) {
        JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(ENTRY_MAX);
        jd_field_write(&text, &now.v[i]);
        rc = jd_json_read(b->a, jd_buf_view(&text), &entry[i], e);
    }
    if (!rc)
        rc = jd_site_write(b->in->raw_dir, JD_SITE_NAMES, entry, now.n, NULL, e);
    if (!rc)
        tell_drift(b, &drift);
    return rc;
}

static jd_code read_one(job *b, jd_catalogue which, jd_err *e)
{
    jd_entries  list;
    jd_err      why  = JD_ERR_NONE;
    const char *name = jd_catalogue_name(which);
    jd_arena_reset(b->a);
    jd_code rc = jd_jira_catalogue(&b->jira, b->a, which, &list, &why);
    if (rc)
        return pass_over(b, name, rc, false, &why, e);
    rc = jd_site_write(b->in->raw_dir, name, list.v, list.n, NULL, e);
    if (rc || which != JD_CAT_FIELDS)
        return rc;
    rc = name_fields(b, &list, &why);
    return rc ? pass_over(b, JD_SITE_NAMES, rc, false, &why, e) : JD_OK;
}

static jd_code read_site(job *b, jd_err *e)
{
    b->again   = false;
    jd_code rc = JD_OK;
    for (int i = 0; i < JD_NCATALOGUE && !rc && !b->down; i++)
        rc = read_one(b, (jd_catalogue)i, e);
    return rc || b->again ? rc : note_time(b, fact_name(b, 0), e);
}

/* -- a project's ----------------------------------------------------------------------------- */

static jd_code entry_of(job *b, const jd_scope *scope, part which, const rows *list,
                        const jd_json **out, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf text = JD_BUF_INIT(ENTRY_MAX);
    jd_jsonw                          w    = jd_jsonw_to(&text);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "id", jd_arena_fmt(b->a, "%" PRIu64, scope->project_id));
    jd_jsonw_kstr(&w, "key", scope->project);
    jd_jsonw_name(&w, part_name[which]);
    jd_jsonw_array(&w);
    for (size_t i = 0; i < list->n; i++)
        jd_jsonw_value(&w, list->v[i]);
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    return jd_json_read(b->held, jd_buf_view(&text), out, e);
}

/* What is held goes into the files, and then counts as read. */
static jd_code put_held(job *b, jd_err *e)
{
    jd_code rc = JD_OK;
    for (int i = 0; i < NPARTS && !rc; i++)
        if (b->entry[i].n)
            rc = jd_site_merge(b->in->raw_dir, part_name[i], b->entry[i].v, b->entry[i].n, e);
    for (size_t i = 0; i < b->read.n && !rc; i++)
        rc = note_time(b, b->read.v[i], e);
    for (int i = 0; i < NPARTS; i++)
        b->entry[i].n = 0;
    b->read.n = 0;
    b->put += jd_arena_size(b->held);
    jd_arena_reset(b->held);
    return rc;
}

/* More at a time as the files grow, for each time they are written whole. */
static bool is_much(const job *b)
{
    size_t most = b->put / 4 > TOGETHER ? b->put / 4 : TOGETHER;
    return jd_arena_size(b->held) > most;
}

static jd_code hold(job *b, const jd_scope *scope, part which, const rows *list, jd_err *e)
{
    const jd_json *entry;
    jd_code        rc = entry_of(b, scope, which, list, &entry, e);
    if (!rc)
        *jd_vec_add(&b->entry[which]) = entry;
    return rc;
}

static rows rows_of(const jd_entries *list)
{
    rows out = {0};
    for (size_t i = 0; i < list->n; i++)
        *jd_vec_add(&out) = list->v[i];
    return out;
}

/* The part as the answer that resolved the project told it; NULL where it did not. */
static const jd_json *told_of(const jd_scope *scope, part which)
{
    const jd_json *told = jd_json_get(scope->about, part_name[which]);
    return jd_json_kind(told) == JD_JSON_ARRAY ? told : NULL;
}

/* Versions or components: a server whose answer lacks them is asked for them when it is time. */
static jd_code read_part(job *b, const jd_scope *scope, part which, bool due, jd_err *e)
{
    const jd_json *told = told_of(scope, which);
    jd_entries     list;
    jd_err         why = JD_ERR_NONE;
    rows           all = {0};
    jd_code        rc  = JD_OK;
    if (!told && (!due || b->down))
        return JD_OK;
    jd_arena_reset(b->a);
    if (!told)
        rc = jd_jira_project_part(&b->jira, b->a, scope->project_id, part_name[which], &list, &why);
    if (rc)
        return pass_over(b, part_name[which], rc, false, &why, e);
    if (!told)
        all = rows_of(&list);
    for (jd_json_iter it = jd_json_walk(told); jd_json_next(&it);)
        *jd_vec_add(&all) = it.value;
    rc = hold(b, scope, which, &all, e);
    jd_vec_release(&all);
    return rc;
}

/* Those of one board that no other board had. */
static jd_code add_sprints(job *b, uint64_t board, jd_idmap *seen, rows *all, jd_err *e)
{
    jd_entries list;
    jd_err     why = JD_ERR_NONE;
    jd_code    rc  = jd_jira_sprints(&b->jira, b->a, board, &list, &why);
    if (rc)
        return pass_over(b, "sprints", rc, true, &why, e);
    for (size_t i = 0; i < list.n; i++) {
        bool fresh;
        (void)jd_idmap_put(seen, jd_json_id(jd_json_get(list.v[i], "id")), &fresh);
        if (fresh)
            *jd_vec_add(all) = list.v[i];
    }
    return JD_OK;
}

static jd_code read_sprints(job *b, const jd_scope *scope, const jd_entries *boards, jd_err *e)
{
    rows      all   = {0};
    jd_idmap *seen  = jd_idmap_new();
    size_t    asked = 0;
    jd_code   rc    = JD_OK;
    for (size_t i = 0; i < boards->n && !rc && !b->down; i++) {
        const jd_json *id = jd_json_get(boards->v[i], "id");
        if (jd_str_is(jd_json_str(jd_json_get(boards->v[i], "type")), "kanban") || !jd_json_id(id))
            continue;
        if (asked++ == BOARDS_MAX) {
            jd_note(&b->out->warning,
                    jd_arena_fmt(b->keep, "catalogue sprints: %.*s has more than %d boards",
                                 JD_FMT(scope->project), BOARDS_MAX)
                        .p);
            break;
        }
        rc = add_sprints(b, jd_json_id(id), seen, &all, e);
    }
    if (!rc && !b->again)
        rc = hold(b, scope, SPRINTS, &all, e);
    jd_vec_release(&all);
    jd_idmap_free(seen);
    return rc;
}

static jd_code read_boards(job *b, const jd_scope *scope, jd_err *e)
{
    jd_entries list;
    jd_err     why = JD_ERR_NONE;
    jd_arena_reset(b->a);
    jd_code rc = jd_jira_boards(&b->jira, b->a, scope->project, &list, &why);
    if (rc)
        return pass_over(b, "boards", rc, true, &why, e);
    rows all = rows_of(&list);
    rc       = hold(b, scope, BOARDS, &all, e);
    jd_vec_release(&all);
    return rc ? rc : read_sprints(b, scope, &list, e);
}

static jd_code read_project(job *b, const jd_scope *scope, jd_err *e)
{
    bool    due;
    jd_code rc = is_due(b, scope->project_id, &due, e);
    b->again   = false;
    if (!rc)
        rc = read_part(b, scope, VERSIONS, due, e);
    if (!rc)
        rc = read_part(b, scope, COMPONENTS, due, e);
    if (!rc && !b->again && (due || told_of(scope, VERSIONS)))
        *jd_vec_add(&b->read) =
            jd_arena_fmt(b->keep, JD_FACT_PARTS ":%" PRIu64, scope->project_id).p;
    if (rc || !due || b->down)
        return rc;
    rc = read_boards(b, scope, e);
    if (!rc && !b->again)
        *jd_vec_add(&b->read) = fact_name(b, scope->project_id);
    return rc;
}

/* What was read before a failure is kept. */
static jd_code read_projects(job *b, jd_err *e)
{
    jd_err  ignored;
    jd_code rc = JD_OK;
    for (size_t i = 0; i < b->in->n && !rc; i++) {
        if (b->in->scope[i].project_id)
            rc = read_project(b, &b->in->scope[i], e);
        if (!rc && is_much(b))
            rc = put_held(b, e);
    }
    jd_code last = put_held(b, rc ? &ignored : e);
    return rc ? rc : last;
}

jd_code jd_catalogues_read(const jd_catalogues *in, jd_arena *a, jd_outcome *out, jd_err *e)
{
    job b        = {.in   = in,
                    .keep = a,
                    .a    = jd_arena_new(0),
                    .held = jd_arena_new(0),
                    .out  = out,
                    .jira = *in->jira};
    b.jira.tries = TRIES;
    bool    due;
    jd_code rc = jd_users_publish(in->state, in->raw_dir, e);
    if (!rc)
        rc = is_due(&b, 0, &due, e);
    if (!rc && due)
        rc = read_site(&b, e);
    if (!rc)
        rc = read_projects(&b, e);
    for (int i = 0; i < NPARTS; i++)
        jd_vec_release(&b.entry[i]);
    jd_vec_release(&b.read);
    jd_arena_free(b.held);
    jd_arena_free(b.a);
    return rc;
}
