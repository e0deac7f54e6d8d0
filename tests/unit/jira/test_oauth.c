/* Tokens that rotate: renewed in time, once, kept before they are used. */
#include "../check.h"
#include "jira/oauth.h"
#include "net/script.h"
#include "sys/file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define JSON "< 200\n: Content-Type: application/json\n"

typedef struct stage {
    jd_script *script; /* of the token endpoint and of Jira alike */
    jd_clock   clock;
    jd_arena  *a;
    jd_oauth  *oauth;
    jd_http   *http; /* signs with it */
    char       path[64];
    jd_err     e;
} stage;

static jd_http *client(stage *s, jd_auth auth)
{
    jd_http_conf conf = {.transport  = jd_script_transport(s->script),
                         .auth       = auth,
                         .retry      = JD_RETRY_DEFAULT,
                         .clock      = &s->clock,
                         .sleep      = jd_script_sleep,
                         .sleep_self = s->script};
    return jd_http_new(&conf);
}

static void put(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static char *kept(stage *s)
{
    static char text[4096];
    jd_buf      b = JD_BUF_INIT(sizeof text - 1);
    assert_int_equal(jd_file_read(s->path, &b, &s->e), JD_OK);
    (void)snprintf(text, sizeof text, "%s", jd_buf_cstr(&b));
    jd_buf_release(&b);
    return text;
}

static jd_code open_bundle(stage *s, const char *bundle, mode_t mode, const char *scenario)
{
    jd_secret store;
    *s = (stage){.a = jd_arena_new(0)};
    (void)snprintf(s->path, sizeof s->path, "/tmp/jd-oauth-%ld.json", (long)getpid());
    put(s->path, bundle, mode);
    assert_int_equal(jd_script_read(jd_str_of(scenario), &s->script, &s->e), JD_OK);
    s->clock   = jd_script_clock(s->script);
    jd_code rc = jd_secret_file(s->path, &store, &s->e);
    if (!rc)
        rc = jd_oauth_open(&store, client(s, jd_auth_none()), &s->clock, &jd_log_none, &s->oauth,
                           &s->e);
    if (!rc)
        s->http = client(
            s, jd_auth_changing(s->a, JD_STR("http://api/ex/jira/c1"), jd_oauth_source(s->oauth)));
    return rc;
}

static void close_stage(stage *s)
{
    char lock[80];
    assert_string_equal(jd_script_complaint(s->script), "");
    assert_int_equal(jd_script_left(s->script), 0);
    jd_http_free(s->http);
    jd_oauth_close(s->oauth);
    jd_script_free(s->script);
    jd_arena_free(s->a);
    (void)snprintf(lock, sizeof lock, "%s.lock", s->path);
    (void)unlink(lock);
    (void)unlink(s->path);
}

static jd_code ask(stage *s)
{
    jd_reply   r;
    jd_request q = {.method     = "GET",
                    .url        = JD_STR("http://api/ex/jira/c1/rest/api/3/myself"),
                    .idempotent = true};
    return jd_http_do(s->http, &q, s->a, &r, &s->e);
}

#define BUNDLE                                                                              \
    "{\"client_id\":\"id\",\"client_secret\":\"cs\",\"refresh_token\":\"r1\",\"base_url\":" \
    "\"https://acme.atlassian.net\",\"token_url\":\"http://auth/oauth/token\",\"api_url\":" \
    "\"http://api\",\"note\":\"mine\"}"

static void test_renewed_in_time_and_kept(void **unused)
{
    (void)unused;
    stage s;
    assert_int_equal(
        open_bundle(
            &s, BUNDLE, 0600,
            "> POST http://auth/oauth/token\n? \"refresh_token\":\"r1\"\n- Authorization\n" JSON
            "| {\"access_token\":\"a1\",\"refresh_token\":\"r2\",\"expires_in\":100}\n"
            "> GET /myself\n+ Authorization: Bearer a1\n" JSON "| {}\n"
            "> GET /myself\n+ Authorization: Bearer a1\n" JSON "| {}\n"
            "> POST http://auth/oauth/token\n? \"refresh_token\":\"r2\"\n" JSON
            "| {\"access_token\":\"a2\",\"expires_in\":100}\n"
            "> GET /myself\n+ Authorization: Bearer a2\n" JSON "| {}\n"),
        JD_OK);
    assert_int_equal(ask(&s), JD_OK);
    assert_non_null(strstr(kept(&s), "\"r2\""));
    assert_non_null(strstr(kept(&s), "\"a1\""));
    assert_non_null(strstr(kept(&s), "\"note\": \"mine\""));
    assert_null(strstr(kept(&s), "\"r1\""));
    (void)jd_script_sleep(s.script, 60000);
    assert_int_equal(ask(&s), JD_OK);
    (void)jd_script_sleep(s.script, 20000); /* 25 s before the end of its 100 */
    assert_int_equal(ask(&s), JD_OK);
    assert_non_null(strstr(kept(&s), "\"r2\"")); /* an answer without one keeps the old */
    struct stat st;
    assert_int_equal(stat(s.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    close_stage(&s);
}

static void test_refused_once_is_renewed_once(void **unused)
{
    (void)unused;
    stage s;
    assert_int_equal(
        open_bundle(&s, BUNDLE, 0600,
                    "> POST http://auth/oauth/token\n" JSON
                    "| {\"access_token\":\"a1\",\"refresh_token\":\"r2\",\"expires_in\":3600}\n"
                    "> GET /myself\n+ Authorization: Bearer a1\n< 401\n"
                    "> POST http://auth/oauth/token\n? \"r2\"\n" JSON
                    "| {\"access_token\":\"a2\",\"refresh_token\":\"r3\",\"expires_in\":3600}\n"
                    "> GET /myself\n+ Authorization: Bearer a2\n< 401\n"),
        JD_OK);
    assert_int_equal(ask(&s), JD_E_AUTH);
    assert_non_null(strstr(kept(&s), "\"r3\""));
    close_stage(&s);
}

static void test_another_process_was_first(void **unused)
{
    (void)unused;
    stage s;
    assert_int_equal(open_bundle(&s, BUNDLE, 0600,
                                 "> GET /myself\n+ Authorization: Bearer theirs\n" JSON "| {}\n"),
                     JD_OK);
    put(s.path,
        "{\"client_id\":\"id\",\"client_secret\":\"cs\",\"refresh_token\":\"r9\",\"base_url\":"
        "\"http://x\","
        "\"access_token\":\"theirs\",\"expires_in\":3600,\"expires_at\":1705716000000}",
        0600);
    assert_int_equal(ask(&s), JD_OK);
    close_stage(&s);
}

static void test_a_scope_that_lacks_is_not_renewed(void **unused)
{
    (void)unused;
    stage s;
    assert_int_equal(
        open_bundle(&s, BUNDLE, 0600,
                    "> POST http://auth/oauth/token\n" JSON
                    "| {\"access_token\":\"a1\",\"refresh_token\":\"r2\",\"expires_in\":3600}\n"
                    "> GET /myself\n< 401\n: Content-Type: application/json\n"
                    "| {\"code\":401,\"message\":\"Unauthorized; scope does not match\"}\n"),
        JD_OK);
    assert_int_equal(ask(&s), JD_E_AUTH);
    close_stage(&s);
}

static void test_a_dead_grant_says_what_to_do(void **unused)
{
    (void)unused;
    stage s;
    assert_int_equal(
        open_bundle(&s, BUNDLE, 0600,
                    "> POST http://auth/oauth/token\n< 403\n: Content-Type: application/json\n"
                    "| {\"error\":\"invalid_grant\",\"error_description\":\"r1 cs\"}\n"),
        JD_OK);
    assert_int_equal(ask(&s), JD_E_AUTH);
    assert_non_null(strstr(s.e.msg, "invalid_grant"));
    assert_non_null(strstr(s.e.msg, "auth login"));
    assert_non_null(strstr(kept(&s), "\"r1\""));
    close_stage(&s);
}

static void test_the_cloud_id_is_found_and_kept(void **unused)
{
    (void)unused;
    stage  s;
    jd_str site, api;
    assert_int_equal(
        open_bundle(
            &s, BUNDLE, 0600,
            "> POST http://auth/oauth/token\n" JSON
            "| {\"access_token\":\"a1\",\"refresh_token\":\"r2\",\"expires_in\":3600}\n"
            "> GET http://api/oauth/token/accessible-resources\n+ Authorization: Bearer a1\n" JSON
            "| "
            "[{\"id\":\"c0\",\"url\":\"https://"
            "other.atlassian.net\",\"scopes\":[\"read:jira-work\"]},\n"
            "| "
            "{\"id\":\"cf\",\"url\":\"https://"
            "acme.atlassian.net\",\"scopes\":[\"read:page:confluence\"]},\n"
            "| "
            "{\"id\":\"c1\",\"url\":\"https://ACME.atlassian.net/"
            "\",\"scopes\":[\"read:jira-work\"]}]\n"),
        JD_OK);
    assert_int_equal(jd_oauth_site(s.oauth, &site, &api, &s.e), JD_OK);
    assert_true(jd_str_is(site, "https://acme.atlassian.net"));
    assert_true(jd_str_is(api, "http://api/ex/jira/c1"));
    assert_non_null(strstr(kept(&s), "\"cloud_id\": \"c1\""));
    assert_non_null(strstr(kept(&s), "\"r2\""));
    close_stage(&s);
}

static void test_bundles_that_do_not_do(void **unused)
{
    (void)unused;
    static const struct {
        const char *bundle;
        mode_t      mode;
        const char *says;
    } cases[] = {
        {BUNDLE, 0644, "chmod 600"},
        {"[]", 0600, "no JSON object"},
        {"{\"client_secret\":\"hush", 0600, "no JSON"},
        {"{\"client_id\":\"i\",\"client_secret\":\"hush\",\"base_url\":\"http://x\"}", 0600,
         "refresh_token"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stage s;
        assert_int_equal(open_bundle(&s, cases[i].bundle, cases[i].mode, ""), JD_E_CONFIG);
        assert_non_null(strstr(s.e.msg, cases[i].says));
        assert_null(strstr(s.e.msg, "hush"));
        close_stage(&s);
    }
}

static void test_how_long_tokens_live(void **unused)
{
    (void)unused;
    static const struct {
        const char *tokens;
        int64_t     ms;
    } rows[] = {{"{\"expires_in\":100}", 100000},
                {"{}", 3600000},
                {"{\"expires_in\":\"soon\"}", 3600000},
                {"{\"expires_in\":-1}", 0},
                {"{\"expires_in\":9223372036854775807}", 366LL * 86400 * 1000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_arena      *a = jd_arena_new(0);
        const jd_json *tokens;
        jd_err         e;
        assert_int_equal(jd_json_read(a, jd_str_of(rows[i].tokens), &tokens, &e), JD_OK);
        assert_int_equal(jd_oauth_life_ms(tokens), rows[i].ms);
        jd_arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_long_tokens_live),
        cmocka_unit_test(test_renewed_in_time_and_kept),
        cmocka_unit_test(test_refused_once_is_renewed_once),
        cmocka_unit_test(test_another_process_was_first),
        cmocka_unit_test(test_a_scope_that_lacks_is_not_renewed),
        cmocka_unit_test(test_a_dead_grant_says_what_to_do),
        cmocka_unit_test(test_the_cloud_id_is_found_and_kept),
        cmocka_unit_test(test_bundles_that_do_not_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
