#include "base/rng.h"
#include "chart/report.h"
#include "chart/svg.h"
#include "text/date.h"
#include "text/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

#define DAY ((int64_t)86400000)

static int64_t day(const char *text)
{
    int64_t out;
    assert_true(jd_date_parse(jd_str_of(text), &out));
    return out;
}

static unsigned count(const char *text, const char *part)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

static jd_report nothing(void)
{
    return (jd_report){.title = JD_STR("Nothing (NO)"),
                       .from  = day("2024-01-01"),
                       .to    = day("2024-12-31"),
                       .made  = day("2025-01-01"),
                       .lead  = -1};
}

static char *page_of(const jd_report *r)
{
    jd_buf b = JD_BUF_INIT(64 << 20);
    jd_report_page(&b, r);
    assert_true(jd_buf_ok(&b));
    return jd_buf_take(&b, NULL);
}

/* Every element that is opened is closed, in order; void ones of HTML apart. */
static void is_well_formed(const char *html)
{
    const char *open[64];
    size_t      n[64], depth = 0;
    const char *at = strstr(html, "<html");
    assert_non_null(at);
    for (; (at = strchr(at, '<')); at++) {
        bool        ends = at[1] == '/';
        const char *name = at + 1 + ends;
        size_t      len  = strcspn(name, " />\n");
        const char *end  = strchr(at, '>');
        assert_non_null(end);
        if (!strncmp(name, "meta", 4) || end[-1] == '/')
            continue;
        if (!ends) {
            assert_true(depth < 64);
            open[depth] = name;
            n[depth++]  = len;
            continue;
        }
        assert_true(depth > 0);
        depth--;
        if (n[depth] != len || strncmp(open[depth], name, len) != 0)
            fail_msg("</%.*s> closes <%.*s>", (int)len, name, (int)n[depth], open[depth]);
    }
    assert_int_equal(depth, 0);
}

static void asks_nobody(const char *html)
{
    static const char *const never[] = {
        "<script", "<link", "<img", " src=", " href=", "url(", "@import", "http:", "https:"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_null(strstr(html, never[i]));
}

static void an_empty_warehouse(void **state)
{
    (void)state;
    jd_report r    = nothing();
    char     *html = page_of(&r);
    is_well_formed(html);
    asks_nobody(html);
    assert_int_equal(count(html, "<svg"), 4);
    assert_int_equal(count(html, "class=\"none\""), 4);
    assert_int_equal(count(html, "<circle") + count(html, "<rect") + count(html, "<path"), 0);
    assert_null(strstr(html, "nan"));
    assert_null(strstr(html, "inf"));
    free(html);
}

static void one_issue(void **state)
{
    (void)state;
    const jd_report_week  week  = {day("2024-03-04"), 1};
    const jd_report_day   one   = {day("2024-03-06"), {1}};
    const jd_report_cycle cycle = {day("2024-03-06"), 0, JD_STR("A-1"), JD_STR("Bug")};
    jd_report             r     = nothing();
    r.week                      = &week;
    r.day                       = &one;
    r.cycle                     = &cycle;
    r.nweek = r.nday = r.ncycle = r.issues = r.created = r.resolved = 1;
    r.lead                                                          = 0;
    char *html                                                      = page_of(&r);
    is_well_formed(html);
    assert_int_equal(count(html, "<circle"), 1);
    assert_int_equal(count(html, "<rect"), 1);
    assert_int_equal(count(html, "class=\"none\""), 2); /* done before: no flow; nothing is open */
    assert_null(strstr(html, "nan"));
    free(html);
}

static void charts_show_every_row(void **state)
{
    (void)state;
    enum { N = 9000 };
    jd_report        r     = nothing();
    jd_report_cycle *cycle = calloc(N, sizeof *cycle);
    jd_report_open  *open  = calloc(N, sizeof *open);
    jd_report_week   week[52];
    jd_report_day    days[365] = {0};
    for (int i = 0; i < N; i++) {
        cycle[i] = (jd_report_cycle){r.from + i * (int64_t)3000000, i * 60.0, JD_STR("A-1"),
                                     JD_STR("Bug")};
        open[i]  = (jd_report_open){.seconds = (N - i) * 10000.0,
                                    .stand   = i % 3 ? JD_STAND_TODO : JD_STAND_DOING};
    }
    for (int i = 0; i < 52; i++)
        week[i] = (jd_report_week){r.from + i * 7 * DAY, (uint64_t)i % 5};
    for (int i = 0; i < 365; i++)
        days[i] = (jd_report_day){r.from + i * DAY, {500 + (uint64_t)i, 20, 30, 0}};
    r.cycle  = cycle;
    r.open   = open;
    r.week   = week;
    r.day    = days;
    r.ncycle = r.nopen = N;
    r.nweek            = 52;
    r.nday             = 365;
    char *html         = page_of(&r);
    is_well_formed(html);
    assert_int_equal(count(html, "<circle"), N);
    assert_int_equal(count(html, "<rect class=\"bar\""), 52 - 11); /* weeks of 0 have no bar */
    assert_int_equal(count(html, "<path"), 3);
    /* what was done before the period is left out, what is in it counts */
    assert_non_null(strstr(html, "Done: 0 at the beginning, 364 at the end"));
    assert_non_null(strstr(html, "To do: 30 at the beginning, 30 at the end"));
    assert_int_equal(count(html, "class=\"words\""), JD_REPORT_OLDEST);
    free(html);
    free(cycle);
    free(open);
}

static void what_people_wrote_is_inert(void **state)
{
    (void)state;
    const jd_str evil =
        JD_STR("<script>alert(1)</script>\" onload=\"x' & \x1b[31m\xff\xe2\x80\xae");
    const jd_report_cycle cycle = {day("2024-03-06"), 60, evil, evil};
    const jd_report_open  open  = {60, JD_STAND_OTHER, evil, evil, evil};
    jd_report             r     = nothing();
    r.title = r.site = evil;
    r.cycle          = &cycle;
    r.open           = &open;
    r.ncycle = r.nopen = 1;
    char *html         = page_of(&r);
    is_well_formed(html);
    asks_nobody(html);
    assert_null(strstr(html, "\" onload"));
    assert_null(strchr(html, '\x1b'));
    assert_true(
        count(html, "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x&#39; &amp; ") >= 7);
    free(html);
}

static void any_bytes_become_text(void **state)
{
    (void)state;
    jd_rng r = jd_rng_seed(3);
    jd_buf b = JD_BUF_INIT(1 << 16);
    for (int i = 0; i < 3000; i++) {
        char   in[40];
        size_t n = jd_rng_below(&r, sizeof in);
        for (size_t k = 0; k < n; k++)
            in[k] = (char)(k % 3 ? jd_rng_below(&r, 256)
                                 : (uint64_t)(unsigned char)"<>&\"'\x1b\xe2"[jd_rng_below(&r, 7)]);
        jd_buf_reset(&b);
        jd_html_text(&b, (jd_str){in, n});
        assert_int_equal(jd_utf8_valid(jd_buf_view(&b)), b.n);
        assert_null(strpbrk(jd_buf_cstr(&b), "<>\"'\x1b\x7f"));
        for (size_t k = 0; k < b.n; k++)
            if (b.p[k] == '&' && !memchr("lgaq#", b.p[k + 1], 5))
                fail_msg("a bare &");
    }
    jd_buf_release(&b);
}

static void ages_have_their_class(void **state)
{
    (void)state;
    static const struct {
        double   days;
        unsigned want;
    } table[] = {{0, 0},  {6.9, 0}, {7, 1},   {27, 1},  {28, 2},
                 {91, 3}, {200, 4}, {365, 5}, {800, 6}, {9999, 7}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(jd_age_class(table[i].days * 86400), table[i].want);
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        double      v;
        const char *want;
    } table[] = {{0, "0"},     {1, "1"},         {-1.5, "-1.5"}, {2.346, "2.35"},
                 {2.999, "3"}, {10.05, "10.05"}, {-0.001, "0"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        jd_buf b = JD_BUF_INIT(100);
        jd_svg_num(&b, table[i].v);
        assert_string_equal(jd_buf_cstr(&b), table[i].want);
        jd_buf_release(&b);
    }
    jd_buf b = JD_BUF_INIT(100);
    jd_html_count(&b, 1234567);
    jd_buf_addc(&b, ' ');
    jd_html_count(&b, 1000);
    jd_buf_addc(&b, ' ');
    jd_html_count(&b, 999);
    assert_string_equal(jd_buf_cstr(&b), "1,234,567 1,000 999");
    jd_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_warehouse),
        cmocka_unit_test(one_issue),
        cmocka_unit_test(charts_show_every_row),
        cmocka_unit_test(what_people_wrote_is_inert),
        cmocka_unit_test(any_bytes_become_text),
        cmocka_unit_test(ages_have_their_class),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
