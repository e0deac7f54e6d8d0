/* Reading and writing ADF beyond the cases: every name of the tables is found, nothing that is
 * wrong about a document loses its words, and the work grows with its size. */
#include "markup/adf.h"
#include "markup/adf_names.h"
#include "markup/markup.h"
#include "unit/check.h"

#include <stdio.h>

typedef struct fixture {
    jd_arena *arena;
    jd_mk_doc d;
    jd_buf    in, out;
} fixture;

static int set_up(void **state)
{
    fixture *f = jd_xcalloc(1, sizeof *f);
    f->arena   = jd_arena_new(0);
    f->d       = (jd_mk_doc)JD_MK_DOC_INIT(f->arena);
    f->in      = (jd_buf)JD_BUF_INIT(64 << 20);
    f->out     = (jd_buf)JD_BUF_INIT(64 << 20);
    *state     = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    jd_buf_release(&f->in);
    jd_buf_release(&f->out);
    jd_mk_release(&f->d);
    jd_arena_free(f->arena);
    free(f);
    return 0;
}

static void expect(fixture *f, jd_mk_form form, const char *json, const char *wanted)
{
    jd_arena_reset(f->arena);
    jd_buf_reset(&f->out);
    jd_read_adf_bytes(&f->d, jd_str_of(json));
    jd_mk_write(&f->out, form, &f->d);
    if (!jd_str_is(jd_buf_view(&f->out), wanted))
        fail_msg("%s\nwanted:\n%s\ngot:\n%s", json, wanted, jd_buf_cstr(&f->out));
}

static void every_node_is_known(void **state)
{
    static const char *const names[] = {"doc",
                                        "paragraph",
                                        "heading",
                                        "bulletList",
                                        "orderedList",
                                        "listItem",
                                        "taskList",
                                        "taskItem",
                                        "blockTaskItem",
                                        "decisionList",
                                        "decisionItem",
                                        "blockquote",
                                        "codeBlock",
                                        "rule",
                                        "panel",
                                        "expand",
                                        "nestedExpand",
                                        "table",
                                        "tableRow",
                                        "tableCell",
                                        "tableHeader",
                                        "mediaSingle",
                                        "mediaGroup",
                                        "media",
                                        "caption",
                                        "blockCard",
                                        "embedCard",
                                        "layoutSection",
                                        "layoutColumn",
                                        "extension",
                                        "bodiedExtension",
                                        "multiBodiedExtension",
                                        "extensionFrame",
                                        "syncBlock",
                                        "bodiedSyncBlock",
                                        "bodiedRule",
                                        "text",
                                        "hardBreak",
                                        "mention",
                                        "emoji",
                                        "date",
                                        "status",
                                        "placeholder",
                                        "inlineCard",
                                        "mediaInline",
                                        "inlineExtension"};
    fixture                 *f       = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char json[128];
        (void)snprintf(json, sizeof json, "{\"type\":\"doc\",\"content\":[{\"type\":\"%s\"}]}",
                       names[i]);
        expect(f, JD_MK_PLAIN, json, "");
        if (f->d.warned[JD_MK_W_UNKNOWN_NODE])
            fail_msg("%s is not known", names[i]);
    }
    expect(f, JD_MK_PLAIN, "{\"type\":\"doc\",\"content\":[{\"type\":\"texts\"}]}", "");
    assert_int_equal(f->d.warned[JD_MK_W_UNKNOWN_NODE], 1);
}

static void every_mark_is_known(void **state)
{
    static const char *const names[] = {
        "strong",      "em",        "strike",          "underline",  "code",        "subsup",
        "link",        "textColor", "backgroundColor", "annotation", "border",      "alignment",
        "indentation", "fontSize",  "breakout",        "fragment",   "dataConsumer"};
    (void)state;
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_not_equal(jd_adf_mark_of(jd_str_of(names[i]), &bits), JD_ADF_MARK_UNKNOWN);
    assert_int_equal(jd_adf_mark_of(JD_STR("bold"), &bits), JD_ADF_MARK_UNKNOWN);
    assert_int_equal(jd_adf_mark_of(JD_STR(""), &bits), JD_ADF_MARK_UNKNOWN);
}

static void wrong_shapes_keep_their_words(void **state)
{
    fixture *f = *state;
    expect(f, JD_MK_PLAIN, "{\"type\":\"doc\",\"content\":\"just words\"}", "just words");
    expect(f, JD_MK_PLAIN,
           "{\"type\":\"doc\",\"content\":{\"type\":\"paragraph\",\"content\":\"w\"}}", "w");
    expect(f, JD_MK_PLAIN, "\"a text\"", "a text");
    expect(f, JD_MK_PLAIN, "null", "");
    expect(f, JD_MK_PLAIN, "[\"loose\",{\"type\":\"rule\"},[\"inner\"]]", "loose\n\ninner");
    expect(f, JD_MK_MARKDOWN,
           "{\"type\":\"heading\",\"attrs\":{\"level\":\"3\"},\"content\":[{\"type\":\"text\","
           "\"text\":7}]}",
           "### 7");
    expect(
        f, JD_MK_MARKDOWN,
        "{\"type\":\"heading\",\"attrs\":{\"level\":99},\"content\":[{\"type\":\"text\",\"text\":"
        "\"deep\"}]}",
        "###### deep");
    expect(f, JD_MK_MARKDOWN,
           "{\"type\":\"listItem\",\"content\":[{\"type\":\"text\",\"text\":\"orphan\"}]}",
           "- orphan");
    expect(f, JD_MK_PLAIN,
           "{\"type\":\"table\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":"
           "\"text\",\"text\":\"no row\"}]}]}",
           "no row");
    expect(
        f, JD_MK_PLAIN,
        "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":"
        "\"bulletList\",\"content\":[{\"type\":\"listItem\",\"content\":[{\"type\":\"paragraph\","
        "\"content\":[{\"type\":\"text\",\"text\":\"b\"}]}]}]},{\"type\":\"text\",\"text\":"
        "\"c\"}]}",
        "a\nb\nc");
    expect(f, JD_MK_PLAIN,
           "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":"
           "\"a\\u0000\\u0007\\u001bb\\r\\nc\"}]}",
           "ab\nc");
}

static void no_json_is_text(void **state)
{
    fixture *f = *state;
    expect(f, JD_MK_PLAIN, "{\"type\":\"doc\",", "{\"type\":\"doc\",");
    assert_int_equal(f->d.warned[JD_MK_W_BAD_JSON], 1);
}

static jd_str person(void *user, jd_str id)
{
    (void)user;
    return jd_str_is(id, "5b1") ? JD_STR("Ann Lee") : JD_NOSTR;
}

static jd_str file(void *user, jd_str id, jd_str name)
{
    (void)user;
    return jd_str_is(id, "m-1") && jd_str_is(name, "a.png") ? JD_STR("attachments/a.png")
                                                            : JD_NOSTR;
}

static void names_are_asked_for(void **state)
{
    static const jd_mk_names names = {.person = person, .file = file};
    fixture                 *f     = *state;
    f->d.names                     = &names;
    expect(f, JD_MK_MARKDOWN,
           "{\"type\":\"paragraph\",\"content\":[{\"type\":\"mention\",\"attrs\":{\"id\":\"5b1\"}},"
           "{\"type\":\"text\",\"text\":\" \"},{\"type\":\"mention\",\"attrs\":{\"id\":\"9\"}}]}",
           "@Ann Lee @9");
    expect(f, JD_MK_MARKDOWN,
           "{\"type\":\"mediaSingle\",\"content\":[{\"type\":\"media\",\"attrs\":{\"id\":\"m-1\","
           "\"alt\":\"a.png\"}}]}",
           "![a.png](attachments/a.png)");
    f->d.names = NULL;
}

static void unsafe_links_are_words(void **state)
{
    fixture *f = *state;
    expect(
        f, JD_MK_ADF,
        "{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\","
        "\"text\":\"x\",\"marks\":[{\"type\":\"link\",\"attrs\":{\"href\":\" "
        "JAVA\\nscript:alert(1)\"}}]}]},{\"type\":\"blockCard\",\"attrs\":{\"url\":\"data:,y\"}}]"
        "}",
        "{\"version\":1,\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"content\":[{"
        "\"type\":\"text\",\"text\":\"x\"}]},{\"type\":\"paragraph\",\"content\":[{\"type\":"
        "\"text\",\"text\":\"data:,y\"}]}]}");
    assert_int_equal(f->d.warned[JD_MK_W_UNSAFE_LINK], 2);
}

static void inside_a_line(void **state)
{
    static const char table[] =
        "{\"type\":\"table\",\"content\":[{\"type\":\"tableRow\",\"content\":[{\"type\":"
        "\"tableCell\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\","
        "\"text\":\"b\"}]}]}]}]}";
    fixture *f = *state;
    for (int inside = 0; inside < 2; inside++) {
        jd_mk_reset(&f->d);
        jd_mk_open(&f->d, inside ? JD_MK_PARAGRAPH : JD_MK_QUOTE, 0, JD_NOSTR);
        jd_mk_text(&f->d, JD_STR("a"), 0, 0);
        jd_mk_read_adf_into(&f->d, jd_str_of(table), inside);
        jd_mk_read_adf_into(&f->d, JD_STR("{bad"), inside);
        jd_mk_finish(&f->d);
        jd_buf_reset(&f->out);
        jd_write_markdown(&f->out, &f->d);
        assert_string_equal(jd_buf_cstr(&f->out),
                            inside ? "a\\\nb`{bad`"
                                   : "> a\n>\n> |  |\n> | --- |\n> | b |\n>\n> ```\n> {bad\n> ```");
        assert_int_equal(f->d.warned[JD_MK_W_BAD_JSON], 1);
    }
}

/* Shapes at n and 2n. */

typedef void shape(jd_buf *b, unsigned n);

static void repeat(jd_buf *b, const char *s, unsigned n)
{
    while (n--)
        jd_buf_addz(b, s);
}

static void many_nodes(jd_buf *b, unsigned n)
{
    jd_buf_addz(b, "{\"type\":\"doc\",\"content\":[");
    repeat(b,
           "{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\",\"text\":\"*a_b* [c](d\"}]},",
           n);
    jd_buf_addz(b, "null]}");
}

static void many_marks(jd_buf *b, unsigned n)
{
    jd_buf_addz(b, "{\"type\":\"paragraph\",\"content\":[");
    for (unsigned i = 0; i < n / 8; i++) {
        jd_buf_addz(b, "{\"type\":\"text\",\"text\":\"x\",\"marks\":[");
        repeat(b, i & 1 ? "{\"type\":\"strong\"}," : "{\"type\":\"em\"},", 8);
        jd_buf_addz(b, "{\"type\":\"link\",\"attrs\":{\"href\":\"https://example.com\"}}]},");
    }
    jd_buf_addz(b, "{\"type\":\"text\",\"text\":\"y\",\"marks\":[");
    repeat(b, "{\"type\":\"strong\"},", n);
    jd_buf_addz(b, "null]}]}");
}

static void deep_lists(jd_buf *b, unsigned n)
{
    enum { LEVELS = 100 }; /* four of JSON's levels each, and there are 512 */
    jd_buf_addc(b, '[');
    for (unsigned i = 0; i < n / LEVELS; i++) {
        repeat(b, "{\"type\":\"bulletList\",\"content\":[{\"type\":\"listItem\",\"content\":[",
               LEVELS);
        jd_buf_addz(b, "{\"type\":\"text\",\"text\":\"deep\"}");
        repeat(b, "]}]}", LEVELS);
        jd_buf_addc(b, ',');
    }
    jd_buf_addz(b, "null]");
}

static void deep_in_a_line(jd_buf *b, unsigned n)
{
    jd_buf_addz(b, "{\"type\":\"heading\",\"content\":[");
    for (unsigned i = 0; i < n / 100; i++) {
        repeat(b, "{\"type\":\"panel\",\"content\":[", 100);
        jd_buf_addz(b, "{\"type\":\"text\",\"text\":\"x\"}");
        repeat(b, "]}", 100);
        jd_buf_addc(b, ',');
    }
    jd_buf_addz(b, "null]}");
}

static void greedy_cells(jd_buf *b, unsigned n)
{
    jd_buf_addz(b, "{\"type\":\"table\",\"content\":[");
    repeat(
        b,
        "{\"type\":\"tableRow\",\"content\":[{\"type\":\"tableCell\",\"attrs\":{\"colspan\":4000,"
        "\"rowspan\":4000},\"content\":[\"x\"]}]},",
        n / 10);
    jd_buf_addz(b, "null]}");
}

static void long_members(jd_buf *b, unsigned n)
{
    jd_buf_addz(b, "{\"type\":\"panel\",\"attrs\":{");
    repeat(b, "\"a\":1,", n);
    jd_buf_addz(b, "\"panelType\":\"tip\"},\"content\":[{\"type\":\"codeBlock\",\"content\":[");
    repeat(b, "{\"type\":\"text\",\"text\":\"`\"},", n);
    jd_buf_addz(b, "\"\"]}]}");
}

static uint64_t steps_of(fixture *f, shape *make, unsigned n, jd_mk_form form)
{
    jd_arena_reset(f->arena);
    jd_buf_reset(&f->in);
    jd_buf_reset(&f->out);
    make(&f->in, n);
    jd_read_adf_bytes(&f->d, jd_buf_view(&f->in));
    assert_int_equal(f->d.warned[JD_MK_W_BAD_JSON], 0);
    assert_true(f->d.n > 0);
    jd_mk_write(&f->out, form, &f->d);
    assert_true(jd_buf_ok(&f->out));
    return f->d.steps;
}

static void work_grows_with_size(void **state)
{
    static const struct {
        const char *name;
        shape      *make;
    } shapes[]                      = {{"many nodes", many_nodes},     {"many marks", many_marks},
                                       {"deep lists", deep_lists},     {"deep in a line", deep_in_a_line},
                                       {"greedy cells", greedy_cells}, {"long members", long_members}};
    static const jd_mk_form forms[] = {JD_MK_MARKDOWN, JD_MK_PLAIN, JD_MK_ADF, JD_MK_WIKI};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
            uint64_t one = steps_of(*state, shapes[i].make, 5000, forms[k]);
            uint64_t two = steps_of(*state, shapes[i].make, 10000, forms[k]);
            if (two > one * 2 + one / 10 + 1000)
                fail_msg("%s, form %d: %llu then %llu steps", shapes[i].name, forms[k],
                         (unsigned long long)one, (unsigned long long)two);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_node_is_known), TEST(every_mark_is_known),  TEST(wrong_shapes_keep_their_words),
        TEST(no_json_is_text),     TEST(names_are_asked_for),  TEST(unsafe_links_are_words),
        TEST(inside_a_line),       TEST(work_grows_with_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
