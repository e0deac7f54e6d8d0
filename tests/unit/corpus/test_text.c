#include "corpus/text.h"
#include "corpus_test.h"

static void cleaning(void **state)
{
    static const struct {
        jd_str in, out;
    } cases[] = {
        {JD_STR_INIT("plain\ttext\nline"), JD_STR_INIT("plain\ttext\nline")},
        {JD_STR_INIT("a\r\nb\rc"), JD_STR_INIT("a\nb\nc")},
        {JD_STR_INIT("nul\0here"), JD_STR_INIT("nulhere")},
        {JD_STR_INIT("\x1b[31mred\x1b[0m"), JD_STR_INIT("red")},
        {JD_STR_INIT("\xef\xbb\xbf"
                     "bom"),
         JD_STR_INIT("bom")},
        {JD_STR_INIT("nel\xc2\x85!"), JD_STR_INIT("nel!")},
        {JD_STR_INIT("caf\xc3\xa9 \xe2\x80\xa8 \xc2\xa9"),
         JD_STR_INIT("caf\xc3\xa9 \xe2\x80\xa8 \xc2\xa9")},
        {JD_STR_INIT("0123456789012345678901234567890123456789012345678901234567890123\x01"),
         JD_STR_INIT("0123456789012345678901234567890123456789012345678901234567890123")},
        {JD_STR_INIT("\x7f 123456789012345678901234567890123456789012345678901234567890123"),
         JD_STR_INIT(" 123456789012345678901234567890123456789012345678901234567890123")},
        {JD_STR_INIT(""), JD_STR_INIT("")},
    };
    world *w = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_str got = jd_text_clean(w->arena, &w->scratch, cases[i].in);
        assert_true(jd_str_eq(got, cases[i].out));
        assert_true(jd_str_eq(jd_text_clean(w->arena, &w->scratch, got), got));
    }
    assert_null(jd_text_clean(w->arena, &w->scratch, JD_NOSTR).p);
}

static void words(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"The Fix: use `x`,  not\n\tY!", "the fix use x not y"},
        {"...", ""},
        {"", ""},
        {"  one", "one"},
        {"one.", "one"},
        {"caf\xc3\xa9-bar", "caf\xc3\xa9 bar"},
    };
    world *w = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_buf_reset(&w->line);
        jd_text_words(&w->line, jd_str_of(cases[i].in));
        assert_string_equal(jd_buf_cstr(&w->line), cases[i].out);
    }
}

static void lines(void **state)
{
    jd_str rest = JD_STR("a\n\nb"), line;
    (void)state;
    assert_true(jd_text_line(&rest, &line) && jd_str_is(line, "a"));
    assert_true(jd_text_line(&rest, &line) && line.n == 0);
    assert_true(jd_text_line(&rest, &line) && jd_str_is(line, "b"));
    assert_false(jd_text_line(&rest, &line));
    assert_true(jd_text_begins(JD_STR("Fixed in 2"), JD_STR("fixed in")));
    assert_true(jd_text_begins(JD_STR("fixed in"), JD_STR("fixed in")));
    assert_false(jd_text_begins(JD_STR("fixed into"), JD_STR("fixed in")));
    assert_false(jd_text_begins(JD_STR("fixed"), JD_STR("fixed in")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cleaning, world_in, world_out),
        cmocka_unit_test_setup_teardown(words, world_in, world_out),
        cmocka_unit_test_setup_teardown(lines, world_in, world_out),
    };
    return cmocka_run_group_tests_name("corpus/text", tests, NULL, NULL);
}
