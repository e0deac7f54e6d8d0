/* An issue in, rows out: each row as one line "table column=value …" without what is null, the site
 * and, where the issue's own id is meant, the issue. Single quotes stand for double ones. */
#include "derive/rows.h"
#include "text/date.h"
#include "unit/check.h"

typedef struct world {
    jd_arena *arena;
    jd_rows   rows;
    jd_buf    out;
    int       fail_at;
} world;

static void add_cell(jd_buf *out, const jd_column *col, const jd_cell *c)
{
    char text[JD_TIME_MAX];
    jd_buf_addf(out, " %s=", col->name);
    if (c->kind == JD_CELL_INT)
        jd_buf_addi(out, c->i);
    else if (c->kind == JD_CELL_NUM)
        jd_buf_addf(out, "%g", c->d);
    else if (c->kind == JD_CELL_TEXT)
        jd_buf_adds(out, c->s);
    else
        jd_buf_addz(out,
                    col->type == JD_COL_DATE ? jd_time_day(c->i, text) : jd_time_utc(c->i, text));
}

static jd_code take(void *self, jd_table_id id, const jd_cell *cell, jd_err *e)
{
    world          *w = self;
    const jd_table *t = &jd_tables[id];
    assert_int_equal(cell[0].kind, JD_CELL_INT);
    assert_int_equal(cell[0].i, 3);
    if (w->fail_at && --w->fail_at == 0)
        return jd_fail(e, JD_E_IO, "no more");
    jd_buf_addz(&w->out, t->name);
    for (unsigned i = 1; i < t->ncol; i++) {
        if (cell[i].kind == JD_CELL_NULL) {
            assert_false(t->col[i].flags & (JD_C_KEY | JD_C_REQ));
            continue;
        }
        if ((int)i == t->seen) {
            /* of what only the changelog tells: the time of the change */
            assert_true(cell[i].i == 0 || id == JD_T_sprint);
            continue;
        }
        if ((int)i == t->issue) {
            assert_int_equal(cell[i].i, 7);
            continue;
        }
        add_cell(&w->out, &t->col[i], &cell[i]);
    }
    jd_buf_addc(&w->out, '\n');
    return JD_OK;
}

static int world_in(void **state)
{
    world *w = calloc(1, sizeof *w);
    w->arena = jd_arena_new(0);
    w->out   = (jd_buf)JD_BUF_INIT(1 << 24);
    w->rows  = (jd_rows){.site_id = 3, .row = take, .self = w};
    *state   = w;
    return 0;
}

static int world_out(void **state)
{
    world *w = *state;
    jd_rows_release(&w->rows);
    jd_buf_release(&w->out);
    jd_arena_free(w->arena);
    free(w);
    return 0;
}

static const char *rows_of_bytes(world *w, jd_str bytes)
{
    jd_err         e = JD_ERR_NONE;
    const jd_json *doc;
    jd_issue       issue;
    if (jd_json_read(w->arena, bytes, &doc, &e) || jd_issue_view(doc, bytes, &issue, &e))
        fail_msg("%s: %.*s", e.msg, JD_FMT(bytes));
    issue.fetched_ms = 0;
    issue.hash       = 5;
    jd_buf_reset(&w->out);
    if (jd_rows_issue(&w->rows, w->arena, &issue, 6, &e))
        fail_msg("%s", e.msg);
    return jd_buf_cstr(&w->out);
}

/* `fields` and what stands behind them at the top. */
static const char *rows_of(world *w, const char *fields, const char *top)
{
    char *text = jd_arena_cstr(w->arena, jd_arena_fmt(w->arena,
                                                      "{'id':'7','key':'AB-1','fields':{'created':"
                                                      "'2024-01-02T03:04:05.678+0100','updated':"
                                                      "'2024-02-02T03:04:05.000+0000'%s}%s}",
                                                      fields, top));
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    return rows_of_bytes(w, jd_str_of(text));
}

#define BARE                                                                             \
    "issue id=7 key=AB-1%s created=2024-01-02T02:04:05Z updated=2024-02-02T03:04:05Z%s " \
    "fetched=1970-01-01T00:00:00Z content_hash=5 plan_hash=6\n"

static void same(world *w, const char *got, const char *rows, const char *before, const char *after)
{
    jd_str issue = jd_arena_fmt(w->arena, BARE, before, after);
    assert_string_equal(got, jd_arena_fmt(w->arena, "%s%.*s", rows, JD_FMT(issue)).p);
}

static void a_bare_issue_is_one_row(void **state)
{
    same(*state, rows_of(*state, "", ""), "", "", "");
}

static void what_is_of_the_wrong_type_is_left_out(void **state)
{
    same(
        *state,
        rows_of(*state,
                ",'summary':5,'description':[],'labels':'x','comment':7,'worklog':{'worklogs':{}}"
                ",'project':'AB','status':{'name':'no id'},'reporter':'me','assignee':{},'votes':[]"
                ",'components':[null,1,'x',{}],'issuelinks':[1],'attachment':{'a':1},'duedate':"
                "'soon','resolutiondate':7,'timespent':'long','security':null,'parent':{'id':'x'}",
                ",'changelog':{'histories':[null,3]}"),
        "", "", "");
}

static void named_things_come_as_rows(void **state)
{
    same(*state,
         rows_of(*state,
                 ",'summary':'S','project':{'id':'10','key':'AB','name':'Abe','projectTypeKey':"
                 "'software','projectCategory':{'id':'4','name':'Cat'}}"
                 ",'issuetype':{'id':'1','name':'Bug','description':'d','subtask':false,"
                 "'hierarchyLevel':0}"
                 ",'status':{'id':'2','name':'Open','statusCategory':{'id':2,'key':'new','name':"
                 "'To Do'}},'priority':{'id':'3','name':'Major'},'resolution':{'id':'9','name':"
                 "'Fixed','description':'done'}"
                 ",'reporter':{'name':'jo','key':'JIRAUSER1','displayName':'Jo','active':true,"
                 "'emailAddress':'jo@example.org','timeZone':'UTC'}"
                 ",'creator':{'accountId':'5b:1','displayName':'Mo','accountType':'app'}"
                 ",'fixVersions':[{'id':'20','name':'1.0','released':true,'archived':false,"
                 "'releaseDate':'2024-03-01'}],'components':[{'id':'30','name':'core'}]"
                 ",'labels':['b','a']",
                 ""),
         "project id=10 key=AB name=Abe project_type=software category_id=4 category_name=Cat\n"
         "issue_type id=1 name=Bug description=d subtask=0 hierarchy_level=0\n"
         "status_category id=2 key=new name=To Do\n"
         "status id=2 name=Open category_id=2\n"
         "priority id=3 name=Major\n"
         "resolution id=9 name=Fixed description=done\n"
         "jira_user id=JIRAUSER1 name=jo display_name=Jo email=jo@example.org active=1 "
         "time_zone=UTC\n"
         "jira_user id=5b:1 display_name=Mo account_type=app\n"
         "version id=20 project_id=10 name=1.0 archived=0 released=1 release_date=2024-03-01\n"
         "issue_fix_version version_id=20\n"
         "component id=30 project_id=10 name=core\n"
         "issue_component component_id=30\n"
         "label name=b\nissue_label label=b\nlabel name=a\nissue_label label=a\n"
         "issue_status position=0 status_id=2 status=Open began=2024-01-02T02:04:05Z\n",
         " project_id=10 issue_type_id=1 status_id=2 priority_id=3 resolution_id=9 summary=S "
         "reporter_id=JIRAUSER1 creator_id=5b:1",
         "");
}

static void times_and_counts(void **state)
{
    same(*state,
         rows_of(*state,
                 ",'duedate':'2024-05-06','resolutiondate':'2024-05-06T23:00:00.000-0500'"
                 ",'timespent':60,'timeestimate':null,'timeoriginalestimate':120"
                 ",'aggregatetimespent':90,'workratio':-1,'votes':{'votes':3},'watches':"
                 "{'watchCount':4},'parent':{'id':'99','key':'AB-99'},'security':{'name':'Inner'}",
                 ""),
         "", " parent_id=99",
         " resolved=2024-05-07T04:00:00Z due_date=2024-05-06 original_estimate=120 time_spent=60 "
         "total_time_spent=90 work_ratio=-1 votes=3 watches=4 security_level=Inner");
}

static void comments_worklogs_attachments_links(void **state)
{
    same(
        *state,
        rows_of(*state,
                ",'comment':{'total':2,'comments':[{'id':'11','author':{'name':'jo'},'body':'*hi*'"
                ",'created':'2024-01-03T00:00:00.000+0000','visibility':{'type':'role','value':"
                "'Devs'},'jsdPublic':false},{'id':'12'}]}"
                ",'worklog':{'worklogs':[{'id':'21','started':'2024-01-04T00:00:00.000+0000',"
                "'timeSpentSeconds':3600,'comment':'w'}]}"
                ",'attachment':[{'id':'31','filename':'a.txt','size':5,'mimeType':'text/plain',"
                "'content':'http://x/a'}]"
                ",'issuelinks':[{'id':'41','type':{'id':'1','name':'Blocks','inward':'is blocked by"
                "','outward':'blocks'},'outwardIssue':{'id':'8','key':'AB-2'}},{'id':'42','type':"
                "{'id':'1','name':'Blocks','inward':'is blocked by','outward':'blocks'},"
                "'inwardIssue':{'key':'ZZ-1'}}]",
                ""),
        "jira_user id=jo name=jo\n"
        "comment id=11 author_id=jo created=2024-01-03T00:00:00Z body=*hi* visible_to=Devs "
        "is_public=0\n"
        "comment id=12\n"
        "worklog id=21 started=2024-01-04T00:00:00Z seconds=3600 body=w\n"
        "attachment id=31 filename=a.txt size=5 mime_type=text/plain content_url=http://x/a\n"
        "link_type id=1 name=Blocks inward=is blocked by outward=blocks\n"
        "issue_link id=41 outward=1 link_type_id=1 relationship=blocks related_issue_id=8 "
        "related_key=AB-2\n"
        "link_type id=1 name=Blocks inward=is blocked by outward=blocks\n"
        "issue_link id=42 outward=0 link_type_id=1 relationship=is blocked by related_key=ZZ-1\n",
        "", "");
}

static void a_changelog_with_a_move_in_it(void **state)
{
    same(*state,
         rows_of(*state, "",
                 ",'changelog':{'histories':[{'id':'50','author':{'key':'k'},'created':"
                 "'2024-01-03T00:00:00.000+0000','items':[{'field':'status','fieldtype':'jira',"
                 "'fieldId':'status','from':'1','fromString':'Open','to':'2','toString':'Done'},"
                 "{'field':'Key','fieldtype':'jira','fromString':'OLD-4','toString':'AB-1'},"
                 "{'field':'Key','fromString':'AB-1'}]},{'id':'51'}]}"),
         "jira_user id=k\n"
         "changelog id=50 author_id=k created=2024-01-03T00:00:00Z\n"
         "changelog_item changelog_id=50 position=0 created=2024-01-03T00:00:00Z field=status "
         "field_id=status field_type=jira from_value=1 from_text=Open to_value=2 to_text=Done\n"
         "changelog_item changelog_id=50 position=1 created=2024-01-03T00:00:00Z field=Key "
         "field_type=jira from_text=OLD-4 to_text=AB-1\n"
         "issue_alias key=OLD-4\n"
         "changelog_item changelog_id=50 position=2 created=2024-01-03T00:00:00Z field=Key "
         "from_text=AB-1\n"
         "changelog id=51\n"
         "issue_status position=0 status_id=1 status=Open began=2024-01-02T02:04:05Z "
         "ended=2024-01-03T00:00:00Z\n"
         "issue_status position=1 status_id=2 status=Done began=2024-01-03T00:00:00Z "
         "changelog_id=50\n",
         "", "");
}

static void custom_fields_have_kinds(void **state)
{
    same(*state,
         rows_of(*state,
                 ",'customfield_1':1.5,'customfield_2':'plain','customfield_3':'12.50'"
                 ",'customfield_4':'2024-01-15','customfield_5':'2024-01-15T10:00:00.000+0200'"
                 ",'customfield_6':{'id':'100','value':'Red'},'customfield_7':{'id':1,'value':'EU',"
                 "'child':{'id':'2','value':'FR'}},'customfield_8':{'name':'jo','displayName':'Jo'}"
                 ",'customfield_9':['x',{'name':'grp'},[1]],'customfield_10':null"
                 ",'customfield_11':{'odd':true},'customfield_12':true,'customfield_13':[]"
                 ",'customfield_14':'9223372036854775807','customfield_15':'1e999'",
                 ""),
         "field_value field_id=customfield_1 position=0 kind=number is_list=0 number_value=1.5\n"
         "field_value field_id=customfield_2 position=0 kind=text is_list=0 text_value=plain\n"
         "field_value field_id=customfield_3 position=0 kind=text is_list=0 number_value=12.5 "
         "text_value=12.50\n"
         "field_value field_id=customfield_4 position=0 kind=date is_list=0 text_value=2024-01-15 "
         "time_value=2024-01-15T00:00:00Z\n"
         "field_value field_id=customfield_5 position=0 kind=date is_list=0 "
         "text_value=2024-01-15T10:00:00.000+0200 time_value=2024-01-15T08:00:00Z\n"
         "field_value field_id=customfield_6 position=0 kind=option is_list=0 text_value=Red "
         "value_id=100\n"
         "field_value field_id=customfield_7 position=0 kind=option is_list=0 text_value=EU "
         "value_id=1\n"
         "field_value field_id=customfield_7 position=1 kind=option is_list=0 text_value=FR "
         "value_id=2\n"
         "jira_user id=jo name=jo display_name=Jo\n"
         "field_value field_id=customfield_8 position=0 kind=user is_list=0 text_value=Jo "
         "value_id=jo\n"
         "field_value field_id=customfield_9 position=0 kind=text is_list=1 text_value=x\n"
         "field_value field_id=customfield_9 position=1 kind=option is_list=1 text_value=grp\n"
         "field_value field_id=customfield_9 position=2 kind=list is_list=1 text_value=[1]\n"
         "field_value field_id=customfield_11 position=0 kind=other is_list=0 "
         "text_value={\"odd\":true}\n"
         "field_value field_id=customfield_12 position=0 kind=text is_list=0 text_value=true\n"
         "field_value field_id=customfield_14 position=0 kind=text is_list=0 "
         "number_value=9.22337e+18 text_value=9223372036854775807\n"
         "field_value field_id=customfield_15 position=0 kind=text is_list=0 text_value=1e999\n",
         "", "");
}

static void a_document_gives_markdown_and_itself(void **state)
{
    same(*state,
         rows_of(*state,
                 ",'description':{'type':'doc','version':1,'content':[{'type':'paragraph',"
                 "'content':[{'type':'text','text':'bold','marks':[{'type':'strong'}]}]}]}",
                 ""),
         "",
         " description=**bold** description_adf={\"type\":\"doc\",\"version\":1,\"content\":"
         "[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"bold\",\"marks\":"
         "[{\"type\":\"strong\"}]}]}]}",
         "");
}

static void no_database_keeps_a_nul(void **state)
{
    same(*state, rows_of(*state, ",'summary':'a\\u0000b\\ud83dc','labels':['x\\u0000']", ""),
         "label name=x\xEF\xBF\xBD\nissue_label label=x\xEF\xBF\xBD\n",
         " summary=a\xEF\xBF\xBD"
         "b\xEF\xBF\xBD"
         "c",
         "");
}

static void a_name_that_is_a_key_has_its_limit(void **state)
{
    world *w     = *state;
    char  *label = calloc(1, 2001);
    for (int i = 0; i < 2000; i += 2)
        memcpy(label + i, "\xC3\xA9", 2);
    const char *got = rows_of(w, jd_arena_fmt(w->arena, ",'labels':['%s']", label).p, "");
    assert_int_equal(strcspn(got, "\n"), strlen("label name=") + JD_NAME_MAX);
    free(label);
}

static void a_child_without_id_gets_the_same_one_each_time(void **state)
{
    world      *w    = *state;
    const char *text = ",'comment':{'comments':[{'body':'a'},{'body':'b'}]}";
    char       *once = strdup(rows_of(w, text, ""));
    assert_string_equal(rows_of(w, text, ""), once);
    long long first, second;
    char     *at = strstr(once, "comment id=-");
    assert_non_null(at);
    first = strtoll(at + strlen("comment id="), &at, 10);
    at    = strstr(at, "comment id=-");
    assert_non_null(at);
    second = strtoll(at + strlen("comment id="), NULL, 10);
    assert_true(first != second);
    free(once);
}

#define JAVA(inside) "'com.atlassian.greenhopper.service.sprint.Sprint@1f[" inside "]'"
#define CHANGE(id, day, items) \
    "{'id':'" id "','created':'2024-01-" day "T00:00:00.000+0000','items':[" items "]}"
#define SPRINT(from, to, names) \
    "{'field':'Sprint','fieldtype':'custom','from':'" from "','to':'" to "'," names "}"
#define STAY "issue_sprint sprint_id="

/* Of all the rows that the issue gives those that begin with one of the two. */
static const char *those_of(world *w, const char *fields, const char *top, const char *one,
                            const char *other)
{
    jd_str rest = jd_str_of(rows_of(w, fields, top)), line;
    jd_buf out  = JD_BUF_INIT(1 << 20);
    while (jd_str_split(&rest, '\n', &line))
        if (jd_str_starts(line, jd_str_of(one)) || jd_str_starts(line, jd_str_of(other)))
            jd_buf_addf(&out, "%.*s\n", JD_FMT(line));
    const char *text = jd_arena_cstr(w->arena, jd_buf_view(&out));
    jd_buf_release(&out);
    return text;
}

/* The rows of sprints and of stays in them. */
static const char *sprints_of(world *w, const char *fields, const char *top)
{
    return those_of(w, fields, top, "sprint ", STAY);
}

static void sprints_are_named_by_text_and_by_object(void **state)
{
    world *w = *state;
    assert_string_equal(
        sprints_of(
            w,
            ",'customfield_1':[" JAVA(
                "id=5,rapidViewId=3,state=CLOSED,name=A, b,startDate=2024-01-01T01:00:00."
                "000+01:00,endDate=2024-01-15T00:00:00.000Z,completeDate=2024-01-16T00:00:"
                "00.000Z,activatedDate=2024-01-01T00:00:01.000Z,goal=<null>") ",'no sprint',7]"
                                                                              ",'customfield_2':[{'"
                                                                              "id':3,'name':'no "
                                                                              "state'}]",
            ""),
        "sprint id=5 board_id=3 name=A, b state=closed start_date=2024-01-01T00:00:00Z "
        "end_date=2024-01-15T00:00:00Z activated_date=2024-01-01T00:00:01Z "
        "complete_date=2024-01-16T00:00:00Z\n" STAY "5 position=0\n");
    assert_string_equal(
        sprints_of(w,
                   ",'customfield_1':[{'id':8,'name':'B','state':'future','boardId':4,'goal':'go'},"
                   "{'id':7,'name':'C','state':'active','startDate':'2024-01-01T00:00:00.000Z'}]",
                   ",'changelog':{'total':0,'histories':[]}"),
        "sprint id=8 board_id=4 name=B goal=go state=future\n"
        "sprint id=7 name=C state=active start_date=2024-01-01T00:00:00Z\n" STAY
        "7 position=0 from_time=2024-01-02T02:04:05Z\n" STAY
        "8 position=0 from_time=2024-01-02T02:04:05Z\n");
    assert_string_equal(sprints_of(w,
                                   ",'sprint':{'id':2,'state':'active','name':'D'},"
                                   "'closedSprints':[{'id':1,'state':'closed','name':'E'}]",
                                   ""),
                        "sprint id=2 name=D state=active\nsprint id=1 name=E state=closed\n" STAY
                        "1 position=0\n" STAY "2 position=0\n");
}

/* Created in 5; rolled over into 6 when 5 was closed; taken out of 6, put into 7 and into 6 again.
 */
static void stays_in_sprints_are_replayed(void **state)
{
    static const char stays[] = STAY "5 position=0 from_time=2024-01-02T02:04:05Z\n" STAY
                                     "6 position=0 from_time=2024-01-10T00:00:00Z "
                                     "to_time=2024-01-11T00:00:00Z\n" STAY
                                     "6 position=1 from_time=2024-01-13T00:00:00Z\n" STAY
                                     "7 position=0 from_time=2024-01-12T00:00:00Z "
                                     "to_time=2024-01-14T00:00:00Z\n";
    static const char fields[] = ",'customfield_1':[{'id':6,'state':'active'},{'id':5,'state':"
                                 "'closed'}]";
#define ONE   CHANGE("1", "10", SPRINT("5", "5, 6", "'fromString':'Five','toString':'Five, Six'"))
#define TWO   CHANGE("2", "11", SPRINT("5, 6", "5", "'fromString':'Five, Six','toString':'Five'"))
#define THREE CHANGE("3", "12", SPRINT("5", "5, 7", "'toString':'Five, Seven'"))
#define FOUR  CHANGE("4", "13", SPRINT("5, 7", "5,6,7", "'toString':'x'"))
#define FIVE  CHANGE("5", "14", SPRINT("7, 6,5", "5, 6", "'toString':'y'"))
    static const char *const tops[] = {
        ",'changelog':{'histories':[" ONE "," TWO "," THREE "," FOUR "," FIVE "]}",
        ",'changelog':{'histories':[" FIVE "," FOUR "," THREE "," TWO "," ONE "]}"}; /* as Cloud */
    for (size_t i = 0; i < 2; i++) {
        const char *got = sprints_of(*state, fields, tops[i]);
        assert_string_equal(strstr(got, STAY), stays);
        assert_non_null(strstr(got, "sprint id=7\n")); /* which of two names is whose? */
    }
}

static void what_the_changelog_does_not_tell_is_not_made_up(void **state)
{
    world *w = *state;
    /* the issue left 7 and came into 8 without a word */
    assert_string_equal(
        sprints_of(w, ",'customfield_1':[{'id':8,'state':'active'}]",
                   ",'changelog':{'total':1,'histories':[" CHANGE(
                       "1", "10", SPRINT("", "7", "'toString':'Seven'")) "]}"),
        "sprint id=8 state=active\nsprint id=7 name=Seven\n" STAY
        "7 position=0 from_time=2024-01-10T00:00:00Z to_time=2024-02-02T03:04:05Z\n" STAY
        "8 position=0\n");
    /* between two changes, and before the first, where histories are missing */
    assert_string_equal(
        sprints_of(
            w, "",
            ",'changelog':{'total':9,'histories':[" CHANGE(
                "1", "10", SPRINT("1", "2", "'x':1")) "," CHANGE("2", "12",
                                                                 SPRINT("3", "4", "'x':1")) "]}"),
        "sprint id=1\nsprint id=2\nsprint id=3\nsprint id=4\n" STAY
        "1 position=0 to_time=2024-01-10T00:00:00Z\n" STAY
        "2 position=0 from_time=2024-01-10T00:00:00Z to_time=2024-01-12T00:00:00Z\n" STAY
        "3 position=0 to_time=2024-01-12T00:00:00Z\n" STAY
        "4 position=0 from_time=2024-01-12T00:00:00Z\n");
    /* a field of another id that is called the same; ids that are none */
    assert_string_equal(sprints_of(w, ",'customfield_1':[{'id':8,'state':'active'}]",
                                   ",'changelog':{'histories':[" CHANGE(
                                       "1", "10",
                                       "{'field':'Sprint','fieldId':'customfield_2','from':'1','to'"
                                       ":'2'}") "," CHANGE("2", "10",
                                                           SPRINT("a, 0, -3,,", "x",
                                                                  "'x':"
                                                                  "1")) "]}"),
                        "sprint id=8 state=active\n" STAY
                        "8 position=0 from_time=2024-01-02T02:04:05Z\n");
    /* the field is there, and empty */
    assert_string_equal(
        sprints_of(w, ",'customfield_1':null",
                   ",'changelog':{'histories':[" CHANGE(
                       "1", "10",
                       "{'field':'Sprint','fieldId':'customfield_1','from':'','to':'2','toString':"
                       "'Two'}") "]}"),
        "sprint id=2 name=Two\n" STAY
        "2 position=0 from_time=2024-01-10T00:00:00Z to_time=2024-02-02T03:04:05Z\n");
    /* the same where changes tell no ids of fields: a deleted sprint, or a field nobody asked for
     */
    assert_string_equal(sprints_of(w, ",'customfield_1':null",
                                   ",'changelog':{'histories':[" CHANGE(
                                       "1", "10", SPRINT("", "2", "'toString':'Two'")) "]}"),
                        "sprint id=2 name=Two\n" STAY
                        "2 position=0 from_time=2024-01-10T00:00:00Z\n");
}

#define IN "issue_status position="
#define STATUS(from, from_name, to, to_name)                                                       \
    "{'field':'status','from':" from ",'fromString':" from_name ",'to':" to ",'toString':" to_name \
    "}"

static const char *statuses_of(world *w, const char *fields, const char *changes)
{
    const char *top =
        jd_arena_cstr(w->arena, jd_arena_fmt(w->arena, ",'changelog':{'histories':[%s]}", changes));
    return those_of(w, fields, top, IN, IN);
}

/* Out of 1 and into it again; the changes of the 10th are of one millisecond, one of them is listed
 * twice, and what is no change of the status is among them. */
static void stays_in_statuses_are_replayed(void **state)
{
#define OUT CHANGE("11", "10", STATUS("'1'", "'Open'", "'2'", "'QA'"))
#define BACK \
    CHANGE("12", "10", "{'field':'Status','to':'7'}," STATUS("'2'", "'QA'", "'1'", "'Open'"))
#define DONE    CHANGE("13", "12", STATUS("'1'", "'Open'", "'3'", "'Done'"))
#define UNKNOWN "{'id':'14','items':[" STATUS("'3'", "'Done'", "'4'", "'Never'") "]}"
    static const char *const changes[] = {OUT "," BACK "," DONE,
                                          UNKNOWN "," DONE "," BACK "," OUT "," BACK};
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(
            statuses_of(*state, ",'status':{'id':'3','name':'Finished'}", changes[i]), IN
            "0 status_id=1 status=Open began=2024-01-02T02:04:05Z ended=2024-01-10T00:00:00Z\n" IN
            "1 status_id=2 status=QA began=2024-01-10T00:00:00Z ended=2024-01-10T00:00:00Z "
            "changelog_id=11\n" IN
            "2 status_id=1 status=Open began=2024-01-10T00:00:00Z ended=2024-01-12T00:00:00Z "
            "changelog_id=12\n" IN
            "3 status_id=3 status=Done began=2024-01-12T00:00:00Z changelog_id=13\n");
}

static void a_status_that_no_change_leads_to(void **state)
{
    static const char change[] = CHANGE("1", "10", STATUS("'1'", "'Open'", "'2'", "'QA'"));
#define FIRST                                                                                 \
    IN "0 status_id=1 status=Open began=2024-01-02T02:04:05Z ended=2024-01-10T00:00:00Z\n" IN \
       "1 status_id=2 status=QA began=2024-01-10T00:00:00Z"
    static const struct {
        const char *fields, *rows;
    } cases[] = {
        /* since it was last changed, or since its category was, where that is later than the change
         */
        {",'status':{'id':'3','name':'Done'}",
         FIRST " ended=2024-02-02T03:04:05Z changelog_id=1\n" IN
               "2 status_id=3 status=Done began=2024-02-02T03:04:05Z\n"},
        {",'status':{'id':'3','name':'Done'},'statuscategorychangedate':"
         "'2024-01-11T00:00:00.000+0000'",
         FIRST " ended=2024-01-11T00:00:00Z changelog_id=1\n" IN
               "2 status_id=3 status=Done began=2024-01-11T00:00:00Z\n"},
        {",'status':{'id':'3'},'statuscategorychangedate':'2024-01-09T00:00:00.000+0000'",
         FIRST " ended=2024-02-02T03:04:05Z changelog_id=1\n" IN
               "2 status_id=3 began=2024-02-02T03:04:05Z\n"},
        /* none that is known */
        {"", FIRST " changelog_id=1\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(statuses_of(*state, cases[i].fields, change), cases[i].rows);
}

static void statuses_by_name_and_by_odd_ids(void **state)
{
    world *w = *state;
    /* names alone lead to the status of that name; before the issue was made, as imports have it */
    assert_string_equal(statuses_of(w, ",'status':{'id':'3','name':'Done'}",
                                    CHANGE("1", "01", STATUS("null", "'Open'", "''", "'Done'"))),
                        IN
                        "0 status=Open began=2024-01-01T00:00:00Z ended=2024-01-01T00:00:00Z\n" IN
                        "1 status=Done began=2024-01-01T00:00:00Z changelog_id=1\n");
    /* what is no id; one that is too large; one that no name comes with */
    assert_string_equal(
        statuses_of(
            w, "",
            CHANGE("1", "10", STATUS("'x7'", "''", "'9999999999999999999'", "'Big'")) "," CHANGE(
                "2", "11", STATUS("'-5'", "null", "'999999999999999999'", "7"))),
        IN "0 began=2024-01-02T02:04:05Z ended=2024-01-10T00:00:00Z\n" IN
           "1 status=Big began=2024-01-10T00:00:00Z ended=2024-01-11T00:00:00Z changelog_id=1\n" IN
           "2 status_id=999999999999999999 began=2024-01-11T00:00:00Z changelog_id=2\n");
}

static const jd_json *parse(world *w, const char *text)
{
    jd_err         e = JD_ERR_NONE;
    const jd_json *doc;
    char          *own = jd_arena_cstr(w->arena, jd_str_of(text));
    for (char *p = own; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    if (jd_json_read(w->arena, jd_str_of(own), &doc, &e))
        fail_msg("%s: %s", e.msg, own);
    return doc;
}

static const char *listed(world *w, jd_table_id t, const char *list, const char *names,
                          uint64_t project)
{
    jd_err e = JD_ERR_NONE;
    jd_buf_reset(&w->out);
    assert_int_equal(jd_rows_listed(&w->rows, w->arena, t, parse(w, list),
                                    names ? parse(w, names) : NULL, project, 0, &e),
                     JD_OK);
    return jd_buf_cstr(&w->out);
}

static void catalogues_give_rows_of_what_they_list(void **state)
{
    world *w = *state;
    assert_string_equal(
        listed(w, JD_T_field,
               "[{'id':'customfield_1','name':'Sprint','custom':true,'schema':{'type':'array',"
               "'items':'json','custom':'x:gh-sprint'}},{'id':'fixVersions','name':'Fix "
               "Version/s','custom':false,'schema':{'type':'array','items':'version'}},"
               "{'id':'summary','name':'Summary'},{'name':'no id'},7]",
               "[{'id':'a','name':'gone'},{'id':'customfield_1','name':'sprint','type':'sprints'},"
               "{'id':'summary','name':'summary','type':'text'}]",
               0),
        "field id=customfield_1 name=Sprint changelog_name=Sprint slug=sprint custom=1 "
        "kind=sprints "
        "value_type=array item_type=json custom_type=x:gh-sprint\n"
        "field id=fixVersions name=Fix Version/s changelog_name=Fix Version custom=0 "
        "value_type=array item_type=version\n"
        "field id=summary name=Summary changelog_name=summary slug=summary custom=0 kind=text\n");
    assert_string_equal(
        listed(w, JD_T_board, "[{'id':5,'name':'B','type':'scrum'},{'name':'x'}]", NULL, 10),
        "board id=5 project_id=10 name=B kind=scrum\n");
    assert_string_equal(
        listed(w, JD_T_component,
               "[{'id':'3','name':'core','description':'d','lead':{'key':'k','name':'jo'}}]", NULL,
               10),
        "jira_user id=k name=jo\ncomponent id=3 project_id=10 name=core description=d lead_id=k\n");
    assert_string_equal(listed(w, JD_T_sprint,
                               "[{'id':5,'state':'closed','name':'S','originBoardId':3,'goal':''}]",
                               NULL, 10),
                        "sprint id=5 board_id=3 name=S state=closed\n");
    assert_string_equal(listed(w, JD_T_version, "{'id':'no list'}", NULL, 10), "");
}

static void the_taker_may_refuse(void **state)
{
    world         *w = *state;
    jd_err         e = JD_ERR_NONE;
    const jd_json *doc;
    jd_issue       issue;
    jd_str bytes = JD_STR("{\"id\":\"7\",\"key\":\"AB-1\",\"fields\":{\"created\":\"2024-01-01\","
                          "\"updated\":\"2024-01-01\",\"labels\":[\"a\",\"b\"]}}");
    assert_int_equal(jd_json_read(w->arena, bytes, &doc, &e), JD_OK);
    assert_int_equal(jd_issue_view(doc, bytes, &issue, &e), JD_OK);
    w->fail_at = 2;
    assert_int_equal(jd_rows_issue(&w->rows, w->arena, &issue, 6, &e), JD_E_IO);
    assert_string_equal(jd_buf_cstr(&w->out), "label name=a\n");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, world_in, world_out)
    const struct CMUnitTest tests[] = {
        T(a_bare_issue_is_one_row),
        T(what_is_of_the_wrong_type_is_left_out),
        T(named_things_come_as_rows),
        T(times_and_counts),
        T(comments_worklogs_attachments_links),
        T(a_changelog_with_a_move_in_it),
        T(custom_fields_have_kinds),
        T(a_document_gives_markdown_and_itself),
        T(no_database_keeps_a_nul),
        T(a_name_that_is_a_key_has_its_limit),
        T(a_child_without_id_gets_the_same_one_each_time),
        T(sprints_are_named_by_text_and_by_object),
        T(stays_in_sprints_are_replayed),
        T(stays_in_statuses_are_replayed),
        T(a_status_that_no_change_leads_to),
        T(statuses_by_name_and_by_odd_ids),
        T(what_the_changelog_does_not_tell_is_not_made_up),
        T(catalogues_give_rows_of_what_they_list),
        T(the_taker_may_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
