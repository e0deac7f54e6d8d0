/* Wiki markup as documents: what is known becomes nodes, and no word is lost. */
#include "made.h"
#include "sim/adf.h"

static jd_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    jd_arena_free(arena);
    return 0;
}

static jd_str adf(const char *wiki)
{
    jd_buf   b = JD_BUF_INIT(1 << 20);
    jd_jsonw w = jd_jsonw_to(&b);
    sim_adf_write(&w, jd_str_of(wiki));
    jd_str s = jd_arena_dup(arena, jd_buf_view(&b));
    jd_buf_release(&b);
    return s;
}

static void check(const char *wiki, const char *content)
{
    jd_str want = jd_arena_fmt(arena, "{\"type\":\"doc\",\"version\":1,\"content\":[%s]}", content);
    assert_str(adf(wiki), want.p);
}

#define P(content)     "{\"type\":\"paragraph\",\"content\":[" content "]}"
#define T(text)        "{\"type\":\"text\",\"text\":\"" text "\"}"
#define M(text, marks) "{\"type\":\"text\",\"text\":\"" text "\",\"marks\":[" marks "]}"
#define BR             "{\"type\":\"hardBreak\"}"

static void paragraphs_and_breaks(void **state)
{
    (void)state;
    check("", "");
    check("one", P(T("one")));
    check("one\r\ntwo\n\n\nthree\n", P(T("one") "," BR "," T("two")) "," P(T("three")));
    check("a\\\\b", P(T("a") "," BR "," T("b")));
    check("a\n----\nb", P(T("a")) ",{\"type\":\"rule\"}," P(T("b")));
}

static void marks_stand_on_text(void **state)
{
    (void)state;
    check("run {{ls -l}} *now*", P(T("run ") "," M("ls -l", "{\"type\":\"code\"}") "," T(" ") "," M(
                                     "now", "{\"type\":\"strong\"}")));
    check("a_b_c and 2*3*4", P(T("a_b_c and 2*3*4"))); /* inside of words they mean nothing */
    check("_x *y* z_",
          P(M("x ", "{\"type\":\"em\"}") "," M(
              "y", "{\"type\":\"strong\"},{\"type\":\"em\"}") "," M(" z", "{\"type\":\"em\"}")));
    check("[docs|https://x/y]",
          P(M("docs", "{\"type\":\"link\",\"attrs\":{\"href\":\"https://x/y\"}}")));
    check(
        "see https://x/y.",
        P(T("see ") "," M("https://x/y",
                          "{\"type\":\"link\",\"attrs\":{\"href\":\"https://x/y\"}}") "," T(".")));
    check("[^a.log] [x] {{", P(T("[^a.log] [x] {{"))); /* unknown stays as it is */
    check("{color:red}-1{color}",
          P(M("-1", "{\"type\":\"textColor\",\"attrs\":{\"color\":\"#ff5630\"}}")));
}

static void mentions_name_the_account(void **state)
{
    char   id[SIM_ACCOUNT_ID];
    jd_str key, name;
    (void)state;
    sim_user_named(JD_STR("bmeyer"), &key, &name);
    assert_str(key, "JIRAUSER280101");
    jd_str want = jd_arena_fmt(
        arena,
        "{\"type\":\"doc\",\"version\":1,\"content\":[" P(
            T("cc ") ",{\"type\":\"mention\",\"attrs\":{\"id\":\"%.*s\",\"text\":\"@%.*s\","
                     "\"accessLevel\":\"\"}}") "]}",
        JD_FMT(sim_account_id(id, key)), JD_FMT(name));
    assert_str(adf("cc [~bmeyer]"), want.p);
}

static void blocks(void **state)
{
    (void)state;
    check("h2. Steps",
          "{\"type\":\"heading\",\"attrs\":{\"level\":2},\"content\":[" T("Steps") "]}");
    check("{code:java}\r\nint x;\r\n  y\r\n{code}\r\nafter",
          "{\"type\":\"codeBlock\",\"attrs\":{\"language\":\"java\"},\"content\":[" T(
              "int x;\\r\\n  y") "]}," P(T("after")));
    check("{noformat:title=a}\nx *y*\n{noformat}",
          "{\"type\":\"codeBlock\",\"attrs\":{},\"content\":[" T("x *y*") "]}");
    check("{code}\nnever closed", P(T("{code}") "," BR "," T("never closed")));
    check("{quote}so{quote}", "{\"type\":\"blockquote\",\"content\":[" P(T("so")) "]}");
    check("{code}{code}",
          "{\"type\":\"codeBlock\",\"attrs\":{},\"content\":[]}"); /* no empty text */
}

#define LI(content) "{\"type\":\"listItem\",\"content\":[" content "]}"
#define UL(content) "{\"type\":\"bulletList\",\"content\":[" content "]}"
#define OL(content) "{\"type\":\"orderedList\",\"content\":[" content "]}"

static void lists_nest(void **state)
{
    (void)state;
    check("# a\n## b\n# c\ntext",
          OL(LI(P(T("a")) "," OL(LI(P(T("b"))))) "," LI(P(T("c")))) "," P(T("text")));
    check("* a\n# b", UL(LI(P(T("a")))) "," OL(LI(P(T("b")))));
    check("** a", UL(LI(P("") "," UL(LI(P(T("a")))))));
    check("-1 is no list", P(T("-1 is no list")));
    jd_str deep = adf("************ deep\n************ again");
    assert_true(jd_str_search(deep, JD_STR("\"deep\"")) < deep.n);
    assert_true(jd_str_search(deep, JD_STR("\"again\"")) < deep.n);
}

static void tables(void **state)
{
    (void)state;
    check("||a||b||\n|1|{{2}}|",
          "{\"type\":\"table\",\"attrs\":{\"isNumberColumnEnabled\":false,\"layout\":\"default\"},"
          "\"content\":["
          "{\"type\":\"tableRow\",\"content\":[{\"type\":\"tableHeader\",\"attrs\":{},\"content\":"
          "[" P(T("a")) "]},{\"type\":\"tableHeader\",\"attrs\":{},\"content\":[" P(T(
              "b")) "]}]},"
                    "{\"type\":\"tableRow\",\"content\":[{\"type\":\"tableCell\",\"attrs\":{},"
                    "\"content\":[" P(T("1")) "]},{\"type\":\"tableCell\",\"attrs\":{},\"content\":"
                                              "[" P(M("2", "{\"type\":\"code\"}")) "]}]}]}");
}

/* Whatever comes: it is JSON, and every letter of it is there in its order. */
static void letters(jd_buf *out, const jd_json *v)
{
    if (jd_json_is_str(jd_json_get(v, "text")) &&
        jd_str_is(jd_json_str(jd_json_get(v, "type")), "text"))
        jd_buf_adds(out, jd_json_str(jd_json_get(v, "text")));
    for (jd_json_iter it = jd_json_walk(jd_json_get(v, "content")); jd_json_next(&it);)
        letters(out, it.value);
}

static void only_letters(jd_buf *out, jd_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= 'a' && s.p[i] <= 'z')
            jd_buf_addc(out, s.p[i]);
}

static void no_word_is_lost(void **state)
{
    static const char *const bits[] = {"alpha ", "*",  "_",    "{{",   "}}",  "[",       "]",
                                       "|",      "\n", "\n\n", "* ",   "## ", "{quote}", "omega",
                                       "\\\\",   "||", "----", "h1. ", "-"};
    enum { BITS = sizeof bits / sizeof *bits };
    uint64_t seed = 7;
    (void)state;
    for (int n = 0; n < 20000; n++) {
        jd_buf wiki = JD_BUF_INIT(1 << 16), want = wiki, got = wiki, text = wiki;
        for (int i = 0; i < 12; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            jd_buf_addz(&wiki, bits[seed >> 33 & 0xFFFF ? (seed >> 33) % BITS : 0]);
        }
        const jd_json *doc = NULL;
        jd_err         e   = JD_ERR_NONE;
        jd_str         out = adf(jd_buf_cstr(&wiki));
        if (jd_json_read(arena, out, &doc, &e) != JD_OK)
            fail_msg("%s: %s", jd_buf_cstr(&wiki), e.msg);
        assert_true(jd_str_search(out, JD_STR("\"text\":\"\"")) == out.n);
        letters(&text, doc);
        only_letters(&got, jd_buf_view(&text));
        jd_str rest = jd_buf_view(&wiki);
        for (size_t at; rest.n > 0;
             rest = jd_str_cut(rest, at, SIZE_MAX)) { /* without {quote} and h1 */
            at = 1;
            if (jd_str_starts(rest, JD_STR("alpha")) || jd_str_starts(rest, JD_STR("omega"))) {
                at = 5;
                only_letters(&want, jd_str_cut(rest, 0, 5));
            }
        }
        jd_buf found = JD_BUF_INIT(1 << 16);
        rest         = jd_buf_view(&got);
        for (size_t at; rest.n > 0; rest = jd_str_cut(rest, at, SIZE_MAX)) {
            at = 1;
            if (jd_str_starts(rest, JD_STR("alpha")) || jd_str_starts(rest, JD_STR("omega"))) {
                at = 5;
                jd_buf_adds(&found, jd_str_cut(rest, 0, 5));
            }
        }
        if (!jd_str_eq(jd_buf_view(&found), jd_buf_view(&want)))
            fail_msg("%s\n%.*s", jd_buf_cstr(&wiki), JD_FMT(out));
        jd_buf_release(&wiki);
        jd_buf_release(&want);
        jd_buf_release(&got);
        jd_buf_release(&text);
        jd_buf_release(&found);
        jd_arena_reset(arena);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paragraphs_and_breaks),
        TEST(marks_stand_on_text),
        TEST(mentions_name_the_account),
        TEST(blocks),
        TEST(lists_nest),
        TEST(tables),
        TEST(no_word_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
