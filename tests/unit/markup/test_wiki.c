/* The wiki reader where cases do not reach: work and depth on hostile input, names that only the
 * caller knows, warnings, bytes that are no text. */
#include "base/rng.h"
#include "markup/markup.h"
#include "markup/wiki.h"
#include "text/utf8.h"
#include "unit/check.h"

#include <stdio.h>
#include <stdlib.h>

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

static bool bit(uint64_t map, size_t i)
{
    return map >> i % WK_BLOCK_BYTES & 1;
}

static bool among(const char *set, char c)
{
    return c && strchr(set, c);
}

/* The map says of each byte what a look at it would say, and of none behind the last. */
static void a_map_tells_every_byte(void **state)
{
    (void)state;
    enum { LONGEST = 300 };
    static wk_map      map[LONGEST];
    static jd_mk_sight sight[LONGEST];
    jd_rng             chance = jd_rng_seed(1);
    for (size_t n = 0; n < LONGEST; n++) {
        char *s    = jd_xmalloc(n + 1); /* its own, so that a byte too far is seen */
        bool  foul = false;
        for (size_t i = 0; i < n; i++) {
            s[i] = (char)(n % 3 ? '\n' + jd_rng_below(&chance, 0x75) : jd_rng_below(&chance, 256));
            if (n % 3 == 1 && (s[i] == '\v' || (s[i] >= '\f' && s[i] < ' ')))
                s[i] = '\t';
            unsigned char c = (unsigned char)s[i];
            foul |= c >= 0x7f || (c < ' ' && c != '\t' && c != '\n');
        }
        assert_int_equal(wk_map_text(map, sight, (jd_str){s, n}), foul);
        for (size_t i = 0; i < wk_map_blocks(n) * WK_BLOCK_BYTES; i++) {
            const wk_map   *m   = &map[i / WK_BLOCK_BYTES];
            const uint64_t *odd = sight[i / WK_BLOCK_BYTES].odd;
            char            c   = i < n ? s[i] : ' ';
            assert_int_equal(bit(m->odd, i), among("*_-+^~?{[!(&:;\\", c));
            assert_int_equal(bit(m->line, i), c == '\n');
            assert_int_equal(bit(m->brace, i), c == '{');
            assert_int_equal(bit(m->shut, i), c == '}');
            assert_int_equal(bit(m->stop, i), among("|\\[!{", c));
            assert_int_equal(bit(odd[0], i), among("\\&<`*~_[]:!|\n", c));
            assert_int_equal(bit(odd[1], i), among("`|\n", c));
        }
        free(s);
    }
}

/* Words are copied by many bytes at once, but never past a ceiling: what fits is written, and
 * nothing is when it does not. */
static void a_ceiling_is_met_exactly(void **state)
{
    (void)state;
    static const char text[] =
        "h2. A *bold* word, {{code}} and [a link|https://example.com/a]\n\n"
        "Plain words that go on for more than sixty-four bytes, so that they take two rounds, and "
        "_some_ -more- of them.\n\n* item\n* *item*\n\n|a|b|\n|c|_d_|\n\nfine";
    reading r = begin();
    jd_read_wiki(&r.d, jd_str_of(text));
    jd_write_markdown(&r.out, &r.d);
    for (size_t n = 0; n <= r.out.n + 1; n++) {
        jd_buf b = {.max = n};
        jd_write_markdown(&b, &r.d);
        assert_int_equal(jd_buf_ok(&b), n >= r.out.n);
        assert_true(b.n <= n);
        if (n >= r.out.n)
            assert_memory_equal(b.p, r.out.p, r.out.n);
        jd_buf_release(&b);
    }
    end(&r);
}

/* A line is read in the same way whether something in it is out of the usual or not. */
static void a_usual_line_is_no_other(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "a *b* _c_ -d- +e+ ^f^ ~g~ h",
        "_*a*_ *_b_* -*_c_*- d",
        "*a b_c d*e f* g",
        "{{a_b}} *{{c}}* _x {{d}} y_",
        "[a|https://example.com/x_y] *[b|https://example.com]* [https://example.com]",
        "see https://example.com/a_b_c, or http://example.com/(x). *http://example.com*",
        "[~joe] and *[~ann]*, [not a link] a[b]c",
        "a: b; (c) d? e! f & g (x",
        "*a* *b*c* d_ _e _f_g_",
        "x *-* ** _ _ *a *b",
        "call_one(two_three); 5 * 6 * 7 - 8 - 9",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        reading usual = begin(), other = begin();
        char    both[256];
        /* an opening sign without its end is never usual */
        (void)snprintf(both, sizeof both, "%s ^q", lines[i]);
        jd_read_wiki(&usual.d, jd_str_of(lines[i]));
        jd_read_wiki(&other.d, jd_str_of(both));
        uint32_t n = usual.d.n; /* the last two: a text, maybe, that goes on, and the close */
        assert_true(n >= 3 && other.d.n >= n);
        for (uint32_t k = 1; k + 2 < n; k++) {
            const jd_mk_event *x = &usual.d.ev[k], *y = &other.d.ev[k];
            assert_int_equal(x->kind, y->kind);
            assert_int_equal(x->marks, y->marks);
            assert_true(jd_str_eq(x->text, y->text));
            assert_int_equal(x->link, y->link);
            assert_int_equal(x->more, y->more);
        }
        assert_int_equal(usual.d.ev[n - 2].marks, other.d.ev[n - 2].marks);
        assert_true(jd_str_starts(other.d.ev[n - 2].text, usual.d.ev[n - 2].text));
        assert_int_equal(usual.d.nlinks, other.d.nlinks);
        end(&usual);
        end(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_tells_every_byte),
        cmocka_unit_test(a_ceiling_is_met_exactly),
        cmocka_unit_test(a_usual_line_is_no_other),
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
