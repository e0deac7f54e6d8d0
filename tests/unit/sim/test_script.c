/* Fault scripts: what is read from them, and how a mistake is told. */
#include "made.h"
#include "sim/script.h"
#include "sim/spoil.h"

static jd_arena *arena;

static sim_script parse(const char *text)
{
    sim_script s;
    jd_err     e = JD_ERR_NONE;
    if (sim_script_parse(arena, jd_str_of(text), &s, &e) != JD_OK)
        fail_msg("%s\n%s", text, e.msg);
    return s;
}

static sim_rule only(const char *text)
{
    sim_script s = parse(text);
    assert_int_equal(s.n, 1);
    return s.rule[0];
}

static void lines_seed_and_comments(void **state)
{
    sim_script s =
        parse("# what fails\n\nseed 11\r\n  search : 503   # often\n:login\n\tissue:reset");
    (void)state;
    assert_int_equal(s.seed, 11);
    assert_int_equal(s.n, 3);
    assert_str(s.rule[0].text, "search : 503");
    assert_int_equal(s.rule[0].lanes, 1U << SIM_LANE_SEARCH);
    assert_int_equal(s.rule[1].lanes, 0);
    assert_int_equal(s.rule[1].fault.kind, SIM_FAULT_LOGIN);
    assert_int_equal(s.rule[1].chance, SIM_ALWAYS);
    assert_int_equal(parse("").n, 0);
    assert_int_equal(parse("\n#\n\n").n, 0);
}

static void every_condition(void **state)
{
    sim_rule r = only("comment issue worklog nth 3 from 2 every 4 chance 0.5% times 7 "
                      "path /worklog has AB-12: empty");
    (void)state;
    assert_int_equal(r.lanes,
                     1U << SIM_LANE_COMMENT | 1U << SIM_LANE_ISSUE | 1U << SIM_LANE_WORKLOG);
    assert_int_equal(r.nth, 3);
    assert_int_equal(r.from, 2);
    assert_int_equal(r.every, 4);
    assert_int_equal(r.chance, SIM_ALWAYS / 200);
    assert_int_equal(r.times, 7);
    assert_str(r.path, "/worklog");
    assert_str(r.has, "AB-12");
    assert_str(only("has 10012: 500").has, "10012");
    assert_int_equal(only("chance 100%: 500").chance, SIM_ALWAYS);
    assert_int_equal(only("chance 0%: 500").chance, 0);
}

static void answers_with_a_status(void **state)
{
    sim_fault f = only(": 429 retry 2").fault;
    (void)state;
    assert_int_equal(f.status, 429);
    assert_int_equal(f.retry, SIM_RETRY_SECONDS);
    assert_int_equal(f.retry_s, 2);
    assert_int_equal(f.body, SIM_BODY_USUAL);
    assert_string_equal(f.name, "429-seconds");
    f = only(": 429 date 30 html").fault;
    assert_int_equal(f.retry, SIM_RETRY_DATE);
    assert_int_equal(f.body, SIM_BODY_HTML);
    assert_string_equal(f.name, "429-date");
    f = only(": 503 empty").fault;
    assert_int_equal(f.retry, SIM_RETRY_NONE);
    assert_int_equal(f.body, SIM_BODY_EMPTY);
    assert_string_equal(f.name, "503");
}

static void amounts(void **state)
{
    sim_fault f = only(": cut").fault;
    (void)state;
    assert_true(f.percent && f.amount == 50);
    f = only(": truncate 100").fault;
    assert_true(!f.percent && f.amount == 100);
    f = only(": reset-body 0%").fault;
    assert_true(f.percent && f.amount == 0);
    f = only(": hang 0.25 75%").fault;
    assert_true(f.ms == 250 && f.percent && f.amount == 75);
    assert_int_equal(only(": stall 2").fault.ms, 2000);
    assert_int_equal(only(": drip 100").fault.amount, 100);
    assert_int_equal(only(": longer 8").fault.amount, 8);
    assert_int_equal(only(": big").fault.amount, 40);
    assert_int_equal(only(": big 3").fault.amount, 3);
    assert_int_equal(only(": total +5").fault.delta, 5);
    assert_int_equal(only(": total -5").fault.delta, -5);
    assert_int_equal(only(": duplicate").fault.amount, 1);
    assert_true(only(": shape").fault.shape == SIZE_MAX);
    for (size_t i = 0; sim_shapes[i]; i++)
        assert_int_equal(only(jd_arena_fmt(arena, ": shape %s", sim_shapes[i]).p).fault.shape, i);
}

static void changes(void **state)
{
    sim_fault f = only("search: touch").fault;
    (void)state;
    assert_true(f.whom == SIM_ANYBODY && f.amount == 1 && f.in.n == 0);
    f = only("search: delete unseen 3 in AB").fault;
    assert_true(f.kind == SIM_FAULT_DELETE && f.whom == SIM_UNSEEN && f.amount == 3);
    assert_str(f.in, "AB");
    f = only("search: move seen to CD").fault;
    assert_int_equal(f.whom, SIM_SEEN);
    assert_str(f.to, "CD");
    f = only("search: move AB-3 to CD").fault;
    assert_str(f.issue, "AB-3");
    assert_str(f.to, "CD");
    f = only("search: create 2 in CD").fault;
    assert_true(f.kind == SIM_FAULT_CREATE && f.amount == 2);
    assert_str(f.in, "CD");
    assert_int_equal(only("search: comment seen").fault.kind, SIM_FAULT_COMMENT);
}

static void mistakes_are_told_with_their_line(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"search", "line 1: no ':' and fault after: 'search'"},
        {"\n\nserach: 503", "line 3: unknown condition: 'serach'"},
        {"search:", "line 1: unknown fault: ''"},
        {"search: explode", "unknown fault: 'explode'"},
        {": 200", "a status from 400 to 599"},
        {": 600", "a status from 400 to 599"},
        {": 429 retry", "a number should stand here: ''"},
        {": 429 retry soon", "a number should stand here: 'soon'"},
        {": 429 retry 1000001", "out of range"},
        {": 429 json html", "what is this for: 'html'"},
        {"nth 0: 503", "out of range: '0'"},
        {"nth -1: 503", "a number should stand here: '-1'"},
        {"nth: 503", "a number should stand here: ':'"},
        {"chance 5: 503", "a probability"},
        {"chance 101%: 503", "a probability"},
        {"chance %: 503", "a probability"},
        {"chance 1.%: 503", "a probability"},
        {"has nobody: 503", "an issue's key or id"},
        {"path: 503", "a word is missing after: 'path'"},
        {": cut 101%", "bytes, or a percentage"},
        {": drip", "a number should stand here"},
        {": drip 0", "out of range"},
        {": stall", "seconds should stand here"},
        {": stall 3601", "seconds should stand here"},
        {": total 5", "+N or -N"},
        {": total +0", "+N or -N"},
        {": shape round", "unknown shape: 'round'"},
        {": big 201", "out of range"},
        {": create seen", "what is this for: 'seen'"},
        {": touch to CD", "what is this for: 'to'"},
        {": touch in cd", "a project's key"},
        {": gzip 9", "what is this for: '9'"},
        {"has AB-1: touch", "before it is known what a page has"},
        {"seed", "a number should stand here"},
        {"seed 1 2", "what is this for: '2'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sim_script s;
        jd_err     e = JD_ERR_NONE;
        if (sim_script_parse(arena, jd_str_of(rows[i].text), &s, &e) != JD_E_DATA ||
            !strstr(e.msg, rows[i].says))
            fail_msg("%s: %s", rows[i].text, e.msg);
    }
}

static void there_is_an_end_to_it(void **state)
{
    jd_buf     b = JD_BUF_INIT(SIM_SCRIPT_BYTES + 100);
    jd_err     e = JD_ERR_NONE;
    sim_script s;
    (void)state;
    for (int i = 0; i < SIM_SCRIPT_RULES; i++)
        jd_buf_addz(&b, ":gzip\n");
    assert_int_equal(sim_script_parse(arena, jd_buf_view(&b), &s, &e), JD_OK);
    assert_int_equal(s.n, SIM_SCRIPT_RULES);
    jd_buf_addz(&b, ":gzip\n");
    assert_int_equal(sim_script_parse(arena, jd_buf_view(&b), &s, &e), JD_E_DATA);
    while (b.n <= SIM_SCRIPT_BYTES)
        jd_buf_addc(&b, '\n');
    assert_int_equal(sim_script_parse(arena, jd_buf_view(&b), &s, &e), JD_E_TOOBIG);
    jd_buf_reset(&b);
    for (int i = 0; i < 100; i++)
        jd_buf_addz(&b, "search ");
    assert_int_equal(sim_script_parse(arena, jd_buf_view(&b), &s, &e), JD_E_DATA);
    jd_buf_release(&b);
}

/* The help's own example is a script, and its faults are known. */
static void the_help_is_true(void **state)
{
    jd_buf b = JD_BUF_INIT(1 << 16);
    (void)state;
    sim_script_help(&b);
    jd_str help    = jd_buf_view(&b);
    size_t example = jd_str_search(help, JD_STR("\nExample\n"));
    assert_true(example < help.n);
    assert_true(parse(jd_arena_cstr(arena, jd_str_cut(help, example + 9, SIZE_MAX))).n >= 5);
    for (size_t i = 0; sim_shapes[i]; i++)
        assert_true(jd_str_search(help, jd_str_of(sim_shapes[i])) < help.n);
    jd_buf_release(&b);
}

static int set_up(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    jd_arena_free(arena);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_seed_and_comments),
        TEST(every_condition),
        TEST(answers_with_a_status),
        TEST(amounts),
        TEST(changes),
        TEST(mistakes_are_told_with_their_line),
        TEST(there_is_an_end_to_it),
        TEST(the_help_is_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
