/* Conformance: every case's Markdown and text, byte for byte. Ours lie in tests/cases; those beside
 * the source tree are run when they are there. */
#include "markup/markup.h"
#include "unit/check.h"

#include <stdio.h>

typedef struct tally {
    unsigned cases, bad;
} tally;

static jd_str slurp(jd_arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return JD_NOSTR;
    jd_buf buf = JD_BUF_INIT(64 << 20);
    char   part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        jd_buf_add(&buf, part, n);
    fclose(f);
    jd_str s = jd_arena_dup(a, jd_buf_view(&buf));
    jd_buf_release(&buf);
    return s;
}

static bool compare(jd_str id, const char *form, jd_str expected, jd_str got)
{
    if (jd_str_eq(expected, got))
        return true;
    printf("--- %.*s %s\nexpected:\n%.*s\ngot:\n%.*s\n", JD_FMT(id), form, JD_FMT(expected),
           JD_FMT(got));
    return false;
}

static bool run_case(jd_arena *a, const jd_json *c)
{
    jd_mk_doc      d     = JD_MK_DOC_INIT(a);
    jd_buf         out   = JD_BUF_INIT(16 << 20);
    const jd_json *adf   = jd_json_get(c, "adf");
    jd_str         id    = jd_json_str(jd_json_get(c, "id"));
    bool           right = true;
    for (int text = 0; text < 2; text++) {
        if (jd_json_is_null(adf))
            jd_read_wiki(&d, jd_json_str(jd_json_get(c, "input")));
        else
            jd_read_adf(&d, adf);
        jd_buf_reset(&out);
        (text ? jd_write_text : jd_write_markdown)(&out, &d);
        const jd_json *expected = jd_json_get(c, text ? "expected_text" : "expected_markdown");
        assert_true(jd_json_is_str(expected));
        right &= compare(id, text ? "text" : "markdown", jd_json_str(expected), jd_buf_view(&out));
    }
    jd_buf_release(&out);
    jd_mk_release(&d);
    return right;
}

static tally run_file(const char *folder, const char *name)
{
    tally     t = {0};
    char      path[1024];
    jd_arena *a = jd_arena_new(0), *scratch = jd_arena_new(0);
    snprintf(path, sizeof path, "%s/%s/%s.jsonl", CASES_ROOT, folder, name);
    jd_str rest = slurp(a, path), line;
    while (jd_str_split(&rest, '\n', &line)) {
        const jd_json *c;
        jd_err         e = JD_ERR_NONE;
        if (jd_str_trim(line).n == 0)
            continue;
        jd_arena_reset(scratch);
        if (jd_json_read(scratch, line, &c, &e) != JD_OK)
            fail_msg("%s: case %u: %s", path, t.cases + 1, e.msg);
        t.cases++;
        t.bad += !run_case(scratch, c);
    }
    if (t.cases)
        printf("%s: %u cases, %u of them not as expected\n", path, t.cases, t.bad);
    jd_arena_free(scratch);
    jd_arena_free(a);
    return t;
}

static void ours(const char *name)
{
    tally t = run_file("tests/cases", name);
    assert_true(t.cases > 0);
    assert_int_equal(t.bad, 0);
}

static void shared(const char *name)
{
    tally t = run_file("../shared/cases", name);
    if (t.cases == 0)
        skip();
    assert_int_equal(t.bad, 0);
}

static void our_adf(void **state)
{
    (void)state;
    ours("adf");
}

static void our_wiki(void **state)
{
    (void)state;
    ours("wiki");
}

static void shared_adf(void **state)
{
    (void)state;
    shared("adf");
}

static void shared_wiki(void **state)
{
    (void)state;
    shared("wiki");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_adf),
        cmocka_unit_test(our_wiki),
        cmocka_unit_test(shared_adf),
        cmocka_unit_test(shared_wiki),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
