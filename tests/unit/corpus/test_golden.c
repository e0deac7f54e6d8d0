/* Made-up issues out of words that the tasks look for, and the corpus that came of them when each
 * step was still written in the plainest way, as one hash a part of the work. A difference here is
 * a change of what users get: if it is wanted, the other tests of this folder say what is new, and
 * the hashes are taken again. */
#include "base/hash.h"
#include "base/rng.h"
#include "corpus/cues.h"
#include "corpus_test.h"
#include "text/jsonw.h"

static const char *const words[] = {
    /* cues, their beginnings, and what breaks them */
    "root cause",
    "root",
    "caused by",
    "Caused by:",
    "fixed by",
    "Fixed by pull request 7",
    "fix is in",
    "the issue was",
    "the",
    "because",
    "works now",
    "verified",
    "tested\non",
    "Tested with",
    "LGTM",
    "+1",
    "-1",
    "a+1",
    "thanks",
    "Thank-you",
    "any updates",
    "i  wonder",
    "I committed",
    "committed to trunk",
    "let me know",
    "due to\ttime passed",
    "bulk update",
    "workaround",
    "Works As Designed",
    "pushed",
    "pings",
    "ping",
    "is the expected",
    "steps to reproduce",
    "you need to",
    "no longer valid",
    "me too",
    "don't",
    /* markup and lines that do not speak */
    "{code}",
    "{code:java}",
    "{noformat}",
    "{quote}",
    "{color:red}",
    "{",
    "}",
    "<b>",
    "</b>",
    "<a href=\"/pull/3\">",
    "< x",
    "[~rita]",
    "[~",
    "bq. root cause\n",
    "\n> fixed by me\n",
    "\n  at a.B.c(D.java:7)\n",
    "\nat home (so)\n",
    "http://x.org/commit/1",
    "https://x.org/a|b]",
    "httpx",
    "https://x.org/pull/2",
    /* labels and outcomes */
    "\nPriority: Major\n",
    "\n*Status:* Closed\n",
    "\n|Type|Bug|\n",
    "\nStatus: 500\n",
    "\nFixed in 2.1\n",
    "\nfix version/s: 3\n",
    "\nDuplicate of A-2\n",
    "\nseverity - minor.\n",
    "[Bug]",
    "(resolved)",
    "Bug:",
    "Major -",
    /* the title again */
    "\nIt stalls\n",
    "\n* it STALLS!\n",
    "It",
    "stalls",
    /* white space, controls, what JSON escapes, what is no ASCII */
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "   ",
    "\"",
    "\\",
    "\x01",
    "\x1b[31m",
    "\x1b",
    "\x7f",
    "\xc2\x85",
    "\xc2\xa0",
    "\xef\xbb\xbf",
    "\xef\xbf\xbd",
    "\xc3\xa9t\xc3\xa9",
    "\xe6\x9c\xac\xe6\x96\x87\xe6\x9c\xac\xe6\x96\x87\xe6\x9c\xac",
    "\xf0\x9f\x98\x80",
    "\xe2\x80\xa8",
    /* plain */
    "reader",
    "waits",
    "for",
    "writer",
    "a",
    "queue",
    "2024",
    "x-y",
    "(see",
    "log)",
    "so,",
    "why?",
    "?",
    "a line that is somewhat longer than a register is wide, so that loops come round",
};
static const char *const people[]   = {"rita",  "arno",   "olga",   "zoe",       "Hadoop QA",
                                       "x-bot", "y[bot]", "Chabot", "\xc3\xa9lo"};
static const char *const statuses[] = {"Open", "Closed", "In Progress", "500"};

enum { N_WORDS = sizeof words / sizeof *words };

static const char *one_of(jd_rng *r, const char *const *list, size_t n)
{
    return list[jd_rng_below(r, n)];
}
#define ONE_OF(r, list) one_of((r), (list), sizeof(list) / sizeof *(list))

static jd_str text(world *w, jd_rng *r, uint64_t most)
{
    jd_buf b = JD_BUF_INIT(1 << 20);
    for (uint64_t n = jd_rng_below(r, most); n; n--) {
        jd_buf_addz(&b, words[jd_rng_below(r, N_WORDS)]);
        if (jd_rng_below(r, 8))
            jd_buf_addc(&b, ' ');
    }
    jd_str s = jd_arena_dup(w->arena, jd_buf_view(&b));
    jd_buf_release(&b);
    return s;
}

static void person(jd_jsonw *j, jd_rng *r, const char *name)
{
    jd_jsonw_name(j, name);
    if (jd_rng_below(r, 12) == 0) {
        jd_jsonw_null(j);
        return;
    }
    const char *who = ONE_OF(r, people);
    jd_jsonw_object(j);
    jd_jsonw_kstr(j, "self", JD_STR("https://jira.example.org/rest/api/2/user"));
    if (jd_rng_below(r, 4))
        jd_jsonw_kstr(j, "name", jd_str_of(who));
    jd_jsonw_kstr(j, "displayName", jd_str_of(who));
    jd_jsonw_end(j);
}

static void named(jd_jsonw *j, const char *name, const char *value)
{
    jd_jsonw_name(j, name);
    jd_jsonw_object(j);
    jd_jsonw_kstr(j, "name", jd_str_of(value));
    jd_jsonw_end(j);
}

static void date(jd_jsonw *j, jd_rng *r, const char *name)
{
    char    out[JD_TIME_MAX];
    int64_t ms = 1705700000000 + (int64_t)jd_rng_below(r, 40) * 4000000;
    jd_jsonw_kstr(j, name, jd_str_of(jd_time_jira(ms, 60, out)));
}

static void comments(world *w, jd_jsonw *j, jd_rng *r)
{
    jd_jsonw_name(j, "comment");
    jd_jsonw_object(j);
    jd_jsonw_name(j, "comments");
    jd_jsonw_array(j);
    for (uint64_t n = jd_rng_below(r, 9); n; n--) {
        jd_jsonw_object(j);
        person(j, r, "author");
        jd_jsonw_kstr(j, "body", text(w, r, jd_rng_below(r, 4) ? 40 : 4));
        date(j, r, "created");
        jd_jsonw_end(j);
    }
    jd_jsonw_end(j);
    jd_jsonw_end(j);
}

static void history(jd_jsonw *j, jd_rng *r)
{
    jd_jsonw_name(j, "changelog");
    jd_jsonw_object(j);
    jd_jsonw_name(j, "histories");
    jd_jsonw_array(j);
    jd_jsonw_object(j);
    person(j, r, "author");
    date(j, r, "created");
    jd_jsonw_name(j, "items");
    jd_jsonw_array(j);
    jd_jsonw_object(j);
    jd_jsonw_kstr(j, "field", JD_STR("resolution"));
    jd_jsonw_kstr(j, "to", JD_STR("1"));
    jd_jsonw_end(j);
    jd_jsonw_end(j);
    jd_jsonw_end(j);
    jd_jsonw_end(j);
    jd_jsonw_end(j);
}

static void make_issue(world *w, jd_rng *r, jd_buf *out)
{
    jd_jsonw j = jd_jsonw_to(out);
    jd_jsonw_object(&j);
    jd_jsonw_kstr(&j, "key", JD_STR("A-1"));
    if (jd_rng_below(r, 2))
        history(&j, r);
    jd_jsonw_name(&j, "fields");
    jd_jsonw_object(&j);
    jd_jsonw_kstr(&j, "summary", jd_rng_below(r, 2) ? JD_STR("It stalls") : text(w, r, 6));
    jd_jsonw_kstr(&j, "description", text(w, r, 60));
    named(&j, "status", ONE_OF(r, statuses));
    named(&j, "issuetype", "Bug");
    if (jd_rng_below(r, 2))
        named(&j, "priority", "Major");
    if (jd_rng_below(r, 4)) {
        named(&j, "resolution", "Fixed");
        date(&j, r, "resolutiondate");
    }
    date(&j, r, "created");
    person(&j, r, "reporter");
    person(&j, r, "assignee");
    comments(w, &j, r);
    jd_jsonw_end(&j);
    jd_jsonw_end(&j);
}

static void records(void **state)
{
    world   *w               = *state;
    jd_rng   r               = jd_rng_seed(20);
    uint64_t hash            = 0;
    size_t   made[JD_NTASKS] = {0};
    jd_buf   raw             = JD_BUF_INIT(1 << 24);
    for (int i = 0; i < 10000; i++) {
        const jd_json *doc;
        jd_err         e = JD_ERR_NONE;
        jd_buf_reset(&raw);
        make_issue(w, &r, &raw);
        assert_int_equal(jd_json_read(w->arena, jd_buf_view(&raw), &doc, &e), JD_OK);
        assert_int_equal(jd_view_read(w->arena, &w->scratch, &w->bodies, doc, &w->view, &e), JD_OK);
        jd_buf_reset(&w->line);
        jd_record_write(&w->line, &w->view, &w->room, w->made);
        hash = jd_hash64_seed(jd_buf_view(&w->line), hash);
        for (size_t t = 0; t < JD_NTASKS; t++)
            made[t] += w->made[t] == JD_MADE;
        jd_arena_reset(w->arena);
    }
    jd_buf_release(&raw);
    /* enough of each kind to mean something */
    for (size_t t = 0; t < JD_NTASKS; t++)
        assert_in_range(made[t], 400, 10000);
    assert_int_equal(hash, UINT64_C(0xad70593d0d2c6336));
}

static void cues(void **state)
{
    world   *w    = *state;
    jd_rng   r    = jd_rng_seed(21);
    uint64_t hash = 0;
    for (int i = 0; i < 30000; i++) {
        jd_cues c       = jd_cues_of(text(w, &r, 30));
        char    said[8] = {0};
        memcpy(said, &c.found, sizeof(uint32_t));
        memcpy(said + 4, &c.words, sizeof(uint32_t));
        hash = jd_hash64_seed((jd_str){said, sizeof said}, hash);
        jd_arena_reset(w->arena);
    }
    assert_int_equal(hash, UINT64_C(0xcc7723369b4d134c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records, world_in, world_out),
        cmocka_unit_test_setup_teardown(cues, world_in, world_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
