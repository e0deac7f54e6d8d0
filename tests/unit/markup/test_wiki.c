/* The wiki reader where cases do not reach: work and depth on hostile input, names that only the
 * caller knows, warnings, bytes that are no text. */
#include "markup/markup.h"
#include "text/utf8.h"
#include "unit/check.h"

#include <stdio.h>

typedef struct reading {
    jd_arena *a;
    jd_mk_doc d;
    jd_buf    out;
} reading;

static reading begin(void)
{
    reading r = {.a = jd_arena_new(0), .out = JD_BUF_INIT(256 << 20)};
    r.d       = (jd_mk_doc)JD_MK_DOC_INIT(r.a);
    return r;
}

static void end(reading *r)
{
    jd_mk_release(&r->d);
    jd_buf_release(&r->out);
    jd_arena_free(r->a);
}

static jd_str text_of(reading *r, const char *wiki)
{
    jd_read_wiki(&r->d, jd_str_of(wiki));
    jd_buf_reset(&r->out);
    jd_write_text(&r->out, &r->d);
    return jd_buf_view(&r->out);
}

/* What is repeated, between what begins and what ends the text. */
static const struct {
    const char *front, *unit, *back;
} hostile[] = {
    {"", "*a ", ""},
    {"", "_a ", "_"},
    {"", "*a _b -c +d ^e ~f ", ""},
    {"", "a* b_ c- ", ""},
    {"", "*", ""},
    {"", "-", ""},
    {"", "- ", ""},
    {"", "?", ""},
    {"", "??a ", ""},
    {"", "{*}", ""},
    {"", "{*}a", ""},
    {"", "{", ""},
    {"", "}", ""},
    {"", "{{", ""},
    {"", "{{a ", ""},
    {"", "{{a}} ", ""},
    {"", "{{a}}b ", ""},
    {"", "{{{color", ""},
    {"", "{a", ""},
    {"", "{a:", ""},
    {"", "\\{a}", ""},
    {"", "{code}", ""},
    {"", "{code:x}", ""},
    {"", "{code:x}\n{noformat:x}\n{adf:x}{html:x}", ""},
    {"", "{code}a{code} ", ""},
    {"", "{code}a{code}b", ""},
    {"", "{html}<a{html}b", ""},
    {"", "{quote}a{quote}b", ""},
    {"", "|{quote}a{quote}b", ""},
    {"* ", "{panel}* a{panel}b", ""},
    {"h1. ", "{panel}h1. a{panel}b", ""},
    {"", "{quote}", ""},
    {"", "{quote}a\n{panel}b\n", ""},
    {"", "{panel:title=a}", ""},
    {"", "{panel:title=a}", "{panel}{panel}{panel}"},
    {"", "{panel:a}{quote}{info:b}", "{quote}"},
    {"", "{panel:a}{info}x{info}", ""},
    {"", "{color:red}", ""},
    {"", "{color:red}*a", ""},
    {"", "{color}", ""},
    {"", "{anchor:x}", "a"},
    {"", "{color:red}\n", "a"},
    {"", "[", ""},
    {"", "[a", ""},
    {"", "[a|", ""},
    {"", "[a|b] ", ""},
    {"", "[a!|", "]"},
    {"", "[\\[", ""},
    {"", "[~a]", ""},
    {"", "[a|https://a.b]", ""},
    {"", "!a ", ""},
    {"", "!a|", ""},
    {"", "!", ""},
    {"", "!a.png! ", ""},
    {"", "! [!a|https://b] !x ", ""},
    {"", "!a.png|alt=\"", ""},
    {"!a.png|", "b=c,", "!"},
    {"", "\\", ""},
    {"", "\\\\ ", ""},
    {"", "\\\\a", ""},
    {"", "(*", ""},
    {"", ":", ""},
    {"", ";)", ""},
    {"", "a;)", ""},
    {"", "&", ""},
    {"", "&amp", ""},
    {"", "&#1", ""},
    {"", "http://", ""},
    {"", "http:", ""},
    {"https://a/", "&amp;", ""},
    {"", "mailto:a ", ""},
    {"", "|", ""},
    {"", "|a", ""},
    {"", "||a", "|"},
    {"", "|a\n", ""},
    {"", "|[a|b", ""},
    {"", "|!a|", ""},
    {"", "|{panel}|!a|{panel}!x", "|"},
    {"", "|{quote}a|b", ""},
    {"", "|{panel:a}\n", ""},
    {"", "* a\n", ""},
    {"", "*", " a"},
    {"", "* a\n|b|\n", ""},
    {"", "* a\n{panel:b}", ""},
    {"", "# a\n* b\n", ""},
    {"", "a\n", ""},
    {"", "\n", ""},
    {"", " ", "a"},
    {"", "h1. a\n", ""},
    {"", "bq. a\n", ""},
    {"", "{adf:display=inline}", ""},
    {"", "{adf:display=inline}x{adf} ", ""},
    {"{html}", "<", "{html}"},
    {"{html}", "<a", "{html}"},
    {"{html}", "<b>", "{html}"},
    {"{html}", "<ul><li>", "{html}"},
    {"{html}", "<li>", "{html}"},
    {"{html}", "</ul>", "{html}"},
    {"{html}", "<ul>", "{html}"},
    {"{html}", "<pre><script>", "{html}"},
    {"{html}", "<pre>a</pre>", "{html}"},
    {"{html}", "<!--", "{html}"},
    {"{html}", "<!-- -->", "{html}"},
    {"{html}<a ", "href href=", ">{html}"},
    {"{html}", "<a href=\"a", "{html}"},
    {"{html}", "&", "{html}"},
    {"", "\x1b[3", ""},
    {"", "\xff", ""},
    {"", "\xd0\xb6*\xd0\xb6* ", ""},
};

static uint64_t work(const char *front, const char *unit, const char *back, size_t n)
{
    reading r = begin();
    jd_buf  b = JD_BUF_INIT(64 << 20);
    jd_buf_addz(&b, front);
    for (size_t i = 0; i < n; i++)
        jd_buf_addz(&b, unit);
    jd_buf_addz(&b, back);
    jd_read_wiki(&r.d, jd_buf_view(&b));
    uint64_t steps = r.d.steps;
    assert_true(steps >= b.n);
    jd_buf_release(&b);
    end(&r);
    return steps;
}

static void twice_the_text_is_twice_the_work(void **state)
{
    (void)state;
    unsigned bad = 0;
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        enum { N = 4000 };
        uint64_t one = work(hostile[i].front, hostile[i].unit, hostile[i].back, N);
        uint64_t two = work(hostile[i].front, hostile[i].unit, hostile[i].back, 2 * N);
        size_t   n =
            2 * N * strlen(hostile[i].unit) + strlen(hostile[i].front) + strlen(hostile[i].back);
        if (two * 10 > one * 21 || two > 24 * (uint64_t)n) {
            printf("%s%s...%s: %ju, then %ju steps for %zu bytes\n", hostile[i].front,
                   hostile[i].unit, hostile[i].back, (uintmax_t)one, (uintmax_t)two, n);
            bad++;
        }
    }
    assert_int_equal(bad, 0);
}

/* Depth is bounded and everything closes: the events are a tree of at most JD_MK_DEPTH blocks. */
static void depth_is_bounded(void **state)
{
    (void)state;
    static const char *const units[] = {"{panel:title=a}x\n", "* a\n{panel:b}\n", "|{panel:a}\n",
                                        "{quote}{panel}{info}{tip}"};
    static const char *const shuts[] = {"{panel}", "{panel}", "{panel}|",
                                        "{tip}{info}{panel}{quote}"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        reading r = begin();
        jd_buf  b = JD_BUF_INIT(64 << 20);
        for (int k = 0; k < 2000; k++)
            jd_buf_addz(&b, units[i]);
        jd_buf_addz(&b, "core");
        for (int k = 0; k < 2000; k++)
            jd_buf_addz(&b, shuts[i]);
        jd_read_wiki(&r.d, jd_buf_view(&b));
        int depth = 0, deepest = 0;
        for (uint32_t k = 0; k < r.d.n; k++) {
            const jd_mk_event *e = &r.d.ev[k];
            depth += e->edge == JD_MK_OPEN ? 1 : e->edge == JD_MK_CLOSE ? -1 : 0;
            deepest = depth > deepest ? depth : deepest;
            assert_true(depth >= 0);
        }
        assert_int_equal(depth, 0);
        assert_in_range(deepest, 1, JD_MK_DEPTH);
        jd_write_text(&r.out, &r.d);
        jd_str out = jd_buf_view(&r.out);
        assert_true(jd_str_search(out, JD_STR("core")) < out.n);
        jd_buf_release(&b);
        end(&r);
    }
}

static void a_wide_table_keeps_its_cells(void **state)
{
    (void)state;
    reading r = begin();
    jd_buf  b = JD_BUF_INIT(1 << 20);
    for (int row = 0; row < 2; row++) {
        for (int i = 0; i < 10000; i++)
            jd_buf_addz(&b, "|x");
        jd_buf_addz(&b, "|\n");
    }
    jd_read_wiki(&r.d, jd_buf_view(&b));
    unsigned cells = 0;
    for (uint32_t i = 0; i < r.d.n; i++)
        cells += r.d.ev[i].kind == JD_MK_CELL && r.d.ev[i].edge == JD_MK_OPEN;
    assert_int_equal(cells, 20000);
    jd_buf_release(&b);
    end(&r);
}

static jd_str person(void *user, jd_str id)
{
    (void)user;
    return jd_str_is(id, "jdoe") ? JD_STR("Jane Doe") : JD_NOSTR;
}

static jd_str file(void *user, jd_str id, jd_str name)
{
    (void)user;
    assert_int_equal(id.n, 0);
    return jd_str_is(name, "a.png") || jd_str_is(name, "b.log") ? JD_STR("https://files.example/1")
                                                                : JD_NOSTR;
}

static jd_str issue(void *user, jd_str key)
{
    (void)user;
    return jd_str_is(key, "AB-12") ? JD_STR("https://jira.example/browse/AB-12") : JD_NOSTR;
}

static void names_are_asked_for(void **state)
{
    (void)state;
    static const jd_mk_names names = {NULL, person, file, issue};
    reading                  r     = begin();
    r.d.names                      = &names;
    jd_read_wiki(&r.d,
                 JD_STR("[~jdoe] [~else] !a.png! [^b.log] [^c.log] [AB-12] [AB-13] [it|AB-12]"));
    jd_write_markdown(&r.out, &r.d);
    assert_string_equal(jd_buf_cstr(&r.out), "@Jane Doe @else ![a.png](https://files.example/1) "
                                             "[b.log](https://files.example/1) [c.log](c.log) "
                                             "[AB-12](https://jira.example/browse/AB-12) [AB-13] "
                                             "[it](https://jira.example/browse/AB-12)");
    end(&r);
}

static void what_is_given_up_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char   *wiki;
        jd_mk_warning w;
        unsigned      n;
    } table[] = {
        {"{code}a", JD_MK_W_UNCLOSED, 1},
        {"{quote}{panel}a{quote}", JD_MK_W_UNCLOSED, 1},
        {"{quote}a{quote}", JD_MK_W_UNCLOSED, 0},
        {"{what}a{what}", JD_MK_W_UNKNOWN_MACRO, 2},
        {"{color:red}a{color} {*}b{*} \\{what}", JD_MK_W_UNKNOWN_MACRO, 0},
        {"a\xff", JD_MK_W_BAD_TEXT, 1},
        {"a\r\nb\x01", JD_MK_W_BAD_TEXT, 0},
        {"{adf}{]{adf}", JD_MK_W_BAD_JSON, 1},
        {"{html}<a href='javascript:x'>a</a>{html}", JD_MK_W_UNSAFE_LINK, 1},
    };
    reading r = begin();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        (void)text_of(&r, table[i].wiki);
        if (r.d.warned[table[i].w] != table[i].n)
            fail_msg("%s: %u instead of %u: %s", table[i].wiki, r.d.warned[table[i].w], table[i].n,
                     jd_mk_warning_text(table[i].w));
    }
    end(&r);
}

static void bytes_become_text(void **state)
{
    (void)state;
    reading r = begin();
    jd_str  s = text_of(
         &r, "x\xc3(\r\x1b[1mbold\x1b[0m\x7f\xc2\x85 \xef\xbb\xbf{code}\r\n\x02\r\n y\r\n{code}");
    assert_int_equal(jd_utf8_clean_prefix(s), s.n);
    assert_true(jd_str_is(s, "x\xef\xbf\xbd(\nbold\n\n y"));
    end(&r);
}

/* Prose is borrowed from the source: one leaf a line, and no byte of it copied. */
static void prose_is_borrowed(void **state)
{
    (void)state;
    static const char text[] = "Plain words, nothing else.\nA second line (of the same kind).";
    reading           r      = begin();
    jd_read_wiki(&r.d, jd_str_of(text));
    assert_int_equal(r.d.n, 5);
    assert_ptr_equal(r.d.ev[1].text.p, text);
    assert_int_equal(r.d.ev[1].text.n, 26);
    assert_int_equal(r.d.ev[2].kind, JD_MK_BREAK);
    assert_ptr_equal(r.d.ev[3].text.p, text + 27);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twice_the_text_is_twice_the_work),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_wide_table_keeps_its_cells),
        cmocka_unit_test(names_are_asked_for),
        cmocka_unit_test(what_is_given_up_is_counted),
        cmocka_unit_test(bytes_become_text),
        cmocka_unit_test(prose_is_borrowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
