#include "cli/convert_field.h"

#include "base/vec.h"
#include "text/json.h"

/* A value that is being looked through for the next name of the path. */
typedef struct level {
    jd_skim it;
    jd_str  path; /* what is still to be found in it */
} level;

typedef struct search {
    const jd_field_edit *f;
    jd_buf              *out;
    const char          *kept; /* up to here the line is written */
    uint64_t             found;
    JD_VEC(level) level;
} search;

static jd_code bad_line(jd_err *e)
{
    return jd_fail(e, JD_E_DATA, "the line is no JSON object");
}

static jd_code replace(search *s, jd_str value, jd_err *e)
{
    bool   done   = false;
    size_t before = s->out->n;
    jd_buf_add(s->out, s->kept, (size_t)(value.p - s->kept));
    jd_code c = s->f->edit(s->f->self, s->out, value, &done, e);
    if (!done) {
        s->out->n = before;
        return c;
    }
    s->kept = value.p + value.n;
    s->found++;
    return c;
}

static bool is_container(jd_str value)
{
    return value.n && (value.p[0] == '{' || value.p[0] == '[');
}

static void go_into(search *s, jd_str value, jd_str path)
{
    if (is_container(value))
        *jd_vec_add(&s->level) = (level){jd_skim_open(value), path};
}

/* A member or an element: the end of the path, or on the way to it. */
static jd_code look_at(search *s, jd_str path, const jd_skim *it, jd_err *e)
{
    if (!it->object) {
        if (path.n == 0 && !(it->value.p[0] == '['))
            return replace(s, it->value, e);
        if (path.n && it->value.p[0] == '{')
            go_into(s, it->value, path);
        return JD_OK;
    }
    size_t dot  = jd_str_find(path, '.');
    jd_str rest = jd_str_cut(path, dot + 1, path.n);
    if (!jd_str_eq(it->name, jd_str_cut(path, 0, dot)))
        return JD_OK;
    if (it->value.p[0] == '[')
        go_into(s, it->value, rest);
    else if (rest.n == 0)
        return replace(s, it->value, e);
    else if (it->value.p[0] == '{')
        go_into(s, it->value, rest);
    return JD_OK;
}

jd_code jd_field_replace(const jd_field_edit *f, jd_buf *out, jd_str line, uint64_t *found,
                         jd_err *e)
{
    search  s = {.f = f, .out = out, .kept = line.p};
    jd_code c = JD_OK;
    go_into(&s, jd_str_trim(line), jd_str_of(f->path));
    if (s.level.n == 0 || !s.level.v[0].it.object)
        c = bad_line(e);
    while (!c && s.level.n) {
        level *top = &s.level.v[s.level.n - 1];
        if (jd_skim_next(&top->it)) {
            jd_skim it   = top->it; /* the list may move */
            jd_str  path = top->path;
            c            = look_at(&s, path, &it, e);
        } else if (top->it.bad) {
            c = bad_line(e);
        } else {
            s.level.n--;
        }
    }
    jd_buf_add(out, s.kept, (size_t)(line.p + line.n - s.kept));
    *found = s.found;
    jd_vec_release(&s.level);
    return c;
}
