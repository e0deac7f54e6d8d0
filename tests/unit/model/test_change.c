#include "base/rng.h"
#include "base/vec.h"
#include "model/change.h"
#include "text/date.h"
#include "text/jsonw.h"
#include "unit/check.h"

#include <stdio.h>
#include <stdlib.h>

static jd_arena *arena;

static int fresh(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    jd_arena_free(arena);
    return 0;
}

static const jd_json *read_json(jd_str text)
{
    const jd_json *v;
    jd_err         e;
    assert_int_equal(jd_json_read(arena, text, &v, &e), JD_OK);
    return v;
}

/* Names as GET /field gives them. */
static const char field_list[] = "[{\"id\":\"summary\",\"name\":\"Summary\"},"
                                 "{\"id\":\"customfield_1\",\"name\":\"Story Points\"},"
                                 "{\"id\":\"customfield_2\",\"name\":\"Twice\"},"
                                 "{\"id\":\"customfield_3\",\"name\":\"Twice\"}]";

/* The differences as one line each: "kind field=fieldId from|fromString>to|toString who source". */
static void side(jd_buf *b, jd_str id, jd_str text)
{
    jd_buf_adds(b, id.p ? id : JD_STR("-"));
    jd_buf_addc(b, '|');
    jd_buf_adds(b, text.p ? text : JD_STR("-"));
}

static const char *told(const jd_changes *all)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    for (size_t i = 0; i < all->n; i++) {
        const jd_change *c = &all->v[i];
        jd_buf_addf(&b, "%s %.*s=%.*s ", jd_change_name(c->kind), JD_FMT(c->field),
                    JD_FMT(c->field_id.p ? c->field_id : JD_STR("?")));
        side(&b, c->from, c->from_string);
        jd_buf_addc(&b, '>');
        side(&b, c->to, c->to_string);
        jd_buf_addf(&b, " %.*s %s\n", JD_FMT(c->who.p ? c->who : JD_STR("-")),
                    c->changelog ? "changelog" : "compare");
    }
    const char *out = jd_arena_cstr(arena, jd_buf_view(&b));
    jd_buf_release(&b);
    return out;
}

static jd_changes diff_of(const char *was, const char *is, const char *names)
{
    jd_changes     all  = {0};
    jd_change_conf conf = {.names      = names ? read_json(jd_str_of(names)) : NULL,
                           .noticed_ms = 1700000000000};
    jd_change_diff(arena, read_json(jd_str_of(was)), read_json(jd_str_of(is)), &conf, &all);
    return all;
}

static const char *between(const char *was, const char *is, const char *names)
{
    jd_changes all = diff_of(was, is, names);
    return told(&all);
}

#define ISSUE(fields, rest)                                                            \
    "{\"id\":\"7\",\"key\":\"A-1\",\"fields\":{\"updated\":\"2024-01-01T00:00:00.000+" \
    "0000\"," fields "}" rest "}"
#define LATER(fields, rest)                                                            \
    "{\"id\":\"7\",\"key\":\"A-1\",\"fields\":{\"updated\":\"2024-01-02T00:00:00.000+" \
    "0000\"," fields "}" rest "}"
#define NO_LOG ",\"changelog\":{\"total\":0,\"histories\":[]}"
#define LOG(items)                                                                           \
    ",\"changelog\":{\"total\":1,\"histories\":[{\"id\":\"90\",\"author\":{\"name\":\"jo\"," \
    "\"displayName\":\"Jo\"},\"created\":\"2024-01-02T00:00:00.000+0000\",\"items\":[" items \
    "]}]}"
#define ITEM(field, type, from, from_s, to, to_s)                                                  \
    "{\"field\":\"" field "\",\"fieldtype\":\"" type "\",\"from\":" from ",\"fromString\":" from_s \
    ",\"to\":" to ",\"toString\":" to_s "}"

static void the_changelog_is_believed(void **unused)
{
    (void)unused;
    const char *was = ISSUE("\"status\":{\"id\":\"1\",\"name\":\"Open\"},\"resolution\":null,"
                            "\"resolutiondate\":null",
                            NO_LOG);
    const char *is =
        LATER("\"status\":{\"id\":\"5\",\"name\":\"Done\"},\"resolution\":{\"id\":"
              "\"2\",\"name\":\"Fixed\"},\"resolutiondate\":\"2024-01-02T00:00:00.000+0000\"",
              LOG(ITEM("status", "jira", "\"1\"", "\"Open\"", "\"5\"", "\"Done\"") "," ITEM(
                  "resolution", "jira", "null", "null", "\"2\"", "\"Fixed\"")));
    assert_string_equal(between(was, is, NULL),
                        "field status=status 1|Open>5|Done jo changelog\n"
                        "field resolution=resolution -|->2|Fixed jo changelog\n");
    assert_string_equal(between(is, is, NULL), "");
    jd_changes all = diff_of(was, is, NULL);
    assert_int_equal(all.v[0].at_ms, 1704153600000);
    assert_int_equal(all.v[0].id, 7);
    assert_true(jd_str_is(all.v[0].key, "A-1") && jd_str_is(all.v[0].who_name, "Jo"));
}

static void what_it_does_not_tell_is_compared(void **unused)
{
    (void)unused;
    assert_string_equal(
        between(
            ISSUE(
                "\"summary\":\"one\",\"priority\":{\"self\":\"x\",\"id\":\"3\",\"name\":\"Major\"},"
                "\"labels\":[\"a\",\"b\"],\"customfield_9\":3",
                NO_LOG),
            LATER("\"labels\":[\"b\",\"c\"],\"summary\":\"two\",\"priority\":null,\"customfield_"
                  "9\":5",
                  NO_LOG),
            NULL),
        "field labels=labels -|a b>-|b c - compare\n"
        "field summary=summary -|one>-|two - compare\n"
        "field priority=priority 3|Major>-|- - compare\n"
        "field customfield_9=customfield_9 -|3>-|5 - compare\n");
    /* without a later `updated` it was noticed when the copy was made */
    jd_changes all =
        diff_of(ISSUE("\"summary\":\"one\"", NO_LOG), ISSUE("\"summary\":\"two\"", NO_LOG), NULL);
    assert_int_equal(all.n, 1);
    assert_int_equal(all.v[0].at_ms, 1700000000000);
}

static void what_is_no_change(void **unused)
{
    (void)unused;
    static const char *const pairs[][2] = {
        {"\"x\":null", "\"y\":[]"},
        {"\"x\":{\"a\":1,\"b\":[{\"c\":2,\"self\":\"u\"}]}", "\"x\":{\"b\":[{\"c\":2.0}],\"a\":1}"},
        {"\"x\":[\"a\",\"b\"]", "\"x\":[\"b\",\"a\"]"},
        {"\"x\":\"2024-05-01T10:00:00.000+0000\"", "\"x\":\"2024-05-01T12:00:00.000+0200\""},
        {"\"x\":{\"accountId\":\"1\",\"displayName\":\"Jo\",\"avatarUrls\":{}}",
         "\"x\":{\"accountId\":\"1\",\"displayName\":\"Joanna\"}"},
        {"\"x\":{\"key\":\"jo\",\"name\":\"jo\",\"displayName\":\"Jo\"}",
         "\"x\":{\"key\":\"jo\",\"name\":\"joanna\",\"displayName\":\"Joanna\"}"},
        {"\"x\":{\"self\":\"a\",\"id\":\"5\",\"name\":\"Old\"}",
         "\"x\":{\"self\":\"b\",\"id\":\"5\",\"name\":\"New\"}"},
        {"\"x\":\"0|i0000f:\"", "\"x\":\"0|i0004n:x\""},
        {"\"x\":[\"com.atlassian.greenhopper.service.sprint.Sprint@1f[id=4,state=ACTIVE,name=S]\"]",
         "\"x\":[\"com.atlassian.greenhopper.service.sprint.Sprint@2e[state=CLOSED,id=4,name=S]"
         "\"]"},
        {"\"x\":[{\"id\":4,\"name\":\"S\",\"state\":\"active\",\"boardId\":1}]",
         "\"x\":[{\"id\":4,\"name\":\"S\",\"state\":\"closed\",\"boardId\":1}]"},
        {"\"x\":\"{a=com.x.Y@1a2b[n=1]}\"", "\"x\":\"{a=com.x.Y@77fe[n=1]}\""},
        {"\"votes\":{\"votes\":1},\"watches\":{\"watchCount\":2},\"lastViewed\":\"2024-01-01\","
         "\"workratio\":1",
         "\"votes\":{\"votes\":2},\"watches\":{\"watchCount\":3},\"lastViewed\":\"2024-01-02\","
         "\"workratio\":-1"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        jd_str was = jd_arena_fmt(arena, ISSUE("%s", NO_LOG), pairs[i][0]);
        jd_str is  = jd_arena_fmt(arena, LATER("%s", NO_LOG), pairs[i][1]);
        assert_string_equal(between(was.p, is.p, NULL), "");
        assert_string_equal(between(is.p, was.p, NULL), "");
    }
}

/* What looks like those, and is a change. */
static void what_is_one(void **unused)
{
    (void)unused;
    static const char *const pairs[][2] = {
        {"\"x\":[1,2]", "\"x\":[2,1]"},
        {"\"x\":{\"id\":1,\"done\":false}", "\"x\":{\"id\":1,\"done\":true}"}, /* an app's own */
        {"\"x\":\"2024-05-01T10:00:00.000+0000\"", "\"x\":\"2024-05-01T10:00:00.000+0200\""},
        {"\"x\":{\"self\":\"a\",\"id\":\"5\",\"value\":\"V\",\"child\":{\"self\":\"c\",\"id\":"
         "\"6\"}}",
         "\"x\":{\"self\":\"a\",\"id\":\"5\",\"value\":\"V\",\"child\":{\"self\":\"c\",\"id\":"
         "\"7\"}}"},
        {"\"x\":[\"com.atlassian.greenhopper.service.sprint.Sprint@1f[id=4,name=S]\"]",
         "\"x\":[\"com.atlassian.greenhopper.service.sprint.Sprint@1f[id=5,name=S]\"]"},
        {"\"x\":[]", "\"x\":[null]"},
        {"\"x\":\"mail me@1f2e\"", "\"x\":\"mail me@1f2f\""},
        {"\"x\":\"0|i0000f:\"", "\"x\":\"none\""},
        {"\"x\":[\"a\",\"a\"]", "\"x\":[\"a\"]"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        jd_str was = jd_arena_fmt(arena, ISSUE("%s", NO_LOG), pairs[i][0]);
        jd_str is  = jd_arena_fmt(arena, LATER("%s", NO_LOG), pairs[i][1]);
        assert_int_equal(diff_of(was.p, is.p, NULL).n, 1);
        assert_int_equal(diff_of(is.p, was.p, NULL).n, 1);
    }
}

static void sets_change_by_element(void **unused)
{
    (void)unused;
    assert_string_equal(
        between(
            ISSUE(
                "\"fixVersions\":[{\"id\":\"1\",\"name\":\"1.0\"},{\"id\":\"2\",\"name\":\"2.0\"}],"
                "\"issuelinks\":[{\"id\":\"70\",\"type\":{\"outward\":\"blocks\",\"inward\":\"is "
                "blocked by\"},"
                "\"outwardIssue\":{\"key\":\"B-2\"}}],\"attachment\":[],"
                "\"subtasks\":[{\"id\":\"8\",\"key\":\"A-2\",\"fields\":{\"status\":{\"id\":\"1\"}}"
                "}]",
                NO_LOG),
            LATER(
                "\"fixVersions\":[{\"id\":\"2\",\"name\":\"2.0\"},{\"id\":\"3\",\"name\":\"3.0\"},"
                "{\"id\":\"4\",\"name\":\"4.0\"}],"
                "\"issuelinks\":[{\"id\":\"71\",\"type\":{\"outward\":\"blocks\",\"inward\":\"is "
                "blocked by\"},"
                "\"inwardIssue\":{\"key\":\"C-3\"}}],"
                "\"attachment\":[{\"id\":\"50\",\"filename\":\"f.txt\",\"created\":\"2024-01-01T12:"
                "00:00.000+0000\","
                "\"author\":{\"name\":\"al\",\"displayName\":\"Al\"}}],"
                "\"subtasks\":[{\"id\":\"8\",\"key\":\"A-2\",\"fields\":{\"status\":{\"id\":\"6\"}}"
                "},"
                "{\"id\":\"9\",\"key\":\"A-3\"}]",
                LOG(ITEM("Fix Version", "jira", "null", "null", "\"3\"", "\"3.0\"") "," ITEM(
                    "Link", "jira", "\"B-2\"", "\"This issue blocks B-2\"", "null", "null"))),
            NULL),
        "field Attachment=attachment -|->50|f.txt al compare\n"
        "field Fix Version=fixVersions -|->3|3.0 jo changelog\n"
        "field Link=issuelinks B-2|This issue blocks B-2>-|- jo changelog\n"
        "field Fix Version=fixVersions 1|1.0>-|- - compare\n"
        "field Fix Version=fixVersions -|->4|4.0 - compare\n"
        "field Link=issuelinks -|->C-3|This issue is blocked by C-3 - compare\n"
        "field Sub-Task=subtasks -|->A-3|A-3 - compare\n");
}

static void a_custom_field_is_known_by_its_name_or_its_values(void **unused)
{
    (void)unused;
    const char *was = ISSUE(
        "\"customfield_1\":3.0,\"customfield_2\":{\"self\":\"u\",\"id\":\"10\",\"value\":\"Red\"}",
        NO_LOG);
    const char *is = LATER(
        "\"customfield_1\":5.0,\"customfield_2\":{\"self\":\"u\",\"id\":\"11\",\"value\":\"Blue\"}",
        LOG(ITEM("Story Points", "custom", "null", "\"3\"", "null",
                 "\"5\"") "," ITEM("Twice", "custom", "\"10\"", "\"Red\"", "\"11\"", "\"Blue\"")));
    static const char want[] = "field Story Points=customfield_1 -|3>-|5 jo changelog\n"
                               "field Twice=customfield_2 10|Red>11|Blue jo changelog\n";
    assert_string_equal(between(was, is, field_list), want);
    assert_string_equal(between(was, is, NULL), want);
    /* another field that changed beside, silently, is no longer covered */
    assert_string_equal(
        between(ISSUE("\"customfield_1\":3,\"customfield_4\":3", NO_LOG),
                LATER("\"customfield_1\":5,\"customfield_4\":5",
                      LOG(ITEM("Story Points", "custom", "null", "\"3\"", "null", "\"5\""))),
                field_list),
        "field Story Points=customfield_1 -|3>-|5 jo changelog\n"
        "field customfield_4=customfield_4 -|3>-|5 - compare\n");
}

static void a_move_is_told_once(void **unused)
{
    (void)unused;
    assert_string_equal(
        between("{\"id\":\"7\",\"key\":\"A-1\",\"fields\":{\"project\":{\"id\":\"1\",\"name\":"
                "\"Ay\"}}" NO_LOG "}",
                "{\"id\":\"7\",\"key\":\"B-4\",\"fields\":{\"project\":{\"id\":\"2\",\"name\":"
                "\"Be\"}}" LOG(ITEM("Key", "jira", "null", "\"A-1\"", "null", "\"B-4\"") "," ITEM(
                    "project", "jira", "\"1\"", "\"Ay\"", "\"2\"", "\"Be\"")) "}",
                NULL),
        "moved Key=issuekey -|A-1>-|B-4 jo changelog\n"
        "field project=project 1|Ay>2|Be jo changelog\n");
    assert_string_equal(between("{\"id\":\"7\",\"key\":\"A-1\",\"fields\":{}" NO_LOG "}",
                                "{\"id\":\"7\",\"key\":\"B-4\",\"fields\":{}" NO_LOG "}", NULL),
                        "moved Key=issuekey -|A-1>-|B-4 - compare\n");
}

#define COMMENTS(total, list) "\"comment\":{\"total\":" total ",\"comments\":[" list "]}"
#define COMMENT(id, body, created, updated)                                               \
    "{\"id\":\"" id "\",\"author\":{\"name\":\"al\"},\"updateAuthor\":{\"name\":\"bo\"}," \
    "\"body\":\"" body "\",\"created\":\"" created "\",\"updated\":\"" updated "\"}"
#define D1 "2023-12-01T00:00:00.000+0000"
#define D2 "2024-01-01T18:00:00.000+0000"

static void comments_come_change_and_go(void **unused)
{
    (void)unused;
    const char *was =
        ISSUE(COMMENTS("3", COMMENT("1", "one", D1, D1) "," COMMENT("2", "two", D1, D1) "," COMMENT(
                                "3", "three", D1, D1)),
              NO_LOG);
    const char *is =
        LATER(COMMENTS("3", COMMENT("1", "one", D1, "2023-12-01T01:00:00.000+0100") "," COMMENT(
                                "2", "deux", D1, D2) "," COMMENT("4", "four", D2, D2)),
              NO_LOG);
    assert_string_equal(between(was, is, NULL),
                        "comment_edited Comment=comment 2|two>2|deux bo compare\n"
                        "comment_added Comment=comment -|->4|four al compare\n"
                        "comment_deleted Comment=comment 3|three>-|- - compare\n");
    /* the changelog says who deleted */
    is = LATER(COMMENTS("2", COMMENT("1", "one", D1, D1) "," COMMENT("2", "two", D1, D1)),
               LOG(ITEM("Comment", "jira", "\"3\"", "\"three\"", "null", "null")));
    assert_string_equal(between(was, is, NULL),
                        "comment_deleted Comment=comment 3|three>-|- jo changelog\n");
}

static void a_list_cut_short_proves_nothing(void **unused)
{
    (void)unused;
    const char *cut = ISSUE(COMMENTS("3", COMMENT("3", "three", D1, D1)), NO_LOG);
    const char *whole =
        LATER(COMMENTS("4", COMMENT("1", "one", D1, D1) "," COMMENT("2", "two", D1, D1) "," COMMENT(
                                "3", "three", D1, D1) "," COMMENT("4", "four", D2, D2)),
              NO_LOG);
    assert_string_equal(between(cut, whole, NULL),
                        "comment_added Comment=comment -|->4|four al compare\n");
    assert_string_equal(between(whole, cut, NULL), "");
    /* histories likewise: an old one is no news */
    assert_string_equal(
        between(ISSUE("\"a\":1", ",\"changelog\":{\"total\":5,\"histories\":[]}"),
                ISSUE("\"a\":1", ",\"changelog\":{\"total\":1,\"histories\":[{\"id\":\"90\","
                                 "\"created\":\"2023-01-02T00:00:00.000+0000\",\"items\":[" ITEM(
                                     "summary", "jira", "null", "\"a\"", "null", "\"b\"") "]}]}"),
                NULL),
        "");
    /* and a copy without comments is no deletion of them */
    assert_string_equal(between(whole, LATER("\"a\":null", NO_LOG), NULL), "");
}

#define WORK(list, total) "\"worklog\":{\"total\":" total ",\"worklogs\":[" list "]}"
#define WORKLOG(id, spent, created, updated)                                              \
    "{\"id\":\"" id "\",\"author\":{\"name\":\"al\"},\"updateAuthor\":{\"name\":\"bo\"}," \
    "\"comment\":\"w\",\"timeSpent\":\"" spent "\",\"timeSpentSeconds\":" spent           \
    ",\"created\":\"" created "\",\"updated\":\"" updated "\",\"started\":\"" created "\"}"

static void worklogs_are_told_once(void **unused)
{
    (void)unused;
    const char *was =
        ISSUE(WORK(WORKLOG("1", "60", D1, D1) "," WORKLOG("2", "60", D1, D1), "2"), NO_LOG);
    /* edited: the changelog names the worklog, from it to nothing */
    assert_string_equal(
        between(was,
                LATER(WORK(WORKLOG("1", "60", D1, D1) "," WORKLOG("2", "90", D1, D2), "2"),
                      LOG(ITEM("WorklogId", "jira", "\"2\"", "\"2\"", "null", "null"))),
                NULL),
        "worklog_edited WorklogId=worklog 2|2>-|- jo changelog\n");
    assert_string_equal(
        between(was,
                LATER(WORK(WORKLOG("1", "60", D1, D1), "1"),
                      LOG(ITEM("WorklogId", "jira", "\"2\"", "\"2\"", "null", "null") "," ITEM(
                          "WorklogId", "jira", "\"2\"", "\"2\"", "null", "null"))),
                NULL),
        "worklog_edited WorklogId=worklog 2|2>-|- jo changelog\n"
        "worklog_deleted WorklogId=worklog 2|2>-|- jo changelog\n");
    assert_string_equal(between(was, LATER(WORK(WORKLOG("1", "60", D1, D1), "1"), NO_LOG), NULL),
                        "worklog_deleted Worklog=worklog 2|60: w>-|- - compare\n");
    assert_string_equal(
        between(was,
                LATER(WORK(WORKLOG("1", "60", D1, D1) "," WORKLOG("2", "60", D1, D1) "," WORKLOG(
                               "3", "30", D2, D2),
                           "3"),
                      LOG(ITEM("timespent", "jira", "\"120\"", "\"120\"", "\"150\"", "\"150\""))),
                NULL),
        "worklog_added Worklog=worklog -|->3|30: w al compare\n"
        "field timespent=? 120|120>150|150 jo changelog\n");
    assert_string_equal(
        between(was,
                LATER(WORK(WORKLOG("1", "60", D1, D1) "," WORKLOG("2", "60", D1, D1) "," WORKLOG(
                               "3", "30", D2, D2),
                           "3"),
                      LOG(ITEM("WorklogId", "jira", "null", "null", "\"3\"", "\"3\""))),
                NULL),
        "worklog_added WorklogId=worklog -|->3|3 jo changelog\n");
}

static void a_line_is_json(void **unused)
{
    (void)unused;
    jd_buf     b   = JD_BUF_INIT(10000);
    jd_changes all = diff_of(ISSUE("\"summary\":\"one\"", NO_LOG),
                             LATER("\"summary\":\"a\\\"b\"", NO_LOG), NULL);
    jd_change_write(&b, &all.v[0]);
    assert_string_equal(
        jd_buf_cstr(&b),
        "{\"id\":\"7\",\"key\":\"A-1\",\"at\":\"2024-01-02T00:00:00.000+0000\",\"kind\":\"field\","
        "\"who\":null,\"whoName\":null,\"field\":\"summary\",\"fieldId\":\"summary\",\"from\":null,"
        "\"fromString\":\"one\",\"to\":null,\"toString\":\"a\\\"b\",\"source\":\"compare\"}\n");
    jd_buf_reset(&b);
    jd_change gone = jd_change_removed(7, JD_STR("A-1"), JD_STR("gone"), 1704153600000);
    jd_change_write(&b, &gone);
    assert_non_null(strstr(jd_buf_cstr(&b), "\"kind\":\"removed\""));
    assert_non_null(strstr(jd_buf_cstr(&b), "\"toString\":\"gone\""));
    jd_buf_release(&b);
    jd_changes     made = {0};
    jd_change_conf conf = {.noticed_ms = 5};
    jd_change_created(
        arena,
        read_json(JD_STR(ISSUE("\"created\":\"2023-12-01T00:00:00.000+0000\",\"creator\":null,"
                               "\"reporter\":{\"accountId\":\"q\",\"displayName\":\"Q\"}",
                               ""))),
        &conf, &made);
    assert_int_equal(made.n, 1);
    assert_int_equal(made.v[0].at_ms, 1701388800000);
    assert_true(jd_str_is(made.v[0].who, "q"));
}

/* -- random changes to a random issue ---------------------------------------------------------- */

enum { SCALARS = 6, SETS = 3, ELEMENTS = 8, CHILDREN = 12, ROUNDS = 3000, DAY_MS = 86400000 };

static const struct {
    const char *id, *name;
    bool        custom;
} scalar_fields[SCALARS] = {
    {"summary", "summary", false},         {"priority", "priority", false},
    {"assignee", "assignee", false},       {"customfield_1", "Story Points", true},
    {"description", "description", false}, {"duedate", "duedate", false}};
static const struct {
    const char *id, *name;
} set_fields[SETS] = {
    {"fixVersions", "Fix Version"}, {"components", "Component"}, {"issuelinks", "Link"}};

typedef struct model {
    int      scalar[SCALARS]; /* 0: null */
    unsigned set[SETS];
    int      comment[CHILDREN], worklog[CHILDREN]; /* version; 0: not there */
    int      key;
} model;

typedef struct world {
    jd_rng   rng;
    model    was, is;
    jd_buf   histories;
    unsigned entries; /* histories so far */
    JD_VEC(jd_str) want;
} world;

static int below(world *w, int n)
{
    return (int)jd_rng_below(&w->rng, (uint64_t)n);
}

static jd_str scalar_text(int field, int v)
{
    return jd_arena_fmt(arena, field == 3 ? "%d" : field == 5 ? "2024-03-%02d" : "text %d", v);
}

static void put_scalar(jd_buf *b, int field, int v)
{
    jd_str text = scalar_text(field, v);
    if (v == 0)
        jd_buf_addz(b, "null");
    else if (field == 1)
        jd_buf_addf(b, "{\"self\":\"u\",\"id\":\"%d\",\"name\":\"%.*s\"}", v, JD_FMT(text));
    else if (field == 2)
        jd_buf_addf(b, "{\"key\":\"%d\",\"name\":\"n\",\"displayName\":\"%.*s\"}", v, JD_FMT(text));
    else
        jd_buf_addf(b, field == 3 ? "%.*s.0" : "\"%.*s\"", JD_FMT(text));
}

static jd_str element_id(int set, int e)
{
    return jd_arena_fmt(arena, set == 2 ? "B-%d" : "%d", 100 * set + e);
}

static jd_str element_text(int set, int e)
{
    return jd_arena_fmt(arena, set == 2 ? "This issue blocks B-%d" : "name %d", 100 * set + e);
}

static void put_set(jd_buf *b, world *w, int set, unsigned bits)
{
    int start = below(w, ELEMENTS), n = 0; /* order does not count */
    jd_buf_addc(b, '[');
    for (int i = 0; i < ELEMENTS; i++) {
        int e = (start + i) % ELEMENTS;
        if (!(bits >> e & 1))
            continue;
        jd_buf_addz(b, n++ ? "," : "");
        if (set == 2)
            jd_buf_addf(b,
                        "{\"id\":\"%d\",\"type\":{\"outward\":\"blocks\"},\"outwardIssue\":{"
                        "\"key\":\"B-%d\",\"fields\":"
                        "{\"status\":{\"id\":\"%d\"}}}}",
                        900 + e, 100 * set + e, below(w, 3));
        else
            jd_buf_addf(b, "{\"id\":\"%d\",\"name\":\"name %d\",\"released\":%s}", 100 * set + e,
                        100 * set + e, below(w, 2) ? "true" : "false");
    }
    jd_buf_addc(b, ']');
}

static void put_children(jd_buf *b, const char *name, const char *list, const int *v, int base)
{
    int n = 0;
    jd_buf_addf(b, "\"%s\":{\"%s\":[", name, list);
    for (int i = 0; i < CHILDREN; i++)
        if (v[i])
            jd_buf_addf(
                b,
                "%s{\"id\":\"%d\",\"body\":\"said %d\",\"comment\":\"said %d\",\"created\":"
                "\"2024-01-01T00:00:00.000+0000\",\"updated\":\"2024-01-01T00:00:%02d.000+0000\"}",
                n++ ? "," : "", base + i, v[i], v[i], v[i] % 60);
    jd_buf_addf(b, "],\"total\":%d}", n);
}

static const jd_json *issue_of(world *w, const model *m, jd_str histories, unsigned entries)
{
    jd_buf b     = JD_BUF_INIT(1 << 20);
    int    start = below(w, SCALARS + SETS);
    jd_buf_addf(&b, "{\"key\":\"A-%d\",\"id\":\"7\",\"fields\":{", m->key);
    put_children(&b, "comment", "comments", m->comment, 500);
    jd_buf_addc(&b, ',');
    put_children(&b, "worklog", "worklogs", m->worklog, 700);
    for (int i = 0; i < SCALARS + SETS; i++) {
        int f = (start + i) % (SCALARS + SETS);
        if (f < SCALARS && m->scalar[f] == 0 && below(w, 2))
            continue; /* absent is null */
        jd_buf_addf(&b, ",\"%s\":", f < SCALARS ? scalar_fields[f].id : set_fields[f - SCALARS].id);
        if (f < SCALARS)
            put_scalar(&b, f, m->scalar[f]);
        else
            put_set(&b, w, f - SCALARS, m->set[f - SCALARS]);
    }
    jd_buf_addf(&b,
                ",\"votes\":{\"votes\":%d},\"customfield_9\":\"%d|i000%c:\"},\"changelog\":{"
                "\"total\":%u,\"histories\":[%.*s]}}",
                below(w, 9), below(w, 3), 'a' + below(w, 20), entries, JD_FMT(histories));
    const jd_json *v = read_json(jd_buf_view(&b));
    jd_buf_release(&b);
    return v;
}

static void quote_or_null(jd_buf *b, jd_str s)
{
    if (s.p)
        jd_json_quote(b, s);
    else
        jd_buf_addz(b, "null");
}

static void say(world *w, const char *field, bool custom, const jd_str side[4])
{
    static const char *const name[] = {"from", "fromString", "to", "toString"};
    jd_buf_addf(&w->histories,
                "%s{\"id\":\"%u\",\"created\":\"2024-02-01T00:00:00.000+0000\",\"items\":[{"
                "\"field\":\"%s\",\"fieldtype\":\"%s\"",
                w->entries ? "," : "", 1000 + w->entries, field, custom ? "custom" : "jira");
    for (int i = 0; i < 4; i++) {
        jd_buf_addf(&w->histories, ",\"%s\":", name[i]);
        quote_or_null(&w->histories, side[i]);
    }
    jd_buf_addz(&w->histories, "}]}");
    w->entries++;
}

static jd_str line_of(const char *kind, jd_str field_id, jd_str from, jd_str to, bool loud)
{
    return jd_arena_fmt(arena, "%s %.*s %.*s>%.*s %d", kind, JD_FMT(field_id),
                        JD_FMT(from.p ? from : JD_STR("-")), JD_FMT(to.p ? to : JD_STR("-")), loud);
}

static void expect(world *w, const char *kind, const char *field_id, jd_str from, jd_str to,
                   bool loud)
{
    *jd_vec_add(&w->want) = line_of(kind, jd_str_of(field_id), from, to, loud);
}

static void change_scalar(world *w, int f)
{
    int  was = w->is.scalar[f], is = (was + 1 + below(w, 7)) % 9;
    bool loud = below(w, 2);
    if (is == was)
        return;
    jd_str from = was ? scalar_text(f, was) : JD_NOSTR, to = is ? scalar_text(f, is) : JD_NOSTR;
    w->is.scalar[f] = is;
    if (loud)
        say(w, scalar_fields[f].name, scalar_fields[f].custom,
            (jd_str[4]){JD_NOSTR, from, JD_NOSTR, to});
    expect(w, "field", scalar_fields[f].id, from, to, loud);
}

static void change_element(world *w, int set, int e)
{
    bool   loud = below(w, 2), came = !(w->is.set[set] >> e & 1);
    jd_str id = element_id(set, e), text = element_text(set, e);
    w->is.set[set] ^= 1u << e;
    jd_str side[4]     = {JD_NOSTR, JD_NOSTR, JD_NOSTR, JD_NOSTR};
    side[came ? 2 : 0] = id;
    side[came ? 3 : 1] = text;
    if (loud)
        say(w, set_fields[set].name, false, side);
    expect(w, "field", set_fields[set].id, side[1], side[3], loud);
}

static void change_child(world *w, bool worklog, int i)
{
    int   *v    = worklog ? &w->is.worklog[i] : &w->is.comment[i];
    bool   loud = below(w, 2), gone = *v && below(w, 2), had = *v;
    jd_str id        = jd_arena_fmt(arena, "%d", (worklog ? 700 : 500) + i),
           text      = jd_arena_fmt(arena, "said %d", *v);
    const char *what = gone ? "deleted" : had ? "edited" : "added";
    *v               = gone ? 0 : *v + 1;
    jd_str said      = jd_arena_fmt(arena, "said %d", *v);
    jd_str side[4]   = {had ? id : JD_NOSTR, had ? text : JD_NOSTR, gone ? JD_NOSTR : id,
                      gone ? JD_NOSTR : said};
    if (worklog && had) /* as Jira does: from it to nothing, whatever was done */
        side[2] = side[3] = JD_NOSTR;
    loud = loud && (worklog || had); /* no item tells of a new comment */
    if (loud)
        say(w, worklog ? "WorklogId" : "Comment", false, side);
    const char *kind = jd_arena_fmt(arena, "%s_%s", worklog ? "worklog" : "comment", what).p;
    if (loud)
        expect(w, kind, worklog ? "worklog" : "comment", side[1], side[3], true);
    else
        expect(w, kind, worklog ? "worklog" : "comment", had ? text : JD_NOSTR,
               gone ? JD_NOSTR : said, false);
}

static void change_some(world *w)
{
    for (int f = 0; f < SCALARS; f++)
        if (below(w, 4) == 0)
            change_scalar(w, f);
    for (int set = 0; set < SETS; set++)
        for (int e = 0; e < ELEMENTS; e++)
            if (below(w, 8) == 0)
                change_element(w, set, e);
    for (int i = 0; i < CHILDREN; i++) {
        if (below(w, 8) == 0)
            change_child(w, false, i);
        if (below(w, 8) == 0)
            change_child(w, true, i);
    }
    if (below(w, 6) == 0) {
        jd_str from = jd_arena_fmt(arena, "A-%d", w->is.key),
               to   = jd_arena_fmt(arena, "A-%d", w->is.key + 1);
        bool loud   = below(w, 2);
        w->is.key++;
        if (loud)
            say(w, "Key", false, (jd_str[4]){JD_NOSTR, from, JD_NOSTR, to});
        expect(w, "moved", "issuekey", from, to, loud);
    }
}

static int by_text(const void *a, const void *b)
{
    return jd_str_cmp(*(const jd_str *)a, *(const jd_str *)b);
}

static void compare_sets(unsigned seed, jd_str *want, size_t n, jd_str *got, size_t m)
{
    qsort(want, n, sizeof *want, by_text);
    qsort(got, m, sizeof *got, by_text);
    for (size_t i = 0; i < n || i < m; i++)
        if (i >= n || i >= m || !jd_str_eq(want[i], got[i]))
            fail_msg("JD_SEED=%u: %.*s is not %.*s", seed,
                     JD_FMT(i < m ? got[i] : JD_STR("nothing")),
                     JD_FMT(i < n ? want[i] : JD_STR("nothing")));
}

static void random_changes_are_named_exactly(void **unused)
{
    (void)unused;
    const char *given = getenv("JD_SEED");
    unsigned    first = given ? (unsigned)strtoul(given, NULL, 10) : 1;
    for (unsigned seed = first; seed < (given ? first + 1 : ROUNDS); seed++) {
        world w = {.rng = jd_rng_seed(seed), .histories = JD_BUF_INIT(1 << 20)};
        jd_arena_reset(arena);
        w.is.key = 1;
        change_some(&w);
        change_some(&w);
        w.was    = w.is;
        w.want.n = 0;
        const jd_json *was =
            issue_of(&w, &w.was, jd_arena_dup(arena, jd_buf_view(&w.histories)), w.entries);
        change_some(&w);
        const jd_json *is   = issue_of(&w, &w.is, jd_buf_view(&w.histories), w.entries);
        jd_changes     all  = {0};
        jd_change_conf conf = {.names      = seed % 2 ? read_json(jd_str_of(field_list)) : NULL,
                               .noticed_ms = DAY_MS};
        jd_change_diff(arena, was, is, &conf, &all);
        jd_str *got = JD_NEW_ARRAY(arena, jd_str, all.n + 1);
        for (size_t i = 0; i < all.n; i++) {
            const jd_change *c = &all.v[i];
            got[i] = line_of(jd_change_name(c->kind), c->field_id, c->from_string, c->to_string,
                             c->changelog);
        }
        compare_sets(seed, w.want.v, w.want.n, got, all.n);
        jd_vec_release(&w.want);
        jd_buf_release(&w.histories);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_changelog_is_believed, fresh, drop),
        cmocka_unit_test_setup_teardown(what_it_does_not_tell_is_compared, fresh, drop),
        cmocka_unit_test_setup_teardown(what_is_no_change, fresh, drop),
        cmocka_unit_test_setup_teardown(what_is_one, fresh, drop),
        cmocka_unit_test_setup_teardown(sets_change_by_element, fresh, drop),
        cmocka_unit_test_setup_teardown(a_custom_field_is_known_by_its_name_or_its_values, fresh,
                                        drop),
        cmocka_unit_test_setup_teardown(a_move_is_told_once, fresh, drop),
        cmocka_unit_test_setup_teardown(comments_come_change_and_go, fresh, drop),
        cmocka_unit_test_setup_teardown(a_list_cut_short_proves_nothing, fresh, drop),
        cmocka_unit_test_setup_teardown(worklogs_are_told_once, fresh, drop),
        cmocka_unit_test_setup_teardown(a_line_is_json, fresh, drop),
        cmocka_unit_test_setup_teardown(random_changes_are_named_exactly, fresh, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
