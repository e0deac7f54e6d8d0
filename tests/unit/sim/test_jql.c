#include "sim/jql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those first */
#include <cmocka.h>

/* A small Jira: two projects, a handful of issues. */
enum { HADOOP = 100, KAFKA = 200 };

static const int64_t t0 = 1705314600000; /* 2024-01-15T10:30:00Z */

#define NAMED(i, n)                    \
    {                                  \
        JD_STR_INIT(i), JD_STR_INIT(n) \
    }
static const sim_issue issues[] = {
    {.id          = 1001,
     .number      = 1,
     .project_id  = HADOOP,
     .key         = JD_STR_INIT("HADOOP-1"),
     .project     = JD_STR_INIT("HADOOP"),
     .created_ms  = 1705314600400,
     .updated_ms  = 1705314600400,
     .resolved_ms = INT64_MIN,
     .status      = NAMED("1", "Open"),
     .type        = NAMED("1", "Bug"),
     .priority    = NAMED("3", "Major"),
     .reporter    = JD_STR_INIT("ann"),
     .category    = 2,
     .json        = JD_STR_INIT(
                "{\"id\":\"1\",\"fields\":{\"labels\":[\"docs\",\"Good-First\"],\"components\":[{\"id\":"
                       "\"11\",\"name\":\"Core\"}],\"fixVersions\":[],\"summary\":\"Reduce allocation in "
                       "CopyTask\",\"description\":null,\"comment\":{\"comments\":[{\"body\":\"Looks fine to "
                       "me.\"},{\"body\":1}]},\"duedate\":\"2024-01-20\",\"customfield_20\":5,\"customfield_21\":"
                       "\"Free text\"}}")},
    {.id          = 1002,
     .number      = 2,
     .project_id  = HADOOP,
     .key         = JD_STR_INIT("HADOOP-2"),
     .project     = JD_STR_INIT("HADOOP"),
     .created_ms  = 1705314600900,
     .updated_ms  = 1705401000000,
     .resolved_ms = 1705401000000,
     .status      = NAMED("5", "Resolved"),
     .type        = NAMED("2", "New Feature"),
     .priority    = NAMED("1", "Blocker"),
     .resolution  = NAMED("1", "Fixed"),
     .assignee    = JD_STR_INIT("bob"),
     .reporter    = JD_STR_INIT("ann"),
     .category    = 4,
     .json =
         JD_STR_INIT("{\"fields\":{\"labels\":[\"ops\"],\"components\":[{\"id\":\"11\",\"name\":"
                     "\"Core\"},{\"id\":\"12\",\"name\":\"UI\"}],\"fixVersions\":[{\"id\":\"31\","
                     "\"name\":\"3.1\"}],\"summary\":\"Copy of a task\",\"description\":\"It does "
                     "reduce\\nmemory\",\"duedate\":\"2024-01-15\",\"customfield_20\":2.5}}")},
    {.id          = 1003,
     .number      = 10,
     .project_id  = HADOOP,
     .key         = JD_STR_INIT("HADOOP-10"),
     .project     = JD_STR_INIT("HADOOP"),
     .created_ms  = 1705318200000,
     .updated_ms  = 1705318200000,
     .resolved_ms = INT64_MIN,
     .status      = NAMED("3", "In Progress"),
     .type        = NAMED("1", "Bug"),
     .assignee    = JD_STR_INIT("ann"),
     .reporter    = JD_STR_INIT("bob"),
     .category    = 3,
     .json        = JD_STR_INIT(
                "{\"fields\":{\"components\":[],\"summary\":\"CopyTask: over "
                       "all\",\"customfield_20\":null,\"customfield_22\":{\"id\":\"7\",\"value\":\"Linux\"}}}")},
    {.id          = 900,
     .number      = 5,
     .project_id  = KAFKA,
     .key         = JD_STR_INIT("KAFKA-5"),
     .project     = JD_STR_INIT("KAFKA"),
     .created_ms  = 1705228200000,
     .updated_ms  = 1705314599999,
     .resolved_ms = 1705314599000,
     .status      = NAMED("6", "Closed"),
     .type        = NAMED("1", "Bug"),
     .priority    = NAMED("5", "Trivial"),
     .resolution  = NAMED("2", "Won't Fix"),
     .assignee    = JD_STR_INIT("bob"),
     .category    = 0,
     .json        = JD_STR_INIT(
                "{\"fields\":{\"labels\":[\"DOCS\"],\"fixVersions\":[{\"id\":\"31\",\"name\":\"3.1\"},{"
                       "\"id\":\"32\",\"name\":\"3.2\"}],\"summary\":\"none of "
                       "it\",\"comment\":{\"comments\":[{\"body\":\"first reduce, then allocate\"}]}}}")},
};
enum { COUNT = sizeof issues / sizeof *issues };

static bool find_issue(jd_str v, sim_jql_ref *ref)
{
    uint64_t id = 0;
    if (jd_str_ieq(v, JD_STR("OLD-7"))) /* moved */
        v = JD_STR("KAFKA-5");
    jd_str_u64(v, &id);
    for (size_t i = 0; i < COUNT; i++)
        if (issues[i].id == id || jd_str_ieq(issues[i].key, v)) {
            *ref = (sim_jql_ref){issues[i].id, issues[i].project_id, issues[i].number};
            return true;
        }
    return false;
}

static bool find(void *self, sim_jql_what what, jd_str v, sim_jql_ref *ref)
{
    (void)self;
    static const struct {
        sim_jql_what what;
        const char  *value;
        uint64_t     id;
    } known[] = {
        {SIM_JQL_PROJECT, "HADOOP", HADOOP},
        {SIM_JQL_PROJECT, "100", HADOOP},
        {SIM_JQL_PROJECT, "Hadoop Common", HADOOP},
        {SIM_JQL_PROJECT, "KAFKA", KAFKA},
        {SIM_JQL_STATUS, "Open", 1},
        {SIM_JQL_STATUS, "Resolved", 5},
        {SIM_JQL_STATUS, "5", 5},
        {SIM_JQL_STATUS, "In Progress", 3},
        {SIM_JQL_TYPE, "Bug", 1},
        {SIM_JQL_PRIORITY, "Major", 3},
        {SIM_JQL_PRIORITY, "Blocker", 1},
        {SIM_JQL_RESOLUTION, "Fixed", 1},
        {SIM_JQL_RESOLUTION, "Won't Fix", 2},
        {SIM_JQL_USER, "ann", 0},
        {SIM_JQL_USER, "bob", 0},
        {SIM_JQL_COMPONENT, "Core", 11},
        {SIM_JQL_COMPONENT, "UI", 12},
        {SIM_JQL_COMPONENT, "12", 12},
        {SIM_JQL_VERSION, "3.1", 31},
        {SIM_JQL_VERSION, "3.2", 32},
    };
    if (what == SIM_JQL_ISSUE)
        return find_issue(v, ref);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].what == what && jd_str_ieq(v, jd_str_of(known[i].value))) {
            ref->id = known[i].id;
            return true;
        }
    return false;
}

static jd_str custom(void *self, jd_str name, sim_jql_kind *kind)
{
    (void)self;
    static const struct {
        const char  *name, *id;
        sim_jql_kind kind;
    } known[] = {{"Story Points", "customfield_20", SIM_JQL_NUMBER},
                 {"cf[20]", "customfield_20", SIM_JQL_NUMBER},
                 {"Note", "customfield_21", SIM_JQL_TEXT},
                 {"Platform", "customfield_22", SIM_JQL_VALUES}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (jd_str_ieq(name, jd_str_of(known[i].name))) {
            *kind = known[i].kind;
            return jd_str_of(known[i].id);
        }
    return JD_NOSTR;
}

static jd_arena      *arena;
static sim_jql_env    env;
static sim_jql_errors errs;

static int setup(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    env   = (sim_jql_env){.now_ms = 1705401600000 /* 2024-01-16T10:40Z */,
                          .find   = find,
                          .custom = custom,
                          .user   = JD_STR("ann")};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    jd_arena_free(arena);
    return 0;
}

static sim_jql *parse(const char *text)
{
    return sim_jql_parse(arena, jd_str_of(text), &env, &errs);
}

/* Which issues match, as letters: a is the first. */
static const char *matching(const char *text)
{
    static char found[COUNT + 1];
    size_t      n = 0;
    sim_jql    *q = parse(text);
    if (!q || errs.n)
        fail_msg("%s: %.*s", text, errs.n ? (int)errs.v[0].n : 0, errs.n ? errs.v[0].p : "");
    for (size_t i = 0; i < COUNT; i++)
        if (sim_jql_match(q, &issues[i]))
            found[n++] = (char)('a' + i);
    found[n] = 0;
    return found;
}

static void expect(const char *text, const char *found)
{
    const char *got = matching(text);
    if (strcmp(got, found) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", text, got, found);
}

/* The only message; `fatal` when there is no query at all. */
static void refuse(const char *text, bool fatal, const char *message)
{
    sim_jql *q = parse(text);
    if ((q == NULL) != fatal || errs.n != 1 || !jd_str_is(errs.v[0], message))
        fail_msg("%s: query %s, %zu messages, first: %.*s", text, q ? "made" : "refused", errs.n,
                 errs.n ? (int)errs.v[0].n : 0, errs.n ? errs.v[0].p : "");
    for (size_t i = 0; q && i < COUNT; i++)
        assert_false(sim_jql_match(q, &issues[i]));
}

static void projects_and_keys(void **state)
{
    (void)state;
    expect("", "abcd");
    expect("project = HADOOP", "abc");
    expect("PROJECT = hadoop", "abc");
    expect("project = \"Hadoop Common\"", "abc");
    expect("project = 100", "abc");
    expect("project != HADOOP", "d");
    expect("project in (HADOOP, KAFKA)", "abcd");
    expect("project not in (HADOOP)", "d");
    expect("project is EMPTY", "");
    expect("project is not empty", "abcd");
    expect("key = HADOOP-2", "b");
    expect("issuekey in (hadoop-2, 'KAFKA-5')", "bd");
    expect("key = OLD-7", "d");
    expect("id in (1001, KAFKA-5)", "ad");
    expect("id != 1001", "bcd");
    /* One clause: all four compare by number within the project, so HADOOP-10 comes after -2. */
    expect("key > HADOOP-2", "c");
    expect("id >= 1002", "bc");
    expect("issue <= HADOOP-2", "ab");
    expect("id < 1003", "ab");
    expect("NOT key > HADOOP-1", "a");
}

static void named_fields(void **state)
{
    (void)state;
    expect("status = open", "a");
    expect("status = 5", "b");
    expect("status in (Open, \"In Progress\")", "ac");
    expect("status != Open", "bcd");
    expect("issuetype = Bug", "acd");
    expect("type != Bug", "b");
    expect("resolution = Unresolved", "ac");
    expect("resolution = EMPTY", "ac");
    expect("resolution is EMPTY", "ac");
    expect("resolution is not null", "bd");
    expect("resolution != Unresolved", "bd");
    expect("resolution = \"Won't Fix\"", "d");
    expect("resolution = 'Won\\'t Fix'", "d");
    expect("resolution in (Fixed, Unresolved)", "abc");
    expect("priority >= Major", "ab");
    expect("priority < Blocker", "ad");
    expect("assignee = bob", "bd");
    expect("assignee = currentUser()", "c");
    expect("reporter in (currentUser(), bob)", "abc");
}

static void labels_components_versions(void **state)
{
    (void)state;
    expect("labels = docs", "ad");
    expect("labels in (docs, OPS)", "abd");
    expect("labels != docs", "b");
    expect("labels not in (ops)", "ad");
    expect("NOT labels = docs", "b");
    expect("labels is EMPTY", "c");
    expect("labels is not null", "abd");
    expect("labels = nobody-wrote-it", "");
    expect("labels = docs OR labels is EMPTY", "acd");
    expect("component = core", "ab");
    expect("component = 12", "b");
    expect("component in (Core, UI)", "ab");
    expect("component != UI", "a");
    expect("component is EMPTY", "cd");
    expect("fixVersion = '3.1'", "bd");
    expect("fixVersion not in ('3.2')", "b");
    expect("fixVersion is EMPTY", "ac");
    expect("affectedVersion is EMPTY", "abcd");
    refuse("component = Gone", false, "The value 'Gone' does not exist for the field 'component'.");
    refuse("fixVersion in ('3.1', '4.0')", false,
           "The value '4.0' does not exist for the field 'fixVersion'.");
    refuse("labels ~ docs", false, "The operator '~' is not supported by the 'labels' field.");
    refuse("labels > docs", false, "The operator '>' is not supported by the 'labels' field.");
    refuse("labels = currentUser()", false,
           "A value provided by the function 'currentUser' is invalid for the field 'labels'.");
    assert_non_null(parse("project = KAFKA ORDER BY labels"));
    assert_int_equal(errs.n, 1);
    assert_true(jd_str_is(errs.v[0], "Not able to sort using field 'labels'."));
}

/* A status of no known category is in none, and outside of none. */
static void categories_of_statuses(void **state)
{
    (void)state;
    expect("statusCategory = \"To Do\"", "a");
    expect("statuscategory = done", "b");
    expect("statusCategory = indeterminate", "c");
    expect("statusCategory in (new, 4)", "ac");
    expect("statusCategory != Done", "ac");
    expect("statusCategory not in (\"In Progress\", Done)", "a");
    expect("statusCategory is EMPTY", "d");
    expect("labels = docs AND statusCategory != Done", "a");
    refuse("statusCategory = Closed", false,
           "The value 'Closed' does not exist for the field 'statusCategory'.");
    refuse("statusCategory > Done", false,
           "The operator '>' is not supported by the 'statusCategory' field.");
    sim_jql *q = parse("project is not EMPTY ORDER BY statusCategory DESC");
    assert_int_equal(errs.n, 0);
    assert_true(sim_jql_compare(q, &issues[1], &issues[2]) < 0); /* done, in progress, to do */
    assert_true(sim_jql_compare(q, &issues[2], &issues[0]) < 0);
    assert_true(sim_jql_compare(q, &issues[0], &issues[3]) < 0); /* none is last */
}

static void texts_are_searched_by_words(void **state)
{
    (void)state;
    expect("summary ~ copytask", "ac");
    expect("summary ~ 'COPYTASK reduce'", "a");
    expect("summary ~ copy", "b");
    expect("summary ~ 'copy*'", "abc");
    expect("summary ~ '\"a task\"'", "b");
    expect("summary ~ '\"task a\"'", "");
    expect("summary !~ copytask", "bd");
    expect("NOT summary ~ copytask", "bd");
    expect("NOT summary !~ copytask", "ac");
    expect("description ~ memory", "b");
    expect("description !~ memory", "");
    expect("description is EMPTY", "acd");
    expect("comment ~ fine", "a");
    expect("comment !~ fine", "d");
    expect("text ~ reduce", "abd");
    expect("text ~ 'reduce allocat*'", "ad");
    expect("text ~ 'reduce fine'", ""); /* in one of them, not in all together */
    expect("summary ~ 'copytask\\u0000 all'", "c");
    expect("summary ~ '\\u0001 copytask'", "ac");
    refuse("summary = x", false, "The operator '=' is not supported by the 'summary' field.");
    refuse("text in (x)", false, "The operator 'in' is not supported by the 'text' field.");
    refuse("comment is EMPTY", false, "The operator 'is' is not supported by the 'comment' field.");
    refuse("summary ~ '*x'", false,
           "The text query '*x' for field 'summary' is not allowed to start with character '*'.");
    refuse("summary ~ ''", false,
           "The field 'summary' does not support searching for an empty string.");
    refuse("summary ~ f()", false, "Unable to find JQL function 'f()'.");
}

static void due_dates_and_custom_fields(void **state)
{
    (void)state;
    expect("due < '2024-01-20'", "b");
    expect("duedate <= '2024-01-20'", "ab");
    expect("duedate != '2024-01-20'", "b");
    expect("due is EMPTY", "cd");
    expect("due < now() and due > -2d", "b");
    sim_zone *z = sim_zone_open(JD_STR("Asia/Kolkata"));
    env.zone    = z;
    expect("due = '2024-01-20'", "a"); /* a day begins where the account is */
    sim_zone_free(z);
    env.zone = NULL;
    expect("\"Story Points\" = 5", "a");
    expect("cf[20] >= '2.5'", "ab");
    expect("'story points' < 5", "b");
    expect("cf[20] > 5", "");
    expect("cf[20] <= 5", "ab");
    expect("cf[20] in (5, 6)", "a");
    expect("cf[20] != 5", "b");
    expect("cf[20] is EMPTY", "cd");
    expect("Platform = linux", "c");
    expect("Platform = 7", "c");
    expect("Platform is not EMPTY", "c");
    expect("Note ~ text", "a");
    refuse("Note = text", false, "The operator '=' is not supported by the 'Note' field.");
    refuse("cf[20] = many", false,
           "Value 'many' is invalid for the 'cf[20]' field: a number is wanted.");
    refuse("cf[21] is EMPTY", false,
           "Field 'cf[21]' does not exist or you do not have permission to view it.");
}

static void negation_drops_empty(void **state)
{
    (void)state;
    expect("resolution != Fixed", "d");
    expect("resolution not in (Fixed)", "d");
    expect("NOT resolution = Fixed", "d");
    expect("NOT (resolution = Fixed)", "d");
    expect("assignee != ann", "bd");
    expect("NOT resolutiondate > \"2024-01-16\"", "d");
    expect("NOT NOT resolution = Fixed", "b");
    expect("!(assignee = bob or assignee is empty)", "c");
}

static void boolean_structure(void **state)
{
    (void)state;
    expect("project = KAFKA OR status = Open AND type = Bug", "ad");
    expect("(project = KAFKA OR status = Open) AND resolution is EMPTY", "a");
    expect("project = HADOOP && !(status = Open || status = Resolved)", "c");
    expect("not (project = KAFKA and status = Open)", "abcd");
    expect("not (project = HADOOP or status = Open)", "d");
    expect("((((((project = KAFKA))))))", "d");
    expect("project=HADOOP AND(status=Open)ORDER BY key", "a");
}

static void dates_are_whole_seconds(void **state)
{
    (void)state;
    expect("created >= 1705314600000 AND created <= 1705314600000", "ab");
    expect("created = \"2024-01-15 10:30\"", "ab");
    expect("created > 1705314600000", "c");
    expect("created > 1705314600999", "c"); /* the literal is floored too */
    expect("created >= 1705314600999", "abc");
    expect("created < 1705314600999", "d");
    expect("created <= 1705314600001", "abd");
    expect("updated <= 1705314599000", "d");
    expect("created >= -1000", "abcd");
    expect("created != \"2024-01-15 10:30\"", "cd");
    expect("created in (\"2024-01-15 10:30\", 1705318200000)", "abc");
    expect("resolved is EMPTY", "ac");
    expect("resolutiondate < now()", "bd");
}

static void dates_in_the_accounts_zone(void **state)
{
    (void)state;
    sim_zone *z = sim_zone_open(JD_STR("Asia/Kolkata"));
    expect("created >= \"2024-01-15 16:00\"", "");
    env.zone = z;
    expect("created >= \"2024-01-15 16:00\"", "abc");
    expect("created >= \"2024/01/15 16:01\"", "c");
    expect("created >= '2024-01-15'", "abc");
    expect("created >= 2024-01-16", "");
    expect("created >= 1705314600000", "abc"); /* epoch knows no zone */
    sim_zone_free(z);
}

static void relative_dates_and_functions(void **state)
{
    (void)state;
    expect("created >= -1d", "c");
    expect("created >= -2d", "abc");
    expect("created >= \"-1470m\"", "abc");
    expect("created > '-1w 1d'", "abcd");
    expect("created >= -25h", "abc");
    expect("created < 4w", "abcd");
    expect("updated >= startOfDay()", "b");
    expect("updated >= startOfDay(-1)", "abcd");
    expect("created >= startOfWeek()", "abcd"); /* Sunday the 14th */
    expect("created < endOfWeek(-1)", "");
    expect("created > startOfWeek(-1w) and created < startOfDay(-1d)", "d");
    expect("updated <= endOfDay(-1d)", "acd");
    expect("updated >= startOfYear() and updated < startOfMonth(1)", "abcd");
}

static void epoch_refused_or_floored(void **state)
{
    (void)state;
    env.floor_epoch = true;
    expect("created < 1705314659999", "d");
    expect("created >= 1705318259999", "c");
    env.no_epoch = true;
    refuse("created >= 1705314600000", false,
           "Date value '1705314600000' for field 'created' is invalid. Valid formats include: "
           "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period "
           "format e.g. '-5d', '4w 2d'.");
    expect("created >= '2024-01-15 10:30'", "abc");
}

static void meaning_errors(void **state)
{
    (void)state;
    refuse("foo = 1", false,
           "Field 'foo' does not exist or you do not have permission to view it.");
    refuse("cf[10020] = 1", false,
           "Field 'cf[10020]' does not exist or you do not have permission to view it.");
    refuse("project = X", false, "The value 'X' does not exist for the field 'project'.");
    refuse("project = 999", false, "A value with ID '999' does not exist for the field 'project'.");
    refuse("project in (HADOOP, 'No Such')", false,
           "The value 'No Such' does not exist for the field 'project'.");
    refuse("not project = X", false, "The value 'X' does not exist for the field 'project'.");
    refuse("Status = Gone", false, "The value 'Gone' does not exist for the field 'Status'.");
    refuse("key = HADOOP-99", false,
           "An issue with key 'HADOOP-99' does not exist for field 'key'.");
    refuse("key = HADOOP", false, "The issue key 'HADOOP' for field 'key' is invalid.");
    refuse("assignee = f()", false, "Unable to find JQL function 'f()'.");
    refuse("created > f()", false, "Unable to find JQL function 'f()'.");
    refuse("project = now()", false,
           "A value provided by the function 'now' is invalid for the field 'project'.");
    refuse("created > now(\"-30d\")", false,
           "Function 'now' expected '0' arguments but received '1'.");
    refuse("created ~ x", false, "The operator '~' is not supported by the 'created' field.");
    refuse("project > HADOOP", false, "The operator '>' is not supported by the 'project' field.");
    refuse("key is EMPTY", false, "The operator 'is' is not supported by the 'key' field.");
    refuse("status was Open", false, "The operator 'was' is not supported by the 'status' field.");
    refuse("project in HADOOP", false,
           "Operator 'in' does not support the non-list value 'HADOOP' for field 'project'.");
    refuse("created > yesterday", false,
           "Date value 'yesterday' for field 'created' is invalid. Valid formats include: "
           "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period "
           "format e.g. '-5d', '4w 2d'.");
    assert_non_null(parse("created > '2023-02-29' and foo = 1 order by bogus"));
    assert_int_equal(errs.n, 3);
}

static void unknown_sorts_are_dropped(void **state)
{
    (void)state;
    size_t   n;
    sim_jql *q = parse("project = KAFKA ORDER BY bogus, key");
    assert_non_null(q);
    assert_int_equal(errs.n, 1);
    assert_true(jd_str_is(errs.v[0], "Not able to sort using field 'bogus'."));
    assert_true(sim_jql_match(q, &issues[3]));
    assert_int_equal(sim_jql_order(q, &n)[0].by, SIM_ORDER_KEY);
    assert_int_equal(n, 1);
}

static void syntax_errors(void **state)
{
    (void)state;
#define E "Error in the JQL Query: "
    refuse("(project = HADOOP", true, E "Expecting ')' before the end of the query.");
    refuse("project = HADOOP)", true,
           E "Expecting either 'OR' or 'AND' but got ')'. (line 1, character 17)");
    refuse("project = HADOOP\n  status", true,
           E "Expecting either 'OR' or 'AND' but got 'status'. (line 2, character 3)");
    refuse("project", true,
           E "Expecting operator before the end of the query. The valid operators are '=', '!=', "
             "'<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'.");
    refuse("project =", true,
           E "Expecting either a value, list or function before the end of the query.");
    refuse("project = HADOOP AND", true, E "Expecting a field name at the end of the query.");
    refuse("project = = x", true,
           E "Expecting either a value, list or function but got '='. (line 1, character 11)");
    refuse("project = \"HAD", true,
           E "The quoted string 'HAD' has not been completed. (line 1, character 11)");
    refuse("status = ö%x", true,
           E "The character '%' is a reserved JQL character. You must enclose it in a string or "
             "use the escape '\\u0025' instead. (line 1, character 11)");
    refuse("project = AND", true,
           E "Expecting either a value, list or function but got 'AND'. (line 1, character 11)");
    refuse("project = select", true,
           E "'select' is a reserved JQL word. You must surround it in quotation marks to use it "
             "in a query. (line 1, character 11)");
    refuse("status = \"a\\q\"", true,
           E "'\\q' is an illegal JQL escape sequence. The valid escape sequences are \\', \\\", "
             "\\t, \\n, \\r, \\\\, '\\ ' and \\uXXXX. (line 1, character 12)");
    refuse("project = HADOOP order key", true,
           E "Expecting 'by' but got 'key'. (line 1, character 24)");
    refuse("order by", true, E "Expecting a field name at the end of the query.");
    refuse("project in ()", true,
           E "Expecting either a value, list or function but got ')'. (line 1, character 13)");
#undef E
}

static void limits(void **state)
{
    (void)state;
    static char text[SIM_JQL_BYTES + 64];
    for (int deep = SIM_JQL_DEPTH; deep <= 20000; deep = deep * 10 + 1) {
        memset(text, '(', (size_t)deep);
        memcpy(text + deep, "project=KAFKA", 13);
        memset(text + deep + 13, ')', (size_t)deep);
        text[2 * deep + 13] = 0;
        sim_jql *q          = parse(text);
        if (deep == SIM_JQL_DEPTH)
            assert_non_null(q);
        else
            assert_null(q);
    }
    memset(text, ' ', sizeof text - 1);
    text[SIM_JQL_BYTES] = 0;
    assert_non_null(parse(text));
    text[SIM_JQL_BYTES]     = ' ';
    text[SIM_JQL_BYTES + 1] = 0;
    assert_null(parse(text));
    memset(text, '!', SIM_JQL_BYTES - 20);
    memcpy(text + SIM_JQL_BYTES - 20, "project=KAFKA", 14);
    expect(text, "d"); /* an even number of NOTs */
}

static void ranges(void **state)
{
    (void)state;
    int64_t  lo, hi;
    sim_jql *q = parse("project = HADOOP AND created >= 1705314600400 AND created < 1705318200000 "
                       "AND updated > 1705314600000 ORDER BY created ASC");
    assert_true(sim_jql_range(q, SIM_BY_CREATED, &lo, &hi));
    assert_true(lo == t0 && hi == 1705318200000);
    assert_true(sim_jql_range(q, SIM_BY_UPDATED, &lo, &hi));
    assert_true(lo == t0 + 1000 && hi == INT64_MAX);
    const sim_jql_shape *s = sim_jql_shape_of(q);
    assert_true(s->pure && !s->all_projects && s->nprojects == 1 && s->projects[0] == HADOOP);

    q = parse("project in (KAFKA, HADOOP) AND (project = HADOOP AND updated <= 1705314600000)");
    s = sim_jql_shape_of(q);
    assert_true(s->pure && s->nprojects == 1 && s->projects[0] == HADOOP);
    assert_true(s->hi[SIM_BY_UPDATED] == t0 + 1000);

    q = parse("project = HADOOP AND status = Open AND created >= 0");
    s = sim_jql_shape_of(q);
    assert_false(s->pure);
    assert_true(s->nprojects == 1 && s->lo[SIM_BY_CREATED] == 0);

    q = parse("project = HADOOP OR created >= 0");
    s = sim_jql_shape_of(q);
    assert_true(!s->pure && s->all_projects);
    assert_false(sim_jql_range(q, SIM_BY_CREATED, &lo, &hi));

    q = parse("NOT (created < 1705314600000 OR project = KAFKA)");
    s = sim_jql_shape_of(q);
    assert_true(s->lo[SIM_BY_CREATED] == t0);
    assert_false(s->pure); /* project != KAFKA is not in the shape */

    q = parse("");
    assert_true(sim_jql_shape_of(q)->pure && sim_jql_shape_of(q)->all_projects);
    q = parse("foo = 1");
    assert_true(!sim_jql_shape_of(q)->all_projects && sim_jql_shape_of(q)->nprojects == 0);
}

/* What the shape says and what asking says never differ. */
static void shape_agrees_with_match(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "project = HADOOP and created >= 1705314600400",
        "created = \"2024-01-15 10:30\"",
        "updated > 1705314599000 and created <= 1705314600000 and project in (KAFKA, HADOOP)",
        "not created > 1705314600000",
        "project = KAFKA and project = HADOOP",
        "project is empty"};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        sim_jql             *q = parse(texts[t]);
        const sim_jql_shape *s = sim_jql_shape_of(q);
        assert_true(s->pure);
        for (size_t i = 0; i < COUNT; i++) {
            bool in = s->all_projects;
            for (size_t p = 0; p < s->nprojects; p++)
                in |= s->projects[p] == issues[i].project_id;
            in = in && issues[i].created_ms >= s->lo[0] && issues[i].created_ms < s->hi[0] &&
                 issues[i].updated_ms >= s->lo[1] && issues[i].updated_ms < s->hi[1];
            assert_int_equal(in, sim_jql_match(q, &issues[i]));
        }
    }
}

static const sim_jql *sorting;

static int compare(const void *a, const void *b)
{
    return sim_jql_compare(sorting, *(const sim_issue *const *)a, *(const sim_issue *const *)b);
}

static void sorted(const char *text, const char *want)
{
    const sim_issue *v[COUNT];
    char             got[COUNT + 1] = {0};
    for (size_t i = 0; i < COUNT; i++)
        v[i] = &issues[i];
    sorting = parse(text);
    assert_int_equal(errs.n, 0);
    qsort(v, COUNT, sizeof *v, compare);
    for (size_t i = 0; i < COUNT; i++)
        got[i] = (char)('a' + (v[i] - issues));
    if (strcmp(got, want) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", text, got, want);
}

static void orders(void **state)
{
    (void)state;
    /* HADOOP-1 and -2 share a second: their order is the tie's, the same each time. */
    bool a_first = sim_jql_tie(1001) < sim_jql_tie(1002);
    sorted("ORDER BY created", a_first ? "dabc" : "dbac");
    sorted("ORDER BY created DESC", a_first ? "cbad" : "cabd");
    sorted("", a_first ? "cbad" : "cabd");
    sorted("ORDER BY created ASC, id ASC", "dabc");
    sorted("ORDER BY created ASC, id DESC", "dbac");
    sorted("order by id", "abcd"); /* by project and number, not by id */
    sorted("order by key desc", "dcba");
}

static void order_puts_empty_last(void **state)
{
    (void)state;
    sorted("order by resolved, key", "dbac");
    sorted("order by resolved desc, key", "bdac");
    sorted("order by priority desc, key", "dabc");
    sorted("order by reporter, key", "abcd");
    sorted("order by assignee desc, key desc", "dbca");
}

static void ties_follow_no_id(void **state)
{
    (void)state;
    size_t rising = 0;
    for (uint64_t id = 5000; id < 6000; id++)
        rising += sim_jql_tie(id) < sim_jql_tie(id + 1);
    assert_in_range(rising, 400, 600);
}

static void many_values(void **state)
{
    (void)state;
    static char text[SIM_JQL_BYTES];
    size_t      n = (size_t)snprintf(text, sizeof text, "id not in (1001");
    for (int i = 0; i < 8000; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, ",1003");
    (void)snprintf(text + n, sizeof text - n, ")");
    expect(text, "bd");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(projects_and_keys),
        T(named_fields),
        T(labels_components_versions),
        T(categories_of_statuses),
        T(texts_are_searched_by_words),
        T(due_dates_and_custom_fields),
        T(negation_drops_empty),
        T(boolean_structure),
        T(dates_are_whole_seconds),
        T(dates_in_the_accounts_zone),
        T(relative_dates_and_functions),
        T(epoch_refused_or_floored),
        T(meaning_errors),
        T(unknown_sorts_are_dropped),
        T(syntax_errors),
        T(limits),
        T(ranges),
        T(shape_agrees_with_match),
        T(orders),
        T(order_puts_empty_last),
        T(ties_follow_no_id),
        T(many_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
