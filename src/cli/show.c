#include "flow/show.h"

#include "cli/commands.h"
#include "cli/paths.h"
#include "sink/alias.h"
#include "sink/site.h"
#include "sink/store.h"
#include "sink/tomb.h"
#include "text/date.h"

#include <stddef.h>
#include <stdio.h>

enum { ISSUE_MAX = 256 << 20, OUT_MAX = 1 << 30, KEY_SHOWN = 60 };

typedef struct show_args {
    const char *raw_dir, *state_dir;
    bool        json;
} show_args;

#define AT(member) .at = offsetof(show_args, member)

static const jd_opt show_opts[] = {
    JD_OPT_RAW_DIR(show_args, "The folder with the issues."),
    JD_OPT_STATE_DIR(show_args,
                     "The folder with the state, which knows the old keys of moved issues."),
    {.name = "json", .kind = JD_OPT_FLAG, AT(json), .help = "Print the issue as it is held."},
    {0},
};

typedef struct mirror {
    const show_args *args;
    jd_store        *store;
    jd_store_reader *reader;
    jd_state        *state; /* NULL when there is none, or it cannot be read: */
    jd_err           why;   /* then, why */
    jd_arena        *arena; /* lasts for one issue */
    jd_arena        *kept;  /* lasts for the command */
    jd_fields        fields;
    jd_buf           out;
} mirror;

static jd_code open_mirror(mirror *m, jd_err *e)
{
    if (!jd_path_is_dir(m->args->raw_dir))
        return jd_fail(e, JD_E_NOTFOUND,
                       "%s: there is no such folder: run `jiraduct scrape` first, or name the "
                       "mirror with --raw-dir",
                       m->args->raw_dir);
    jd_code c = jd_store_open(m->args->raw_dir, m->args->state_dir, &m->store, e);
    if (!c)
        c = jd_store_reader_open(m->store, ISSUE_MAX, &m->reader, e);
    if (!c && jd_state_open_read(m->args->state_dir, &m->state, &m->why))
        m->state = NULL;
    /* without their names fields are shown by their ids */
    const jd_json *names;
    jd_err         ignored;
    if (!c && !jd_site_read(m->args->raw_dir, JD_SITE_NAMES, m->kept, &names, &ignored))
        jd_fields_read(m->kept, names, &m->fields);
    return c;
}

static void close_mirror(mirror *m)
{
    jd_state_close(m->state);
    jd_store_reader_close(m->reader);
    jd_store_close(m->store);
    jd_arena_free(m->arena);
    jd_arena_free(m->kept);
    jd_buf_release(&m->out);
}

/* People write keys in small letters, as Jira lets them. */
static jd_code read_key(mirror *m, const char *word, jd_str *key, jd_err *e)
{
    char *upper = jd_arena_cstr(m->arena, jd_str_of(word));
    for (char *p = upper; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    *key = jd_str_of(upper);
    return jd_is_issue_key(*key)
               ? JD_OK
               : jd_fail(e, JD_E_USAGE, "'%s' is no issue key: write one as KAFKA-12", word);
}

/* It was here, and why it is no longer. */
static jd_code removed(const mirror *m, const jd_tombstone *t, jd_str key, jd_err *e)
{
    char made[JD_TIME_MAX], updated[JD_TIME_MAX], now[KEY_SHOWN + 16] = "";
    if (t->now.n)
        (void)snprintf(now, sizeof now, ": %.*s", JD_FMT(jd_str_cut(t->now, 0, KEY_SHOWN)));
    return jd_fail(
        e, JD_E_NOTFOUND,
        "%.*s is no longer in the mirror %s: removed on %s as %s (%s%s); last updated on "
        "%s",
        JD_FMT(key), m->args->raw_dir, jd_time_utc(t->made_ms, made), jd_cause_name(t->cause),
        jd_cause_text(t->cause), now, jd_time_utc(t->updated_ms, updated));
}

static jd_code unknown(const mirror *m, jd_str key, jd_err *e)
{
    jd_tombstone t;
    bool         buried;
    if (m->state) {
        jd_code c = jd_tomb_find(m->state, m->arena, key, &t, &buried, e);
        if (c || buried)
            return c ? c : removed(m, &t, key, e);
    }
    if (!m->state && m->why.code != JD_E_NOTFOUND) {
        *e = m->why;
        return jd_wrap(e, "%.*s is not in the mirror %s, and whether it moved cannot be told",
                       JD_FMT(key), m->args->raw_dir);
    }
    jd_str project = jd_key_project(key);
    return jd_fail(e, JD_E_NOTFOUND,
                   "%.*s is not in the mirror %s%s%.*s: `jiraduct scrape --projects %.*s` fetches "
                   "what is new; --raw-dir and --state-dir name another mirror",
                   JD_FMT(key), m->args->raw_dir, m->state ? " of " : "",
                   JD_FMT(m->state ? jd_state_site(m->state) : JD_STR("")), JD_FMT(project));
}

static jd_code read_doc(mirror *m, jd_str key, const jd_json **doc, jd_err *e)
{
    jd_str  raw;
    jd_code c = jd_store_read(m->reader, key, &raw, e);
    if (!c)
        c = jd_json_read(m->arena, raw, doc, e);
    if (c && c != JD_E_NOTFOUND)
        return jd_wrap(e, "%.*s", JD_FMT(jd_store_where(m->store, m->arena, key)));
    if (!c && jd_json_kind(jd_json_get(*doc, "fields")) != JD_JSON_OBJECT)
        c = jd_fail(e, JD_E_DATA, "%.*s: it is no issue: `jiraduct state verify` finds all such",
                    JD_FMT(jd_store_where(m->store, m->arena, key)));
    return c;
}

/* The issue of that key, or of whom it once was; *asked is the key if it is an old one. */
static jd_code find(mirror *m, jd_str key, jd_str *asked, const jd_json **doc, jd_err *e)
{
    jd_err   none = JD_ERR_NONE;
    uint64_t id   = 0;
    jd_str   now  = JD_NOSTR;
    *asked        = JD_NOSTR;
    jd_code c     = read_doc(m, key, doc, &none);
    if (c == JD_E_NOTFOUND && m->state) {
        c = jd_alias_find(m->state, m->arena, key, &id, &now, e);
        if (c)
            return c;
        c      = now.n ? read_doc(m, now, doc, &none) : JD_E_NOTFOUND;
        *asked = key;
        /* a state that belongs to another mirror */
        if (!c && jd_json_id(jd_json_get(*doc, "id")) != id)
            c = JD_E_NOTFOUND;
    }
    if (c == JD_E_NOTFOUND)
        return unknown(m, key, e);
    if (c)
        *e = none;
    return c;
}

/* Where people see the issue; empty unless the state speaks of this very issue. */
static jd_str site_of(mirror *m, const jd_json *doc)
{
    jd_err   ignored;
    uint64_t id    = 0;
    bool     found = false;
    if (!m->state ||
        jd_state_by_key(m->state, jd_json_str(jd_json_get(doc, "key")), &id, &found, &ignored))
        return JD_NOSTR;
    return found && id == jd_json_id(jd_json_get(doc, "id")) ? jd_state_site(m->state) : JD_NOSTR;
}

static jd_code show_one(mirror *m, const char *word, bool first, jd_err *e)
{
    jd_str         key, asked;
    const jd_json *doc = NULL;
    jd_code        c   = read_key(m, word, &key, e);
    if (!c)
        c = find(m, key, &asked, &doc, e);
    if (c)
        return c;
    if (m->args->json) {
        jd_json_write_pretty(&m->out, doc);
        jd_buf_addc(&m->out, '\n');
    } else {
        jd_show how = {site_of(m, doc), asked, jd_escape_line, &m->fields};
        if (!first)
            jd_buf_addz(&m->out, "\n\n");
        jd_show_issue(&m->out, m->arena, &how, doc);
    }
    return jd_buf_ok(&m->out) ? JD_OK
                              : jd_fail(e, JD_E_TOOBIG, "%s: larger than the %d MiB that are shown",
                                        word, OUT_MAX / (1 << 20));
}

static int run_show(void *ctx, const void *args, const jd_list *positional)
{
    const jd_cli *c      = ctx;
    jd_err        e      = JD_ERR_NONE;
    mirror        m      = {.args  = args,
                            .why   = JD_ERR_NONE,
                            .arena = jd_arena_new(0),
                            .kept  = jd_arena_new(0),
                            .out   = JD_BUF_INIT(OUT_MAX)};
    int           status = 0;
    bool          first  = true;
    if (open_mirror(&m, &e))
        status = jd_cli_fail(c, &e);
    for (size_t i = 0; i < positional->n && m.reader && !jd_stop_wanted(c->stop); i++) {
        int one;
        e = JD_ERR_NONE;
        if (show_one(&m, positional->v[i], first, &e)) {
            one = jd_cli_fail(c, &e);
        } else {
            one   = jd_cli_print(c, jd_buf_view(&m.out));
            first = false;
        }
        if (!status)
            status = one;
        jd_buf_reset(&m.out);
        jd_arena_reset(m.arena);
    }
    close_mirror(&m);
    return status;
}

const jd_cmd jd_cmd_show = {
    .name  = "show",
    .brief = "print issues of the mirror",
    .usage = "KEY...",
    .detail =
        "Prints what is held of each issue: fields, links, the description and the comments as "
        "Markdown, work, attachments and history. Values of custom fields and of changes are cut "
        "at 160 bytes. Dates are UTC. With --json, Jira's own JSON, indented and whole.\n"
        "\n"
        "An issue that has moved answers to its old keys, too; of one that a census removed it is "
        "said when and why. Nothing is asked of the server, "
        "and a scrape may run meanwhile. An issue that is not there gives exit code 66, after the "
        "others were printed.",
    .example   = "jiraduct show KAFKA-12\n"
                 "jiraduct show --json KAFKA-12 | jq .fields.status.name",
    .opts      = (const jd_opt *const[]){show_opts, NULL},
    .args_size = sizeof(show_args),
    .pos_least = 1,
    .pos_most  = SIZE_MAX,
    .run       = run_show,
};
