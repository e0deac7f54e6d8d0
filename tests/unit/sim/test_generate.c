#include "base/map.h"
#include "sim/generate.h"
#include "sim/zone.h"
#include "text/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those first */
#include <cmocka.h>

enum { COUNT = 600 };

static jd_arena      *arena;
static const jd_json *issues[COUNT];
static jd_str         texts[COUNT];
static size_t         made;

static sim_gen_conf conf(void)
{
    return (sim_gen_conf){.key             = JD_STR("HADOOP"),
                          .name            = JD_STR("Hadoop Common"),
                          .project_id      = 12310240,
                          .count           = COUNT,
                          .seed            = 7,
                          .base_url        = JD_STR("http://sim.test/jira"),
                          .first_id        = 12900000,
                          .first_number    = 1,
                          .created_from_ms = 1420070400000,
                          .created_to_ms   = 1735689600000};
}

static void keep(void *self, jd_str json)
{
    (void)self;
    jd_err e = JD_ERR_NONE;
    assert_true(made < COUNT);
    texts[made] = jd_arena_dup(arena, json);
    if (jd_json_read(arena, json, &issues[made], &e) != JD_OK)
        fail_msg("issue %zu: %s", made, e.msg);
    made++;
}

static int make_all(void **state)
{
    (void)state;
    sim_gen_conf c = conf();
    arena          = jd_arena_new(0);
    sim_generate(&c, keep, NULL);
    return made == COUNT ? 0 : -1;
}

static int drop_all(void **state)
{
    (void)state;
    jd_arena_free(arena);
    return 0;
}

static jd_str str(const jd_json *v, const char *dotted)
{
    return jd_json_str(jd_json_path(v, dotted));
}

static int64_t date(const jd_json *v, const char *dotted)
{
    int64_t ms = 0;
    if (!sim_date_read(str(v, dotted), &ms))
        fail_msg("%s is no date: %.*s", dotted, JD_FMT(str(v, dotted)));
    return ms;
}

/* ---- the same each time */

static void one_alone_is_the_same(void **state)
{
    (void)state;
    sim_gen_conf c = conf();
    for (uint64_t i = 0; i < COUNT; i += 37) {
        jd_buf one = JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
        sim_generate_one(&one, &c, i);
        assert_true(jd_str_eq(jd_buf_view(&one), texts[i]));
        jd_buf_release(&one);
    }
}

static void seed_and_project_matter(void **state)
{
    (void)state;
    sim_gen_conf c   = conf();
    jd_buf       one = JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
    c.seed           = 8;
    sim_generate_one(&one, &c, 3);
    assert_false(jd_str_eq(jd_buf_view(&one), texts[3]));
    jd_buf_release(&one);
}

/* ---- whole */

static void ids_keys_and_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        const jd_json *f = jd_json_get(issues[i], "fields");
        char           key[32];
        assert_true(jd_json_id(jd_json_get(issues[i], "id")) == 12900000 + i);
        (void)snprintf(key, sizeof key, "HADOOP-%zu", i + 1);
        assert_true(jd_str_is(str(issues[i], "key"), key));
        assert_true(jd_str_is(str(f, "project.key"), "HADOOP"));
        assert_true(jd_str_starts(str(issues[i], "self"), JD_STR("http://sim.test/jira/rest/")));
        assert_true(str(f, "summary").n > 0 && str(f, "summary").n <= 255);
        assert_true(jd_str_find(str(f, "summary"), '$') == str(f, "summary").n);
    }
}

static void dates_agree(void **state)
{
    (void)state;
    sim_gen_conf c      = conf();
    int64_t      before = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const jd_json *f       = jd_json_get(issues[i], "fields");
        int64_t        created = date(f, "created"), updated = date(f, "updated"), last = created;
        assert_true(created >= before && created >= c.created_from_ms);
        assert_true(updated >= created && updated <= c.created_to_ms);
        before = created;
        for (jd_json_iter it = jd_json_walk(jd_json_path(f, "comment.comments"));
             jd_json_next(&it);) {
            assert_true(date(it.value, "created") >= created);
            assert_true(date(it.value, "updated") >= date(it.value, "created"));
            if (date(it.value, "updated") > last)
                last = date(it.value, "updated");
        }
        for (jd_json_iter it = jd_json_walk(jd_json_path(f, "worklog.worklogs"));
             jd_json_next(&it);)
            if (date(it.value, "updated") > last)
                last = date(it.value, "updated");
        for (jd_json_iter it = jd_json_walk(jd_json_path(issues[i], "changelog.histories"));
             jd_json_next(&it);)
            if (date(it.value, "created") > last)
                last = date(it.value, "created");
        assert_true(last == updated);
    }
}

static void totals_agree(void **state)
{
    (void)state;
    static const char *const lists[][2] = {
        {"fields.comment", "comments"}, {"fields.worklog", "worklogs"}, {"changelog", "histories"}};
    jd_idmap *seen[3] = {jd_idmap_new(), jd_idmap_new(), jd_idmap_new()};
    for (size_t i = 0; i < COUNT; i++)
        for (size_t l = 0; l < 3; l++) {
            const jd_json *list = jd_json_path(issues[i], lists[l][0]);
            const jd_json *rows = jd_json_get(list, lists[l][1]);
            int64_t        total;
            assert_true(jd_json_i64(jd_json_get(list, "total"), &total));
            assert_int_equal(total, jd_json_len(rows));
            for (jd_json_iter it = jd_json_walk(rows); jd_json_next(&it);) {
                bool fresh;
                (void)jd_idmap_put(seen[l], jd_json_id(jd_json_get(it.value, "id")), &fresh);
                assert_true(fresh);
            }
        }
    for (size_t l = 0; l < 3; l++)
        jd_idmap_free(seen[l]);
}

static size_t having(const char *dotted, size_t least)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT; i++)
        n += jd_json_len(jd_json_path(issues[i], dotted)) >= least;
    return n;
}

static void special_ones(void **state)
{
    (void)state;
    size_t huge = 0, sum = 0;
    for (size_t i = 0; i < COUNT; i++) {
        huge += texts[i].n > 200000;
        sum += texts[i].n < 200000 ? texts[i].n : 0;
        if (texts[i].n > 200000)
            assert_in_range(texts[i].n, 250000, 400000);
    }
    assert_int_equal(huge, 1);
    assert_in_range(sum / COUNT, 7000, 11000);
    assert_int_equal(having("changelog.histories", 100), 1);
    assert_int_equal(having("changelog.histories", 130), 1);
    assert_int_equal(having("changelog.histories", 131), 0);
    assert_int_equal(having("fields.comment.comments", 100), 1);
    assert_int_equal(having("fields.comment.comments", 140), 1);
    assert_int_equal(having("fields.comment.comments", 141), 0);
    assert_int_equal(having("fields.worklog.worklogs", 21), 1);
    assert_int_equal(having("fields.worklog.worklogs", 25), 1);
    assert_int_equal(having("fields.worklog.worklogs", 26), 0);
}

static void small_projects_have_none(void **state)
{
    (void)state;
    sim_gen_conf c = conf();
    c.count        = 99;
    for (uint64_t i = 0; i < c.count; i++)
        assert_int_equal(sim_generate_special(&c, i), SIM_GEN_PLAIN);
    c.count                         = 100;
    size_t found[SIM_GEN_NASTY + 1] = {0};
    for (uint64_t i = 0; i < c.count; i++)
        found[sim_generate_special(&c, i)]++;
    for (int s = SIM_GEN_HISTORIES; s < SIM_GEN_NASTY; s++)
        assert_int_equal(found[s], 1);
    assert_int_equal(found[SIM_GEN_NASTY], 0);
}

/* ---- the changelog leads to the fields */

typedef struct replay {
    const char *field;
    bool        begun;
    jd_str      now, now_text; /* p NULL is null */
} replay;

static void step(replay *r, const jd_json *item, size_t issue)
{
    if (!jd_str_is(str(item, "field"), r->field))
        return;
    if (r->begun && !jd_str_eq(str(item, "from"), r->now))
        fail_msg("issue %zu: %s goes on from %.*s, not from %.*s", issue, r->field,
                 JD_FMT(str(item, "from")), JD_FMT(r->now));
    r->begun    = true;
    r->now      = str(item, "to");
    r->now_text = str(item, "toString");
}

static void leads_to_fields(const jd_json *issue, size_t i)
{
    const jd_json *f      = jd_json_get(issue, "fields");
    replay         r[4]   = {{.field = "status", .begun = true, .now = JD_STR("1")},
                             {.field = "resolution", .begun = true},
                             {.field = "priority"},
                             {.field = "assignee"}};
    int64_t        before = date(f, "created"), resolved = 0;
    for (jd_json_iter h = jd_json_walk(jd_json_path(issue, "changelog.histories"));
         jd_json_next(&h);) {
        int64_t at = date(h.value, "created");
        assert_true(at >= before);
        before = at;
        for (jd_json_iter it = jd_json_walk(jd_json_get(h.value, "items")); jd_json_next(&it);) {
            for (size_t k = 0; k < 4; k++)
                step(&r[k], it.value, i);
            if (jd_str_is(str(it.value, "field"), "resolution"))
                resolved = r[1].now.n ? at : 0;
            if (jd_str_is(str(it.value, "field"), "summary"))
                assert_true(jd_str_eq(str(it.value, "toString"), str(f, "summary")));
            if (jd_str_is(str(it.value, "field"), "description"))
                assert_true(jd_str_eq(str(it.value, "toString"), str(f, "description")));
        }
    }
    assert_true(jd_str_eq(r[0].now, str(f, "status.id")));
    assert_true(jd_str_eq(r[1].now, str(f, "resolution.id")));
    if (r[2].begun)
        assert_true(jd_str_eq(r[2].now, str(f, "priority.id")));
    if (r[3].begun)
        assert_true(jd_str_eq(r[3].now, str(f, "assignee.key")));
    if (resolved)
        assert_true(date(f, "resolutiondate") == resolved);
    else
        assert_true(jd_json_is_null(jd_json_get(f, "resolutiondate")));
}

static void changelogs_lead_to_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        leads_to_fields(issues[i], i);
}

static void calm_ones_are_shorter(void **state)
{
    (void)state;
    sim_gen_conf c    = conf();
    jd_arena    *a    = jd_arena_new(0);
    jd_buf       one  = JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
    size_t       size = 0, before = 0;
    c.calm = 100;
    for (size_t i = 0; i < COUNT; i++) {
        const jd_json *issue;
        jd_err         e;
        if (sim_generate_special(&c, i) != SIM_GEN_PLAIN)
            continue;
        jd_arena_reset(a);
        jd_buf_reset(&one);
        sim_generate_one(&one, &c, i);
        assert_int_equal(jd_json_read(a, jd_buf_view(&one), &issue, &e), JD_OK);
        assert_int_equal(jd_json_len(jd_json_path(issue, "fields.comment.comments")), 0);
        assert_int_equal(jd_json_len(jd_json_path(issue, "fields.worklog.worklogs")), 0);
        assert_true(jd_str_eq(str(issue, "fields.status.id"), str(issues[i], "fields.status.id")));
        leads_to_fields(issue, i);
        size += one.n;
        before += texts[i].n;
    }
    assert_in_range(size * 100 / before, 70, 85);
    jd_buf_release(&one);
    jd_arena_free(a);
}

/* Somebody who resolves an issue as fixed often says just before what it was. */
static void answers_stand_before_resolutions(void **state)
{
    (void)state;
    size_t fixed = 0, answered = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const jd_json *f = jd_json_get(issues[i], "fields");
        if (!jd_str_is(str(f, "resolution.name"), "Fixed") || !str(f, "assignee.name").n)
            continue;
        int64_t resolved = date(f, "resolutiondate");
        bool    found    = false;
        fixed++;
        for (jd_json_iter it = jd_json_walk(jd_json_path(f, "comment.comments"));
             jd_json_next(&it);)
            found |= resolved - date(it.value, "created") >= 0 &&
                     resolved - date(it.value, "created") <= 2400000 &&
                     str(it.value, "body").n > 120 &&
                     jd_str_eq(str(it.value, "author.name"), str(f, "assignee.name"));
        answered += found;
    }
    assert_true(fixed > COUNT / 5);
    assert_in_range(answered * 100 / fixed, 35, 85);
}

static void links_stand_on_both_sides(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const jd_json *link = jd_json_at(jd_json_path(issues[i], "fields.issuelinks"), 0);
        if (!link)
            continue;
        const jd_json *out = jd_json_get(link, "outwardIssue");
        const jd_json *to  = out ? out : jd_json_get(link, "inwardIssue");
        size_t         at  = jd_json_id(jd_json_get(to, "id")) - 12900000;
        assert_true(at < COUNT && at != i);
        const jd_json *back = jd_json_at(jd_json_path(issues[at], "fields.issuelinks"), 0);
        assert_true(jd_str_eq(str(back, "id"), str(link, "id")));
        assert_non_null(jd_json_get(back, out ? "inwardIssue" : "outwardIssue"));
        assert_true(jd_str_eq(str(to, "fields.summary"), str(issues[at], "fields.summary")));
        assert_true(jd_str_eq(str(to, "fields.status.id"), str(issues[at], "fields.status.id")));
        found++;
    }
    assert_true(found > COUNT / 40);
}

/* ---- what makes them worth reading */

static size_t texts_with(const char *needle)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT; i++)
        n += jd_str_search(texts[i], jd_str_of(needle)) < texts[i].n;
    return n;
}

static void every_trap_is_there(void **state)
{
    (void)state;
    static const char *const traps[] = {"{code:java}",
                                        "{noformat}",
                                        "h2. ",
                                        "\\r\\n",
                                        "[~",
                                        "{quote}",
                                        ".png|thumbnail!",
                                        "\\u001b",
                                        "ö",
                                        "这",
                                        "\xF0\x9F",
                                        "\"visibility\"",
                                        "\"security\":{",
                                        "+1",
                                        "Hadoop QA",
                                        "\"parent\":",
                                        "greenhopper",
                                        "\"environment\":null",
                                        "||",
                                        "\tat org",
                                        "\"assignee\":null"};
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++) {
        /* a tab is an escape in JSON */
        const char *trap = traps[i][0] == '\t' ? "\\tat org.apache.hadoop." : traps[i];
        if (texts_with(trap) == 0)
            fail_msg("no issue has %s", trap);
    }
    assert_true(texts_with("\"environment\"") < COUNT); /* missing, not null */
    assert_int_equal(texts_with("NUL \\u0000 and half"), 0);
    assert_int_equal(texts_with("emoji \\ud83d"), 0);
}

static void some_comments_have_no_author(void **state)
{
    (void)state;
    size_t without = 0, all = 0;
    for (size_t i = 0; i < COUNT; i++)
        for (jd_json_iter it = jd_json_walk(jd_json_path(issues[i], "fields.comment.comments"));
             jd_json_next(&it); all++)
            without += jd_json_get(it.value, "author") == NULL;
    assert_true(without > 0 && without < all / 20);
}

static void seconds_are_shared(void **state)
{
    (void)state;
    size_t most = 0, run = 0;
    for (size_t i = 1; i < COUNT; i++) {
        int64_t a = date(issues[i - 1], "fields.created"), b = date(issues[i], "fields.created");
        run  = a / 1000 == b / 1000 ? run + 1 : 0;
        most = run > most ? run : most;
    }
    assert_true(most >= 15);
}

static void nasty_ones_on_request(void **state)
{
    (void)state;
    sim_gen_conf c = conf();
    c.nasty        = true;
    size_t found   = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        if (sim_generate_special(&c, i) != SIM_GEN_NASTY)
            continue;
        jd_buf         one = JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
        const jd_json *root;
        jd_err         e = JD_ERR_NONE;
        sim_generate_one(&one, &c, i);
        assert_true(jd_str_search(jd_buf_view(&one), JD_STR("NUL \\u0000 and half")) < one.n);
        assert_true(jd_str_search(jd_buf_view(&one), JD_STR("\\ud83d ")) < one.n);
        assert_int_equal(jd_json_read(arena, jd_buf_view(&one), &root, &e), JD_OK);
        jd_buf_release(&one);
        found++;
    }
    assert_int_equal(found, 1);
}

static void all_within_one_second(void **state)
{
    (void)state;
    sim_gen_conf c  = conf();
    c.created_to_ms = c.created_from_ms;
    for (uint64_t i = 0; i < COUNT; i += 50) {
        jd_buf         one = JD_BUF_INIT(SIM_GEN_ISSUE_MAX);
        const jd_json *root;
        jd_err         e = JD_ERR_NONE;
        sim_generate_one(&one, &c, i);
        assert_int_equal(jd_json_read(arena, jd_buf_view(&one), &root, &e), JD_OK);
        assert_true(date(root, "fields.created") == c.created_from_ms);
        assert_true(date(root, "fields.updated") == c.created_from_ms);
        jd_buf_release(&one);
    }
}

static void catalogues_know_what_issues_hold(void **state)
{
    (void)state;
    static const struct {
        sim_catalogue which;
        const char   *at;
    } rows[]      = {{SIM_CAT_STATUS, "fields.status.id"},
                     {SIM_CAT_TYPE, "fields.issuetype.id"},
                     {SIM_CAT_PRIORITY, "fields.priority.id"},
                     {SIM_CAT_RESOLUTION, "fields.resolution.id"}};
    jd_map *known = jd_map_new();
    jd_err  e     = JD_ERR_NONE;
    jd_buf  b     = JD_BUF_INIT(1 << 20);
    for (size_t r = 0; r < 4; r++) {
        const jd_json *list;
        jd_map        *ids = jd_map_new();
        jd_buf_reset(&b);
        sim_gen_catalogue(&b, rows[r].which, JD_STR("http://sim.test/jira"));
        assert_int_equal(jd_json_read(arena, jd_buf_view(&b), &list, &e), JD_OK);
        for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
            (void)jd_map_put(ids, str(it.value, "id"), NULL);
        for (size_t i = 0; i < COUNT; i++)
            if (str(issues[i], rows[r].at).n)
                assert_non_null(jd_map_get(ids, str(issues[i], rows[r].at)));
        jd_map_free(ids);
    }
    const jd_json *list;
    jd_buf_reset(&b);
    sim_gen_catalogue(&b, SIM_CAT_FIELD, JD_STR("http://sim.test/jira"));
    assert_int_equal(jd_json_read(arena, jd_buf_view(&b), &list, &e), JD_OK);
    for (jd_json_iter it = jd_json_walk(list); jd_json_next(&it);)
        (void)jd_map_put(known, str(it.value, "id"), NULL);
    for (jd_json_iter it = jd_json_walk(jd_json_get(issues[0], "fields")); jd_json_next(&it);)
        if (!jd_map_get(known, it.name))
            fail_msg("no catalogue entry for the field %.*s", JD_FMT(it.name));
    jd_map_free(known);
    jd_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alone_is_the_same),
        cmocka_unit_test(seed_and_project_matter),
        cmocka_unit_test(ids_keys_and_links),
        cmocka_unit_test(dates_agree),
        cmocka_unit_test(totals_agree),
        cmocka_unit_test(special_ones),
        cmocka_unit_test(small_projects_have_none),
        cmocka_unit_test(changelogs_lead_to_fields),
        cmocka_unit_test(calm_ones_are_shorter),
        cmocka_unit_test(answers_stand_before_resolutions),
        cmocka_unit_test(links_stand_on_both_sides),
        cmocka_unit_test(every_trap_is_there),
        cmocka_unit_test(some_comments_have_no_author),
        cmocka_unit_test(seconds_are_shared),
        cmocka_unit_test(nasty_ones_on_request),
        cmocka_unit_test(all_within_one_second),
        cmocka_unit_test(catalogues_know_what_issues_hold),
    };
    return cmocka_run_group_tests(tests, make_all, drop_all);
}
