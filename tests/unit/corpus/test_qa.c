#include "corpus_test.h"

#include <stdio.h>

/* Resolved by rita on 20 January at noon; arno is the assignee, olga reported it. */
#define NOON "2024-01-20T12:00:00.000+0000"
#define SET                                              \
    "{'author':{'name':'rita'},'created':'" NOON         \
    "','items':[{'field':'status','toString':'Resolved'" \
    "},{'field':'resolution','from':null,'to':'1','toString':'Fixed'}]}"

static const jd_json *issue(world *w, const char *histories, const char *fields,
                            const char *comments)
{
    jd_str t =
        jd_arena_fmt(w->arena,
                     "{'key':'A-1','changelog':{'histories':[%s]},'fields':{'summary':'It stalls',"
                     "'description':'The reader stalls after a minute.','reporter':{'name':'olga'},"
                     "'assignee':{'name':'arno'},%s,'comment':{'comments':[%s]}}}",
                     histories, fields, comments);
    return record_of(w, t.p);
}

#define FIXED "'resolution':{'name':'Fixed'},'resolutiondate':'" NOON "'"
#define SAID(who, when, what) \
    "{'author':{'name':'" who "'},'created':'2024-01-" when "+0000','body':'" what "'}"
#define CAUSE                                                                                   \
    "The root cause was that the reader held the lock while it waited for the writer, so both " \
    "stopped. It now lets go of the lock before it waits."
#define PLAIN                                                                                 \
    "I had a long look at the reader and the writer today and found that they wait for each " \
    "other in a circle when the queue is full"

static void the_answer(void **state)
{
    static const struct {
        const char *name, *histories, *comments, *answer; /* no answer: why */
        jd_skip     why;
    } cases[] = {
        {"the cause, by who resolved it", SET,
         SAID("olga", "19T10:00:00", PLAIN) "," SAID("rita", "20T11:00:00", CAUSE), CAUSE, JD_MADE},
        {"without a changelog: by the assignee", "", SAID("arno", "20T11:00:00", CAUSE), CAUSE,
         JD_MADE},
        {"a bystander's cause, days before, is not enough", "",
         SAID("zoe", "10T11:00:00", CAUSE) "," SAID("zoe", "21T13:00:00", "bye"), NULL,
         JD_BELOW_THRESHOLD},
        {"equal evidence: the later one", SET,
         SAID("rita", "20T10:00:00", CAUSE " One.") "," SAID(
             "rita", "20T11:00:00", CAUSE " Two.") "," SAID("olga", "20T11:30:00", "ok"),
         CAUSE " Two.", JD_MADE},
        {"a commit notice is no answer", SET,
         SAID("rita", "20T12:00:01",
              "Committed to trunk and branch-3, thank you very much for the "
              "patch."),
         NULL, JD_BELOW_THRESHOLD},
        {"a merge notice of a known form is no answer", SET,
         SAID("rita", "20T12:00:01",
              "Issue resolved by pull request 12 "
              "[https://github.com/a/b/pull/12] in the main branch"),
         NULL, JD_BELOW_THRESHOLD},
        {"chatter is no answer", SET,
         SAID("rita", "20T12:00:01", "LGTM +1, looks good to me, thanks for all your work here"),
         NULL, JD_BELOW_THRESHOLD},
        {"a mass edit is no answer", SET,
         SAID("rita", "20T12:00:01",
              "Closing ticket due to time passed and lack of progress, please "
              "reopen it when this is caused by something new"),
         NULL, JD_BELOW_THRESHOLD},
        {"a question is no answer", SET,
         SAID("rita", "20T11:00:00", PLAIN ", do you see that with the newest version, too?"), NULL,
         JD_BELOW_THRESHOLD},
        {"a bot never answers", SET, SAID("hadoopqa", "20T12:00:00", CAUSE), NULL,
         JD_NO_HUMAN_COMMENT},
        {"too short", SET, SAID("rita", "20T12:00:00", "root cause fixed"), NULL,
         JD_BELOW_THRESHOLD},
        {"too early", SET, SAID("rita", "01T12:00:00", "x") "," SAID("rita", "01T13:00:00", "y"),
         NULL, JD_BELOW_THRESHOLD},
        {"too late", SET, SAID("rita", "21T12:00:01", CAUSE), NULL, JD_NO_COMMENT_IN_WINDOW},
        {"as late as may be", SET, SAID("rita", "21T12:00:00", CAUSE), CAUSE, JD_MADE},
        {"no date", SET, "{'author':{'name':'rita'},'body':'" CAUSE "'}", NULL,
         JD_NO_COMMENT_IN_WINDOW},
        {"nobody spoke", SET, "", NULL, JD_NO_HUMAN_COMMENT},
        {"set twice: the last time counts",
         SET
         ",{'author':{'name':'arno'},'created':'2024-01-25T12:00:00.000+0000','items':[{'field':"
         "'resolution','to':null,'toString':null}]},{'author':{'name':'arno'},'created':"
         "'2024-01-28T13:00:00.000+0100','items':[{'field':'resolution','to':'1'}]}",
         SAID("rita", "20T11:00:00", PLAIN) "," SAID("arno", "28T11:59:00", CAUSE), CAUSE, JD_MADE},
        {"the newest first, as on Cloud",
         "{'author':{'name':'arno'},'created':'2024-01-28T12:00:00.000+0000','items':[{'field':"
         "'resolution','to':'1'}]}," SET,
         SAID("arno", "28T11:59:00", CAUSE), CAUSE, JD_MADE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world         *w = *state;
        const jd_json *r = issue(w, cases[i].histories, FIXED, cases[i].comments);
        if (w->made[JD_TASK_qa] != cases[i].why)
            fail_msg("%s: %s", cases[i].name, jd_skip_name(w->made[JD_TASK_qa]));
        if (cases[i].answer)
            assert_text(w, r, "tasks.qa.answer", cases[i].answer);
        else
            assert_true(jd_json_kind(jd_json_path(r, "tasks.qa")) == JD_JSON_NULL);
    }
}

static void not_resolved(void **state)
{
    world *w = *state;
    (void)issue(w, "", "'resolution':null", SAID("arno", "20T11:00:00", CAUSE));
    assert_int_equal(w->made[JD_TASK_qa], JD_UNRESOLVED);
    (void)issue(w, "", "'resolution':{'name':'Fixed'}", SAID("arno", "20T11:00:00", CAUSE));
    assert_int_equal(w->made[JD_TASK_qa], JD_NO_RESOLUTION_TIME);
    (void)issue(w, "", "'resolution':{'name':'Fixed'},'resolutiondate':'soon'",
                SAID("arno", "20T11:00:00", CAUSE));
    assert_int_equal(w->made[JD_TASK_qa], JD_NO_RESOLUTION_TIME);
    assert_int_equal(w->view.bad_dates, 1);
    (void)issue(w, "", FIXED ",'summary':''", SAID("arno", "20T11:00:00", CAUSE));
    assert_int_equal(w->made[JD_TASK_qa], JD_NO_TITLE);
}

static void shape(void **state)
{
    world         *w = *state;
    const jd_json *r = issue(
        w, SET, FIXED,
        SAID("olga", "18T10:00:00", "It stalls with two readers, too.") "," SAID(
            "zoe", "18T11:00:00",
            "+1, thanks") "," SAID("hadoopqa", "18T12:00:00",
                                   "-1 overall") "," SAID("rita", "20T11:00:00",
                                                          CAUSE) "," SAID("olga", "20T13:00:00",
                                                                          "Fine"));
    assert_text(w, r, "tasks.qa.task", "qa");
    assert_text(w, r, "tasks.qa.question",
                "What is the issue with 'It stalls' and how was it resolved?");
    assert_text(w, r, "tasks.qa.context",
                "Title: It stalls\n\nDescription: The reader stalls after a minute.\n\n"
                "Comment: It stalls with two readers, too.");
    assert_text(w, r, "tasks.qa.answer", CAUSE);
    assert_int_equal(jd_json_len(jd_json_path(r, "tasks.qa")), 4);
}

static void answer_never_in_context(void **state)
{
    world         *w = *state;
    const jd_json *r =
        issue(w, SET, FIXED,
              SAID("rita", "20T10:00:00", "Again: *" CAUSE "* So it is.") "," SAID(
                  "arno", "20T11:30:00",
                  "Mind that it was slow before as well.") "," SAID("rita", "20T12:00:00", CAUSE));
    assert_text(w, r, "tasks.qa.answer", CAUSE);
    assert_text(w, r, "tasks.qa.context",
                "Title: It stalls\n\nDescription: The reader stalls after a minute.\n\n"
                "Comment: Mind that it was slow before as well.");
    (void)issue(w, SET, FIXED ",'description':'Found: " CAUSE "'",
                SAID("rita", "20T12:00:00", CAUSE));
    assert_int_equal(w->made[JD_TASK_qa], JD_ANSWER_IN_CONTEXT);
}

static void long_threads(void **state)
{
    world *w = *state;
    jd_buf b = JD_BUF_INIT(1 << 20);
    for (int i = 0; i < 9; i++) {
        jd_buf_addf(&b, SAID("olga", "%02dT10:00:00", "note %d "), i + 1, i);
        b.n -= strlen("'}");
        for (int k = 0; k < 150; k++)
            jd_buf_addz(&b, "more text ");
        jd_buf_addz(&b, "'},");
    }
    jd_buf_addz(&b, SAID("rita", "20T12:00:00", CAUSE));
    const jd_json *r       = issue(w, SET, FIXED, jd_buf_cstr(&b));
    const char    *context = text_at(w, r, "tasks.qa.context");
    assert_non_null(context);
    assert_null(strstr(context, "note 0"));
    assert_null(strstr(context, "note 3"));
    assert_non_null(strstr(context, "note 4"));
    assert_non_null(strstr(context, "note 8"));
    assert_true(strlen(context) < 9000);
    jd_buf_release(&b);
}

static void restricted_evidence(void **state)
{
    static const char json[] =
        "{'key':'A-1','fields':{'summary':'It stalls'," FIXED ",'assignee':{'name':'arno'},"
        "'comment':{'comments':[{'author':{'name':'arno'},'created':'" NOON "','body':'" CAUSE
        "','visibility':{'type':'role','value':'Administrators'}}]}}}";
    world *w = *state;
    (void)record_of(w, json);
    assert_int_equal(w->made[JD_TASK_qa], JD_NO_HUMAN_COMMENT);
    assert_int_equal(w->view.restricted, 1);
    assert_true(jd_str_search(jd_buf_view(&w->line), JD_STR("root cause")) == w->line.n);
    (void)record_with(w, json, true);
    assert_int_equal(w->made[JD_TASK_qa], JD_MADE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_answer, world_in, world_out),
        cmocka_unit_test_setup_teardown(not_resolved, world_in, world_out),
        cmocka_unit_test_setup_teardown(shape, world_in, world_out),
        cmocka_unit_test_setup_teardown(answer_never_in_context, world_in, world_out),
        cmocka_unit_test_setup_teardown(long_threads, world_in, world_out),
        cmocka_unit_test_setup_teardown(restricted_evidence, world_in, world_out),
    };
    return cmocka_run_group_tests_name("corpus/qa", tests, NULL, NULL);
}
