#include "base/vec.h"
#include "cli/commands.h"
#include "text/jsonw.h"
#include "text/utf8.h"

#include <stddef.h>
#include <string.h>

enum { OUT_MAX = 4 << 20, VALUE_COLUMNS = 60 };

typedef struct config_args {
    bool json;
} config_args;

static const jd_opt config_opts[] = {
    {.name = "json",
     .kind = JD_OPT_FLAG,
     .at   = offsetof(config_args, json),
     .help = "Print JSON instead of a table."},
    {0},
};

static const char *const origins[] = {
    [JD_FROM_DEFAULT] = "default", [JD_FROM_YAML] = "yaml", [JD_FROM_DOTENV] = "dotenv",
    [JD_FROM_ENV] = "env",         [JD_FROM_FLAG] = "flag",
};

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

typedef JD_VEC(jd_opt) opt_list;

static bool same_setting(const jd_opt *a, const jd_opt *b)
{
    return same_name(a->name, b->name) && same_name(a->key, b->key) && same_name(a->env, b->env);
}

/* Whether a command takes the setting. */
static bool takes(const jd_cmd *cmd, const jd_opt *o)
{
    for (size_t t = 0; cmd->opts && cmd->opts[t]; t++)
        for (const jd_opt *own = cmd->opts[t]; own->help; own++)
            if (same_setting(own, o))
                return true;
    return false;
}

static void add_once(opt_list *all, const jd_opt *table)
{
    for (const jd_opt *o = table; o->help; o++) {
        bool there = false;
        for (size_t i = 0; i < all->n && !there; i++)
            there = same_setting(&all->v[i], o);
        /* What only makes sense for one call (--help, --json) is no setting. */
        if (!there && (o->env || o->key || o->dflt || o->kind != JD_OPT_FLAG))
            *jd_vec_add(all) = *o;
    }
}

/* One command that takes the options of all that are asked for, each once; it is never run, and its
 * options fill nothing. */
static const jd_cmd *gather(jd_cli *c, const jd_cmd *only)
{
    opt_list all = {0};
    for (size_t i = 0; jd_commands[i]; i++)
        for (size_t t = 0;
             (!only || jd_commands[i] == only) && jd_commands[i]->opts && jd_commands[i]->opts[t];
             t++)
            add_once(&all, jd_commands[i]->opts[t]);
    add_once(&all, jd_global_opts);
    jd_opt *table = JD_NEW_ARRAY(c->arena, jd_opt, all.n + 1);
    memcpy(table, all.v, all.n * sizeof *table);
    jd_vec_release(&all);
    const jd_opt **tables = JD_NEW_ARRAY(c->arena, const jd_opt *, 2);
    jd_cmd        *cmd    = JD_NEW(c->arena, jd_cmd);
    tables[0]             = table;
    cmd->name             = "config";
    cmd->opts             = tables;
    return cmd;
}

/* "--page-size"; where commands mean different things by one flag, with the command behind it. */
static const char *setting_name(const jd_conf_values *values, const jd_opt *o, jd_arena *a)
{
    if (!o->name || o->kind == JD_OPT_SECRET) {
        jd_str env = jd_str_of(o->env);
        return o->env ? jd_arena_cstr(a, jd_str_cut(env, 0, jd_str_find(env, '|'))) : o->key;
    }
    size_t rows = 0;
    for (size_t i = 0; i < values->n; i++)
        rows += same_name(values->v[i].opt->name, o->name);
    for (size_t i = 0; rows > 1 && jd_commands[i]; i++)
        if (takes(jd_commands[i], o))
            return jd_arena_fmt(a, "%s --%s", jd_commands[i]->name, o->name).p;
    return jd_arena_fmt(a, "--%s", o->name).p;
}

static const char *origin_text(const jd_conf_value *v, jd_arena *a)
{
    switch (v->origin) {
    case JD_FROM_DEFAULT:
        return v->text ? "default" : "";
    case JD_FROM_ENV:
        return jd_arena_fmt(a, "environment %s", v->where).p;
    case JD_FROM_FLAG:
        return jd_arena_fmt(a, "flag %s", v->where).p;
    default:
        return v->where;
    }
}

static void pad(jd_buf *out, const char *text, size_t to)
{
    size_t width = jd_utf8_width(jd_str_of(text));
    jd_buf_addz(out, text);
    for (; width < to; width++)
        jd_buf_addc(out, ' ');
}

static void put_table(jd_buf *out, const jd_conf_values *values, jd_arena *a)
{
    size_t wide[2] = {7, 5};
    for (size_t i = 0; i < values->n; i++) {
        const jd_conf_value *v     = &values->v[i];
        size_t               name  = jd_utf8_width(jd_str_of(setting_name(values, v->opt, a)));
        size_t               value = jd_utf8_width(jd_str_of(v->text));
        wide[0]                    = name > wide[0] ? name : wide[0];
        if (value > wide[1] && value <= VALUE_COLUMNS)
            wide[1] = value;
    }
    pad(out, "SETTING", wide[0] + 2);
    pad(out, "VALUE", wide[1] + 2);
    jd_buf_addz(out, "FROM\n");
    for (size_t i = 0; i < values->n; i++) {
        const jd_conf_value *v = &values->v[i];
        pad(out, setting_name(values, v->opt, a), wide[0] + 2);
        jd_buf clean = JD_BUF_INIT(OUT_MAX);
        jd_escape_line(&clean, jd_str_of(v->text ? v->text : "-"));
        const char *from = origin_text(v, a);
        pad(out, jd_buf_cstr(&clean), *from ? wide[1] + 2 : 0);
        jd_buf_release(&clean);
        jd_buf_addf(out, "%s\n", from);
    }
}

static void put_json(jd_buf *out, const jd_conf_values *values)
{
    jd_jsonw w = jd_jsonw_pretty(out);
    jd_jsonw_array(&w);
    for (size_t i = 0; i < values->n; i++) {
        const jd_conf_value *v = &values->v[i];
        jd_jsonw_object(&w);
        jd_jsonw_name(&w, "commands");
        jd_jsonw_array(&w); /* none: every command */
        for (size_t k = 0; jd_commands[k]; k++)
            if (takes(jd_commands[k], v->opt))
                jd_jsonw_str(&w, jd_str_of(jd_commands[k]->name));
        jd_jsonw_end(&w);
        jd_jsonw_name(&w, "flag");
        jd_jsonw_str_or_null(&w,
                             v->opt->kind == JD_OPT_SECRET ? JD_NOSTR : jd_str_of(v->opt->name));
        jd_jsonw_name(&w, "env");
        jd_jsonw_str_or_null(&w, jd_str_of(v->opt->env));
        jd_jsonw_name(&w, "key");
        jd_jsonw_str_or_null(&w, jd_str_of(v->opt->key));
        jd_jsonw_name(&w, "value");
        jd_jsonw_str_or_null(&w, jd_str_of(v->text));
        jd_jsonw_kstr(&w, "origin", jd_str_of(origins[v->origin]));
        jd_jsonw_name(&w, "where");
        jd_jsonw_str_or_null(&w, jd_str_of(v->where));
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
}

static int run(void *ctx, const void *args, const jd_list *positional)
{
    jd_cli            *c      = ctx;
    const config_args *o      = args;
    jd_err             e      = JD_ERR_NONE;
    jd_buf             out    = JD_BUF_INIT(OUT_MAX);
    jd_conf_values     values = {0};
    const jd_cmd      *only   = NULL;
    int                status;
    if (positional->n) {
        int          used;
        char *const *argv = (char *const *)(uintptr_t)positional->v;
        only              = jd_command_find((int)positional->n, argv, &used);
        if (!only || (size_t)used != positional->n) {
            (void)jd_command_unknown(c->arena, (int)positional->n, argv, &e);
            status = jd_cli_fail(c, &e);
            goto out;
        }
    }
    if (jd_opt_parse(gather(c, only), 0, NULL, c->conf, c->arena, NULL, NULL, &values, &e)) {
        status = jd_cli_fail(c, &e);
        goto out;
    }
    if (o->json)
        put_json(&out, &values);
    else
        put_table(&out, &values, c->arena);
    status = jd_cli_print(c, jd_buf_view(&out));
out:
    jd_buf_release(&out);
    return status;
}

static const jd_opt *const tables[] = {config_opts, NULL};

const jd_cmd jd_cmd_config = {
    .name    = "config",
    .brief   = "show every setting, its effective value and where it came from",
    .usage   = "[COMMAND]",
    .detail  = "Settings come from, first to last: flags, the environment, .env, jiraduct.yml, the "
               "defaults. Secrets are masked.",
    .example = "jiraduct config\njiraduct config help --json",
    .opts    = tables,
    .args_size = sizeof(config_args),
    .pos_most  = 3,
    .run       = run,
};
