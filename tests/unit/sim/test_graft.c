#include "sim/generate.h"
#include "sim/graft.h"
#include "sim/zone.h"
#include "text/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those first */
#include <cmocka.h>

static jd_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    jd_arena_free(arena);
    return 0;
}

static jd_str grafted(jd_str issue, uint64_t seed)
{
    jd_buf out = JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
    sim_graft(&out, issue, seed);
    assert_true(jd_buf_ok(&out));
    jd_str kept = jd_arena_dup(arena, jd_buf_view(&out));
    jd_buf_release(&out);
    return kept;
}

static const jd_json *read(jd_str text)
{
    const jd_json *root;
    jd_err         e = JD_ERR_NONE;
    if (jd_json_read(arena, text, &root, &e) != JD_OK)
        fail_msg("%s: %.*s", e.msg, JD_FMT(text));
    return root;
}

static jd_str str(const jd_json *v, const char *dotted)
{
    return jd_json_str(jd_json_path(v, dotted));
}

static void stays(const char *text)
{
    jd_str got = grafted(jd_str_of(text), 1);
    if (!jd_str_is(got, text))
        fail_msg("%s became %.*s", text, JD_FMT(got));
}

static void what_needs_none_stays(void **state)
{
    (void)state;
    stays("{\"fields\":{},\"changelog\":{\"total\":0}}");
    stays("{\"changelog\":null,\"fields\":{}}");
    stays("[]");
    stays("");
    stays("no JSON");
    stays("{\"fields\":{\"created\":");
    stays("{\"fields\":{} \"id\":1}");
}

#define EMPTY_LOG "\"changelog\":{\"startAt\":0,\"maxResults\":0,\"total\":0,\"histories\":[]}"

static void placed_after_fields(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"{ \"id\" : \"1\" , \"fields\" : { } , \"x\":1.50 }\n",
                                            "{ \"id\" : \"1\" , \"fields\" : { }," EMPTY_LOG
                                            " , \"x\":1.50 }\n"},
                                           {"{\"id\":\"1\"}", "{\"id\":\"1\"," EMPTY_LOG "}"},
                                           {"{}", "{" EMPTY_LOG "}"},
                                           {"{\"fields\":null}", "{\"fields\":null," EMPTY_LOG "}"},
                                           {"{\"fields\":{\"created\":\"never\"}}",
                                            "{\"fields\":{\"created\":\"never\"}," EMPTY_LOG "}"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        jd_str got = grafted(jd_str_of(pairs[i][0]), 1);
        if (!jd_str_is(got, pairs[i][1]))
            fail_msg("%s became %.*s", pairs[i][0], JD_FMT(got));
    }
}

static const char closed[] =
    "{\"id\":\"4711\",\"key\":\"A-1\",\"fields\":{\"summary\":\"It \\\"breaks\\\"\","
    "\"created\":\"2020-01-01T10:00:00.000-0500\",\"updated\":\"2020-03-01T10:00:00.000+0000\","
    "\"resolutiondate\":\"2020-02-01T10:00:00.000+0000\",\"status\":{\"id\":\"6\",\"name\":"
    "\"Closed\"},\"resolution\":{\"id\":\"1\",\"name\":\"Fixed\"},\"priority\":{\"id\":\"3\","
    "\"name\":\"Major\"},\"assignee\":{\"name\":\"bob\",\"key\":\"K1\",\"displayName\":\"Bob\"},"
    "\"reporter\":{\"name\":\"ann\"},\"labels\":[\"x\",\"y\"],\"fixVersions\":[{\"id\":\"9\","
    "\"name\":\"1.0\"}]}}";

/* Plays the items of one field; every one must go on where the one before ended. */
static bool ends_at(const jd_json *issue, const char *field, const char *from, const char *end,
                    bool must)
{
    jd_str  now    = jd_str_of(from);
    int64_t before = INT64_MIN;
    bool    any    = false;
    for (jd_json_iter h = jd_json_walk(jd_json_path(issue, "changelog.histories"));
         jd_json_next(&h);) {
        int64_t at;
        if (!sim_date_read(str(h.value, "created"), &at) || at < before)
            return false;
        before = at;
        for (jd_json_iter it = jd_json_walk(jd_json_get(h.value, "items")); jd_json_next(&it);) {
            if (!jd_str_is(str(it.value, "field"), field))
                continue;
            if (from && !jd_str_eq(now, str(it.value, "fromString")))
                return false;
            now = str(it.value, "toString");
            any = true;
        }
    }
    return any ? jd_str_is(now, end) : !must;
}

static void agrees_with_the_fields(void **state)
{
    (void)state;
    size_t changes = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        jd_str         text  = grafted(jd_str_of(closed), seed);
        const jd_json *issue = read(text);
        assert_true(jd_str_starts(text, jd_str_cut(jd_str_of(closed), 0, sizeof closed - 2)));
        assert_true(ends_at(issue, "status", "Open", "Closed", true));
        assert_true(ends_at(issue, "resolution", "", "Fixed", true));
        assert_true(ends_at(issue, "priority", NULL, "Major", false));
        assert_true(ends_at(issue, "assignee", "", "Bob", false));
        assert_true(ends_at(issue, "Fix Version", "", "1.0", false));
        assert_true(ends_at(issue, "labels", "", "x y", false));
        assert_true(ends_at(issue, "summary", NULL, "It \"breaks\"", false));
        changes += jd_json_len(jd_json_path(issue, "changelog.histories"));
    }
    assert_in_range(changes, 300, 1600);
}

static void resolved_then_and_by_whom(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        const jd_json *issue = read(grafted(jd_str_of(closed), seed));
        size_t         found = 0;
        uint64_t       last  = 0;
        for (jd_json_iter h = jd_json_walk(jd_json_path(issue, "changelog.histories"));
             jd_json_next(&h);) {
            uint64_t id = jd_json_id(jd_json_get(h.value, "id"));
            assert_true(id > last);
            last = id;
            for (jd_json_iter it = jd_json_walk(jd_json_get(h.value, "items")); jd_json_next(&it);)
                if (jd_str_is(str(it.value, "field"), "resolution")) {
                    found++;
                    assert_true(jd_str_is(str(h.value, "created"), "2020-02-01T10:00:00.000+0000"));
                    assert_true(jd_str_is(str(h.value, "author.name"), "bob"));
                }
        }
        assert_int_equal(found, 1);
    }
}

static void same_seed_same_bytes(void **state)
{
    (void)state;
    assert_true(jd_str_eq(grafted(jd_str_of(closed), 5), grafted(jd_str_of(closed), 5)));
    size_t differ = 0;
    for (uint64_t seed = 0; seed < 10; seed++)
        differ += !jd_str_eq(grafted(jd_str_of(closed), 5), grafted(jd_str_of(closed), seed));
    assert_true(differ >= 8);
}

static void gaps_in_the_fields(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"fields\":{\"created\":\"2020-01-01T10:00:00.000+0000\"}}",
        "{\"fields\":{\"created\":\"2020-01-01T10:00:00.000+0000\",\"status\":null,\"assignee\":{},"
        "\"labels\":[null,3],\"fixVersions\":[null],\"priority\":[],\"summary\":7}}",
        "{\"fields\":{\"created\":\"2020-01-01T10:00:00.000+0000\",\"status\":{\"name\":\"Done\"},"
        "\"resolution\":{\"name\":\"Done\"},\"resolutiondate\":\"1999-01-01T10:00:00.000+0000\"}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            const jd_json *issue = read(grafted(jd_str_of(texts[i]), seed));
            assert_int_equal(jd_json_kind(jd_json_path(issue, "changelog.histories")),
                             JD_JSON_ARRAY);
            assert_true(ends_at(issue, "status", "Open", "Done", i == 2));
            assert_true(ends_at(issue, "resolution", "", "Done", i == 2));
        }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(what_needs_none_stays),     T(placed_after_fields),  T(agrees_with_the_fields),
        T(resolved_then_and_by_whom), T(same_seed_same_bytes), T(gaps_in_the_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
