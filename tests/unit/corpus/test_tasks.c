#include "corpus_test.h"

#define HEAD "{'key':'A-1','fields':{"
#define TAIL "}}"

static void summaries(void **state)
{
    static const struct {
        const char *fields, *input, *output;
        jd_skip     why;
    } cases[] = {
        {"'summary':'Disk full','status':{'name':'Resolved'},'resolution':{'name':'Fixed'},"
         "'description':'The disk of the node fills up within an hour of work.'",
         "The disk of the node fills up within an hour of work.", "Disk full - Resolved: Fixed",
         JD_MADE},
        {"'summary':'Disk full','status':{'name':'Open'},'resolution':null,"
         "'description':'The disk of the node fills up.'",
         "The disk of the node fills up.", "Disk full - Open", JD_MADE},
        {"'summary':'Disk full','description':'The disk of the node fills up.'",
         "The disk of the node fills up.", "Disk full", JD_MADE},
        {"'summary':'Disk full','resolution':{'name':'Fixed'},"
         "'description':'The disk of the node fills up.'",
         "The disk of the node fills up.", "Disk full - Fixed", JD_MADE},
        /* comments of people, in order of time; of bots, none; the title's own line goes */
        {"'summary':'Disk full','description':'Disk full!\\nThe disk of the node fills up.',"
         "'comment':{'comments':["
         "{'author':{'name':'b'},'body':'second one','created':'2024-01-03T00:00:00Z'},"
         "{'author':{'name':'a'},'body':'first one','created':'2024-01-02T00:00:00Z'},"
         "{'author':{'name':'hadoopqa'},'body':'-1 overall','created':'2024-01-02T00:00:00Z'},"
         "{'author':{'name':'a'},'body':'  ','created':'2024-01-04T00:00:00Z'}]}",
         "The disk of the node fills up.\n\nfirst one\n\nsecond one", "Disk full", JD_MADE},
        {"'summary':'Disk full','description':null,'comment':{'comments':["
         "{'author':{'name':'b'},'body':'seen it here, too','created':'2024-01-03T00:00:00Z'}]}",
         "seen it here, too", "Disk full", JD_MADE},
        /* white space at the ends of texts, and what JSON escapes in them */
        {"'summary':'Disk full','description':'\\t \\n a \\\\ and \\\"b\\\" "
         "\\t','comment':{'comments':["
         "{'author':{'name':'b'},'body':'\\r\\n\\\\n c\\\\ ','created':'2024-01-03T00:00:00Z'}]}",
         "a \\ and \"b\"\n\n\\n c\\", "Disk full", JD_MADE},
        {"'summary':'Disk full','description':'disk FULL.'", NULL, NULL, JD_NO_TEXT},
        {"'summary':'Disk full'", NULL, NULL, JD_NO_TEXT},
        {"'summary':'Disk full','description':' \\n '", NULL, NULL, JD_NO_TEXT},
        {"'summary':'Disk full again','description':'see above'", NULL, NULL, JD_SHORT_INPUT},
        {"'summary':'  ','description':'text'", NULL, NULL, JD_NO_TITLE},
        {"'description':'text'", NULL, NULL, JD_NO_TITLE},
        {"'summary':'Disk full','comment':{'comments':[{'author':{'name':'hadoopqa'},"
         "'body':'a report of a bot that is long enough'}]}",
         NULL, NULL, JD_NO_TEXT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world         *w = *state;
        jd_str         t = jd_arena_fmt(w->arena, HEAD "%s" TAIL, cases[i].fields);
        const jd_json *r = record_of(w, t.p);
        if (w->made[JD_TASK_summarization] != cases[i].why)
            fail_msg("case %zu: %s", i, jd_skip_name(w->made[JD_TASK_summarization]));
        if (cases[i].why != JD_MADE) {
            assert_true(jd_json_kind(jd_json_path(r, "tasks.summarization")) == JD_JSON_NULL);
            continue;
        }
        assert_text(w, r, "tasks.summarization.task", "summarization");
        assert_text(w, r, "tasks.summarization.input", cases[i].input);
        assert_text(w, r, "tasks.summarization.output", cases[i].output);
    }
}

static void labels(void **state)
{
    static const struct {
        const char *fields, *output;
    } cases[] = {
        {"'issuetype':{'name':'Bug'},'priority':{'name':'High'},'status':{'name':'Resolved'},"
         "'resolution':{'name':'Fixed'}",
         "Type: Bug | Priority: High | Status: Resolved | Resolution: Fixed"},
        {"'issuetype':{'name':'Bug'},'priority':null,'status':{'name':'Open'}",
         "Type: Bug | Status: Open | Resolution: Unresolved"},
        {"'status':{'name':'Open'},'priority':7", "Status: Open | Resolution: Unresolved"},
        {"'resolution':{'name':'Fixed'}", NULL},
        {"'issuetype':'Bug'", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world         *w = *state;
        jd_str         t = jd_arena_fmt(w->arena, HEAD "'summary':'x',%s" TAIL, cases[i].fields);
        const jd_json *r = record_of(w, t.p);
        if (!cases[i].output) {
            assert_int_equal(w->made[JD_TASK_classification], JD_NO_LABELS);
            assert_true(jd_json_kind(jd_json_path(r, "tasks.classification")) == JD_JSON_NULL);
            continue;
        }
        assert_int_equal(w->made[JD_TASK_classification], JD_MADE);
        assert_text(w, r, "tasks.classification.output", cases[i].output);
    }
}

/* The issue's own labels are Sev-A, Oops, Parked and Void; what states a label must go. */
static void no_leaks(void **state)
{
    static const struct {
        const char *title, *description, *input;
    } cases[] = {
        {"[Bug] it broke", "", "it broke"},
        {"[oops][Critical] it broke", "", "it broke"},
        {"BUG: it broke", "", "it broke"},
        {"New Feature - add colours", "", "add colours"},
        {"it broke (Resolved)", "", "it broke"},
        {"it broke [Void]", "", "it broke"},
        {"[Bug]", "it broke", "it broke"},
        {"[HDFS] it broke", "", "[HDFS] it broke"},
        {"Client: it broke", "", "Client: it broke"},
        {"it broke (twice)", "", "it broke (twice)"},
        {"t", "Priority: Major\\nStatus: Resolved\\ntext", "t\n\ntext"},
        {"t", "*Priority:* Sev-A\\n*Type*: Bug.\\ntext", "t\n\ntext"},
        {"t", "||Status||Closed||\\n|Resolution|Void|\\ntext", "t\n\ntext"},
        {"t", "- Severity = blocker\\ntext", "t\n\ntext"},
        {"t", "Status: 500 Internal Server Error\\ntype: string",
         "t\n\nStatus: 500 Internal Server "
         "Error\ntype: string"},
        {"t", "text\\nFixed in 2.1.0\\nmore", "t\n\ntext\nmore"},
        {"t", "text\\nFix Version/s: 3.0", "t\n\ntext"},
        {"t", "*Duplicate of* A-7\\nClosed as invalid\\ntext", "t\n\ntext"},
        {"t", "The bug was fixed in a hurry", "t\n\nThe bug was fixed in a hurry"},
        {"t", "Statuses: open\\nPrioritys", "t\n\nStatuses: open\nPrioritys"},
        {"t", "Status\\nStatus:\\nStatus: ", "t\n\nStatus\nStatus:\nStatus:"},
        {"t", "first\\n\\nlast", "t\n\nfirst\n\nlast"},
        {"", "only text", "only text"},
        {"[", "(", "[\n\n("},
        {"]", ")", "]\n\n)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world *w = *state;
        jd_str t =
            jd_arena_fmt(w->arena,
                         HEAD "'summary':'%s','description':'%s','priority':{'name':'Sev-A'},"
                              "'issuetype':{'name':'Oops'},'status':{'name':'Parked'},"
                              "'resolution':{'name':'Void'}" TAIL,
                         cases[i].title, cases[i].description);
        const jd_json *r = record_of(w, t.p);
        assert_int_equal(w->made[JD_TASK_classification], JD_MADE);
        assert_text(w, r, "tasks.classification.input", cases[i].input);
    }
}

static void nothing_to_classify(void **state)
{
    world *w = *state;
    (void)record_of(w, HEAD "'summary':' ','description':'\\n','issuetype':{'name':'Bug'}" TAIL);
    assert_int_equal(w->made[JD_TASK_classification], JD_NO_TEXT);
    (void)record_of(w, HEAD "'summary':'[Bug]','issuetype':{'name':'Bug'}" TAIL);
    assert_int_equal(w->made[JD_TASK_classification], JD_NO_TEXT);
}

static void comments_stay_out(void **state)
{
    world         *w = *state;
    const jd_json *r =
        record_of(w, HEAD "'summary':'t','description':'d','issuetype':{'name':'Bug'},"
                          "'comment':{'comments':[{'author':{'name':'a'},'body':'SECRET'}]}" TAIL);
    assert_text(w, r, "tasks.classification.input", "t\n\nd");
}

static void table(void **state)
{
    static const char *const names[] = {"summarization", "classification", "qa"};
    (void)state;
    assert_int_equal(JD_NTASKS, 3);
    for (size_t t = 0; t < JD_NTASKS; t++)
        assert_string_equal(jd_tasks[t].name, names[t]);
    for (size_t s = 0; s < JD_NSKIPS; s++) {
        assert_true(strlen(jd_skip_name((jd_skip)s)) > 0);
        assert_true(strlen(jd_skip_text((jd_skip)s)) > 0);
        for (size_t other = 0; other < s; other++)
            assert_string_not_equal(jd_skip_name((jd_skip)s), jd_skip_name((jd_skip)other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(summaries, world_in, world_out),
        cmocka_unit_test_setup_teardown(labels, world_in, world_out),
        cmocka_unit_test_setup_teardown(no_leaks, world_in, world_out),
        cmocka_unit_test_setup_teardown(nothing_to_classify, world_in, world_out),
        cmocka_unit_test_setup_teardown(comments_stay_out, world_in, world_out),
        cmocka_unit_test(table),
    };
    return cmocka_run_group_tests_name("corpus/tasks", tests, NULL, NULL);
}
