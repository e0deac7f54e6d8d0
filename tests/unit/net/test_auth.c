#include "check.h"
#include "net/http.h"

static void test_headers(void **state)
{
    (void)state;
    jd_arena *a    = jd_arena_new(0);
    jd_str    base = JD_STR("https://jira.example.com/jira");
    /* RFC 7617, section 2 */
    jd_auth basic = jd_auth_basic(a, base, JD_STR("Aladdin"), JD_STR("open sesame"));
    assert_str(basic.header, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_str(basic.host, "jira.example.com:443");
    assert_string_equal(basic.name, "basic");
    jd_auth utf8 = jd_auth_basic(a, base, JD_STR("test"), JD_STR("123\xc2\xa3"));
    assert_str(utf8.header, "Basic dGVzdDoxMjPCow==");
    jd_auth bearer = jd_auth_bearer(a, base, JD_STR("s3cret"));
    assert_str(bearer.header, "Bearer s3cret");
    assert_string_equal(bearer.name, "bearer");
    assert_int_equal(jd_auth_none().header.n, 0);
    assert_string_equal(jd_auth_none().name, "anonymous");
    jd_arena_free(a);
}

static void test_only_for_its_host(void **state)
{
    (void)state;
    static const struct {
        const char *base, *url;
        bool        covered;
    } rows[] = {
        {"https://jira.example.com", "https://jira.example.com/rest/api/2/search?jql=x", true},
        {"https://jira.example.com/jira", "https://jira.example.com/other", true},
        {"https://jira.example.com", "https://JIRA.Example.com:443/rest", true},
        {"https://Jira.Example.COM:443", "https://jira.example.com/rest", true},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080/rest", true},
        {"https://jira.example.com", "https://jira.example.com.evil.net/rest", false},
        {"https://jira.example.com", "https://evil.net/jira.example.com", false},
        {"https://jira.example.com", "https://jira.example.com@evil.net/rest", false},
        {"https://jira.example.com", "https://sub.jira.example.com/rest", false},
        {"https://jira.example.com", "http://jira.example.com/rest", false},
        {"https://jira.example.com", "https://jira.example.com:8443/rest", false},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8081/rest", false},
        {"http://127.0.0.1:8080", "http://localhost:8080/rest", false},
        {"https://jira.example.com", "", false},
        {"https://jira.example.com", "/rest", false},
        {"no address", "no address", false},
        {"", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_arena *a    = jd_arena_new(0);
        jd_auth   auth = jd_auth_bearer(a, jd_str_of(rows[i].base), JD_STR("t"));
        if (jd_auth_covers(&auth, jd_str_of(rows[i].url)) != rows[i].covered)
            fail_msg("%s and %s", rows[i].base, rows[i].url);
        jd_auth none = jd_auth_none();
        assert_false(jd_auth_covers(&none, jd_str_of(rows[i].url)));
        jd_arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_only_for_its_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
