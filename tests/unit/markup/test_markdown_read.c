/* GitHub's Markdown as a document. Expected shapes are written short: a block is its letter, its
 * number when it has one, and its content in brackets; marks stand before a text in braces, a link
 * behind it in angle brackets; / is a hard break. */
#include "markup/markdown_guard.h"
#include "markup/markup.h"
#include "text/utf8.h"

/* cmocka.h wants the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

typedef struct world {
    jd_arena *arena;
    jd_mk_doc d;
    jd_buf    shape, source;
} world;

static int world_in(void **state)
{
    static world w;
    w       = (world){.shape = JD_BUF_INIT(1 << 24), .source = JD_BUF_INIT(1 << 26)};
    w.arena = w.d.arena = jd_arena_new(0);
    *state              = &w;
    return 0;
}

static int world_out(void **state)
{
    world *w = *state;
    jd_mk_release(&w->d);
    jd_arena_free(w->arena);
    jd_buf_release(&w->shape);
    jd_buf_release(&w->source);
    return 0;
}

static const char *const letters[JD_MK_KINDS] = {
    [JD_MK_PARAGRAPH] = "p",   [JD_MK_HEADING] = "h",    [JD_MK_BULLETS] = "ul",
    [JD_MK_ORDERED] = "ol",    [JD_MK_ITEM] = "li",      [JD_MK_TASKS] = "tasks",
    [JD_MK_TASK] = "task",     [JD_MK_DECISIONS] = "ds", [JD_MK_DECISION] = "d",
    [JD_MK_CODE] = "code",     [JD_MK_QUOTE] = "q",      [JD_MK_PANEL] = "panel",
    [JD_MK_EXPAND] = "expand", [JD_MK_TABLE] = "table",  [JD_MK_ROW] = "tr",
    [JD_MK_CELL] = "td",       [JD_MK_FIGURE] = "fig",   [JD_MK_FILES] = "files",
};

static void shape_leaf(world *w, const jd_mk_event *e)
{
    static const char marks[] = "u~bi,^`";
    if (e->kind == JD_MK_BREAK) {
        jd_buf_addz(&w->shape, "/");
        return;
    }
    if (e->kind == JD_MK_RULE) {
        jd_buf_addz(&w->shape, "---");
        return;
    }
    if (e->marks) {
        jd_buf_addc(&w->shape, '{');
        for (unsigned i = 0; i < JD_MK_MARKS; i++)
            if (e->marks >> i & 1)
                jd_buf_addc(&w->shape, marks[i]);
        jd_buf_addc(&w->shape, '}');
    }
    if (e->kind == JD_MK_IMAGE)
        jd_buf_addz(&w->shape, "!");
    if (e->kind == JD_MK_FILE)
        jd_buf_addz(&w->shape, "@");
    jd_buf_adds(&w->shape, e->text);
    if (e->more)
        jd_buf_addf(&w->shape, "(%.*s)", JD_FMT(w->d.extra[e->more].dest));
    if (e->link)
        jd_buf_addf(&w->shape, "<%.*s>", JD_FMT(w->d.links[e->link].dest));
    if (e->link && w->d.links[e->link].title.n)
        jd_buf_addf(&w->shape, "\"%.*s\"", JD_FMT(w->d.links[e->link].title));
}

static const char *shape_of(world *w)
{
    jd_buf_reset(&w->shape);
    for (uint32_t i = 0; i < w->d.n; i++) {
        const jd_mk_event *e = &w->d.ev[i];
        if (e->edge == JD_MK_CLOSE) {
            jd_buf_addc(&w->shape, ']');
        } else if (e->edge == JD_MK_OPEN) {
            jd_buf_addz(&w->shape, letters[e->kind]);
            if (e->kind == JD_MK_CELL)
                jd_buf_addz(&w->shape, jd_mk_cell_header(e->num) ? "h" : "");
            else if (e->num)
                jd_buf_addu(&w->shape, e->num);
            if (e->text.n)
                jd_buf_addf(&w->shape, ":%.*s", JD_FMT(e->text));
            jd_buf_addc(&w->shape, '[');
        } else {
            shape_leaf(w, e);
        }
    }
    return jd_buf_cstr(&w->shape);
}

typedef struct shape_case {
    const char *source, *shape;
} shape_case;

static void check(void **state, const shape_case *cases, size_t n)
{
    world *w = *state;
    for (size_t i = 0; i < n; i++) {
        jd_arena_reset(w->arena);
        jd_read_markdown(&w->d, jd_str_of(cases[i].source));
        assert_string_equal(shape_of(w), cases[i].shape);
        for (int kind = 0; kind < JD_MK_W_COUNT; kind++)
            assert_true(w->d.warned[kind] == 0 || kind == JD_MK_W_UNSAFE_LINK);
    }
}
#define CHECK(cases) check(state, cases, sizeof(cases) / sizeof *(cases))

static void blocks(void **state)
{
    static const shape_case cases[] = {
        {"", ""},
        {"one\ntwo", "p[one two]"},
        {"one\\\ntwo  \nthree", "p[one/two/three]"},
        {"# a\n\n###### b #\n\nc\nd\n===", "h1[a]h6[b]h1[c d]"},
        {"---\n\n***", "------"},
        {"```Java title\n x\n\n  y\n```\n\n    indented\n", "code:Java[ x\n\n  y]code[indented]"},
        {"> a\n>\n> > b", "q[p[a]q[p[b]]]"},
        {"<!-- -->\n\na <!-- b --> c", "p[a  c]"},
        {"<div>\n<b>x</b>\n</div>", "p[<div>/<b>x</b>/</div>]"},
        {"![alt *x*](a.png)", "fig[!alt x(a.png)]"},
        {"see ![](a.png)", "p[see !(a.png)]"},
    };
    CHECK(cases);
}

static void inlines(void **state)
{
    static const shape_case cases[] = {
        {"**a *b* c** ~~d~~ `e * f`", "p[{b}a {bi}b{b} c {~}d {`}e * f]"},
        {"<u>a</u> H<sub>2</sub>O x<sup>3</sup>", "p[{u}a H{,}2O x{^}3]"},
        {"<strong>a</strong><em>b</em><del>c</del>", "p[{b}a{i}b{~}c]"},
        {"a<br>b <br/> c<BR />d", "p[a/b/c/d]"},
        {"<u>a\n\nb", "p[{u}a]p[b]"}, /* a mark ends with its block */
        {"</u>a</u>", "p[a]"},
        {"a <span class=x>b</span>", "p[a <span class=x>b</span>]"},
        {"[t](u \"v\") [w](<x y>)", "p[t<u>\"v\" w<x y>]"},
        {"<https://a.b/c> https://d.e/f. www.g.h i@j.k",
         "p[https://a.b/c<https://a.b/c> https://d.e/f<https://d.e/f>. www.g.h<http://www.g.h> "
         "i@j.k<mailto:i@j.k>]"},
        {"[n.pdf](media:7) ![n.png](media:8)", "p[@n.pdf(media:7) !n.png(media:8)]"},
        {"[![a](b)](c)", "p[!a(b)<c>]"},
        {"\\*a\\* &amp; &#35; &copy;", "p[*a* & # \xc2\xa9]"},
        {"a&#10;b&#1;c&#0;d", "p[a bc\xef\xbf\xbd"
                              "d]"},
    };
    CHECK(cases);
}

static void unsafe(void **state)
{
    static const shape_case cases[] = {
        {"[a](javascript:x) [b](JAVA&#10;SCRIPT:x)", "p[a b]"},
        {"![a](data:x) <vbscript:x>", "p[a vbscript:x]"},
        {"[a]\n\n[a]: data:text/html,x", "p[a]"},
    };
    world *w = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_read_markdown(&w->d, jd_str_of(cases[i].source));
        for (uint32_t l = 1; l < w->d.nlinks; l++)
            assert_true(jd_mk_safe(w->d.links[l].dest));
        for (uint32_t x = 1; x < w->d.nextra; x++)
            assert_true(jd_mk_safe(w->d.extra[x].dest));
        assert_true(w->d.warned[JD_MK_W_UNSAFE_LINK] > 0);
    }
    CHECK(cases);
}

static void lists(void **state)
{
    static const shape_case cases[] = {
        {"- a\n- b", "ul[li[p[a]]li[p[b]]]"},
        {"- a\n\n- b\n  - c", "ul[li[p[a]]li[p[b]ul[li[p[c]]]]]"},
        {"3. a\n3. b", "ol3[li[p[a]]li[p[b]]]"},
        {"1. a\n\n<!-- -->\n\n1. b", "ol1[li[p[a]]]ol1[li[p[b]]]"},
        {"- [ ] a [x]\n- [X] b", "tasks[task[a [x]]task1[b]]"},
        {"- [x] a\n  - [ ] b\n- [ ] c", "tasks[task1[a]tasks[task[b]]task[c]]"},
        {"- [x] a\n  - b", "tasks[task1[p[a]ul[li[p[b]]]]]"},
        {"- [x] a\n- b\n- [ ] c", "tasks[task1[a]]ul[li[p[b]]]tasks[task[c]]"},
        {"1. a\n2. [ ] b\n3. c\n4. d", "ol1[li[p[a]]]tasks[task[b]]ol3[li[p[c]]li[p[d]]]"},
        {"- \\[ ] a", "ul[li[p[[ ] a]]]"},
        {"- **Decision:** a *b*\n- c", "ds[d[a {i}b]]ul[li[p[c]]]"},
        {"- **Decision:** a\n\n  b", "ul[li[p[{b}Decision: a]p[b]]]"},
        {"1. **Decision:** a", "ol1[li[p[{b}Decision: a]]]"},
        {"-\n- a", "ul[li[]li[p[a]]]"},
    };
    CHECK(cases);
}

static void panels(void **state)
{
    static const shape_case cases[] = {
        {"> [!NOTE]\n> a\n> b", "panel1[p[a b]]"},
        {"> [!IMPORTANT]\n> - a", "panel2[ul[li[p[a]]]]"},
        {"> [!tip]\n>\n> a", "panel3[p[a]]"},
        {"> [!WARNING]", "panel5[]"},
        {"> [!CAUTION]\n> > [!NOTE]\n> > a", "panel6[panel1[p[a]]]"},
        {"> \\[!NOTE]\n> a", "q[p[[!NOTE] a]]"},
        {"> [!NOTE] a", "q[p[[!NOTE] a]]"},
        {"> [!OTHER]\n> a", "q[p[[!OTHER] a]]"},
        {"[!NOTE]", "p[[!NOTE]]"},
    };
    CHECK(cases);
}

static void tables(void **state)
{
    static const shape_case cases[] = {
        {"| a | **b** |\n| --- | --- |\n| c<br>d | e \\| f |\n| g |",
         "table[tr[tdh[p[a]]tdh[p[{b}b]]]tr[td[p[c/d]]td[p[e | f]]]tr[td[p[g]]td[]]]"},
        {"|  |  |\n| --- | --- |\n| a | b |", "table[tr[td[p[a]]td[p[b]]]]"},
        {"| a |\n| --- |\n| `x \\| y` |", "table[tr[tdh[p[a]]]tr[td[p[{`}x | y]]]]"},
    };
    CHECK(cases);
}

/* Nested deeper than a document goes: the frames are lost, the words stay. */
static void deep(void **state)
{
    world *w = *state;
    for (int i = 0; i < 30000; i++)
        jd_buf_addz(&w->source, "> ");
    jd_buf_addz(&w->source, "word");
    jd_read_markdown(&w->d, jd_buf_view(&w->source));
    assert_int_equal(w->d.warned[JD_MK_W_TOO_DEEP], 1);
    const char *shape = shape_of(w);
    assert_non_null(strstr(shape, "[word]"));
    assert_true(strlen(shape) < 4 * JD_MK_DEPTH);
}

/* What libcmark-gfm takes the square of the length for is read as text; the same, short, is not. */
static void tangled(void **state)
{
    static const struct {
        const char *front, *again, *back;
        size_t      times;
    } cases[] = {
        {"", "> ", "a", 20000}, /* depth, and lines in it: see below */
        {"", "- ", "a", 20000},           {"", "|-", "\n", 40000}, {"http://a", ")", "", 60000},
        {"", "http://a<", "", 20000},     {"", "a <?", "", 40000}, {"", "a <![CDATA[", "", 20000},
        {"", "a\n", "|x|\n|-|\n", 40000},
    };
    world *w = *state;
    for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
        const char *lines[] = {"\na", "\n"};
        size_t      at = i / 2, times = i % 2 ? cases[at].times : 1;
        jd_buf_reset(&w->source);
        jd_buf_addz(&w->source, cases[at].front);
        for (size_t n = 0; n < times; n++)
            jd_buf_addz(&w->source, cases[at].again);
        jd_buf_addz(&w->source, cases[at].back);
        for (size_t n = 0; n < times && at < 2; n++)
            jd_buf_addz(&w->source, lines[at]);
        assert_int_equal(jd_markdown_fits(jd_buf_view(&w->source)), times == 1);
    }
    jd_buf_reset(&w->source); /* a long address, used often */
    jd_buf_addz(&w->source, "[a]: ");
    for (int n = 0; n < 40000; n++)
        jd_buf_addz(&w->source, "u");
    jd_buf_addz(&w->source, "\n\n");
    for (int n = 0; n < 20000; n++)
        jd_buf_addz(&w->source, "[a]");
    jd_read_markdown(&w->d, jd_buf_view(&w->source));
    assert_int_equal(w->d.warned[JD_MK_W_TANGLED], 1);
    assert_true(jd_mk_holds_text((jd_mk_kind)w->d.ev[0].kind));
    assert_non_null(strstr(shape_of(w), "[a][a]"));
}

/* What people write stays far below the guard, at any length. */
static void usual(void **state)
{
    static const char page[] =
        "# Title\n\nSome *prose* with a [link](https://a.b/c?d=e&f=g) and `code`.\n\n"
        "- one\n  - two\n    - three\n\n1. four\n\n| a | b |\n| --- | --- |\n| c | d |\n\n"
        "> quote\n\n```java\nat a.b.C(D.java:7)\n        at e.f.G(H.java:8)\n<?xml?>\n```\n\n";
    world *w = *state;
    for (int i = 0; i < 16000; i++)
        jd_buf_addz(&w->source, page);
    assert_true(w->source.n > 3 << 20);
    assert_true(jd_markdown_fits(jd_buf_view(&w->source)));
}

static void bytes(void **state)
{
    world *w = *state;
    jd_read_markdown(&w->d, JD_STR("a\0b\xff"
                                   "c\x1b[31md\r\ne"));
    assert_string_equal(shape_of(w), "p[ab\xef\xbf\xbd"
                                     "cd e]");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, world_in, world_out)
    const struct CMUnitTest tests[] = {T(blocks), T(inlines), T(unsafe),  T(lists), T(panels),
                                       T(tables), T(deep),    T(tangled), T(usual), T(bytes)};
    return cmocka_run_group_tests_name("markup/markdown_read", tests, NULL, NULL);
}
