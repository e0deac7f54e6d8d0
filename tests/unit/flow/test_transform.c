#include "flow/outfile.h"
#include "transform_test.h"

static void order(void **state)
{
    jd_transform in    = plain();
    jd_err       e     = JD_ERR_NONE;
    jd_stats    *stats = jd_stats_new(true);
    (void)state;
    put_issue("B", 2, "x");
    put_issue("A", 10, "x");
    put_issue("A", 9, "x");
    put_issue("A", 100, "x");
    put("raw/A/A-9.extra.json", "{}");
    put("raw/A/.A-11.json", "rubbish");
    put("raw/A/A-12.json.tmp", "rubbish");
    put("raw/A/notes.json", "rubbish");
    put("raw/A/B-3.json", "rubbish");
    put("raw/A/A-007.json", "rubbish");
    put("raw/_site/fields.json", "[]");
    put("raw/lower/x.json", "[]");
    assert_int_equal(run(&in, stats, &e), JD_OK);
    static const char *const keys[] = {"\"A-9\"", "\"A-10\"", "\"A-100\"", "\"B-2\""};
    char                    *got = get("out.jsonl", NULL), *at = got;
    for (size_t i = 0; i < 4; i++) {
        at = strstr(at, keys[i]);
        assert_non_null(at);
    }
    free(got);
    assert_int_equal(stats->records, 4);
    assert_int_equal(stats->count[JD_COUNT_READ], 4);
    assert_int_equal(stats->count[JD_COUNT_IGNORED], 3);
    assert_false(jd_path_exists("quarantine"));
    jd_stats_free(stats);
}

static void same_bytes(void **state)
{
    static const jd_zip kinds[] = {JD_ZIP_NONE, JD_ZIP_GZIP, JD_ZIP_ZSTD};
    jd_err              e;
    (void)state;
    for (unsigned i = 1; i <= MANY; i++)
        put_issue(i % 3 ? "A" : "B", i, i % 7 ? "short" : "a longer description of the matter");
    put("raw/A/A-1.json", "broken");
    for (size_t k = 0; k < 3; k++) {
        jd_transform in = plain();
        size_t       n, first_n;
        in.zip        = kinds[k];
        in.stats_path = "stats.json";
        (void)run(&in, NULL, &e);
        char *first = get("out.jsonl", &first_n), *stats = get("stats.json", NULL);
        assert_non_null(first);
        for (in.threads = 2; in.threads <= 4; in.threads++) {
            assert_int_equal(run(&in, NULL, &e), JD_OK); /* the bad file is known */
            char *again = get("out.jsonl", &n);
            assert_int_equal(n, first_n);
            assert_memory_equal(again, first, n);
            free(again);
            assert_same("stats.json", stats);
        }
        free(first);
        free(stats);
    }
}

static void compressed(void **state)
{
    jd_transform in = plain();
    jd_err       e;
    (void)state;
    for (unsigned i = 1; i <= MANY; i++)
        put_issue("A", i, "x");
    in.output = "out.jsonl.gz";
    in.zip    = JD_ZIP_GZIP;
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    assert_int_equal(lines_in(in.output), MANY);
    in.output = "out.jsonl.zst";
    in.zip    = JD_ZIP_ZSTD;
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    assert_int_equal(lines_in(in.output), MANY);
}

static void nothing_in_it(void **state)
{
    jd_transform in = plain();
    jd_err       e  = JD_ERR_NONE;
    size_t       n;
    (void)state;
    assert_int_equal(jd_dir_make("raw/A", &e), JD_OK);
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    free(get("out.jsonl", &n));
    assert_int_equal(n, 0);
    in.zip = JD_ZIP_GZIP; /* an empty file would be no gzip file */
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    assert_int_equal(lines_in("out.jsonl"), 0);
    free(get("out.jsonl", &n));
    assert_true(n > 0);
}

/* Issues that fill a chunk each: the batch is handed on in pieces. */
static void large_issues(void **state)
{
    enum { SIZE = 3 << 20, COUNT = 12 };
    jd_transform in   = plain();
    jd_stats    *s    = jd_stats_new(true);
    char        *text = malloc(SIZE + 1);
    size_t       n, n2;
    jd_err       e;
    (void)state;
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    for (unsigned i = 1; i <= COUNT; i++)
        put_issue("A", i, text);
    assert_int_equal(run(&in, s, &e), JD_OK);
    assert_int_equal(s->records, COUNT);
    assert_int_equal(lines_in("out.jsonl"), COUNT);
    char *one  = get("out.jsonl", &n);
    in.threads = 3;
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    char *three = get("out.jsonl", &n2);
    assert_int_equal(n, n2);
    assert_memory_equal(one, three, n);
    free(one);
    free(three);
    free(text);
    jd_stats_free(s);
}

static void bad_files(void **state)
{
    jd_transform in = plain();
    jd_err       e;
    (void)state;
    put_issue("A", 1, "x");
    put("raw/A/A-2.json", "{\"key\":");
    put("raw/A/A-3.json", "{\"key\":\"A-3\"}");
    put("raw/A/A-4.json", "{\"key\":\"A-99\",\"fields\":{}}");
    put("raw/A/A-5.json", "");
    assert_int_equal(mkdir("raw/A/A-6.json", 0777), 0);
    assert_int_equal(run(&in, NULL, &e), JD_E_QUARANTINED);
    assert_non_null(strstr(e.msg, "5 files"));
    assert_int_equal(lines_in("out.jsonl"), 1);
    char *why = get("quarantine/A/A-4.transform.json", NULL);
    assert_non_null(why);
    assert_non_null(strstr(why, "\"what\": \"A-4\""));
    assert_non_null(strstr(why, "\"where\": \"raw/A/A-4.json\""));
    assert_non_null(strstr(why, "it holds issue A-99"));
    free(why);
    why = get("quarantine/A/A-2.transform.json", NULL);
    assert_non_null(strstr(why, "not JSON"));
    free(why);
    assert_int_equal(run(&in, NULL, &e), JD_OK); /* known */

    /* one reads now, one is bad for another reason, one is gone; entries of others stay */
    put_issue("A", 2, "x");
    put("raw/A/A-3.json", "[]");
    assert_int_equal(unlink("raw/A/A-5.json"), 0);
    put("quarantine/A/17.issue.json", "{}");
    assert_int_equal(run(&in, NULL, &e), JD_E_QUARANTINED);
    assert_non_null(strstr(e.msg, "1 file"));
    assert_false(jd_path_exists("quarantine/A/A-2.transform.json"));
    assert_true(jd_path_exists("quarantine/A/A-3.transform.json"));
    assert_true(jd_path_exists("quarantine/A/A-4.transform.json"));
    assert_false(jd_path_exists("quarantine/A/A-5.transform.json"));
    assert_true(jd_path_exists("quarantine/A/17.issue.json"));
    assert_int_equal(lines_in("out.jsonl"), 2);
}

static void strictly(void **state)
{
    jd_transform in = plain();
    jd_err       e;
    (void)state;
    put_issue("A", 1, "x");
    put("raw/A/A-2.json", "no");
    put("raw/A/A-3.json", "no");
    in.strict = true;
    for (in.threads = 1; in.threads <= 3; in.threads++) {
        assert_int_equal(run(&in, NULL, &e), JD_E_DATA);
        assert_non_null(strstr(e.msg, "raw/A/A-2.json"));
        assert_false(jd_path_exists("out.jsonl"));
        assert_false(jd_path_exists(".out.jsonl.part"));
        assert_false(jd_path_exists("quarantine"));
    }
}

static void secrets(void **state)
{
    jd_transform in = plain();
    jd_stats    *s  = jd_stats_new(true);
    jd_err       e;
    (void)state;
    put("raw/A/A-1.json", "{\"key\":\"A-1\",\"fields\":{\"security\":{\"name\":\"s\"}}}");
    put_issue("A", 2, "x");
    assert_int_equal(run(&in, s, &e), JD_OK);
    assert_int_equal(lines_in("out.jsonl"), 1);
    assert_int_equal(s->count[JD_COUNT_SECURED], 1);
    assert_int_equal(s->count[JD_COUNT_READ], 2);
    assert_int_equal(s->records, 1);
    in.include_restricted = true;
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    assert_int_equal(lines_in("out.jsonl"), 2);
    jd_stats_free(s);
}

static void missing_input(void **state)
{
    static const char *const some[] = {"B", "A", "A"}, *const evil[] = {"../A"};
    jd_transform in = plain();
    jd_err       e  = JD_ERR_NONE;
    (void)state;
    assert_int_equal(run(&in, NULL, &e), JD_E_NOTFOUND);
    assert_non_null(strstr(e.msg, "jiraduct scrape"));
    assert_int_equal(jd_dir_make("raw/_site", &e), JD_OK);
    assert_int_equal(run(&in, NULL, &e), JD_E_NOTFOUND);
    put_issue("A", 1, "x");
    put_issue("B", 1, "x");
    put_issue("C", 1, "x");
    in.project    = some;
    in.n_projects = 3;
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    assert_int_equal(lines_in("out.jsonl"), 2);
    assert_int_equal(jd_dir_remove("raw/B", &e), JD_OK);
    assert_int_equal(run(&in, NULL, &e), JD_E_NOTFOUND);
    assert_non_null(strstr(e.msg, "project B"));
    in.project    = evil;
    in.n_projects = 1;
    assert_int_equal(run(&in, NULL, &e), JD_E_USAGE);
    assert_int_equal(lines_in("out.jsonl"), 2);
}

static void old_output_stays(void **state)
{
    jd_transform in = plain();
    jd_err       e  = JD_ERR_NONE;
    (void)state;
    put_issue("A", 1, "x");
    put("./out.jsonl", "old");
    jd_stop *stop = jd_stop_new();
    jd_stop_ask(stop);
    in.stop = stop;
    assert_int_equal(run(&in, NULL, &e), JD_E_INTERRUPTED);
    assert_same("out.jsonl", "old");
    assert_false(jd_path_exists(".out.jsonl.part"));
    in.stop       = NULL;
    in.stats_path = "raw"; /* a folder: cannot be written */
    assert_int_equal(run(&in, NULL, &e), JD_E_IO);
    assert_same("out.jsonl", "old");
    in.stats_path = NULL;
    in.output     = "raw";
    assert_int_equal(run(&in, NULL, &e), JD_E_IO);
    in.output = "raw/A/A-1.json/out";
    assert_int_equal(run(&in, NULL, &e), JD_E_IO);
    in.output = "new/folder/out.jsonl"; /* is made */
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    assert_int_equal(lines_in(in.output), 1);
    jd_stop_free(stop);
}

static void one_writer(void **state)
{
    jd_outfile a, b;
    jd_err     e = JD_ERR_NONE;
    (void)state;
    put("./out.jsonl", "old");
    put("./.out.jsonl.part", "left by a run that was killed, longer than what comes");
    assert_int_equal(symlink("out.jsonl", "link"), 0);
    assert_int_equal(jd_outfile_open(&a, "link", &e), JD_OK);
    assert_int_equal(jd_outfile_open(&b, "out.jsonl", &e), JD_E_LOCKED);
    jd_outfile_close(&b);
    assert_int_equal(jd_outfile_write(&a, JD_STR("new"), &e), JD_OK);
    assert_same("out.jsonl", "old");
    assert_int_equal(jd_outfile_sync(&a, &e), JD_OK);
    assert_int_equal(jd_outfile_publish(&a, &e), JD_OK);
    jd_outfile_close(&a);
    assert_same("out.jsonl", "new");
    struct stat st;
    assert_true(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
    assert_int_equal(jd_outfile_open(&b, "out.jsonl", &e), JD_OK);
    jd_outfile_close(&b);
    assert_same("out.jsonl", "new");
    assert_int_equal(jd_outfile_open(&a, "/dev/null", &e), JD_OK);
    assert_int_equal(jd_outfile_write(&a, JD_STR("new"), &e), JD_OK);
    assert_int_equal(jd_outfile_publish(&a, &e), JD_OK);
    jd_outfile_close(&a);
    assert_true(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
}

static void count_up(void *self, uint64_t n)
{
    *(uint64_t *)self += n;
}

static void progress(void **state)
{
    jd_transform in   = plain();
    uint64_t     done = 0;
    jd_err       e;
    (void)state;
    for (unsigned i = 1; i <= MANY; i++)
        put_issue("A", i, "x");
    in.step    = count_up;
    in.self    = &done;
    in.threads = 0; /* one a core */
    assert_int_equal(run(&in, NULL, &e), JD_OK);
    assert_int_equal(done, MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(order),         TEST(same_bytes),       TEST(compressed), TEST(nothing_in_it),
        TEST(large_issues),  TEST(bad_files),        TEST(strictly),   TEST(secrets),
        TEST(missing_input), TEST(old_output_stays), TEST(one_writer), TEST(progress),
    };
    return cmocka_run_group_tests_name("flow/transform", tests, NULL, NULL);
}
