/* Sprints of any bytes, printed and as JSON: what is read lies inside of what was given, and reads
 * the same when it is printed again. */
#include "model/sprint.h"

#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void lies_in(jd_str part, jd_str whole)
{
    must(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void member(jd_buf *out, const char *name, jd_str value)
{
    jd_buf_addf(out, ",%s=", name);
    jd_buf_adds(out, value);
}

/* With its members in another order, where no value holds what may begin one. */
static void reads_back(const jd_sprint *s)
{
    jd_buf    b       = JD_BUF_INIT(1 << 20);
    jd_str    value[] = {s->name, s->goal, s->start, s->end, s->complete};
    jd_sprint back;
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        if (jd_str_find(value[i], '=') < value[i].n || jd_str_is(value[i], "<null>"))
            return;
    jd_buf_addf(&b, "Sprint@0[state=%s", jd_sprint_state_name(s->state));
    member(&b, "goal", s->goal);
    member(&b, "completeDate", s->complete);
    member(&b, "endDate", s->end);
    member(&b, "startDate", s->start);
    member(&b, "name", s->name);
    jd_buf_addf(&b, ",rapidViewId=%llu,id=%llu]", (unsigned long long)s->board,
                (unsigned long long)s->id);
    must(jd_sprint_parse(jd_buf_view(&b), &back));
    must(back.id == s->id && back.board == s->board && back.state == s->state);
    must(jd_str_eq(back.name, s->name) && jd_str_eq(back.goal, s->goal));
    must(jd_str_eq(back.start, s->start) && jd_str_eq(back.end, s->end));
    must(jd_str_eq(back.complete, s->complete));
    jd_buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_str         s = {(const char *)data, size};
    jd_sprint      out;
    jd_arena      *a = jd_arena_new(0);
    const jd_json *v;
    jd_err         e;
    if (jd_sprint_parse(s, &out)) {
        must(out.id > 0);
        lies_in(out.name, s);
        lies_in(out.goal, s);
        lies_in(out.start, s);
        lies_in(out.end, s);
        lies_in(out.complete, s);
        reads_back(&out);
    } else {
        must(out.id == 0 && out.name.n == 0);
    }
    if (!jd_json_read(a, s, &v, &e))
        must(jd_sprint_read(v, &out) == (out.id > 0));
    jd_arena_free(a);
    return 0;
}
