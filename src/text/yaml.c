#include "text/yaml.h"

#include "base/map.h"
#include "base/vec.h"
#include "text/utf8.h"

#include <string.h>
#include <yaml.h>

enum { NESTING_MAX = 16 };

typedef struct level {
    jd_str path;  /* of the container itself */
    jd_str key;   /* the path of the value that comes next, in a mapping */
    bool   list;  /* a sequence; otherwise a mapping */
    bool   keyed; /* the key was read, its value comes next */
    size_t count; /* elements or members so far */
    size_t line;
} level;

typedef struct reader {
    jd_arena     *arena;
    const char   *name;
    jd_err       *err;
    yaml_parser_t parser;
    jd_map       *seen; /* paths */
    level         stack[NESTING_MAX];
    size_t        depth;
    bool          begun; /* a document */
    JD_VEC(jd_yaml_item) items;
} reader;

static jd_code refuse(reader *r, yaml_mark_t at, const char *what)
{
    return jd_fail(r->err, JD_E_CONFIG, "%s:%zu:%zu: %s", r->name, at.line + 1, at.column + 1,
                   what);
}

/* The path of the value that stands here. */
static jd_str value_path(reader *r)
{
    if (r->depth == 0)
        return JD_NOSTR;
    level *l = &r->stack[r->depth - 1];
    return l->list ? jd_arena_fmt(r->arena, "%.*s[%zu]", JD_FMT(l->path), l->count) : l->key;
}

static void value_done(reader *r)
{
    if (r->depth == 0)
        return;
    r->stack[r->depth - 1].count++;
    r->stack[r->depth - 1].keyed = false;
}

static bool wants_key(const reader *r)
{
    const level *l = r->depth ? &r->stack[r->depth - 1] : NULL;
    return l && !l->list && !l->keyed;
}

static void add_item(reader *r, jd_str path, jd_str value, size_t line, bool quoted)
{
    *jd_vec_add(&r->items) =
        (jd_yaml_item){.path = path, .value = value, .line = (unsigned)line + 1, .quoted = quoted};
}

static jd_code take_key(reader *r, jd_str key, yaml_mark_t at)
{
    level *l = &r->stack[r->depth - 1];
    bool   fresh;
    if (key.n == 0)
        return refuse(r, at, "a name is empty");
    l->key         = l->path.n ? jd_arena_fmt(r->arena, "%.*s.%.*s", JD_FMT(l->path), JD_FMT(key))
                               : jd_arena_dup(r->arena, key);
    uint64_t *line = jd_map_put(r->seen, l->key, &fresh);
    if (!fresh)
        return jd_fail(r->err, JD_E_CONFIG, "%s:%zu:%zu: \"%.*s\" stands here and on line %llu too",
                       r->name, at.line + 1, at.column + 1, JD_FMT(jd_utf8_head(l->key, 100)),
                       (unsigned long long)*line);
    *line    = at.line + 1;
    l->keyed = true;
    return JD_OK;
}

static bool is_null(jd_str s)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (jd_str_is(s, words[i]))
            return true;
    return false;
}

static jd_code take_scalar(reader *r, const yaml_event_t *ev)
{
    jd_str text   = {(const char *)ev->data.scalar.value, ev->data.scalar.length};
    bool   quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (ev->data.scalar.anchor)
        return refuse(r, ev->start_mark, "anchors (&name) are not supported: write the value out");
    if (ev->data.scalar.tag)
        return refuse(r, ev->start_mark, "tags (!name) are not supported: leave it out");
    if (wants_key(r))
        return take_key(r, text, ev->start_mark);
    if (r->depth == 0) {
        if (!quoted && is_null(text))
            return JD_OK; /* a document with nothing in it */
        return refuse(r, ev->start_mark, "expected settings, one \"name: value\" a line");
    }
    jd_str value = !quoted && is_null(text) ? JD_NOSTR : jd_arena_dup(r->arena, text);
    add_item(r, value_path(r), value, ev->start_mark.line, quoted);
    value_done(r);
    return JD_OK;
}

static jd_code open_level(reader *r, const yaml_event_t *ev, bool list)
{
    const yaml_char_t *anchor =
        list ? ev->data.sequence_start.anchor : ev->data.mapping_start.anchor;
    const yaml_char_t *tag = list ? ev->data.sequence_start.tag : ev->data.mapping_start.tag;
    if (anchor)
        return refuse(r, ev->start_mark, "anchors (&name) are not supported: write the value out");
    if (tag)
        return refuse(r, ev->start_mark, "tags (!name) are not supported: leave it out");
    if (wants_key(r))
        return refuse(r, ev->start_mark, "a name must be plain text, not a list or a mapping");
    if (r->depth == 0 && list)
        return refuse(r, ev->start_mark, "expected settings, one \"name: value\" a line");
    if (r->depth == NESTING_MAX)
        return refuse(r, ev->start_mark, "nested deeper than 16 levels");
    r->stack[r->depth] = (level){.path = value_path(r), .list = list, .line = ev->start_mark.line};
    r->depth++;
    return JD_OK;
}

static void close_level(reader *r)
{
    const level *l = &r->stack[--r->depth];
    if (l->count == 0 && l->path.n) /* "projects: []" says something: none */
        add_item(r, l->path, JD_NOSTR, l->line, false);
    value_done(r);
}

static jd_code take_event(reader *r, const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->begun)
            return refuse(r, ev->start_mark, "a second document begins: keep one in a file");
        r->begun = true;
        return JD_OK;
    case YAML_ALIAS_EVENT:
        return refuse(r, ev->start_mark, "aliases (*name) are not supported: write the value out");
    case YAML_SCALAR_EVENT:
        return take_scalar(r, ev);
    case YAML_SEQUENCE_START_EVENT:
        return open_level(r, ev, true);
    case YAML_MAPPING_START_EVENT:
        return open_level(r, ev, false);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_level(r);
        return JD_OK;
    default:
        return JD_OK;
    }
}

/* Line and column of a byte offset, for faults found before there are any marks. */
static yaml_mark_t mark_at(jd_str bytes, size_t offset)
{
    yaml_mark_t at = {.index = offset};
    for (size_t i = 0; i < offset && i < bytes.n; i++) {
        at.column = bytes.p[i] == '\n' ? 0 : at.column + 1;
        at.line += bytes.p[i] == '\n';
    }
    return at;
}

static jd_code broken(reader *r, jd_str bytes)
{
    const yaml_parser_t *p = &r->parser;
    if (p->error == YAML_MEMORY_ERROR)
        return jd_fail(r->err, JD_E_INTERNAL, "%s: out of memory", r->name);
    if (p->error == YAML_READER_ERROR)
        return refuse(r, mark_at(bytes, p->problem_offset), "not UTF-8 text");
    return jd_fail(r->err, JD_E_CONFIG, "%s:%zu:%zu: %s%s%s", r->name, p->problem_mark.line + 1,
                   p->problem_mark.column + 1, p->problem ? p->problem : "not YAML",
                   p->context ? ", " : "", p->context ? p->context : "");
}

jd_code jd_yaml_read(jd_arena *a, jd_str bytes, const char *name, jd_yaml *out, jd_err *e)
{
    reader  r    = {.arena = a, .name = name, .err = e};
    jd_code code = JD_OK;
    bool    more = true;
    if (!yaml_parser_initialize(&r.parser))
        return jd_fail(e, JD_E_INTERNAL, "%s: out of memory", name);
    r.seen = jd_map_new();
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    if (jd_str_starts(bytes, JD_STR("\xef\xbb\xbf")))
        bytes = jd_str_cut(bytes, 3, bytes.n);
    yaml_parser_set_input_string(&r.parser, (const yaml_char_t *)(bytes.n ? bytes.p : ""), bytes.n);
    while (more && code == JD_OK) {
        yaml_event_t ev;
        if (!yaml_parser_parse(&r.parser, &ev)) {
            code = broken(&r, bytes);
            break;
        }
        more = ev.type != YAML_STREAM_END_EVENT;
        code = take_event(&r, &ev);
        yaml_event_delete(&ev);
    }
    if (code == JD_OK) {
        *out = (jd_yaml){.item = JD_NEW_ARRAY(a, jd_yaml_item, r.items.n), .n = r.items.n};
        if (r.items.n)
            memcpy(out->item, r.items.v, r.items.n * sizeof *r.items.v);
    }
    jd_vec_release(&r.items);
    jd_map_free(r.seen);
    yaml_parser_delete(&r.parser);
    return code;
}
