/* The writers' rules, by documents built by hand; and that what Markdown's own parser reads of
 * random words and marks is what was meant. */
#include "base/rng.h"
#include "markup/markup.h"
#include "unit/check.h"

#include <stdio.h>

static jd_arena *arena;
static jd_mk_doc d;

static int begin(void **state)
{
    (void)state;
    arena = jd_arena_new(0);
    d     = (jd_mk_doc)JD_MK_DOC_INIT(arena);
    jd_mk_reset(&d);
    return 0;
}

static int end(void **state)
{
    (void)state;
    jd_mk_release(&d);
    jd_arena_free(arena);
    return 0;
}

static void open_(jd_mk_kind kind, uint32_t num)
{
    jd_mk_open(&d, kind, num, JD_NOSTR);
}

static void shut(unsigned n)
{
    while (n--)
        jd_mk_close(&d);
}

static void say(const char *s, unsigned marks)
{
    jd_mk_text(&d, jd_str_of(s), marks, 0);
}

static void brk(void)
{
    jd_mk_leaf(&d, JD_MK_BREAK, JD_NOSTR, 0, 0, 0);
}

static void linked(const char *s, unsigned marks, const char *dest)
{
    jd_mk_text(&d, jd_str_of(s), marks, jd_mk_link(&d, jd_str_of(dest), JD_NOSTR));
}

static void para(const char *s)
{
    open_(JD_MK_PARAGRAPH, 0);
    say(s, 0);
    shut(1);
}

static void list_item(const char *s)
{
    open_(JD_MK_ITEM, 0);
    para(s);
    shut(1);
}

static void code(const char *s, const char *language)
{
    jd_mk_open(&d, JD_MK_CODE, 0, jd_str_of(language));
    say(s, 0);
    shut(1);
}

static void cell(bool header, uint32_t columns, uint32_t rows, const char *s)
{
    open_(JD_MK_CELL, jd_mk_cell(header, columns, rows));
    para(s);
    shut(1);
}

static void same(void (*write)(jd_buf *, jd_mk_doc *), const char *expected)
{
    jd_buf out = JD_BUF_INIT(1 << 20);
    write(&out, &d);
    assert_string_equal(jd_buf_cstr(&out), expected);
    jd_buf_release(&out);
}

/* Ends the document, compares, begins a new one. text NULL: the same as Markdown. */
static void gives(const char *markdown, const char *text)
{
    jd_mk_finish(&d);
    same(jd_write_markdown, markdown);
    same(jd_write_text, text ? text : markdown);
    jd_mk_reset(&d);
}

static void spans(void **state)
{
    (void)state;
    say("a ", JD_MK_STRONG);
    say("b", JD_MK_STRONG | JD_MK_EM);
    gives("**a *b***", "a b");
    say("a ", JD_MK_EM);
    say("b", JD_MK_STRONG | JD_MK_EM);
    say(" c", JD_MK_EM);
    gives("*a **b** c*", "a b c");
    say("x", 0);
    say("  bold ", JD_MK_STRONG);
    say("y", 0);
    gives("x  **bold** y", "x  bold y");
    say("a", 0);
    say("  ", JD_MK_STRONG | JD_MK_EM);
    say("b", 0);
    gives("a  b", NULL);
    say("Note:", JD_MK_STRONG);
    say("text", 0);
    gives("<strong>Note:</strong>text", "Note:text");
    say("a", 0);
    say("(x)", JD_MK_STRONG | JD_MK_EM);
    gives("a<strong><em>(x)</em></strong>", "a(x)");
    say("one", JD_MK_EM);
    say("two", JD_MK_STRONG);
    gives("*one*<strong>two</strong>", "onetwo");
    say("x", JD_MK_SUB);
    say("y", JD_MK_SUP | JD_MK_UNDERLINE);
    gives("<sub>x</sub><u><sup>y</sup></u>", "xy");
    say("a", JD_MK_STRONG);
    brk();
    say("b", JD_MK_STRONG);
    gives("**a\\\nb**", "a\nb");
    say("see ", JD_MK_STRIKE);
    linked("x", JD_MK_STRIKE, "https://example.com/");
    say(" now", JD_MK_STRIKE);
    gives("~~see [x](https://example.com/) now~~", "see x (https://example.com/) now");
    say("a", 0);
    say("\xc2\xa0ok", JD_MK_STRONG);
    gives("a\xc2\xa0**ok**", "a\xc2\xa0ok");
    say("x ", JD_MK_STRIKE);
    say("y", JD_MK_STRIKE | JD_MK_MONO);
    gives("~~x `y`~~", "x y");
    /* cmark-gfm looks past tildes to what is beside the stars */
    say("a", JD_MK_STRIKE);
    say("(b", JD_MK_EM);
    gives("~~a~~<em>(b</em>", "a(b");
}

static void codes(void **state)
{
    (void)state;
    say("a``b`c", JD_MK_MONO);
    gives("```a``b`c```", "a``b`c");
    say("`", JD_MK_MONO);
    gives("`` ` ``", "`");
    say(" ", JD_MK_MONO);
    say("x", 0);
    gives("x", NULL);
    code("\n \n  a\n\nb  \n\n", "c");
    gives("```c\n  a\n\nb\n```", "  a\n\nb");
    code(" \n ", "c");
    gives("", NULL);
    code("````", "");
    gives("`````\n````\n`````", "````");
    open_(JD_MK_QUOTE, 0);
    code("a\n\nb", "");
    shut(1);
    gives("> ```\n> a\n>\n> b\n> ```", "a\n\nb");
}

static void links(void **state)
{
    (void)state;
    linked("https://example.com/a", JD_MK_STRONG, "https://example.com/a");
    gives("[**https://example.com/a**](https://example.com/a)", "https://example.com/a");
    linked("a[b]", 0, "https://example.com/x y");
    gives("[a\\[b\\]](<https://example.com/x y>)", "a[b] (https://example.com/x y)");
    linked("x", 0, "https://example.com/a)b");
    gives("[x](<https://example.com/a)b>)", "x (https://example.com/a)b)");
    linked("me@example.org", 0, "mailto:me@example.org");
    gives("<me@example.org>", "me@example.org");
    linked("me", 0, "mailto:me");
    gives("[me](mailto:me)", "me");
    say("wow!", 0);
    linked("x", 0, "#there");
    gives("wow\\![x](#there)", "wow!x");
    linked(" x ", 0, "/b");
    say("y", 0);
    gives("[x](/b) y", "x (/b) y");
    jd_mk_leaf(&d, JD_MK_CARD, JD_NOSTR, 0,
               jd_mk_link(&d, JD_STR("https://example.com/c"), JD_NOSTR), 0);
    gives("<https://example.com/c>", "https://example.com/c");
    jd_mk_leaf(&d, JD_MK_INLINE_CARD, JD_STR("Spec"), 0, jd_mk_link(&d, JD_STR("/s"), JD_NOSTR), 0);
    gives("[Spec](/s)", "Spec (/s)");
    /* an address that would run on into the break says where it ends */
    say("see https://example.com/a", 0);
    brk();
    say("www.example.com", 0);
    brk();
    say("b", 0);
    gives("see <https://example.com/a>\\\nwww\\.example.com\\\nb",
          "see https://example.com/a\nwww.example.com\nb");
}

static void escapes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *markdown;
    } table[] = {
        {"* x", "\\* x"},
        {"a * b", "a * b"},
        {"-", "\\-"},
        {"#", "\\#"},
        {"####### x", "####### x"},
        {"#x", "#x"},
        {"1234567890. x", "1234567890. x"},
        {"1.x", "1.x"},
        {"a\\", "a\\\\"},
        {"a\\b \\* \\\\c", "a\\b \\\\\\* \\\\\\c"},
        {"&copy; &x &#1; &#x1f;", "\\&copy; &x \\&#1; \\&#x1f;"},
        {"a<b <3 <! </ <?", "a\\<b <3 \\<! \\</ \\<?"},
        {"a_b _c d_", "a_b \\_c d\\_"},
        {"ж_ж", "ж_ж"},
        {"[a]: b [c](d) [e]", "[a\\]: b [c\\](d) [e]"},
        {"https://e.com/_a_*b*~c [x](y)", "https://e.com/_a_*b*~c [x\\](y)"},
        {"xhttps://e.com/*a*", "xhttps://e.com/\\*a\\*"},
        {"~~~", "\\~\\~\\~"},
        {"![x]", "![x]"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        say(table[i].text, 0);
        gives(table[i].markdown, table[i].text);
    }
    /* under a line of words, these would make a heading or a table of it */
    say("a | b", 0);
    brk();
    say("--- | ---", 0);
    brk();
    say("=", 0);
    gives("a | b\\\n\\--- | ---\\\n\\=", "a | b\n--- | ---\n=");
    /* leaves are one word to a reader */
    say("&am", 0);
    jd_mk_text(&d, JD_STR("p;"), 0, 0);
    gives("\\&amp;", "&amp;");
}

static void headings(void **state)
{
    (void)state;
    open_(JD_MK_HEADING, 9);
    brk();
    say("a ", 0);
    brk();
    brk();
    say("b ##", 0);
    shut(1);
    open_(JD_MK_HEADING, 2);
    say("#", 0);
    shut(1);
    open_(JD_MK_HEADING, 1);
    say(" \xc2\xa0 ", JD_MK_STRONG);
    shut(1);
    open_(JD_MK_HEADING, 3);
    say("C#", 0);
    shut(1);
    gives("###### a b \\##\n\n## \\#\n\n### C#", "a b ##\n\n#\n\nC#");
}

static void lists(void **state)
{
    (void)state;
    open_(JD_MK_BULLETS, 0);
    list_item("a");
    list_item(" ");
    shut(1);
    open_(JD_MK_PARAGRAPH, 0);
    shut(1);
    open_(JD_MK_BULLETS, 0);
    list_item("[ ] b");
    shut(1);
    gives("- a\n- \\[ ] b", "- a\n- [ ] b");
    open_(JD_MK_ORDERED, 9);
    list_item("a");
    list_item("");
    open_(JD_MK_ITEM, 0);
    para("b");
    code("x", "");
    open_(JD_MK_BULLETS, 0);
    list_item("c");
    shut(3);
    gives("9. a\n10. b\n\n    ```\n    x\n    ```\n\n    - c", "9. a\n10. b\n\n    x\n\n    - c");
    open_(JD_MK_BULLETS, 0);
    open_(JD_MK_ITEM, 0);
    para("a");
    open_(JD_MK_ORDERED, 3);
    list_item("b");
    shut(3);
    gives("- a\n\n  3. b", "- a\n  3. b"); /* only 1 may stand right below words */
    open_(JD_MK_BULLETS, 0);
    open_(JD_MK_ITEM, 0);
    jd_mk_leaf(&d, JD_MK_RULE, JD_NOSTR, 0, 0, 0);
    para("x");
    shut(2);
    gives("- ***\n\n  x", "- x");
    open_(JD_MK_ORDERED, 4000000000u);
    list_item("a");
    shut(1);
    gives("999999999. a", NULL);
    open_(JD_MK_TASKS, 0);
    open_(JD_MK_TASK, 1);
    say("a", 0);
    brk();
    say("- b", 0);
    shut(1);
    open_(JD_MK_TASK, 0);
    shut(1);
    open_(JD_MK_TASKS, 0);
    open_(JD_MK_TASK, 0);
    say("- c", 0);
    shut(3);
    open_(JD_MK_DECISIONS, 0);
    open_(JD_MK_DECISION, 0);
    say("d", 0);
    shut(2);
    gives("- [x] a\\\n  \\- b\n  - [ ] - c\n- **Decision:** d",
          "- [x] a\n  - b\n  - [ ] - c\n- Decision: d");
}

static void frames(void **state)
{
    (void)state;
    open_(JD_MK_QUOTE, 0);
    para("[!NOTE]");
    open_(JD_MK_QUOTE, 0);
    para("x");
    shut(2);
    gives("> \\[!NOTE]\n>\n> > x", "[!NOTE]\n\nx");
    open_(JD_MK_PANEL, JD_MK_PANEL_ERROR);
    para("===");
    shut(1);
    open_(JD_MK_PANEL, JD_MK_PANEL_INFO);
    shut(1);
    open_(JD_MK_PANEL, JD_MK_PANEL_CUSTOM);
    jd_mk_leaf(&d, JD_MK_RULE, JD_NOSTR, 0, 0, 0);
    shut(1);
    gives("> [!CAUTION]\n> \\===\n\n> [!NOTE]\n> ***", "===");
    open_(JD_MK_PANEL, JD_MK_PANEL_TIP);
    open_(JD_MK_ORDERED, 2);
    list_item("a");
    shut(2);
    gives("> [!TIP]\n>\n> 2. a", "2. a");
    jd_mk_open(&d, JD_MK_EXPAND, 0, JD_STR(" a*b "));
    para("c");
    shut(1);
    gives("**a\\*b**\n\nc", "a*b\n\nc");
}

static void tables(void **state)
{
    (void)state;
    open_(JD_MK_TABLE, 0);
    open_(JD_MK_ROW, 0);
    cell(true, 2, 1, "A");
    cell(true, 1, 2, "B");
    shut(1);
    open_(JD_MK_ROW, 0);
    cell(true, 1, 1, "x|y");
    shut(1);
    open_(JD_MK_ROW, 0);
    open_(JD_MK_CELL, jd_mk_cell(false, 1, 1));
    para("# p");
    open_(JD_MK_QUOTE, 0);
    open_(JD_MK_BULLETS, 0);
    list_item("q");
    shut(2);
    code("a\n\nb|c", "");
    shut(3);
    gives("| A |  | B |\n| --- | --- | --- |\n| **x\\|y** |  |  |\n| # p<br>- q<br>`a`<br>`b\\|c` "
          "|  |  |",
          "A |  | B\nx|y |  |\n# p; - q; a; b|c |  |");
    open_(JD_MK_TABLE, 0);
    open_(JD_MK_ROW, 0);
    shut(2);
    gives("", NULL);
    open_(JD_MK_TABLE, 0);
    open_(JD_MK_ROW, 0);
    open_(JD_MK_CELL, jd_mk_cell(true, 1, 1));
    say("a", JD_MK_STRONG);
    say(" b", JD_MK_STRONG | JD_MK_EM);
    shut(3);
    gives("| a *b* |\n| --- |", "a b");
}

static jd_str person(void *user, jd_str id)
{
    (void)user;
    return jd_str_is(id, "7") ? JD_STR("@Ann Lee") : JD_NOSTR;
}

static jd_str file(void *user, jd_str id, jd_str name)
{
    (void)user;
    if (jd_str_is(id, "evil"))
        return JD_STR("javascript:x");
    return jd_str_is(name, "a.png") ? JD_STR("files/a.png") : JD_NOSTR;
}

static void leaves(void **state)
{
    (void)state;
    static const jd_mk_names names = {.person = person, .file = file};
    d.names                        = &names;
    jd_mk_leaf(&d, JD_MK_MENTION, JD_STR("@@Bo"), 0, 0, 0);
    say(" ", 0);
    jd_mk_leaf(&d, JD_MK_MENTION, JD_NOSTR, 0, 0, jd_mk_more(&d, JD_STR("7"), JD_NOSTR));
    say(" ", 0);
    jd_mk_leaf(&d, JD_MK_MENTION, JD_NOSTR, 0, 0, jd_mk_more(&d, JD_STR("8"), JD_NOSTR));
    gives("@Bo @Ann Lee @8", NULL);
    jd_mk_leaf(&d, JD_MK_IMAGE, JD_STR("a.png"), 0, 0, jd_mk_more(&d, JD_NOSTR, JD_STR("media:1")));
    jd_mk_leaf(&d, JD_MK_FILE, JD_STR("x"), 0, 0, jd_mk_more(&d, JD_NOSTR, JD_STR("media:evil")));
    gives("![a.png](files/a.png)[x](media:evil)", "[image: a.png][file: x]");
    jd_mk_leaf(&d, JD_MK_IMAGE, JD_NOSTR, 0, 0, jd_mk_more(&d, JD_NOSTR, JD_STR("a.png")));
    gives("![](files/a.png)", "[image]");
    say("is ", 0);
    jd_mk_leaf(&d, JD_MK_STATUS, JD_STR("to_do!"), 0, 0, 0);
    say("x", 0);
    gives("is <strong>to_do!</strong>x", "is to_do!x");
    open_(JD_MK_FILES, 0);
    for (int i = 0; i < 2; i++)
        jd_mk_leaf(&d, JD_MK_FILE, i ? JD_NOSTR : JD_STR("l.txt"), 0, 0,
                   jd_mk_more(&d, JD_NOSTR, JD_STR("media:m")));
    shut(1);
    gives("- [l.txt](media:m)\n- [m](media:m)", "- [file: l.txt]\n- [file: m]");
}

static void plain_text(void **state)
{
    (void)state;
    static const struct {
        const char *source, *text, *markdown;
    } table[] = {
        {"a\nb\n\n \nc", "a\nb\n\nc", "a\\\nb\n\nc"},
        {"a\r\nb\r\n\r\nc\x01", "a\nb\n\nc", "a\\\nb\n\nc"},
        {"\n\n", "", ""},
        {"*x*", "*x*", "\\*x\\*"},
        {"a\xff", "a\xef\xbf\xbd", "a\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        jd_read_text(&d, jd_str_of(table[i].source));
        same(jd_write_text, table[i].text);
        same(jd_write_markdown, table[i].markdown);
    }
}

/* What words and marks a document has, blanks left out. */
static void account(const jd_mk_doc *doc, jd_buf *out)
{
    for (uint32_t i = 0; i < doc->n; i++) {
        const jd_mk_event *e = &doc->ev[i];
        for (size_t k = 0; e->edge == JD_MK_LEAF && k < e->text.n; k++)
            if (e->text.p[k] != ' ') {
                jd_buf_addc(out, e->text.p[k]);
                jd_buf_addc(out, (char)('0' + (e->marks & 0x3f)));
                jd_buf_addc(out, (e->marks & JD_MK_MONO) != 0 ? 'm' : e->link ? 'l' : '-');
            }
    }
}

static void random_line(jd_rng *r)
{
    static const char *const words[] = {
        "a",   "b", " ", "é",  "(x)", "*",     "_",  "~",  "`",   "\\", "<b>", "]",  "[",
        "(y)", "!", "|", "#",  "> ",  "-",     "--", "1.", "=",   "x ", " y",  "\"", "。",
        "🚀",   "€", ":", "**", "$",   "&amp;", "&",  "+ ", "[ ]", "<",  "x_",  "_y", "\\|"};
    static const unsigned marks[] = {0,
                                     0,
                                     0,
                                     JD_MK_STRONG,
                                     JD_MK_STRONG,
                                     JD_MK_EM,
                                     JD_MK_EM,
                                     JD_MK_STRONG | JD_MK_EM,
                                     JD_MK_STRIKE,
                                     JD_MK_STRIKE | JD_MK_STRONG,
                                     JD_MK_UNDERLINE,
                                     JD_MK_SUB,
                                     JD_MK_MONO};
    say("k", 0);
    for (uint64_t n = 1 + jd_rng_below(r, 5); n; n--) {
        unsigned mark = marks[jd_rng_below(r, sizeof marks / sizeof *marks)];
        uint32_t link = jd_rng_below(r, 8) ? 0 : jd_mk_link(&d, JD_STR("Link"), JD_NOSTR);
        if (mark & JD_MK_MONO)
            link = 0;
        for (uint64_t k = 1 + jd_rng_below(r, 3); k; k--)
            jd_mk_text(&d, jd_str_of(words[jd_rng_below(r, sizeof words / sizeof *words)]), mark,
                       link);
        if (jd_rng_below(r, 6) == 0)
            brk();
    }
    say("k", 0);
}

static void read_as_meant(void **state)
{
    (void)state;
    static const jd_mk_kind holders[] = {JD_MK_PARAGRAPH, JD_MK_HEADING, JD_MK_QUOTE, JD_MK_BULLETS,
                                         JD_MK_TABLE};
    unsigned                lost      = 0;
    for (uint64_t seed = 1; seed <= 4000; seed++) {
        jd_rng     r    = jd_rng_seed(seed);
        jd_mk_kind kind = holders[jd_rng_below(&r, 5)];
        jd_buf out = JD_BUF_INIT(1 << 20), meant = JD_BUF_INIT(1 << 20), got = JD_BUF_INIT(1 << 20);
        jd_mk_doc again = JD_MK_DOC_INIT(arena);
        jd_mk_reset(&d);
        open_(kind, 1);
        if (kind == JD_MK_BULLETS)
            open_(JD_MK_ITEM, 0);
        if (kind == JD_MK_TABLE) {
            open_(JD_MK_ROW, 0);
            open_(JD_MK_CELL, jd_mk_cell(false, 1, 1));
        }
        random_line(&r);
        jd_mk_finish(&d);
        jd_write_markdown(&out, &d);
        jd_read_markdown(&again, jd_buf_view(&out));
        account(&d, &meant);
        account(&again, &got);
        if (!jd_str_eq(jd_buf_view(&meant), jd_buf_view(&got))) {
            lost++;
            printf("JD_SEED=%u\n%s\nmeant %s\ngot   %s\n", (unsigned)seed, jd_buf_cstr(&out),
                   jd_buf_cstr(&meant), jd_buf_cstr(&got));
        }
        jd_buf_release(&out);
        jd_buf_release(&meant);
        jd_buf_release(&got);
        jd_mk_release(&again);
    }
    assert_int_equal(lost, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(spans),    TEST(codes),      TEST(links),         TEST(escapes),
        TEST(headings), TEST(lists),      TEST(frames),        TEST(tables),
        TEST(leaves),   TEST(plain_text), TEST(read_as_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
