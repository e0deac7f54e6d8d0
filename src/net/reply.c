#include "net/reply.h"

#include "text/date.h"
#include "text/json.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS     ((int64_t)86400000)
#define LONGEST_MS (30 * DAY_MS)

enum { WORDS_MAX = 200, TITLE_MAX = 80, READ_MAX = 1 << 20 };

jd_str jd_reply_header(const jd_reply *r, const char *name)
{
    for (size_t i = 0; i < r->nhead; i++)
        if (jd_str_is(r->head[i].name, name))
            return r->head[i].value.p ? r->head[i].value : JD_STR("");
    return JD_NOSTR;
}

/* "120", or "2.5" which some send: rounded up. */
static bool seconds_of(jd_str s, int64_t *ms)
{
    size_t   dot = jd_str_find(s, '.');
    uint64_t whole, part = 0;
    if (!jd_str_u64(jd_str_cut(s, 0, dot), &whole)) {
        for (size_t i = 0; i < s.n; i++)
            if (s.p[i] < '0' || s.p[i] > '9')
                return false;
        *ms = LONGEST_MS; /* digits beyond 64 bits */
        return s.n > 0;
    }
    if (dot < s.n && !jd_str_u64(jd_str_cut(s, dot + 1, SIZE_MAX), &part))
        return false;
    if (whole > (uint64_t)LONGEST_MS / 1000)
        whole = (uint64_t)LONGEST_MS / 1000;
    *ms = (int64_t)(whole + (part > 0)) * 1000;
    return true;
}

static int64_t retry_after(jd_str value, int64_t now_ms)
{
    int64_t ms;
    value = jd_str_trim(value);
    if (seconds_of(value, &ms))
        return ms < LONGEST_MS ? ms : LONGEST_MS;
    if (!jd_httpdate_parse(value, &ms))
        return -1;
    if (ms <= now_ms)
        return 0;
    return ms - now_ms < LONGEST_MS ? ms - now_ms : LONGEST_MS;
}

/* Cloud says when a quota is whole again, sometimes without a Retry-After (jira-api section 5.1).
 */
static int64_t until_reset(const jd_reply *r, int64_t now_ms)
{
    int64_t at;
    if (!jd_time_parse(jd_str_trim(jd_reply_header(r, "x-ratelimit-reset")), &at, NULL))
        return -1;
    if (at <= now_ms)
        return 0;
    return at - now_ms < LONGEST_MS ? at - now_ms : LONGEST_MS;
}

void jd_reply_read_head(jd_reply *r, int64_t now_ms)
{
    jd_str date       = jd_reply_header(r, "date");
    jd_str wait       = jd_reply_header(r, "retry-after");
    r->date_ms        = JD_NO_TIME;
    r->retry_after_ms = -1;
    if (date.p)
        (void)jd_httpdate_parse(jd_str_trim(date), &r->date_ms);
    if (wait.p)
        r->retry_after_ms = retry_after(wait, r->date_ms != JD_NO_TIME ? r->date_ms : now_ms);
    else if (r->status == 429)
        r->retry_after_ms = until_reset(r, r->date_ms != JD_NO_TIME ? r->date_ms : now_ms);
}

/* -- words for people -------------------------------------------------------------------------- */

/* Copies what fits; control characters become blanks, a UTF-8 sequence is not cut apart. */
static void show(char *out, size_t size, jd_str s)
{
    size_t n = s.n < size - 1 ? s.n : size - 1;
    if (n < s.n)
        while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
            n--;
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f ? ' ' : s.p[i];
    out[n] = '\0';
}

const char *jd_url_shown(jd_str url, char out[JD_SHOWN_URL])
{
    url           = jd_str_cut(url, 0, jd_str_find(url, '?'));
    url           = jd_str_cut(url, 0, jd_str_find(url, '#'));
    size_t scheme = jd_str_search(url, JD_STR("://"));
    scheme        = scheme < url.n ? scheme + 3 : 0;
    jd_str rest   = jd_str_cut(url, scheme, SIZE_MAX);
    size_t slash = jd_str_find(rest, '/'), at = 0;
    for (size_t i = 0; i < slash; i++)
        if (rest.p[i] == '@')
            at = i + 1;
    show(out, scheme + 1 < JD_SHOWN_URL ? scheme + 1 : JD_SHOWN_URL, url);
    size_t n = strlen(out);
    show(out + n, JD_SHOWN_URL - n, jd_str_cut(rest, at, SIZE_MAX));
    return out;
}

const char *jd_status_words(int status)
{
    static const struct {
        int         status;
        const char *words;
    } names[] = {
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].status == status)
            return names[i].words;
    return "";
}

static bool has_text(jd_str s, jd_str needle)
{
    return jd_str_search(s, needle) < s.n;
}

static void words_of_page(jd_str body, char out[JD_SHOWN_WORDS])
{
    jd_str head = jd_str_cut(body, 0, 4096), title = JD_NOSTR;
    for (size_t i = 0; i + 7 <= head.n && !title.p; i++)
        if (jd_str_ieq(jd_str_cut(head, i, 7), JD_STR("<title>")))
            title = jd_str_cut(head, i + 7, SIZE_MAX);
    char text[TITLE_MAX + 1];
    show(text, sizeof text, jd_str_trim(jd_str_cut(title, 0, jd_str_find(title, '<'))));
    (void)snprintf(out, JD_SHOWN_WORDS, text[0] ? "a web page, \"%s\"" : "a web page", text);
}

static jd_str words_of_json(const jd_json *root)
{
    static const char *const names[] = {"message", "error_description", "error", "errorMessage"};
    jd_str                   said = jd_json_str(jd_json_at(jd_json_get(root, "errorMessages"), 0));
    for (size_t i = 0; i < sizeof names / sizeof *names && said.n == 0; i++)
        said = jd_json_str(jd_json_get(root, names[i]));
    jd_json_iter it = jd_json_walk(jd_json_get(root, "errors"));
    while (said.n == 0 && jd_json_next(&it))
        said = jd_json_str(it.value);
    return said;
}

const char *jd_reply_words(const jd_reply *r, char out[JD_SHOWN_WORDS])
{
    jd_str body = jd_str_trim(r->body);
    out[0]      = '\0';
    if (body.n == 0)
        return out;
    if (body.p[0] == '<' || has_text(jd_reply_header(r, "content-type"), JD_STR("html"))) {
        words_of_page(body, out);
        return out;
    }
    if (body.n > READ_MAX)
        return out;
    jd_arena      *scratch = jd_arena_new(0);
    const jd_json *root    = NULL;
    jd_err         e       = JD_ERR_NONE;
    if (jd_json_read(scratch, body, &root, &e) == JD_OK)
        show(out, WORDS_MAX + 1, jd_str_trim(words_of_json(root)));
    else if (has_text(jd_reply_header(r, "content-type"), JD_STR("text/plain")))
        show(out, WORDS_MAX + 1, body);
    jd_arena_free(scratch);
    return out;
}

const char *jd_login_words(const jd_reply *r)
{
    jd_str reason = jd_reply_header(r, "x-seraph-loginreason");
    jd_str denied = jd_reply_header(r, "x-authentication-denied-reason");
    if (has_text(denied, JD_STR("CAPTCHA")))
        return "the account must answer a CAPTCHA after failed logins: log in once with a browser, "
               "then run again";
    if (denied.n > 0 || has_text(reason, JD_STR("AUTHENTICATION_DENIED")))
        return "logins of this account are denied for now (too many failed ones?): log in once "
               "with a browser, then run again";
    if (has_text(reason, JD_STR("AUTHENTICATED_FAILED")))
        return "the credentials are wrong or expired";
    return "";
}
