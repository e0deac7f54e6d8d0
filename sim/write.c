/* Changes by the REST API: comments, fields, transitions. All or nothing, as Jira has it. */
#include "sim/adf.h"
#include "sim/adf_read.h"
#include "sim/change.h"
#include "sim/limit.h"
#include "sim/meta.h"
#include "sim/side.h"

enum { CREATED = 201, NO_CONTENT = 204, CONFLICT = 409, TEXT_MAX = 32767, TITLE_MAX = 255 };

static const jd_str TOO_LONG =
    JD_STR_INIT("The entered text is too long. It exceeds the allowed limit of 32,767 characters.");

static jd_str raw_of(sim_call *c, const jd_json *v)
{
    jd_buf b = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_json_write(&b, v);
    jd_str s = jd_arena_dup(c->a, jd_buf_view(&b));
    jd_buf_release(&b);
    return s;
}

static jd_str quoted(sim_call *c, jd_str s)
{
    jd_buf b = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_json_quote(&b, s);
    jd_str q = jd_arena_dup(c->a, jd_buf_view(&b));
    jd_buf_release(&b);
    return q;
}

static jd_str spoken(sim_call *c, jd_str raw)
{
    const jd_json *v    = NULL;
    jd_err         none = JD_ERR_NONE;
    return raw.p && jd_json_read(c->a, raw, &v, &none) == JD_OK ? jd_json_str(v) : JD_NOSTR;
}

/* Who asks, as a user of Data Center's. */
static jd_str author(sim_call *c)
{
    jd_str   login = c->who->name, key, name;
    jd_buf   b     = JD_BUF_INIT(1 << 16);
    jd_jsonw w     = jd_jsonw_to(&b);
    sim_user_named(login, &key, &name);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "self",
                  jd_arena_fmt(c->a, "%.*s/rest/api/2/user?username=%.*s",
                               JD_FMT(c->s->conf->base_url), JD_FMT(login)));
    jd_jsonw_kstr(&w, "name", login);
    jd_jsonw_kstr(&w, "key", key);
    jd_jsonw_kstr(&w, "displayName", name);
    jd_jsonw_kbool(&w, "active", true);
    jd_jsonw_kstr(&w, "timeZone", JD_STR("Etc/UTC"));
    jd_jsonw_end(&w);
    jd_str s = jd_arena_dup(c->a, jd_buf_view(&b));
    jd_buf_release(&b);
    return s;
}

/* Whether this caller may write to that issue now; answered when not. */
static bool may_write(sim_call *c, jd_str name)
{
    if (sim_call_anonymous(c))
        return false;
    sim_text *t  = sim_call_issue(c, name);
    uint64_t  id = t ? t->issue.id : 0;
    sim_text_drop(t);
    if (!id || (c->s->conf->cloud && !sim_limit_write(c, id)))
        return false;
    if (!sim_tune_spend(&c->s->tuning, SIM_CONFLICTS))
        return true;
    sim_reply_error(c->r, CONFLICT,
                    JD_STR("The issue was changed by somebody else meanwhile. Try again."));
    return false;
}

static bool read_body(sim_call *c, const jd_json **body)
{
    jd_str type = jd_httpd_header(c->q, "Content-Type");
    if (jd_str_ieq(jd_str_cut(type, 0, 16), JD_STR("application/json")))
        return sim_call_body(c, body);
    sim_reply_plumbing(c->r, 415, JD_STR("HTTP 415 Unsupported Media Type"));
    return false;
}

static void done(sim_call *c)
{
    sim_reply_status(c->r, NO_CONTENT);
    sim_reply_type(c->r, NULL);
}

static void failed(sim_call *c, jd_code rc, const jd_err *e)
{
    sim_reply_error(c->r,
                    rc == JD_E_NOTFOUND ? 404
                    : rc == JD_E_USAGE  ? 400
                                        : 500,
                    jd_str_of(e->msg));
}

/* Rich text as it is sent: wiki markup, or Cloud's documents. NULL when it is good. */
static const char *rich(sim_call *c, const jd_json *v, jd_str *out)
{
    jd_buf b  = JD_BUF_INIT(SIM_ISSUE_MAX);
    bool   ok = c->s->conf->cloud ? sim_adf_read(&b, v) : jd_json_is_str(v);
    *out      = c->s->conf->cloud ? jd_arena_dup(c->a, jd_buf_view(&b)) : jd_json_str(v);
    jd_buf_release(&b);
    if (!ok)
        return c->s->conf->cloud ? "Operation value must be an Atlassian Document (see the "
                                   "Atlassian Document Format)"
                                 : "Operation value must be a string";
    return out->n > TEXT_MAX ? TOO_LONG.p : NULL;
}

/* -- comments ---------------------------------------------------------------------------------- */

static bool comment_text(sim_call *c, const jd_json *body, jd_str *out)
{
    const char *why = rich(c, jd_json_get(body, "body"), out);
    if (!why && out->n > 0)
        return true;
    if (c->s->conf->cloud && why != TOO_LONG.p)
        sim_reply_error(c->r, 400, JD_STR("INVALID_INPUT"));
    else
        sim_reply_error(c->r, 400, why ? jd_str_of(why) : JD_STR("Comment body can not be empty!"));
    return false;
}

void sim_write_comment(sim_call *c, jd_str name)
{
    const jd_json *body;
    jd_str         text;
    sim_changed    k = {0};
    jd_err         e = JD_ERR_NONE;
    if (!may_write(c, name) || !read_body(c, &body) || !comment_text(c, body, &text))
        return;
    jd_code rc = sim_change_comment_by(c->s, c->a, author(c), name, text, &k, &e);
    if (rc != JD_OK) {
        failed(c, rc, &e);
        return;
    }
    const jd_json *tree = NULL;
    jd_buf         out  = JD_BUF_INIT(SIM_ISSUE_MAX);
    if (!c->s->conf->cloud || jd_json_read(c->a, k.child, &tree, &e) != JD_OK) {
        jd_buf_adds(&out, k.child);
    } else {
        jd_jsonw  w     = jd_jsonw_to(&out);
        sim_cloud cloud = {.base_url = c->s->conf->base_url};
        sim_cloud_comment(&w, &cloud, tree);
    }
    sim_call_say(c, &out);
    sim_reply_status(c->r, CREATED);
}

/* -- fields ------------------------------------------------------------------------------------ */

/* What a PUT or a transition asks for, and what is wrong with it, by field. */
typedef struct writing {
    sim_call  *c;
    sim_edits *edits;
    jd_jsonw   wrong;
    size_t     nwrong;
    jd_str     state;  /* a transition's new status, raw; p NULL: no transition */
    bool       screen; /* whose screen has the resolution */
} writing;

static void refuse(writing *k, jd_str field, jd_str why)
{
    jd_jsonw_names(&k->wrong, field);
    jd_jsonw_str(&k->wrong, why);
    k->nwrong++;
}

static void set(writing *k, jd_str field, jd_str value)
{
    if (k->edits->n + 1 < SIM_EDITS)
        k->edits->field[k->edits->n++] = (sim_edit){jd_arena_cstr(k->c->a, field), value};
    else
        refuse(k, field, JD_STR("That is more than this stand-in changes at a time."));
}

static jd_str old_value(const writing *k, const char *field)
{
    return sim_raw_get(sim_raw_get(k->edits->issue, "fields"), field);
}

static void note(writing *k, bool custom, jd_str name, jd_str from, jd_str from_text, jd_str to,
                 jd_str to_text)
{
    sim_change_item(&k->edits->items, custom, name, from, from_text, to, to_text);
}

/* The element of a catalogue that a reference ({"id"} or {"name"}) means, raw; p NULL for none. */
static jd_str entry(writing *k, sim_kind kind, const jd_json *ref)
{
    jd_str id = jd_json_str(jd_json_get(ref, "id")), name = jd_json_str(jd_json_get(ref, "name"));
    jd_str found = JD_NOSTR;
    jd_buf all   = JD_BUF_INIT(SIM_ISSUE_MAX);
    sim_store_read_begin(k->c->s->store);
    sim_meta_write(sim_store_meta(k->c->s->store), kind, &all);
    sim_store_read_end(k->c->s->store);
    for (jd_skim it = jd_skim_open(jd_buf_view(&all)); jd_skim_next(&it);) {
        jd_str theirs = spoken(k->c, sim_raw_get(it.value, "id"));
        jd_str called = spoken(k->c, sim_raw_get(it.value, "name"));
        if (id.n > 0 ? jd_str_eq(id, theirs) : name.n > 0 && jd_str_ieq(name, called))
            found = jd_arena_dup(k->c->a, it.value);
    }
    jd_buf_release(&all);
    return found;
}

static void choose(writing *k, const char *field, sim_kind kind, const jd_json *v)
{
    jd_str now = jd_json_is_null(v) ? JD_STR("null") : entry(k, kind, v), was = old_value(k, field);
    if (!now.p) {
        refuse(k, jd_str_of(field), jd_arena_fmt(k->c->a, "The %s selected is invalid.", field));
        return;
    }
    set(k, jd_str_of(field), now);
    note(k, false, jd_str_of(field), spoken(k->c, sim_raw_get(was, "id")),
         spoken(k->c, sim_raw_get(was, "name")), spoken(k->c, sim_raw_get(now, "id")),
         spoken(k->c, sim_raw_get(now, "name")));
}

static void write_text(writing *k, jd_str field, bool custom, jd_str shown, const jd_json *v)
{
    jd_str      text = JD_NOSTR, was = old_value(k, jd_arena_cstr(k->c->a, field));
    const char *why = jd_json_is_null(v) ? NULL : rich(k->c, v, &text);
    if (why) {
        refuse(k, field, jd_str_of(why));
        return;
    }
    set(k, field, jd_json_is_null(v) ? JD_STR("null") : quoted(k->c, text));
    note(k, custom, shown, JD_NOSTR, spoken(k->c, was), JD_NOSTR, text);
}

static void write_summary(writing *k, const jd_json *v)
{
    jd_str text = jd_json_str(v);
    if (text.n == 0)
        refuse(k, JD_STR("summary"), JD_STR("You must specify a summary of the issue."));
    else if (text.n > TITLE_MAX)
        refuse(k, JD_STR("summary"), JD_STR("Summary must be less than 255 characters."));
    else {
        note(k, false, JD_STR("summary"), JD_NOSTR, spoken(k->c, old_value(k, "summary")), JD_NOSTR,
             text);
        set(k, JD_STR("summary"), quoted(k->c, text));
    }
}

static jd_str joined(sim_call *c, const jd_json *labels)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    for (jd_json_iter it = jd_json_walk(labels); jd_json_next(&it);)
        jd_buf_addf(&b, "%s%.*s", b.n > 0 ? " " : "", JD_FMT(jd_json_str(it.value)));
    jd_str s = jd_arena_dup(c->a, jd_buf_view(&b));
    jd_buf_release(&b);
    return s;
}

static const jd_json *labels_of(const writing *k)
{
    const jd_json *v    = NULL;
    jd_err         none = JD_ERR_NONE;
    jd_str         raw  = old_value(k, "labels");
    return raw.p && jd_json_read(k->c->a, raw, &v, &none) == JD_OK ? v : NULL;
}

static bool good_label(writing *k, jd_str label)
{
    if (label.n > 0 && jd_str_find(label, ' ') == label.n)
        return true;
    refuse(
        k, JD_STR("labels"),
        jd_arena_fmt(k->c->a, "The label '%.*s' contains spaces which is invalid.", JD_FMT(label)));
    return false;
}

static void write_labels(writing *k, const jd_json *v)
{
    if (jd_json_kind(v) != JD_JSON_ARRAY) {
        refuse(k, JD_STR("labels"), JD_STR("data was not an array"));
        return;
    }
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
        if (!good_label(k, jd_json_str(it.value)))
            return;
    set(k, JD_STR("labels"), raw_of(k->c, v));
    note(k, false, JD_STR("labels"), JD_NOSTR, joined(k->c, labels_of(k)), JD_NOSTR,
         joined(k->c, v));
}

static void write_user(writing *k, jd_str field, const jd_json *v)
{
    const char *name = k->c->s->conf->cloud ? "accountId" : "name";
    jd_str      want = jd_json_str(jd_json_get(v, name)), found = JD_NOSTR;
    jd_buf      all = JD_BUF_INIT(SIM_ISSUE_MAX);
    jd_str      was = old_value(k, jd_arena_cstr(k->c->a, field));
    sim_store_read_begin(k->c->s->store);
    sim_meta_users(sim_store_meta(k->c->s->store), &all);
    sim_store_read_end(k->c->s->store);
    for (jd_skim it = jd_skim_open(jd_buf_view(&all)); !found.p && jd_skim_next(&it);) {
        char   account[SIM_ACCOUNT_ID];
        jd_str login = spoken(k->c, sim_raw_get(it.value, "name"));
        jd_str key   = spoken(k->c, sim_raw_get(it.value, "key"));
        jd_str theirs =
            k->c->s->conf->cloud ? sim_account_id(account, key.n > 0 ? key : login) : login;
        if (want.n > 0 && jd_str_eq(want, theirs))
            found = jd_arena_dup(k->c->a, it.value);
    }
    jd_buf_release(&all);
    if (!jd_json_is_null(v) && !found.p) {
        refuse(k, field, jd_arena_fmt(k->c->a, "User '%.*s' does not exist.", JD_FMT(want)));
        return;
    }
    set(k, field, found.p ? found : JD_STR("null"));
    note(k, false, field, spoken(k->c, sim_raw_get(was, "key")),
         spoken(k->c, sim_raw_get(was, "displayName")), spoken(k->c, sim_raw_get(found, "key")),
         spoken(k->c, sim_raw_get(found, "displayName")));
}

static void write_custom(writing *k, jd_str field, const jd_json *v)
{
    static const jd_str area = JD_STR_INIT(":textarea");
    sim_store_read_begin(k->c->s->store);
    const sim_meta *m     = sim_store_meta(k->c->s->store);
    jd_str          shown = jd_arena_dup(k->c->a, sim_meta_field_name(m, field));
    jd_str          type  = jd_arena_dup(k->c->a, sim_meta_custom_type(m, field));
    sim_store_read_end(k->c->s->store);
    jd_str was = old_value(k, jd_arena_cstr(k->c->a, field)), now = raw_of(k->c, v);
    if (shown.n == 0 || !jd_str_starts(field, JD_STR("customfield_"))) {
        refuse(k, field,
               jd_arena_fmt(k->c->a,
                            "Field '%.*s' cannot be set. It is not on the appropriate screen, or "
                            "unknown.",
                            JD_FMT(field)));
    } else if (jd_str_ends(type, area)) {
        write_text(k, field, true, shown, v);
    } else {
        jd_str before = spoken(k->c, was), after = spoken(k->c, now);
        set(k, field, now);
        note(k, true, shown, JD_NOSTR, before.p ? before : was, JD_NOSTR, after.p ? after : now);
    }
}

static void write_one(writing *k, jd_str field, const jd_json *v)
{
    if (jd_str_is(field, "summary"))
        write_summary(k, v);
    else if (jd_str_is(field, "description") || jd_str_is(field, "environment"))
        write_text(k, field, false, field, v);
    else if (jd_str_is(field, "labels"))
        write_labels(k, v);
    else if (jd_str_is(field, "priority"))
        choose(k, "priority", SIM_PRIORITIES, v);
    else if (jd_str_is(field, "assignee") || jd_str_is(field, "reporter"))
        write_user(k, field, v);
    else if (!k->screen || !jd_str_is(field, "resolution")) /* which is set with the state */
        write_custom(k, field, v);
}

/* {"labels":[{"add":X},{"remove":X}]} */
static void update_labels(writing *k, const jd_json *operations)
{
    jd_buf         b   = JD_BUF_INIT(1 << 20);
    jd_jsonw       w   = jd_jsonw_to(&b);
    const jd_json *was = labels_of(k), *now = NULL;
    jd_err         none = JD_ERR_NONE;
    jd_jsonw_array(&w);
    for (jd_json_iter it = jd_json_walk(was); jd_json_next(&it);) {
        bool gone = false;
        for (jd_json_iter o = jd_json_walk(operations); jd_json_next(&o);)
            gone = gone ||
                   jd_str_eq(jd_json_str(it.value), jd_json_str(jd_json_get(o.value, "remove"))) ||
                   jd_str_eq(jd_json_str(it.value), jd_json_str(jd_json_get(o.value, "add")));
        if (!gone)
            jd_jsonw_str(&w, jd_json_str(it.value));
    }
    for (jd_json_iter o = jd_json_walk(operations); jd_json_next(&o);)
        if (jd_json_get(o.value, "add"))
            jd_jsonw_str(&w, jd_json_str(jd_json_get(o.value, "add")));
    jd_jsonw_end(&w);
    if (jd_json_read(k->c->a, jd_arena_dup(k->c->a, jd_buf_view(&b)), &now, &none) == JD_OK)
        write_labels(k, now);
    jd_buf_release(&b);
}

static bool in_both(sim_call *c, const jd_json *fields, const jd_json *update)
{
    for (jd_json_iter it = jd_json_walk(update); jd_json_next(&it);)
        if (jd_json_getn(fields, it.name)) {
            sim_reply_error(c->r, 400,
                            jd_arena_fmt(c->a,
                                         "Field '%.*s' cannot appear in both 'fields' and 'update'",
                                         JD_FMT(it.name)));
            return true;
        }
    return false;
}

/* Comments of "update" are made afterwards: they are no field. */
static bool update_comments(sim_call *c, const jd_json *body, jd_str *text)
{
    for (jd_json_iter it = jd_json_walk(jd_json_path(body, "update.comment")); jd_json_next(&it);)
        return comment_text(c, jd_json_get(it.value, "add"), text);
    return true;
}

typedef struct task {
    writing        k;
    const jd_json *body;
    jd_str         resolution; /* what the state asks for, raw; p NULL: as it is */
    jd_buf         errors;
} task;

static void change_state(writing *k, jd_str resolution)
{
    jd_str was = old_value(k, "status"), old = old_value(k, "resolution");
    set(k, JD_STR("status"), k->state);
    note(k, false, JD_STR("status"), spoken(k->c, sim_raw_get(was, "id")),
         spoken(k->c, sim_raw_get(was, "name")), spoken(k->c, sim_raw_get(k->state, "id")),
         spoken(k->c, sim_raw_get(k->state, "name")));
    if (!resolution.p)
        return;
    bool done = !jd_str_is(resolution, "null");
    set(k, JD_STR("resolution"), resolution);
    set(k, JD_STR("resolutiondate"), done ? quoted(k->c, k->edits->at) : JD_STR("null"));
    note(k, false, JD_STR("resolution"), spoken(k->c, sim_raw_get(old, "id")),
         spoken(k->c, sim_raw_get(old, "name")), spoken(k->c, sim_raw_get(resolution, "id")),
         spoken(k->c, sim_raw_get(resolution, "name")));
}

static jd_code collect(void *self, sim_edits *edits, jd_err *e)
{
    task *t    = self;
    t->k.edits = edits;
    t->k.wrong = jd_jsonw_to(&t->errors);
    jd_jsonw_object(&t->k.wrong);
    if (t->k.state.p)
        change_state(&t->k, t->resolution);
    for (jd_json_iter it = jd_json_walk(jd_json_get(t->body, "fields")); jd_json_next(&it);)
        write_one(&t->k, it.name, it.value);
    for (jd_json_iter it = jd_json_walk(jd_json_get(t->body, "update")); jd_json_next(&it);) {
        if (jd_str_is(it.name, "labels"))
            update_labels(&t->k, it.value);
        else if (!jd_str_is(it.name, "comment"))
            refuse(&t->k, it.name, JD_STR("Field does not support update"));
    }
    jd_jsonw_end(&t->k.wrong);
    return t->k.nwrong ? jd_fail(e, JD_E_DATA, "refused") : JD_OK;
}

static void perform(sim_call *c, jd_str name, task *t)
{
    sim_changed k    = {0};
    jd_err      e    = JD_ERR_NONE;
    jd_str      text = JD_NOSTR;
    t->k.c           = c;
    t->errors        = (jd_buf)JD_BUF_INIT(1 << 20);
    if (in_both(c, jd_json_get(t->body, "fields"), jd_json_get(t->body, "update")) ||
        !update_comments(c, t->body, &text))
        return;
    jd_code rc = sim_change_edit(c->s, c->a, author(c), name, collect, t, &k, &e);
    if (rc == JD_OK && text.p)
        rc = sim_change_comment_by(c->s, c->a, author(c), name, text, &k, &e);
    if (rc == JD_E_DATA && t->k.nwrong > 0) {
        sim_reply_status(c->r, 400);
        jd_buf_addz(sim_reply_own(c->r), "{\"errorMessages\":[],\"errors\":");
        jd_buf_adds(sim_reply_own(c->r), jd_buf_view(&t->errors));
        jd_buf_addc(sim_reply_own(c->r), '}');
    } else if (rc != JD_OK) {
        failed(c, rc, &e);
    } else {
        done(c);
    }
    jd_buf_release(&t->errors);
}

void sim_write_fields(sim_call *c, jd_str name)
{
    task t = {.k = {.state = JD_NOSTR}};
    if (may_write(c, name) && read_body(c, &t.body))
        perform(c, name, &t);
}

/* -- transitions ------------------------------------------------------------------------------- */

/* Jira's default workflow, by ids of statuses. */
static const struct step {
    const char *from, *id, *name, *to;
    bool        screen; /* it asks for a resolution */
} STEPS[] = {
    {"1", "4", "Start Progress", "3", false},   {"1", "5", "Resolve Issue", "5", true},
    {"1", "2", "Close Issue", "6", true},       {"3", "301", "Stop Progress", "1", false},
    {"3", "5", "Resolve Issue", "5", true},     {"3", "2", "Close Issue", "6", true},
    {"4", "4", "Start Progress", "3", false},   {"4", "5", "Resolve Issue", "5", true},
    {"4", "2", "Close Issue", "6", true},       {"5", "701", "Close Issue", "6", false},
    {"5", "3", "Reopen Issue", "4", false},     {"6", "3", "Reopen Issue", "4", false},
    {"10002", "5", "Resolve Issue", "5", true}, {"10002", "731", "Cancel Patch", "1", false},
};
enum { NSTEPS = sizeof STEPS / sizeof *STEPS };

static jd_str state_of(sim_call *c, jd_str name)
{
    sim_text *t  = sim_call_issue(c, name);
    jd_str    id = t ? jd_arena_dup(c->a, t->issue.status.id) : JD_NOSTR;
    sim_text_drop(t);
    return id;
}

static jd_str status_raw(sim_call *c, const char *id)
{
    writing        k    = {.c = c};
    const jd_json *ref  = NULL;
    jd_err         none = JD_ERR_NONE;
    if (jd_json_read(c->a, jd_arena_fmt(c->a, "{\"id\":\"%s\"}", id), &ref, &none) != JD_OK)
        return JD_NOSTR;
    return entry(&k, SIM_STATUSES, ref);
}

void sim_get_transitions(sim_call *c, jd_str name)
{
    jd_str   state = state_of(c, name);
    jd_buf   all   = JD_BUF_INIT(1 << 20);
    jd_jsonw w     = jd_jsonw_to(&all);
    if (!state.p)
        return;
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "expand", JD_STR("transitions"));
    jd_jsonw_name(&w, "transitions");
    jd_jsonw_array(&w);
    for (size_t i = 0; c->who && i < NSTEPS; i++) { /* who may not, has none */
        jd_str to = jd_str_is(state, STEPS[i].from) ? status_raw(c, STEPS[i].to) : JD_NOSTR;
        if (!to.p)
            continue;
        jd_jsonw_object(&w);
        jd_jsonw_kstr(&w, "id", jd_str_of(STEPS[i].id));
        jd_jsonw_kstr(&w, "name", jd_str_of(STEPS[i].name));
        jd_jsonw_name(&w, "to");
        jd_jsonw_raw(&w, to);
        jd_jsonw_kbool(&w, "hasScreen", STEPS[i].screen);
        jd_jsonw_kbool(&w, "isGlobal", false);
        jd_jsonw_kbool(&w, "isInitial", false);
        jd_jsonw_kbool(&w, "isAvailable", true);
        jd_jsonw_kbool(&w, "isConditional", false);
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    jd_buf out = JD_BUF_INIT(1 << 20);
    sim_side_say(c, &out, jd_buf_view(&all));
    jd_buf_release(&all);
    sim_call_say(c, &out);
}

static const struct step *step_of(jd_str state, jd_str id)
{
    for (size_t i = 0; i < NSTEPS; i++)
        if (jd_str_is(state, STEPS[i].from) && jd_str_is(id, STEPS[i].id))
            return &STEPS[i];
    return NULL;
}

void sim_write_transition(sim_call *c, jd_str name)
{
    task t = {.k = {.state = JD_NOSTR}};
    if (!may_write(c, name) || !read_body(c, &t.body))
        return;
    const jd_json     *ref = jd_json_path(t.body, "transition.id");
    uint64_t           n   = jd_json_id(ref);
    jd_str             id  = jd_json_is_str(ref) ? jd_json_str(ref)
                             : n > 0             ? jd_arena_fmt(c->a, "%llu", (unsigned long long)n)
                                                 : JD_NOSTR;
    const struct step *s   = step_of(state_of(c, name), id);
    if (id.n == 0)
        sim_reply_error(c->r, 400, JD_STR("Missing 'transition' identifier"));
    else if (!s)
        sim_reply_error(c->r, 400,
                        jd_arena_fmt(c->a,
                                     "It is not on the appropriate screen, or unknown: transition "
                                     "'%.*s' is not valid for this issue.",
                                     JD_FMT(id)));
    if (!s)
        return;
    t.k.state  = status_raw(c, s->to);
    t.k.screen = s->screen;
    if (s->screen) {
        static const jd_str usual = JD_STR_INIT("{\"id\":\"1\"}");
        const jd_json      *wish  = jd_json_path(t.body, "fields.resolution");
        jd_err              none  = JD_ERR_NONE;
        writing             k     = {.c = c};
        if (wish || jd_json_read(c->a, usual, &wish, &none) == JD_OK)
            t.resolution = entry(&k, SIM_RESOLUTIONS, wish);
        if (!t.resolution.p) {
            sim_reply_error(c->r, 400, JD_STR("The resolution selected is invalid."));
            return;
        }
    } else if (!jd_str_is(jd_str_of(s->to), "6")) {
        t.resolution = JD_STR("null");
    }
    perform(c, name, &t);
}
