#include "corpus/body.h"
#include "corpus_test.h"

#define DOC(content)  "{'type':'doc','version':1,'content':[" content "]}"
#define PARA(content) "{'type':'paragraph','content':[" content "]}"

static jd_str body_of(world *w, jd_mk_form form, const char *json, jd_str *wiki)
{
    w->bodies.form = form;
    jd_bodies_of(&w->bodies, w->arena, &w->scratch, NULL);
    return jd_body(&w->bodies, json_of(w, json), wiki);
}

static void forms(void **state)
{
    static const struct {
        const char *json, *plain, *markdown, *wiki;
    } cases[] = {
        {"'h2. a *b*'", "a b", "## a **b**", "h2. a *b*"},
        {"'{code}\\nx{color}\\n{code}'", "x{color}", "```\nx{color}\n```",
         "{code}\nx{color}\n{code}"},
        {"'at a.B.c(D.java:7)\\r\\nnext'", "at a.B.c(D.java:7)\nnext", "at a.B.c(D.java:7)\\\nnext",
         "at a.B.c(D.java:7)\nnext"},
        {"''", "", "", ""},
        {"'{quote}{quote}'", "", "", "{quote}{quote}"},
        {"null", NULL, NULL, NULL},
        {"7", NULL, NULL, NULL},
        {"true", NULL, NULL, NULL},
        {"['x']", NULL, NULL, NULL},
        {DOC(""), "", "", ""},
        {DOC(PARA("{'type':'text','text':'one','marks':[{'type':'strong'}]},"
                  "{'type':'hardBreak'},{'type':'text','text':'two'}")),
         "one\ntwo", "**one**\\\ntwo", "*one*\ntwo"},
        {DOC("{'type':'codeBlock','content':[{'type':'text','text':'x\\r\\n\\u0000y'}]}"), "x\ny",
         "```\nx\ny\n```", "{noformat}\nx\ny\n{noformat}"},
        {"{'type':7,'content':'no list','text':[]}", "no list", "no list", "no list"},
    };
    world *w = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const jd_mk_form  form[] = {JD_MK_PLAIN, JD_MK_MARKDOWN, JD_MK_WIKI};
        const char *const want[] = {cases[i].plain, cases[i].markdown, cases[i].wiki};
        for (size_t f = 0; f < 3; f++) {
            jd_str wiki, got = body_of(w, form[f], cases[i].json, &wiki);
            if (!want[f]) {
                assert_null(got.p);
                assert_null(wiki.p);
                continue;
            }
            assert_non_null(got.p);
            assert_string_equal(jd_arena_cstr(w->arena, got), want[f]);
            assert_string_equal(jd_arena_cstr(w->arena, wiki), cases[i].wiki);
        }
    }
}

static const char issue[] =
    "{'key':'A-1','fields':{"
    "'reporter':{'name':'rita','key':'JIRAUSER1','displayName':'Rita R.'},"
    "'assignee':{'accountId':'5b:1','displayName':'Mia \\u001b[31mK'},"
    "'creator':null,"
    "'attachment':[{'id':'7','filename':'log 1.txt'},{'id':'8'},5],"
    "'comment':{'comments':[{'author':{'name':'carl','displayName':'Carl C'},'body':'x'},"
    "{'author':{'name':'secret','displayName':'Secret "
    "S'},'visibility':{'type':'role','value':'A'}}]},"
    "'worklog':{'worklogs':[{'author':{'name':'wes','displayName':'Wes W'}}]}},"
    "'changelog':{'histories':[{'author':{'name':'hal','displayName':'Hal H'},'items':[]}]}}";

static void names(void **state)
{
    static const struct {
        const char *json, *text;
        bool        restricted;
    } cases[] = {
        {"'[~rita] [~JIRAUSER1] [~carl] [~wes] [~hal]'", "@Rita R. @Rita R. @Carl C @Wes W @Hal H",
         false},
        {"'[~accountid:5b:1]'", "@Mia K", false},
        {"'[~nobody] [~]'", "@nobody [~]", false},
        {"'[~secret]'", "@secret", false},
        {"'[~secret]'", "@Secret S", true},
        {"'[^log 1.txt] !shot.png|thumbnail!'", "log 1.txt [image: shot.png]", false},
        {DOC(PARA("{'type':'mention','attrs':{'id':'5b:1'}}")), "@Mia K", false},
    };
    world *w = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        w->bodies.form               = JD_MK_PLAIN;
        w->bodies.include_restricted = cases[i].restricted;
        jd_bodies_of(&w->bodies, w->arena, &w->scratch, json_of(w, issue));
        jd_str got = jd_body(&w->bodies, json_of(w, cases[i].json), NULL);
        assert_string_equal(jd_arena_cstr(w->arena, got), cases[i].text);
    }
    /* the next issue knows other people */
    jd_bodies_of(&w->bodies, w->arena, &w->scratch, json_of(w, "{'key':'A-2','fields':{}}"));
    assert_true(jd_str_is(jd_body(&w->bodies, json_of(w, "'[~rita]'"), NULL), "@rita"));
}

static void a_huge_one_leaves_nothing(void **state)
{
    world *w   = *state;
    jd_buf big = JD_BUF_INIT(1 << 24);
    jd_buf_addz(&big, "'");
    for (int i = 0; i < 100000; i++)
        jd_buf_addz(&big, "*a* ");
    jd_buf_addz(&big, "'");
    jd_str got = body_of(w, JD_MK_PLAIN, jd_buf_cstr(&big), NULL);
    assert_int_equal(got.n, 199999);
    jd_bodies_tidy(&w->bodies);
    assert_null(w->bodies.doc.ev);
    assert_true(jd_str_is(body_of(w, JD_MK_PLAIN, "'*b*'", NULL), "b"));
    jd_bodies_tidy(&w->bodies);
    assert_non_null(w->bodies.doc.ev); /* what is small is kept */
    jd_buf_release(&big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms, world_in, world_out),
        cmocka_unit_test_setup_teardown(names, world_in, world_out),
        cmocka_unit_test_setup_teardown(a_huge_one_leaves_nothing, world_in, world_out),
    };
    return cmocka_run_group_tests_name("corpus/body", tests, NULL, NULL);
}
