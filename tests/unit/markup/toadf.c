/* toadf cases FILE... | toadf random COUNT: ADF as jd_write_adf writes it, one document a line, for
 * tests/e2e/test_adf_schema.py to validate. Of each case: what its wiki or ADF becomes, and what
 * the Markdown and the wiki markup written of it become; of each seed: a random document. */
#include "markup/markup.h"
#include "unit/markup/randomdoc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct run {
    jd_arena *arena;
    jd_mk_doc d, again;
    jd_buf    text, adf;
} run;

static void print(run *r, jd_mk_doc *d)
{
    jd_buf_reset(&r->adf);
    jd_write_adf(&r->adf, d);
    (void)fwrite(r->adf.p, 1, r->adf.n, stdout);
    (void)putchar('\n');
}

static void print_by_way_of(run *r, jd_mk_form form)
{
    jd_buf_reset(&r->text);
    jd_mk_write(&r->text, form, &r->d);
    jd_mk_read(&r->again, form, jd_buf_view(&r->text));
    print(r, &r->again);
}

static void print_case(run *r, const jd_json *c)
{
    const jd_json *adf = jd_json_get(c, "adf");
    if (adf)
        jd_read_adf(&r->d, adf);
    else
        jd_read_wiki(&r->d, jd_json_str(jd_json_get(c, "input")));
    print(r, &r->d);
    print_by_way_of(r, JD_MK_MARKDOWN);
    print_by_way_of(r, JD_MK_WIKI);
}

static bool print_cases(run *r, const char *path)
{
    FILE  *f    = fopen(path, "rb");
    char  *line = NULL;
    size_t cap  = 0;
    bool   good = f != NULL;
    for (ssize_t n; good && (n = getline(&line, &cap, f)) > 0;) {
        const jd_json *c;
        jd_err         e = JD_ERR_NONE;
        jd_arena_reset(r->arena);
        good = jd_json_read(r->arena, (jd_str){line, (size_t)n}, &c, &e) == JD_OK;
        if (good)
            print_case(r, c);
    }
    free(line);
    if (f)
        (void)fclose(f);
    if (!good)
        (void)fprintf(stderr, "toadf: cannot read %s\n", path);
    return good;
}

static void print_random(run *r, uint64_t seed)
{
    jd_arena_reset(r->arena);
    randomdoc(&r->d, seed, 8 + (unsigned)(seed % 120), seed & 1 ? RANDOMDOC_WILD : RANDOMDOC_TAME);
    print(r, &r->d);
}

int main(int argc, char **argv)
{
    jd_arena *a    = jd_arena_new(0);
    run       r    = {.arena = a,
                      .d     = JD_MK_DOC_INIT(a),
                      .again = JD_MK_DOC_INIT(a),
                      .text  = JD_BUF_INIT(64 << 20),
                      .adf   = JD_BUF_INIT(64 << 20)};
    bool      good = argc > 2;
    if (good && strcmp(argv[1], "random") == 0)
        for (uint64_t seed = 1, n = strtoull(argv[2], NULL, 10); seed <= n; seed++)
            print_random(&r, seed);
    else
        for (int i = 2; i < argc && good; i++)
            good = print_cases(&r, argv[i]);
    jd_buf_release(&r.text);
    jd_buf_release(&r.adf);
    jd_mk_release(&r.d);
    jd_mk_release(&r.again);
    jd_arena_free(a);
    return good ? 0 : 1;
}
