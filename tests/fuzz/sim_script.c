/* Fault scripts of any bytes: no crash, a rule's own text reads as that rule again, and what a
 * rule may say stays within bounds. */
#include "sim/script.h"
#include "sim/spoil.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same_fault(const sim_fault *a, const sim_fault *b)
{
    return a->kind == b->kind && jd_str_eq(jd_str_of(a->name), jd_str_of(b->name)) &&
           a->status == b->status && a->retry == b->retry && a->retry_s == b->retry_s &&
           a->body == b->body && a->amount == b->amount && a->percent == b->percent &&
           a->ms == b->ms && a->delta == b->delta && a->shape == b->shape && a->whom == b->whom &&
           jd_str_eq(a->issue, b->issue) && jd_str_eq(a->in, b->in) && jd_str_eq(a->to, b->to);
}

static bool same(const sim_rule *a, const sim_rule *b)
{
    return a->lanes == b->lanes && a->nth == b->nth && a->from == b->from && a->every == b->every &&
           a->times == b->times && a->chance == b->chance && jd_str_eq(a->path, b->path) &&
           jd_str_eq(a->has, b->has) && same_fault(&a->fault, &b->fault);
}

static bool bounded(const sim_rule *r)
{
    const sim_fault *f = &r->fault;
    return r->chance <= SIM_ALWAYS &&
           (f->kind != SIM_FAULT_STATUS || (f->status >= 400 && f->status <= 599)) &&
           f->ms <= 3600000 && (!f->percent || f->amount <= 100) &&
           (f->kind != SIM_FAULT_BIG || f->amount <= 200) &&
           (f->kind != SIM_FAULT_SHAPE || f->shape == SIZE_MAX || f->shape < sim_shape_count()) &&
           (r->has.n == 0 || !sim_fault_is_change(f->kind));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_arena  *arena = jd_arena_new(0);
    jd_err     e     = JD_ERR_NONE;
    sim_script s, again;
    if (sim_script_parse(arena, (jd_str){(const char *)data, size}, &s, &e) == JD_OK) {
        for (size_t i = 0; i < s.n; i++)
            if (!bounded(&s.rule[i]) ||
                sim_script_parse(arena, s.rule[i].text, &again, &e) != JD_OK || again.n != 1 ||
                !same(&s.rule[i], &again.rule[0]))
                abort();
    } else if (e.msg[0] == '\0') {
        abort();
    }
    jd_arena_free(arena);
    return 0;
}
