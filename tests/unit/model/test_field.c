/* Names that stay, types, what changed of a site's fields; and where a parent stands. */
#include "model/parent.h"
#include "unit/check.h"

#define CF(n, name) "{\"id\":\"customfield_" #n "\",\"name\":\"" name "\",\"custom\":true}"

typedef struct stage {
    jd_arena *a;
    jd_fields fields;
    jd_drifts drift;
    jd_err    e;
} stage;

static const jd_json *read(stage *s, const char *json)
{
    const jd_json *v;
    assert_int_equal(jd_json_read(s->a, jd_str_of(json), &v, &s->e), JD_OK);
    return v;
}

/* The site lists these now. The names go through their file on the way. */
static void lists(stage *s, const char *json)
{
    const jd_json *v = read(s, json), *entry[20];
    size_t         n = 0;
    jd_buf         b = JD_BUF_INIT(1 << 20);
    jd_fields      before;
    jd_buf_addc(&b, '[');
    for (size_t i = 0; i < s->fields.n; i++) {
        jd_buf_addz(&b, i ? "," : "");
        jd_field_write(&b, &s->fields.v[i]);
    }
    jd_buf_addc(&b, ']');
    jd_fields_read(s->a, read(s, jd_arena_cstr(s->a, jd_buf_view(&b))), &before);
    jd_buf_release(&b);
    assert_int_equal(before.n, s->fields.n);
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it);)
        entry[n++] = it.value;
    jd_fields_name(s->a, &before, entry, n, &s->fields, &s->drift);
}

static void called(const stage *s, const char *id, const char *name)
{
    const jd_field *f = jd_field_find(&s->fields, jd_str_of(id));
    assert_non_null(f);
    if (!jd_str_is(f->name, name))
        fail_msg("%s is called '%.*s', not '%s'", id, JD_FMT(f->name), name);
}

/* "ADDED customfield_1\n…" of what changed, in words. */
static const char *changes(stage *s)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    for (size_t i = 0; i < s->drift.n; i++) {
        jd_drift_text(&b, &s->drift.v[i]);
        jd_buf_addc(&b, '\n');
    }
    const char *out = jd_arena_cstr(s->a, jd_buf_view(&b));
    jd_buf_release(&b);
    return out;
}

static void test_slugs(void **state)
{
    (void)state;
    static const struct {
        const char *title, *slug;
    } rows[] = {
        {"Story Points", "story_points"},
        {"  Epic/Theme (old)  ", "epic_theme_old"},
        {"Größe – Priorité", "grosse_priorite"},
        {"СРОК  сдачи", "срок_сдачи"},
        {"担当者", "担当者"},
        {"Σ Progress", "σ_progress"},
        {"№ 5", "no_5"},
        {"???", ""},
        {"", ""},
        {"a\xff"
         "b",
         "a_b"},
        {"This name is far longer than anything that could be a column anywhere",
         "this_name_is_far_longer_than_anything_that"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_buf b = JD_BUF_INIT(1000);
        jd_field_slug(&b, jd_str_of(rows[i].title));
        assert_true(b.n <= JD_FIELD_NAME_MAX);
        assert_true(jd_buf_ok(&b));
        if (i + 1 < sizeof rows / sizeof *rows && !jd_str_is(jd_buf_view(&b), rows[i].slug))
            fail_msg("'%s' gives '%.*s'", rows[i].title, JD_FMT(jd_buf_view(&b)));
        assert_true(jd_str_starts(jd_buf_view(&b), jd_str_of(rows[i].slug)));
        jd_buf_release(&b);
    }
}

static void test_names_are_told_apart(void **state)
{
    (void)state;
    stage s = {.a = jd_arena_new(0)};
    lists(
        &s,
        "[{\"id\":\"summary\",\"name\":\"Summary\",\"custom\":false},"
        "{\"id\":\"fixVersions\",\"name\":\"Fix Version/s\",\"custom\":false}," CF(1, "Team") "," CF(
            2,
            "team") "," CF(3,
                           "Summary") "," CF(4,
                                             "FixVersions") "," CF(5,
                                                                   "7 days") "," CF(6,
                                                                                    "!?") "," CF(7,
                                                                                                 "P"
                                                                                                 "o"
                                                                                                 "i"
                                                                                                 "n"
                                                                                                 "t"
                                                                                                 "s") "]");
    called(&s, "summary", "summary");
    called(&s, "fixVersions", "fixVersions");
    called(&s, "customfield_1", "team_1");
    called(&s, "customfield_2", "team_2");
    called(&s, "customfield_3", "summary_3");
    called(&s, "customfield_4", "fixversions_4");
    called(&s, "customfield_5", "f_7_days");
    called(&s, "customfield_6", "field");
    called(&s, "customfield_7", "points");
    assert_int_equal(s.drift.n, 0);
    jd_arena_free(s.a);
}

static void test_names_stay_and_changes_are_told_once(void **state)
{
    (void)state;
    stage s = {.a = jd_arena_new(0)};
    lists(&s, "[" CF(1, "Team") "," CF(2, "Points") "]");
    assert_string_equal(changes(&s), "");
    static const char next[] =
        "[" CF(3, "Points") ",{\"id\":\"customfield_1\",\"name\":\"Crew\","
                            "\"custom\":true,\"schema\":{\"type\":\"number\"}}," CF(4, "Team") "]";
    lists(&s, next);
    assert_string_equal(changes(&s), "customfield_1 (team): renamed from 'Team' to 'Crew'\n"
                                     "customfield_1 (team): its type was any, and is number\n"
                                     "customfield_2 (points): 'Points' is listed no more\n"
                                     "customfield_3 (points_3): new, 'Points', any\n"
                                     "customfield_4 (team_4): new, 'Team', any\n");
    lists(&s, next);
    assert_string_equal(changes(&s), "");
    assert_true(jd_field_find(&s.fields, JD_STR("customfield_2"))->gone);
    lists(&s, "[" CF(2, "Points") "," CF(3, "Points") "," CF(4, "Team") "," CF(4, "Team") "]");
    assert_string_equal(changes(&s), "customfield_1 (team): 'Crew' is listed no more\n"
                                     "customfield_2 (points): 'Points' is listed again\n");
    called(&s, "customfield_2", "points");
    called(&s, "customfield_3", "points_3");
    jd_arena_free(s.a);
}

static void test_what_a_word_means(void **unused)
{
    static const struct {
        const char *word;
        size_t      n;
        const char *id; /* of the first */
    } rows[] = {
        {"customfield_1", 1, "customfield_1"},
        {"team", 2, "customfield_1"},
        {"team_2", 1, "customfield_2"},
        {"story_points", 1, "customfield_3"},
        {"STORY points", 1, "customfield_3"},
        {"cf[3]", 1, "customfield_3"},
        {"summary", 1, "summary"},
        {"Summary", 1, "summary"},
        {"points", 0, NULL},
        {"", 0, NULL},
        {"Old", 0, NULL},
        {"customfield_9", 0, NULL},
    };
    stage s = {.a = jd_arena_new(0)};
    (void)unused;
    lists(&s, "[" CF(9, "Old") "]");
    lists(&s, "[" CF(1, "Team") "," CF(
                  2, "team") ","
                             "{\"id\":\"customfield_3\",\"name\":\"Story Points\",\"custom\":true,"
                             "\"clauseNames\":[\"cf[3]\",\"Story Points\"]},"
                             "{\"id\":\"summary\",\"name\":\"Summary\"}]");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const jd_field *out[2];
        size_t          n = jd_field_mean(&s.fields, jd_str_of(rows[i].word), out);
        if (n != rows[i].n || (n && !jd_str_is(out[0]->id, rows[i].id)))
            fail_msg("'%s' means %zu fields", rows[i].word, n);
    }
    jd_arena_free(s.a);
}

static void test_types(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *type;
    } rows[] = {
        {"{\"type\":\"string\",\"custom\":\"x:textarea\"}", "rich_text"},
        {"{\"type\":\"string\",\"system\":\"description\"}", "rich_text"},
        {"{\"type\":\"string\",\"system\":\"summary\"}", "text"},
        {"{\"type\":\"array\",\"items\":\"json\",\"custom\":\"com.pyxis.greenhopper.jira:gh-"
         "sprint\"}",
         "sprints"},
        {"{\"type\":\"any\",\"custom\":\"com.pyxis.greenhopper.jira:gh-epic-link\"}", "epic_link"},
        {"{\"type\":\"any\",\"custom\":\"com.atlassian.jpo:jpo-custom-field-parent\"}",
         "parent_link"},
        {"{\"type\":\"option-with-child\",\"custom\":\"x:cascadingselect\"}", "cascade"},
        {"{\"type\":\"array\",\"items\":\"version\",\"system\":\"fixVersions\"}", "versions"},
        {"{\"type\":\"array\",\"items\":\"option\",\"custom\":\"app:own\"}", "options"},
        {"{\"type\":\"user\",\"system\":\"assignee\"}", "user"},
        {"{\"type\":\"datetime\",\"system\":\"created\"}", "datetime"},
        {"{\"type\":\"progress\",\"system\":\"progress\"}", "any"},
        {"{\"type\":\"any\",\"custom\":\"app:own\"}", "any"},
        {"{}", "any"},
        {"7", "any"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        stage s = {.a = jd_arena_new(0)};
        lists(&s,
              jd_arena_fmt(s.a, "[{\"id\":\"x\",\"name\":\"X\",\"schema\":%s}]", rows[i].schema).p);
        assert_string_equal(jd_field_type_name(s.fields.v[0].type), rows[i].type);
        assert_int_equal(jd_field_type_of(jd_str_of(rows[i].type)), s.fields.v[0].type);
        jd_arena_free(s.a);
    }
}

static void test_odd_lists(void **state)
{
    (void)state;
    stage s = {.a = jd_arena_new(0)};
    lists(&s, "[{},{\"id\":7,\"name\":[]},{\"id\":\"\"},{\"id\":\"a\"},{\"name\":\"b\"}]");
    assert_int_equal(s.fields.n, 1);
    called(&s, "a", "a");
    assert_null(jd_field_find(&s.fields, JD_STR("b")));
    assert_null(jd_field_find(NULL, JD_STR("b")));
    jd_fields_read(s.a, read(&s, "[7,{\"id\":\"x\"},{\"name\":\"y\"},null]"), &s.fields);
    assert_int_equal(s.fields.n, 0);
    jd_arena_free(s.a);
}

static void test_parents(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *key;
        bool        epic;
    } rows[] = {
        {"{\"parent\":{\"id\":\"5\",\"key\":\"A-1\"}}", "A-1", false},
        {"{\"parent\":{\"id\":\"5\",\"key\":\"A-1\",\"fields\":{\"issuetype\":{\"hierarchyLevel\":"
         "1}}},"
         "\"customfield_1\":\"A-2\"}",
         "A-1", true},
        {"{\"parent\":null,\"customfield_1\":\"A-2\",\"customfield_2\":\"A-3\"}", "A-2", true},
        {"{\"customfield_1\":null,\"customfield_2\":\"A-3\"}", "A-3", false},
        {"{\"customfield_2\":{\"showField\":true,\"data\":{\"id\":7,\"key\":\"A-4\"}}}", "A-4",
         false},
        {"{\"customfield_1\":\"no key\"}", NULL, false},
        {"{\"customfield_3\":\"A-5\"}", NULL, false},
        {"{\"parent\":\"\"}", NULL, false},
        {"[]", NULL, false},
    };
    stage s = {.a = jd_arena_new(0)};
    lists(&s,
          "[{\"id\":\"customfield_1\",\"name\":\"E\",\"schema\":{\"custom\":\"x:gh-epic-link\"}},"
          "{\"id\":\"customfield_2\",\"name\":\"P\",\"schema\":{\"custom\":\"y:jpo-custom-field-"
          "parent\"}},"
          "{\"id\":\"customfield_3\",\"name\":\"T\",\"schema\":{\"custom\":\"x:textfield\"}}]");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_parent p     = {.id = 9};
        bool      found = jd_parent_of(read(&s, rows[i].fields), &s.fields, &p);
        assert_int_equal(found, rows[i].key != NULL);
        assert_true(jd_str_is(p.key, rows[i].key ? rows[i].key : ""));
        assert_int_equal(p.epic, rows[i].epic);
        assert_true(found || p.id == 0);
    }
    jd_parent p;
    assert_false(jd_parent_of(read(&s, rows[2].fields), NULL, &p));
    assert_true(jd_parent_of(read(&s, rows[0].fields), NULL, &p));
    assert_int_equal(p.id, 5);
    jd_arena_free(s.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slugs),
        cmocka_unit_test(test_names_are_told_apart),
        cmocka_unit_test(test_names_stay_and_changes_are_told_once),
        cmocka_unit_test(test_what_a_word_means),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_odd_lists),
        cmocka_unit_test(test_parents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
