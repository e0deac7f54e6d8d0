#include "../check.h"
#include "flow/quarantine.h"
#include "sys/file.h"

#include <stdio.h>
#include <unistd.h>

static const jd_scope kafka = {.name    = JD_STR_INIT("site#project:5"),
                               .label   = JD_STR_INIT("KAFKA"),
                               .project = JD_STR_INIT("KAFKA")};
static const jd_scope bugs  = {.name = JD_STR_INIT("site#jql:aa"), .label = JD_STR_INIT("jql")};
static const jd_scope tasks = {.name = JD_STR_INIT("site#jql:bb"), .label = JD_STR_INIT("jql")};

typedef struct box {
    char      dir[40];
    jd_arena *a;
} box;

static int open_box(void **state)
{
    static box b;
    b.a = jd_arena_new(0);
    (void)snprintf(b.dir, sizeof b.dir, "/tmp/jd-quarantine-XXXXXX");
    assert_non_null(mkdtemp(b.dir));
    *state = &b;
    return 0;
}

static size_t list(const box *b, const jd_scope *scope, jd_bad_entry **out)
{
    size_t n;
    jd_err e;
    assert_int_equal(jd_quarantine_list(b->a, b->dir, scope, out, &n, &e), JD_OK);
    return n;
}

static int drop_box(void **state)
{
    const box      *b     = *state;
    const jd_scope *all[] = {&kafka, &bugs, &tasks};
    for (size_t i = 0; i < 3; i++) {
        jd_bad_entry *entry;
        jd_err        e;
        size_t        n = list(b, all[i], &entry);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(jd_quarantine_clear(&entry[k], &e), JD_OK);
        assert_int_equal(list(b, all[i], &entry), 0);
    }
    jd_names folders;
    jd_err   e;
    assert_int_equal(jd_dir_list(b->a, b->dir, &folders, &e), JD_OK);
    for (size_t i = 0; i < folders.n; i++)
        assert_int_equal(rmdir(jd_arena_fmt(b->a, "%s/%s", b->dir, folders.name[i]).p), 0);
    assert_int_equal(rmdir(b->dir), 0);
    jd_arena_free(b->a);
    return 0;
}

static bool add(const box *b, const jd_bad *bad)
{
    bool   fresh;
    jd_err e;
    assert_int_equal(jd_quarantine_add(b->dir, bad, &fresh, &e), JD_OK);
    return fresh;
}

static void known_by_its_id(void **state)
{
    const box *b   = *state;
    jd_bad     bad = {.scope = &kafka, .id = 7, .reason = JD_STR("no date"), .raw = JD_STR("{}")};
    jd_bad_entry *entry;
    assert_true(add(b, &bad));
    assert_false(add(b, &bad));
    bad.raw = JD_STR("{ }");
    assert_false(add(b, &bad));
    bad.reason = JD_STR("no key");
    assert_true(add(b, &bad)); /* said anew, of the same issue */
    assert_int_equal(list(b, &kafka, &entry), 1);
    assert_int_equal(entry->id, 7);
    assert_false(jd_quarantine_may_be(entry, bad.raw));
}

static void without_an_id_it_has_a_place(void **state)
{
    const box    *b   = *state;
    jd_bad        bad = {.scope  = &kafka,
                         .place  = {JD_STR("project = 5 ORDER BY created ASC"), 31},
                         .reason = JD_STR("no id"),
                         .raw    = JD_STR("{\"key\":\"KAFKA-1\"}")};
    jd_bad_entry *entry;
    assert_true(add(b, &bad));
    bad.place.row = 32;
    assert_false(add(b, &bad)); /* the same record elsewhere */
    assert_int_equal(list(b, &kafka, &entry), 1);
    assert_int_equal(entry->id, 0);
    assert_true(jd_str_is(entry->place.jql, "project = 5 ORDER BY created ASC"));
    assert_int_equal(entry->place.row, 31);
    assert_true(jd_quarantine_may_be(entry, bad.raw));
    assert_false(jd_quarantine_may_be(entry, JD_STR("{\"key\":\"KAFKA-2\"}")));
    assert_false(jd_quarantine_may_be(entry, JD_STR("17")));
}

static void what_nothing_tells_apart_is_told_by_its_place(void **state)
{
    const box    *b   = *state;
    jd_bad        bad = {.scope  = &kafka,
                         .place  = {JD_STR("project = 5 ORDER BY created ASC"), 31},
                         .reason = JD_STR("no object"),
                         .raw    = JD_STR("17")};
    jd_bad_entry *entry;
    assert_true(add(b, &bad));
    assert_false(add(b, &bad));
    bad.place.row = 32;
    assert_true(add(b, &bad));
    bad.raw       = JD_NOSTR; /* the server never said anything */
    bad.place.row = 33;
    assert_true(add(b, &bad));
    assert_int_equal(list(b, &kafka, &entry), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(jd_quarantine_may_be(&entry[i], JD_STR("17")));
        assert_false(jd_quarantine_may_be(&entry[i], JD_STR("{\"key\":\"KAFKA-1\"}")));
    }
}

static void each_scope_has_its_own(void **state)
{
    const box *b   = *state;
    jd_bad     bad = {.scope = &kafka, .id = 7, .reason = JD_STR("no date"), .raw = JD_STR("{}")};
    jd_bad_entry *entry;
    bad.scope = &bugs;
    assert_true(add(b, &bad));
    bad.scope = &tasks;
    assert_true(add(b, &bad));
    assert_int_equal(list(b, &kafka, &entry), 0);
    assert_int_equal(list(b, &bugs, &entry), 1);
    assert_int_equal(list(b, &tasks, &entry), 1);
}

static void an_entry_that_cannot_be_read_stays(void **state)
{
    const box    *b = *state;
    jd_bad_entry *entry;
    jd_err        e;
    jd_str        folder = jd_arena_fmt(b->a, "%s/KAFKA", b->dir);
    jd_str        path   = jd_arena_fmt(b->a, "%s/x0123456789abcdef.issue.json", folder.p);
    assert_int_equal(jd_dir_make(folder.p, &e), JD_OK);
    assert_int_equal(jd_file_replace(path.p, JD_STR("{\"row\":-4"), &e), JD_OK);
    assert_int_equal(list(b, &kafka, &entry), 1);
    assert_int_equal(entry->id, 0);
    assert_int_equal(entry->place.jql.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(known_by_its_id, open_box, drop_box),
        cmocka_unit_test_setup_teardown(without_an_id_it_has_a_place, open_box, drop_box),
        cmocka_unit_test_setup_teardown(what_nothing_tells_apart_is_told_by_its_place, open_box,
                                        drop_box),
        cmocka_unit_test_setup_teardown(each_scope_has_its_own, open_box, drop_box),
        cmocka_unit_test_setup_teardown(an_entry_that_cannot_be_read_stays, open_box, drop_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
