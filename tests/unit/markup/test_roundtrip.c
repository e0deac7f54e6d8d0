/* There and back: ADF -> Markdown -> ADF and wiki -> Markdown -> wiki keep words and structure.
 *
 * A random document (randomdoc.h, TAME) is first written and read in the form in question, so that
 * only what that form can say is left of it. What came back is compared by its skeleton
 * (skeleton.h, which lists what is made alike); a panel of the wiki is a quote there, and what
 * Markdown cannot keep apart of the wiki's own lists and breaks is not compared here.
 *
 * JD_SEED=N runs one seed, JD_LONG=1 ten times as many. */
#include "markup/markup.h"
#include "skeleton.h"
#include "unit/check.h"
#include "unit/markup/randomdoc.h"

#include <stdio.h>

enum { SEEDS = 2000, SHORTEST = 20 };

typedef struct trip {
    jd_arena *arena;
    jd_mk_doc d;
    jd_buf    form, markdown, back, seen, again; /* a document borrows from what it was read of */
} trip;

static void begin(trip *t)
{
    *t   = (trip){.arena    = jd_arena_new(0),
                  .form     = JD_BUF_INIT(64 << 20),
                  .markdown = JD_BUF_INIT(64 << 20),
                  .back     = JD_BUF_INIT(64 << 20),
                  .seen     = JD_BUF_INIT(64 << 20),
                  .again    = JD_BUF_INIT(64 << 20)};
    t->d = (jd_mk_doc)JD_MK_DOC_INIT(t->arena);
}

static void end(trip *t)
{
    jd_buf_release(&t->form);
    jd_buf_release(&t->markdown);
    jd_buf_release(&t->back);
    jd_buf_release(&t->seen);
    jd_buf_release(&t->again);
    jd_mk_release(&t->d);
    jd_arena_free(t->arena);
}

static void write(trip *t, jd_buf *out, jd_mk_form form)
{
    jd_buf_reset(out);
    jd_mk_write(out, form, &t->d);
    assert_true(jd_buf_ok(out));
}

static void make(trip *t, uint64_t seed, jd_mk_form form)
{
    jd_arena_reset(t->arena);
    randomdoc(&t->d, seed, 8 + (unsigned)(seed % 90), RANDOMDOC_TAME);
    write(t, &t->form, form);
    jd_mk_read(&t->d, form, jd_buf_view(&t->form));
    jd_buf_reset(&t->seen);
    skeleton_of(&t->seen, &t->d);
}

static bool there_and_back(trip *t, uint64_t seed, jd_mk_form form)
{
    make(t, seed, form);
    write(t, &t->markdown, JD_MK_MARKDOWN);
    jd_mk_read(&t->d, JD_MK_MARKDOWN, jd_buf_view(&t->markdown));
    write(t, &t->back, form);
    jd_mk_read(&t->d, form, jd_buf_view(&t->back));
    jd_buf_reset(&t->again);
    skeleton_of(&t->again, &t->d);
    if (jd_str_eq(jd_buf_view(&t->seen), jd_buf_view(&t->again)))
        return true;
    printf("JD_SEED=%llu\n--- first\n%.*s\n--- Markdown\n%.*s\n--- back\n%.*s\n--- seen\n%.*s\n"
           "--- again\n%.*s\n",
           (unsigned long long)seed, JD_FMT(jd_buf_view(&t->form)),
           JD_FMT(jd_buf_view(&t->markdown)), JD_FMT(jd_buf_view(&t->back)),
           JD_FMT(jd_buf_view(&t->seen)), JD_FMT(jd_buf_view(&t->again)));
    return false;
}

/* What was written and read once is the same bytes each time it is written again. */
static bool settled(trip *t, uint64_t seed, jd_mk_form form)
{
    make(t, seed, form);
    write(t, &t->markdown, form);
    jd_mk_read(&t->d, form, jd_buf_view(&t->markdown));
    write(t, &t->back, form);
    if (jd_str_eq(jd_buf_view(&t->markdown), jd_buf_view(&t->back)))
        return true;
    printf("JD_SEED=%llu\n--- first\n%.*s\n--- again\n%.*s\n", (unsigned long long)seed,
           JD_FMT(jd_buf_view(&t->markdown)), JD_FMT(jd_buf_view(&t->back)));
    return false;
}

static void each_seed(bool (*holds)(trip *, uint64_t, jd_mk_form), jd_mk_form form)
{
    const char *one = getenv("JD_SEED"), *longer = getenv("JD_LONG");
    uint64_t    from = 1, to = longer && *longer == '1' ? SEEDS * 10 : SEEDS, bad = 0, words = 0;
    trip        t;
    if (one)
        from = to = strtoull(one, NULL, 10);
    begin(&t);
    for (uint64_t seed = from; seed <= to; seed++) {
        bad += !holds(&t, seed, form);
        words += t.seen.n;
        if (bad == 3)
            break;
    }
    end(&t);
    assert_true(one || words >= (to - from) * SHORTEST); /* there was something to compare */
    assert_int_equal(bad, 0);
}

static void adf_is_settled(void **state)
{
    (void)state;
    each_seed(settled, JD_MK_ADF);
}

static void adf_and_markdown(void **state)
{
    (void)state;
    each_seed(there_and_back, JD_MK_ADF);
}

static void wiki_is_settled(void **state)
{
    (void)state;
    each_seed(settled, JD_MK_WIKI);
}

static void wiki_and_markdown(void **state)
{
    (void)state;
    each_seed(there_and_back, JD_MK_WIKI);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adf_is_settled),
        cmocka_unit_test(adf_and_markdown),
        cmocka_unit_test(wiki_is_settled),
        cmocka_unit_test(wiki_and_markdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
