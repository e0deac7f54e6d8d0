#include "sys/optpriv.h"
#include "text/date.h"

#include <stdio.h>
#include <string.h>

/* argv, one word after the other. */
typedef struct scan {
    const jd_cmd *cmd;
    jd_arena     *a;
    int           argc, at;
    char        **argv;
    const char   *letters; /* what is left of "-abc" */
    const jd_opt *list;    /* an open list: words that are no option belong to it */
    bool          plain;   /* after "--" */
} scan;

typedef struct word {
    const jd_opt *opt; /* NULL: a positional argument */
    const char   *spelled, *value;
} word;

/* Every option of every table of a command, in order. */
#define EACH_OPT(cmd, o)                                      \
    for (size_t t_ = 0; (cmd)->opts && (cmd)->opts[t_]; t_++) \
        for ((o) = (cmd)->opts[t_]; (o)->help; (o)++)

static const jd_opt *by_name(const jd_cmd *cmd, jd_str name)
{
    const jd_opt *o;
    EACH_OPT(cmd, o)
    if (o->name && jd_str_is(name, o->name))
        return o;
    return NULL;
}

static const jd_opt *by_letter(const jd_cmd *cmd, char letter)
{
    const jd_opt *o;
    EACH_OPT(cmd, o)
    if (o->letter == letter)
        return o;
    return NULL;
}

static char dashed(char c)
{
    return c == '_' || c == '.' ? '-' : c;
}

/* Equal but for case and for what joins the words. */
static bool same_but_dashes(jd_str flag, jd_str name)
{
    bool same = flag.n == name.n;
    for (size_t i = 0; same && i < flag.n; i++) {
        char a = dashed(flag.p[i]), b = dashed(name.p[i]);
        same = jd_str_ieq((jd_str){&a, 1}, (jd_str){&b, 1});
    }
    return same;
}

/* The secret that a flag of this name would mean: --pat, --jira-pat for JIRA_PAT or jira.pat. */
static const jd_opt *secret_like(const jd_cmd *cmd, jd_str flag)
{
    const jd_opt *o;
    EACH_OPT(cmd, o)
    {
        if (o->kind != JD_OPT_SECRET)
            continue;
        jd_str rest = jd_str_of(o->env), name, key = jd_str_of(o->key);
        if ((o->name && jd_str_is(flag, o->name)) || same_but_dashes(flag, key))
            return o;
        size_t dot = jd_str_find(key, '.');
        if (dot < key.n && same_but_dashes(flag, jd_str_cut(key, dot + 1, key.n)))
            return o;
        while (jd_str_split(&rest, '|', &name))
            if (same_but_dashes(flag, name))
                return o;
    }
    return NULL;
}

static jd_code refuse_secret(const jd_opt *o, const char *spelled, jd_err *e)
{
    jd_str rest = jd_str_of(o->env), name = JD_NOSTR;
    (void)jd_str_split(&rest, '|', &name);
    if (name.n)
        return jd_fail(e, JD_E_USAGE,
                       "%s: a secret on the command line can be seen by everyone on this machine; "
                       "put %.*s=… into .env or the environment",
                       spelled, JD_FMT(name));
    return jd_fail(e, JD_E_USAGE,
                   "%s: a secret on the command line can be seen by everyone on this machine; put "
                   "%s into jiraduct.yml",
                   spelled, o->key ? o->key : "it");
}

static jd_code unknown_option(const scan *s, jd_str flag, jd_err *e)
{
    const jd_opt *o    = secret_like(s->cmd, flag);
    const char   *name = jd_arena_cstr(s->a, flag);
    if (o)
        return refuse_secret(o, jd_arena_fmt(s->a, "--%s", name).p, e);
    JD_VEC(const char *) names = {0};
    EACH_OPT(s->cmd, o)
    {
        if (o->name && o->kind != JD_OPT_SECRET)
            *jd_vec_add(&names) = o->name;
        if (o->name && o->kind == JD_OPT_FLAG)
            *jd_vec_add(&names) = jd_arena_fmt(s->a, "no-%s", o->name).p;
    }
    const char *near = jd_did_you_mean(name, names.v, names.n);
    jd_vec_release(&names);
    if (near)
        return jd_fail(e, JD_E_USAGE, "--%s: there is no such option; did you mean --%s?", name,
                       near);
    return jd_fail(e, JD_E_USAGE,
                   "--%s: there is no such option; 'jiraduct %s --help' lists those there are",
                   name, s->cmd->name);
}

/* The option that `arg` ("--name", "--name=x", "--no-name", "-n…") spells, NULL when none. */
static const jd_opt *option_of(const jd_cmd *cmd, const char *arg)
{
    if (arg[0] != '-' || !arg[1])
        return NULL;
    if (arg[1] != '-')
        return by_letter(cmd, arg[1]);
    jd_str name = jd_str_of(arg + 2);
    name        = jd_str_cut(name, 0, jd_str_find(name, '='));
    return by_name(cmd, name);
}

/* The word after an option that needs one. An option there means that the value was forgotten. */
static jd_code value_behind(scan *s, word *w, jd_err *e)
{
    const char *next = s->at < s->argc ? s->argv[s->at] : NULL;
    if (next && !option_of(s->cmd, next) && strcmp(next, "--") != 0) {
        s->at++;
        w->value = next;
        return JD_OK;
    }
    return jd_fail(e, JD_E_USAGE, "%s: a value is missing; write %s %s", w->spelled, w->spelled,
                   w->opt->arg ? w->opt->arg : "VALUE");
}

static jd_code next_letter(scan *s, word *w, jd_err *e)
{
    char letter      = *s->letters++;
    w->opt           = by_letter(s->cmd, letter);
    w->spelled       = jd_arena_fmt(s->a, "-%c", letter).p;
    const char *rest = s->letters;
    if (!*rest)
        s->letters = NULL;
    if (!w->opt) {
        s->letters = NULL;
        return jd_fail(e, JD_E_USAGE,
                       "-%c: there is no such option; 'jiraduct %s --help' lists those there are",
                       letter, s->cmd->name);
    }
    if (w->opt->kind == JD_OPT_FLAG) {
        w->value = "true";
        return JD_OK;
    }
    s->letters = NULL;
    if (w->opt->kind == JD_OPT_SECRET)
        return refuse_secret(w->opt, w->spelled, e);
    if (*rest) {
        w->value = rest;
        return JD_OK;
    }
    jd_code rc = value_behind(s, w, e);
    if (!rc && w->opt->kind == JD_OPT_LIST)
        s->list = w->opt;
    return rc;
}

static jd_code next_long(scan *s, word *w, const char *arg, jd_err *e)
{
    jd_str all = jd_str_of(arg + 2), name = jd_str_cut(all, 0, jd_str_find(all, '='));
    bool   has_value = name.n < all.n;
    w->spelled       = jd_arena_fmt(s->a, "--%.*s", JD_FMT(name)).p;
    w->opt           = by_name(s->cmd, name);
    if (!w->opt && jd_str_starts(name, JD_STR("no-"))) {
        w->opt = by_name(s->cmd, jd_str_cut(name, 3, name.n));
        if (w->opt && w->opt->kind == JD_OPT_FLAG && !has_value) {
            w->value = "false";
            return JD_OK;
        }
        w->opt = NULL;
    }
    if (!w->opt)
        return unknown_option(s, name, e);
    if (w->opt->kind == JD_OPT_SECRET)
        return refuse_secret(w->opt, w->spelled, e);
    if (has_value) {
        w->value = all.p + name.n + 1;
        return JD_OK;
    }
    if (w->opt->kind == JD_OPT_FLAG) {
        w->value = "true";
        return JD_OK;
    }
    jd_code rc = value_behind(s, w, e);
    if (!rc && w->opt->kind == JD_OPT_LIST)
        s->list = w->opt;
    return rc;
}

/* The next word of argv; *more is false at the end. After an error the scan can go on. */
static jd_code next_word(scan *s, word *w, bool *more, jd_err *e)
{
    *w    = (word){0};
    *more = true;
    if (s->letters)
        return next_letter(s, w, e);
    while (s->at < s->argc) {
        const char *arg = s->argv[s->at++];
        if (!s->plain && strcmp(arg, "--") == 0) {
            s->plain = true;
            s->list  = NULL;
            continue;
        }
        if (s->plain || arg[0] != '-' || !arg[1]) {
            w->opt = s->list;
            w->spelled =
                s->list && s->list->name ? jd_arena_fmt(s->a, "--%s", s->list->name).p : arg;
            w->value = arg;
            return JD_OK;
        }
        s->list = NULL;
        if (arg[1] == '-')
            return next_long(s, w, arg, e);
        s->letters = arg + 1;
        return next_letter(s, w, e);
    }
    *more = false;
    return JD_OK;
}

bool jd_opt_peek(const jd_cmd *cmd, int argc, char **argv, const char *name, const char **value)
{
    jd_arena *a     = jd_arena_new(0);
    scan      s     = {.cmd = cmd, .a = a, .argc = argc, .argv = argv};
    bool      found = false, more = true;
    while (more) {
        jd_err  e = JD_ERR_NONE;
        word    w;
        jd_code rc = next_word(&s, &w, &more, &e);
        if (rc || !more || !w.opt || !w.opt->name || strcmp(w.opt->name, name) != 0)
            continue;
        bool flag = w.opt->kind == JD_OPT_FLAG;
        found     = !flag || strcmp(w.value, "false") != 0;
        if (value)
            *value = flag ? NULL : w.value;
    }
    jd_arena_free(a);
    return found;
}

static jd_slots make_slots(const jd_cmd *cmd, jd_arena *a)
{
    jd_slots      slots = {0};
    const jd_opt *o;
    EACH_OPT(cmd, o)
    slots.n++;
    slots.v  = JD_NEW_ARRAY(a, jd_slot, slots.n);
    size_t i = 0;
    EACH_OPT(cmd, o)
    slots.v[i++].opt = o;
    return slots;
}

static void load_default(jd_slot *slot, jd_arena *a)
{
    const jd_opt *o = slot->opt;
    if (!o->dflt)
        return;
    jd_raw *r             = &slot->from[JD_FROM_DEFAULT];
    r->given              = true;
    r->loose              = true;
    r->label              = jd_arena_fmt(a, "default of %s", o->name ? o->name : o->env).p;
    *jd_vec_add(&r->text) = o->dflt;
}

static jd_code load_argv(const jd_cmd *cmd, int argc, char **argv, jd_arena *a, jd_slots *slots,
                         jd_list *positional, jd_err *e)
{
    scan s        = {.cmd = cmd, .a = a, .argc = argc, .argv = argv};
    bool more     = true;
    *positional   = (jd_list){0};
    positional->v = JD_NEW_ARRAY(a, const char *, (size_t)argc + 1);
    for (;;) {
        word    w;
        jd_code rc = next_word(&s, &w, &more, e);
        if (rc || !more)
            return rc;
        if (!w.opt) {
            positional->v[positional->n++] = w.value;
            continue;
        }
        for (size_t i = 0; i < slots->n; i++) {
            if (slots->v[i].opt != w.opt)
                continue;
            jd_raw *r             = &slots->v[i].from[JD_FROM_FLAG];
            r->given              = true;
            r->label              = w.spelled;
            r->where              = w.spelled;
            *jd_vec_add(&r->text) = w.value;
        }
    }
}

static jd_code check_positional(const jd_cmd *cmd, const jd_list *positional, jd_err *e)
{
    if (positional->n < cmd->pos_least)
        return jd_fail(e, JD_E_USAGE, "%s: an argument is missing; write jiraduct %s %s", cmd->name,
                       cmd->name, cmd->usage ? cmd->usage : "");
    if (positional->n <= cmd->pos_most)
        return JD_OK;
    const char *extra = positional->v[cmd->pos_most];
    if (cmd->pos_most == 0)
        return jd_fail(e, JD_E_USAGE,
                       "%s: '%s' is not expected; 'jiraduct %s --help' shows what it takes",
                       cmd->name, extra, cmd->name);
    return jd_fail(e, JD_E_USAGE, "%s: '%s' is one argument too many; write jiraduct %s %s",
                   cmd->name, extra, cmd->name, cmd->usage ? cmd->usage : "");
}

static const jd_code origin_code[JD_ORIGINS] = {
    [JD_FROM_DEFAULT] = JD_E_INTERNAL, [JD_FROM_YAML] = JD_E_CONFIG, [JD_FROM_DOTENV] = JD_E_CONFIG,
    [JD_FROM_ENV] = JD_E_CONFIG,       [JD_FROM_FLAG] = JD_E_USAGE,
};

/* The highest origin that says something fills the field and is checked; what it hides is only
 * noted. */
static jd_code settle(const jd_slot *slot, jd_arena *a, void *args, jd_conf_value *value, jd_err *e)
{
    const jd_opt *o     = slot->opt;
    void         *field = args ? (char *)args + o->at : NULL;
    if (field && o->kind == JD_OPT_DATE)
        memcpy(field, &(int64_t){JD_NO_TIME}, sizeof(int64_t));
    *value            = (jd_conf_value){.opt = o};
    jd_conf_value *at = NULL;
    for (int origin = JD_FROM_FLAG; origin >= JD_FROM_DEFAULT; origin--) {
        const jd_raw *r = &slot->from[origin];
        if (!r->given)
            continue;
        jd_conf_value *v = at ? JD_NEW(a, jd_conf_value) : value;
        *v               = (jd_conf_value){.opt    = o,
                                           .origin = (jd_origin)origin,
                                           .where  = r->where,
                                           .file   = r->file,
                                           .label  = r->label};
        jd_err  ignored;
        jd_code rc = jd_opt_store(o, r, a, at ? NULL : field, &v->text, origin_code[origin],
                                  at ? &ignored : e);
        if (rc && !at)
            return rc;
        if (at)
            at->hides = v;
        at = v;
    }
    return JD_OK;
}

jd_code jd_opt_parse(const jd_cmd *cmd, int argc, char **argv, const jd_conf_in *in, jd_arena *a,
                     void *args, jd_list *positional, jd_conf_values *values, jd_err *e)
{
    jd_slots      slots = make_slots(cmd, a);
    jd_list       unused;
    jd_conf_value one, *all = values ? JD_NEW_ARRAY(a, jd_conf_value, slots.n) : NULL;
    jd_list      *words = positional ? positional : &unused;
    jd_code       rc    = load_argv(cmd, argc, argv, a, &slots, words, e);
    if (args)
        memset(args, 0, cmd->args_size);
    if (rc || (rc = check_positional(cmd, words, e)) || (rc = jd_conf_load(cmd, in, a, &slots, e)))
        goto out;
    for (size_t i = 0; i < slots.n && !rc; i++) {
        load_default(&slots.v[i], a);
        rc = settle(&slots.v[i], a, args, all ? &all[i] : &one, e);
    }
    if (!rc && values)
        *values = (jd_conf_values){all, slots.n};
out:
    for (size_t i = 0; i < slots.n; i++)
        for (size_t k = 0; k < JD_ORIGINS; k++)
            jd_vec_release(&slots.v[i].from[k].text);
    return rc;
}
