#include "text/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those four first */
#include <cmocka.h>

static void parses_the_parts(void **state)
{
    (void)state;
    jd_url u;
    jd_err e = JD_ERR_NONE;
    assert_int_equal(
        jd_url_parse(JD_STR("HTTPS://me:p@ss@Jira.Example.org:8443/a/b?x=1&y=#top"), &u, &e),
        JD_OK);
    assert_true(jd_str_is(u.scheme, "HTTPS"));
    assert_true(jd_str_is(u.userinfo, "me:p@ss"));
    assert_true(jd_str_is(u.host, "Jira.Example.org"));
    assert_int_equal(u.port, 8443);
    assert_true(jd_str_is(u.path, "/a/b"));
    assert_true(jd_str_is(u.query, "x=1&y="));
    assert_true(jd_str_is(u.fragment, "top"));
    assert_false(u.ipv6);

    assert_int_equal(jd_url_parse(JD_STR("http://localhost"), &u, &e), JD_OK);
    assert_int_equal(u.port, 80);
    assert_true(u.path.n == 0 && !u.query.p && !u.fragment.p && !u.userinfo.p);

    assert_int_equal(jd_url_parse(JD_STR("https://[::1]:99?#"), &u, &e), JD_OK);
    assert_true(u.ipv6 && jd_str_is(u.host, "::1") && u.port == 99);
    assert_true(u.query.p && u.query.n == 0 && u.fragment.p && u.fragment.n == 0);

    assert_int_equal(jd_url_parse(JD_STR("https://x:/p"), &u, &e), JD_OK);
    assert_int_equal(u.port, 443);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    const char *cases[][2] = {
        {"", "empty"},
        {"jira.example.org/x", "https://"},
        {"/x://y", "https://"},
        {"ftp://x/", "only http"},
        {"file:///etc", "only http"},
        {"http://", "host is missing"},
        {"http:///x", "host is missing"},
        {"http://:80/", "host is missing"},
        {"http://u@/", "host is missing"},
        {"http://a b/", "byte 8"},
        {"http://a\n", "byte 8"},
        {"http://a/\x7f", "byte 9"},
        {"http://a:0/", "1 to 65535"},
        {"http://a:65536/", "1 to 65535"},
        {"http://a:8x/", "1 to 65535"},
        {"http://a:99999999999999999999/", "1 to 65535"},
        {"http://[::1/", "]"},
        {"http://[::1]x/", "]"},
        {"http://[::g]/", "host name"},
        {"http://a%2fb/", "host name"},
        {"http://b\xc3\xbc"
         "cher.de/",
         "xn--"},
        {"http://a\\b/", "backslash"},
        {"http://a,b/", "host name"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_url u = {.port = 7};
        jd_err e = JD_ERR_NONE;
        if (jd_url_parse(jd_str_of(cases[i][0]), &u, &e) != JD_E_DATA || u.port != 7)
            fail_msg("%s was taken", cases[i][0]);
        if (!strstr(e.msg, cases[i][1]))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i][0], e.msg, cases[i][1]);
    }
    jd_url u;
    jd_err e;
    assert_int_equal(jd_url_parse((jd_str){"http://a\0b/", 11}, &u, &e), JD_E_DATA);
}

static void secrets_stay_out_of_messages(void **state)
{
    (void)state;
    const char *cases[] = {"https://me:hunter2@host:bad/", "ftp://me:hunter2@host/",
                           "https://me:hunter2@/",         "me:hunter2@host",
                           "https://host/?token=hunter2",  "https://me:hunter2@host/",
                           "https://host:bad/?t=hunter2",  "https://host:bad/#hunter2"};
    jd_arena   *a       = jd_arena_new(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_err e = JD_ERR_NONE;
        jd_str base;
        assert_int_equal(jd_url_base(a, jd_str_of(cases[i]), &base, &e), JD_E_CONFIG);
        assert_int_equal(e.code, JD_E_CONFIG);
        assert_null(strstr(e.msg, "hunter2"));
    }
    jd_arena_free(a);
}

static void normalises_a_base(void **state)
{
    (void)state;
    const char *cases[][3] = {
        /* pasted, base, site */
        {"https://issues.apache.org/jira/", "https://issues.apache.org/jira",
         "issues.apache.org/jira"},
        {" HTTPS://Issues.Apache.ORG:443/Jira// \n", "https://issues.apache.org/Jira",
         "issues.apache.org/Jira"},
        {"http://localhost:8080", "http://localhost:8080", "localhost:8080"},
        {"http://localhost:80/", "http://localhost", "localhost"},
        {"http://localhost:443/", "http://localhost:443", "localhost:443"},
        {"https://[2001:DB8::1]:443/x", "https://[2001:db8::1]/x", "[2001:db8::1]/x"},
        {"https://x.org/jira/rest/api/2/search", "https://x.org/jira", "x.org/jira"},
        {"https://x.org/jira/rest/api/latest", "https://x.org/jira", "x.org/jira"},
        {"https://x.org/rest/api", "https://x.org", "x.org"},
        {"https://x.org/jira/browse/KAFKA-1", "https://x.org/jira", "x.org/jira"},
        {"https://x.org/browse", "https://x.org", "x.org"},
        {"https://x.org/jira/projects/KAFKA/issues", "https://x.org/jira", "x.org/jira"},
        {"https://x.org/secure/Dashboard.jspa", "https://x.org", "x.org"},
        {"https://x.org/jira//secure", "https://x.org/jira", "x.org/jira"},
        {"https://x.org//browse", "https://x.org", "x.org"},
        {"https://x.org/browser", "https://x.org/browser", "x.org/browser"},
        {"https://x.org/rest/", "https://x.org/rest", "x.org/rest"},
    };
    jd_arena *a = jd_arena_new(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_err e = JD_ERR_NONE;
        jd_str base, again;
        assert_int_equal(jd_url_base(a, jd_str_of(cases[i][0]), &base, &e), JD_OK);
        if (!jd_str_is(base, cases[i][1]))
            fail_msg("%s became %.*s", cases[i][0], JD_FMT(base));
        assert_true(jd_str_is(jd_url_site(base), cases[i][2]));
        assert_int_equal(jd_url_base(a, base, &again, &e), JD_OK);
        assert_true(jd_str_eq(base, again));
    }
    const char *bad[] = {
        "https://u@x/",       "https://@x/",   "https://x/?a=1", "https://x/jira#f",
        "https://x/a/../b",   "https://x/.",   "x.org",          "",
        "https://x/\xc3\xa9", "https://x/\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        jd_err e = JD_ERR_NONE;
        jd_str base;
        if (jd_url_base(a, jd_str_of(bad[i]), &base, &e) != JD_E_CONFIG)
            fail_msg("%s was taken", bad[i]);
    }
    assert_true(jd_str_is(jd_url_site(JD_STR("plain")), "plain"));
    jd_arena_free(a);
}

static void knows_loopback(void **state)
{
    (void)state;
    const char *yes[] = {"localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "::1"};
    const char *no[]  = {"",          "localhost.evil.com", "127.0.0.1.evil.com", "127.1",
                         "128.0.0.1", "127.0.0.256",        "127.0.0.",           "::2",
                         "127..0.1",  "127.0.0.0001",       "evil.com",           "1.127.0.0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(jd_url_is_loopback(jd_str_of(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (jd_url_is_loopback(jd_str_of(no[i])))
            fail_msg("%s is no loopback", no[i]);
}

static void escapes_and_back(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(1 << 12), back = JD_BUF_INIT(1 << 12);
    jd_url_escape(&b, JD_STR("a-Z_0.~ +/%\xc3\xa9\x00"));
    assert_string_equal(jd_buf_cstr(&b), "a-Z_0.~%20%2B%2F%25%C3%A9%00");
    assert_true(jd_url_unescape(&back, jd_buf_view(&b), true));
    assert_true(jd_str_eq(jd_buf_view(&back), JD_STR("a-Z_0.~ +/%\xc3\xa9\x00")));
    jd_buf_reset(&back);
    assert_true(jd_url_unescape(&back, JD_STR("a+b%2b"), true));
    assert_string_equal(jd_buf_cstr(&back), "a b+");
    jd_buf_reset(&back);
    assert_true(jd_url_unescape(&back, JD_STR("a+b%7e"), false));
    assert_string_equal(jd_buf_cstr(&back), "a+b~");
    const char *broken[] = {"%", "%1", "%zz", "a%2", "%g0", "%0g"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_false(jd_url_unescape(&back, jd_str_of(broken[i]), false));
    jd_buf_release(&b);
    jd_buf_release(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_the_parts),
        cmocka_unit_test(refuses_with_a_reason),
        cmocka_unit_test(secrets_stay_out_of_messages),
        cmocka_unit_test(normalises_a_base),
        cmocka_unit_test(knows_loopback),
        cmocka_unit_test(escapes_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
