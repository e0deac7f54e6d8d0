#include "cli/grid.h"
#include "cli_test.h"
#include "text/utf8.h"

enum { COLUMNS_MAX = 12 };

/* A table of these rows, the first one its head; to be freed. */
static char *drawn(size_t width, size_t n, size_t rows, const char *cell[][COLUMNS_MAX])
{
    jd_arena *a                    = jd_arena_new(0);
    jd_buf    b                    = JD_BUF_INIT(1 << 20);
    jd_str    text[8][COLUMNS_MAX] = {0};
    jd_grid   g;
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i++) {
            jd_buf one = JD_BUF_INIT(1 << 16);
            jd_grid_clean(&one, jd_str_of(cell[r][i]));
            text[r][i] = jd_arena_dup(a, jd_buf_view(&one));
            jd_buf_release(&one);
        }
    jd_grid_init(&g, a, text[0], n, width);
    for (size_t r = 1; r < rows; r++)
        jd_grid_measure(&g, text[r]);
    jd_grid_settle(&g);
    jd_grid_head(&g, &b);
    for (size_t r = 1; r < rows; r++)
        jd_grid_row(&g, &b, text[r]);
    jd_arena_free(a);
    return jd_buf_take(&b, NULL);
}

static size_t widest(const char *text)
{
    size_t most = 0;
    jd_str rest = jd_str_of(text), line;
    while (jd_str_split(&rest, '\n', &line)) {
        size_t w = jd_utf8_width(line);
        most     = w > most ? w : most;
    }
    return most;
}

static void columns_are_as_wide_as_they_have_to_be(void **state)
{
    (void)state;
    const char *cell[][COLUMNS_MAX] = {
        {"key", "who", "what"}, {"A-1", "佐藤", "x"}, {"A-22", "e\u0301e", "y"}, {"A-3", "", ""}};
    char *text = drawn(80, 3, 4, cell);
    assert_string_equal(text, "key   who   what\n"
                              "----  ----  ----\n"
                              "A-1   佐藤  x\n"
                              "A-22  e\u0301e    y\n"
                              "A-3\n");
    free(text);
}

static void the_widest_are_cut_to_the_terminal(void **state)
{
    (void)state;
    const char *cell[][COLUMNS_MAX] = {
        {"key", "summary", "status"},
        {"HADOOP-12345", "A summary that is longer than any terminal of old would have it", "Open"},
        {"HADOOP-1", "在个分区时抛出在个分区时抛出在个分区时抛出", "In Progress"}};
    for (size_t width = 40; width < 100; width++) {
        char *text = drawn(width, 3, 3, cell);
        assert_true(widest(text) <= width);
        assert_has(text, "HADOOP-12345");
        assert_has(text, "In Progress");
        if (width < 88)
            assert_has(text, "…");
        free(text);
    }
}

static void short_columns_stay_whole(void **state)
{
    (void)state;
    const char *cell[][COLUMNS_MAX] = {
        {"key", "summary", "updated"},
        {"A-1", "A summary that is too long for this terminal", "2024-12-28 12:16"}};
    char *text = drawn(40, 3, 2, cell);
    assert_string_equal(text, "key  summary            updated\n"
                              "---  -----------------  ----------------\n"
                              "A-1  A summary that i…  2024-12-28 12:16\n");
    free(text);
}

static void too_many_columns_become_blocks(void **state)
{
    (void)state;
    const char *cell[][COLUMNS_MAX] = {{"key", "a", "bb", "c", "d", "e", "f"},
                                       {"A-1", "one long value of one", "two long values of two",
                                        "", "four more words of it", "five and so on",
                                        "six of them, and no more"}};
    char       *text                = drawn(40, 7, 2, cell);
    assert_string_equal(text, "A-1\n"
                              "  a   one long value of one\n"
                              "  bb  two long values of two\n"
                              "  d   four more words of it\n"
                              "  e   five and so on\n"
                              "  f   six of them, and no more\n");
    free(text);
}

static void controls_are_harmless(void **state)
{
    (void)state;
    const char *cell[][COLUMNS_MAX] = {
        {"key", "text"}, {"A-1", "a\x1b]0;evil\x07 b\n\tc\r\xc2\x9b \xff \u202eback"}};
    char *text = drawn(80, 2, 2, cell);
    assert_has(text, "a\\x1b]0;evil\\x07 b c \\xc2\\x9b \\xff \\xe2\\x80\\xaeback\n");
    free(text);
}

/* A cell that comes after the widths were settled stays in its column. */
static void later_cells_are_cut(void **state)
{
    (void)state;
    jd_arena    *a      = jd_arena_new(0);
    jd_buf       b      = JD_BUF_INIT(1 << 16);
    const jd_str head[] = {JD_STR("key"), JD_STR("what")},
                 row[]  = {JD_STR("ABC-1234"), JD_STR("words and words")};
    jd_grid g;
    jd_grid_init(&g, a, head, 2, 80);
    jd_grid_settle(&g);
    jd_grid_row(&g, &b, row);
    assert_string_equal(jd_buf_cstr(&b), "AB…  wor…\n");
    jd_buf_release(&b);
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_they_have_to_be),
        cmocka_unit_test(the_widest_are_cut_to_the_terminal),
        cmocka_unit_test(short_columns_stay_whole),
        cmocka_unit_test(too_many_columns_become_blocks),
        cmocka_unit_test(controls_are_harmless),
        cmocka_unit_test(later_cells_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
