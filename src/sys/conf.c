#include "sys/file.h"
#include "sys/optpriv.h"
#include "text/yaml.h"

#include <string.h>

enum { CONF_MAX = 1 << 20 };

static const char yaml_default[] = "jiraduct.yml";

bool jd_names_have(const char *names, jd_str name)
{
    jd_str rest = jd_str_of(names), one;
    while (jd_str_split(&rest, '|', &one))
        if (jd_str_eq(one, name))
            return true;
    return false;
}

/* One file of settings; *there is false when it is missing (a folder of that name is none). */
static jd_code read_conf(const char *path, bool must, jd_arena *a, jd_str *bytes, bool *there,
                         jd_err *e)
{
    jd_buf  b  = JD_BUF_INIT(CONF_MAX);
    jd_code rc = JD_OK;
    *there     = false;
    if (!must && (!jd_path_exists(path) || jd_path_is_dir(path)))
        return JD_OK;
    if (jd_file_read(path, &b, e)) {
        e->code = rc = JD_E_CONFIG;
    } else {
        *bytes = jd_arena_dup(a, jd_buf_view(&b));
        *there = true;
    }
    jd_buf_release(&b);
    return rc;
}

static void give(jd_raw *r, const char *where, const char *file, const char *label,
                 const char *text)
{
    r->given              = true;
    r->where              = where;
    r->file               = file;
    r->label              = label;
    *jd_vec_add(&r->text) = text;
}

/* The value of name in "NAME=value" strings, NULL when it is not there or empty. */
static const char *env_value(const char *const *env, jd_str name)
{
    for (; env && *env; env++)
        if (strncmp(*env, name.p, name.n) == 0 && (*env)[name.n] == '=')
            return (*env)[name.n + 1] ? *env + name.n + 1 : NULL;
    return NULL;
}

static void load_environ(const jd_conf_in *in, jd_arena *a, jd_slots *slots)
{
    for (size_t i = 0; i < slots->n; i++) {
        jd_str rest = jd_str_of(slots->v[i].opt->env), name;
        while (jd_str_split(&rest, '|', &name)) {
            const char *value = env_value(in->environ, name);
            if (!value)
                continue;
            jd_raw *r = &slots->v[i].from[JD_FROM_ENV];
            give(r, jd_arena_cstr(a, name), NULL,
                 jd_arena_fmt(a, "%.*s (environment)", JD_FMT(name)).p, value);
            r->loose = true;
            break;
        }
    }
}

/* The last line that sets name to something, as python-dotenv and shells have it. */
static const jd_env_item *env_item(const jd_env *env, jd_str name)
{
    for (size_t i = env->n; i-- > 0;)
        if (jd_str_eq(env->item[i].name, name))
            return env->item[i].value.n ? &env->item[i] : NULL;
    return NULL;
}

jd_code jd_conf_variable(const jd_conf_in *in, const char *name, jd_arena *a, const char **out,
                         jd_err *e)
{
    jd_str  bytes;
    bool    there;
    jd_env  env = {0};
    jd_code rc;
    *out = env_value(in->environ, jd_str_of(name));
    if (*out || !in->dotenv_path)
        return JD_OK;
    if ((rc = read_conf(in->dotenv_path, false, a, &bytes, &there, e)) || !there ||
        (rc = jd_env_read(a, bytes, in->dotenv_path, &env, e)))
        return rc;
    const jd_env_item *item = env_item(&env, jd_str_of(name));
    *out                    = item ? jd_arena_cstr(a, item->value) : NULL;
    return JD_OK;
}

static jd_code load_dotenv(const jd_conf_in *in, jd_arena *a, jd_slots *slots, jd_err *e)
{
    jd_str  bytes;
    bool    there;
    jd_env  env = {0};
    jd_code rc;
    if (!in->dotenv_path)
        return JD_OK;
    if ((rc = read_conf(in->dotenv_path, false, a, &bytes, &there, e)) || !there ||
        (rc = jd_env_read(a, bytes, in->dotenv_path, &env, e)))
        return rc;
    for (size_t i = 0; i < slots->n; i++) {
        jd_str rest = jd_str_of(slots->v[i].opt->env), name;
        while (jd_str_split(&rest, '|', &name)) {
            const jd_env_item *item = env_item(&env, name);
            if (!item)
                continue;
            jd_raw     *r     = &slots->v[i].from[JD_FROM_DOTENV];
            const char *where = jd_arena_fmt(a, "%s:%u", in->dotenv_path, item->line).p;
            give(r, where, in->dotenv_path, jd_arena_fmt(a, "%s: %.*s", where, JD_FMT(name)).p,
                 jd_arena_cstr(a, item->value));
            r->loose = true;
            break;
        }
    }
    return JD_OK;
}

/* The path of a YAML item without "[3]" at its end; *element says that it had one. */
static jd_str base_path(jd_str path, bool *element)
{
    *element = path.n > 2 && path.p[path.n - 1] == ']';
    if (!*element)
        return path;
    size_t at = path.n - 1;
    while (at > 0 && path.p[at] != '[')
        at--;
    return jd_str_cut(path, 0, at);
}

typedef JD_VEC(const char *) names;

static void add_keys(const jd_cmd *cmd, names *keys)
{
    for (size_t t = 0; cmd->opts && cmd->opts[t]; t++)
        for (const jd_opt *o = cmd->opts[t]; o->help; o++)
            if (o->key)
                *jd_vec_add(keys) = o->key;
}

/* "scopes[*]": its command reads by itself what is below it. */
static bool is_within(jd_str key, jd_str path)
{
    static const jd_str any = JD_STR_INIT("[*]");
    if (!jd_str_ends(key, any))
        return false;
    key.n -= any.n;
    return jd_str_starts(path, key) &&
           (path.n == key.n || path.p[key.n] == '[' || path.p[key.n] == '.');
}

/* True when path is a key, or a section that holds keys and nothing else was written there. */
static bool known_key(const names *keys, jd_str path, bool empty)
{
    for (size_t i = 0; i < keys->n; i++) {
        jd_str key = jd_str_of(keys->v[i]);
        if (is_within(key, path))
            return true;
        if (jd_str_eq(key, path) ||
            (empty && key.n > path.n && key.p[path.n] == '.' && jd_str_starts(key, path)))
            return true;
    }
    return false;
}

static jd_code unknown_key(const char *file, const jd_yaml_item *item, const names *keys,
                           jd_arena *a, jd_err *e)
{
    const char *path = jd_arena_cstr(a, item->path);
    const char *near = jd_did_you_mean(path, keys->v, keys->n);
    for (size_t i = 0; !near && i < keys->n; i++) { /* the right name in the wrong section */
        const char *dot = strrchr(keys->v[i], '.'), *mine = strrchr(path, '.');
        if (strcmp(dot ? dot + 1 : keys->v[i], mine ? mine + 1 : path) == 0)
            near = keys->v[i];
    }
    if (near)
        return jd_fail(e, JD_E_CONFIG, "%s:%u: '%s' is not a setting; did you mean %s?", file,
                       item->line, path, near);
    return jd_fail(e, JD_E_CONFIG,
                   "%s:%u: '%s' is not a setting; 'jiraduct config' shows those there are", file,
                   item->line, path);
}

static jd_code take_item(const char *file, const jd_yaml_item *item, jd_str path, bool element,
                         jd_arena *a, jd_slots *slots, jd_err *e)
{
    for (size_t i = 0; i < slots->n; i++) {
        const jd_opt *o = slots->v[i].opt;
        if (!o->key || !jd_str_is(path, o->key))
            continue;
        const char *where = jd_arena_fmt(a, "%s:%u", file, item->line).p;
        const char *label = jd_arena_fmt(a, "%s: %s", where, o->key).p;
        if (element && o->kind != JD_OPT_LIST)
            return jd_fail(e, JD_E_CONFIG, "%s: takes one value; write it without a list", label);
        if (!item->value.p)
            continue;
        jd_raw *r = &slots->v[i].from[JD_FROM_YAML];
        if (r->given)
            where = r->where, label = r->label; /* a list stands where it begins */
        give(r, where, file, label, jd_arena_cstr(a, item->value));
        r->loose = !element;
        r->whole = element;
    }
    return JD_OK;
}

static jd_code load_yaml(const jd_cmd *cmd, const jd_conf_in *in, jd_arena *a, jd_slots *slots,
                         jd_err *e)
{
    const char *file = in->yaml_path ? in->yaml_path : yaml_default;
    jd_str      bytes;
    bool        there;
    jd_yaml     doc = {0};
    if (!*file)
        return JD_OK;
    jd_code rc = read_conf(file, in->yaml_path != NULL, a, &bytes, &there, e);
    if (rc || !there || (rc = jd_yaml_read(a, bytes, file, &doc, e)))
        return rc;
    names keys = {0};
    add_keys(cmd, &keys);
    for (size_t i = 0; in->commands && in->commands[i]; i++)
        add_keys(in->commands[i], &keys);
    for (size_t i = 0; i < doc.n && !rc; i++) {
        const jd_yaml_item *item = &doc.item[i];
        bool                element;
        jd_str              path = base_path(item->path, &element);
        if (known_key(&keys, path, !item->value.p))
            rc = take_item(file, item, path, element, a, slots, e);
        else
            rc = unknown_key(file, item, &keys, a, e);
    }
    jd_vec_release(&keys);
    return rc;
}

jd_code jd_conf_load(const jd_cmd *cmd, const jd_conf_in *in, jd_arena *a, jd_slots *slots,
                     jd_err *e)
{
    load_environ(in, a, slots);
    jd_code rc = load_dotenv(in, a, slots, e);
    return rc ? rc : load_yaml(cmd, in, a, slots, e);
}

const jd_conf_value *jd_conf_find(const jd_conf_values *values, const char *name)
{
    for (size_t i = 0; i < values->n; i++) {
        const jd_opt *o = values->v[i].opt;
        if ((o->name && strcmp(o->name, name) == 0) || (o->key && strcmp(o->key, name) == 0) ||
            jd_names_have(o->env, jd_str_of(name)))
            return &values->v[i];
    }
    return NULL;
}

const char *jd_conf_beside(const jd_conf_values *values, const char *secret, const char *other)
{
    const jd_conf_value *s = jd_conf_find(values, secret), *o = jd_conf_find(values, other);
    if (!s || !s->file)
        return NULL;
    for (; o; o = o->hides)
        if (o->file && strcmp(o->file, s->file) == 0)
            return o->text;
    return NULL;
}
