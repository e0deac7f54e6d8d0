#include "corpus/stats.h"
#include "corpus_test.h"

#include <stdio.h>

static void percentiles(void **state)
{
    jd_sizes *s = calloc(1, sizeof *s);
    (void)state;
    assert_int_equal(jd_sizes_percentile(s, 50), 0);
    for (uint64_t i = 1; i <= 10; i++)
        jd_sizes_add(s, i);
    assert_int_equal(jd_sizes_percentile(s, 50), 5);
    assert_int_equal(jd_sizes_percentile(s, 90), 9);
    assert_int_equal(jd_sizes_percentile(s, 99), 10);
    assert_int_equal(s->max, 10);
    assert_int_equal(s->sum, 55);
    /* larger sizes: never too small, at most an eighth too large */
    for (uint64_t size = 16; size < UINT64_C(1) << 62; size = size * 3 + 1) {
        memset(s, 0, sizeof *s);
        jd_sizes_add(s, size);
        jd_sizes_add(s, size * 2);
        uint64_t half = jd_sizes_percentile(s, 50);
        assert_true(half >= size && half <= size + size / 8);
        assert_true(jd_sizes_percentile(s, 99) == size * 2);
    }
    memset(s, 0, sizeof *s);
    jd_sizes_add(s, UINT64_MAX);
    assert_true(jd_sizes_percentile(s, 50) == UINT64_MAX);
    free(s);
}

static void tallies(void **state)
{
    world   *w = *state;
    jd_tally a = {0}, b = {0};
    jd_tally_add(&a, JD_STR("Open"), 1);
    jd_tally_add(&a, JD_STR("Closed"), 2);
    jd_tally_add(&a, JD_NOSTR, 1);
    jd_tally_add(&b, JD_STR("Open"), 4);
    jd_tally_add(&b, JD_STR("Done"), 2);
    jd_tally_merge(&a, &b);
    assert_int_equal(a.rows.n, 4);
    assert_string_equal(a.rows.v[0].name, "(none)");
    const jd_tally_row **ranked = jd_tally_ranked(&a, w->arena);
    assert_string_equal(ranked[0]->name, "Open");
    assert_int_equal(ranked[0]->count, 5);
    assert_string_equal(ranked[1]->name, "Closed");
    assert_string_equal(ranked[2]->name, "Done");
    jd_tally_release(&a);
    jd_tally_release(&b);
}

static void bounded(void **state)
{
    jd_tally t = {0};
    char     name[300];
    (void)state;
    for (unsigned i = 0; i < 3 * JD_TALLY_NAMES; i++) {
        int n = snprintf(name, sizeof name, "status %u", i);
        jd_tally_add(&t, (jd_str){name, (size_t)n}, 1);
    }
    assert_int_equal(t.rows.n, JD_TALLY_NAMES);
    uint64_t sum = 0, other = 0;
    for (size_t i = 0; i < t.rows.n; i++) {
        sum += t.rows.v[i].count;
        if (strcmp(t.rows.v[i].name, JD_TALLY_OTHER) == 0)
            other = t.rows.v[i].count;
    }
    assert_int_equal(sum, 3 * JD_TALLY_NAMES);
    assert_int_equal(other, 2 * JD_TALLY_NAMES + 1);
    jd_tally_release(&t);
    memset(name, 'x', sizeof name);
    jd_tally_add(&t, (jd_str){name, sizeof name}, 1);
    assert_int_equal(strlen(t.rows.v[0].name), JD_TALLY_NAME_MAX);
    jd_tally_release(&t);
}

static const char *const issues[] = {
    ("{'key':'A-1','fields':{'summary':'one','status':{'name':'Open'},'issuetype':{'name':'Bug'},"
     "'priority':{'name':'Major'},'created':'2021-05-01T00:00:00.000+0000','description':'It is "
     "broken in many ways','comment':{'comments':[{'author':{'name':'a'},'body':'yes'},{'author':"
     "{'name':'hadoopqa'},'body':'-1'}]}}}"),
    ("{'key':'B-7','fields':{'summary':'two','status':{'name':'Done'},'resolution':{'name':'Fixed'}"
     ","
     "'issuetype':{'name':'Task'},'created':'never'}}"),
    ("{'key':'A-2','fields':{}}"),
};

static void add_issue(world *w, jd_stats *s, const char *quoted)
{
    (void)record_of(w, quoted);
    jd_stats_issue(s, &w->view, w->made, w->line.n);
}

static void counts(void **state)
{
    world         *w = *state;
    jd_stats      *s = jd_stats_new(true);
    jd_buf         b = JD_BUF_INIT(1 << 20);
    jd_err         e = JD_ERR_NONE;
    const jd_json *doc;
    int64_t        n;
    for (size_t i = 0; i < 3; i++)
        add_issue(w, s, issues[i]);
    jd_stats_json(&b, s);
    assert_int_equal(jd_json_read(w->arena, jd_buf_view(&b), &doc, &e), JD_OK);
    static const struct {
        const char *path;
        int64_t     want;
    } cases[] = {
        {"records", 3},
        {"comments", 2},
        {"comments_by_bots", 1},
        {"bad_dates", 1},
        {"projects.A", 2},
        {"projects.B", 1},
        {"statuses.Open", 1},
        {"statuses.(none)", 1},
        {"types.Bug", 1},
        {"types.Task", 1},
        {"priorities.Major", 1},
        {"priorities.(none)", 2},
        {"resolutions.Fixed", 1},
        {"years.2021", 1},
        {"years.(none)", 2},
        {"bytes.description.count", 1},
        {"bytes.comment.max", 3},
        {"bytes.record.count", 3},
        {"tasks.summarization.made", 1},
        {"tasks.summarization.skipped", 2},
        {"tasks.summarization.reasons.no_text", 1},
        {"tasks.summarization.reasons.no_title", 1},
        {"tasks.classification.made", 2},
        {"tasks.classification.reasons.no_labels", 1},
        {"tasks.qa.made", 0},
        {"tasks.qa.reasons.unresolved", 1},
        {"tasks.qa.reasons.no_human_comment", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!jd_json_i64(jd_json_path(doc, cases[i].path), &n) || n != cases[i].want)
            fail_msg("%s in %s", cases[i].path, jd_buf_cstr(&b));
    }
    jd_buf_release(&b);
    jd_stats_free(s);
}

static void merged(void **state)
{
    world    *w   = *state;
    jd_stats *all = jd_stats_new(true), *sum = jd_stats_new(true);
    jd_buf    b[2] = {JD_BUF_INIT(1 << 20), JD_BUF_INIT(1 << 20)};
    for (size_t i = 0; i < 3; i++) {
        jd_stats *one = jd_stats_new(true);
        add_issue(w, all, issues[i]);
        add_issue(w, one, issues[i]);
        jd_stats_merge(sum, one);
        jd_stats_free(one);
    }
    jd_stats_json(&b[0], all);
    jd_stats_json(&b[1], sum);
    assert_string_equal(jd_buf_cstr(&b[0]), jd_buf_cstr(&b[1]));
    jd_buf_release(&b[0]);
    jd_buf_release(&b[1]);
    jd_stats_free(all);
    jd_stats_free(sum);
}

/* What a file tells is what the run knew, but for the reasons. */
static void from_lines(void **state)
{
    world    *w   = *state;
    jd_err    e   = JD_ERR_NONE;
    jd_stats *run = jd_stats_new(false), *file = jd_stats_new(false);
    jd_buf    b[2] = {JD_BUF_INIT(1 << 20), JD_BUF_INIT(1 << 20)};
    for (size_t i = 0; i < 2; i++) {
        add_issue(w, run, issues[i]);
        assert_int_equal(
            jd_stats_line(file, w->arena, jd_str_cut(jd_buf_view(&w->line), 0, w->line.n - 1), &e),
            JD_OK);
    }
    jd_stats_json(&b[0], run);
    jd_stats_json(&b[1], file);
    assert_string_equal(jd_buf_cstr(&b[0]), jd_buf_cstr(&b[1]));
    assert_int_equal(jd_stats_line(file, w->arena, JD_STR("{\"a\":1}"), &e), JD_E_DATA);
    assert_int_equal(jd_stats_line(file, w->arena, JD_STR("{"), &e), JD_E_DATA);
    assert_int_equal(jd_stats_line(file, w->arena, JD_STR("{\"metadata\":{},\"tasks\":7}"), &e),
                     JD_E_DATA);
    jd_buf_release(&b[0]);
    jd_buf_release(&b[1]);
    jd_stats_free(run);
    jd_stats_free(file);
}

static void for_people(void **state)
{
    world    *w = *state;
    jd_stats *s = jd_stats_new(true);
    jd_buf    b = JD_BUF_INIT(1 << 20);
    for (size_t i = 0; i < 3; i++)
        add_issue(w, s, issues[i]);
    s->count[JD_COUNT_READ]      = 4;
    s->count[JD_COUNT_BAD_FILES] = 1;
    jd_stats_text(&b, s, 80);
    const char *text = jd_buf_cstr(&b);
    assert_non_null(strstr(text, "         4  issues read\n"));
    assert_non_null(strstr(text, "         3  records\n"));
    assert_non_null(strstr(text, "         1  files that are no issue (quarantined)\n"));
    assert_non_null(strstr(text, "  A                2   66.6 %\n"));
    assert_non_null(strstr(text, "  qa                       0         3\n"));
    assert_non_null(strstr(text, "the issue has no resolution\n"));
    jd_buf_reset(&b);
    jd_stats_text(&b, s, 20); /* narrower than can be */
    jd_stats_verdict(&b, s);
    assert_true(jd_buf_ok(&b));
    jd_buf_release(&b);
    jd_stats_free(s);
    jd_stats_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles),
        cmocka_unit_test_setup_teardown(tallies, world_in, world_out),
        cmocka_unit_test(bounded),
        cmocka_unit_test_setup_teardown(counts, world_in, world_out),
        cmocka_unit_test_setup_teardown(merged, world_in, world_out),
        cmocka_unit_test_setup_teardown(from_lines, world_in, world_out),
        cmocka_unit_test_setup_teardown(for_people, world_in, world_out),
    };
    return cmocka_run_group_tests_name("corpus/stats", tests, NULL, NULL);
}
