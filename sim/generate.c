#include "sim/generate.h"

#include "sim/gen.h"

#include <stdlib.h>

static gen_issue *issue_new(const gen_ctx *c)
{
    gen_issue *g   = jd_xcalloc(1, sizeof *g);
    g->ctx         = c;
    g->text        = (jd_buf)JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
    g->summary     = (jd_buf)JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
    g->description = (jd_buf)JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
    return g;
}

static void issue_free(gen_issue *g)
{
    jd_buf_release(&g->text);
    jd_buf_release(&g->summary);
    jd_buf_release(&g->description);
    free(g);
}

static void make(gen_issue *g, jd_buf *out, uint64_t index)
{
    g->head = gen_head_of(g->ctx, index);
    gen_plan(g);
    gen_write(g, out);
}

void sim_generate(const sim_gen_conf *conf, void (*emit)(void *self, jd_str issue_json),
                  void               *self_)
{
    gen_ctx c;
    jd_buf  out = JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
    gen_ctx_open(&c, conf);
    gen_issue *g = issue_new(&c);
    for (uint64_t i = 0; i < conf->count; i++) {
        jd_buf_reset(&out);
        make(g, &out, i);
        emit(self_, jd_buf_view(&out));
    }
    issue_free(g);
    gen_ctx_close(&c);
    jd_buf_release(&out);
}

void sim_generate_one(jd_buf *out, const sim_gen_conf *conf, uint64_t index)
{
    gen_ctx c;
    gen_ctx_open(&c, conf);
    gen_issue *g = issue_new(&c);
    make(g, out, index);
    issue_free(g);
    gen_ctx_close(&c);
}
