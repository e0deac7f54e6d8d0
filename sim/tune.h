/* tune.h: numbers that say how the server behaves, set by --tune NAME=N and changed at any moment
 * by POST /_sim/tune. Thread-safe. */
#ifndef SIM_TUNE_H
#define SIM_TUNE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdatomic.h>

/* name, usual value, greatest value, help */
#define SIM_TUNES(X)                                                                               \
    X(RICH_CAP, "rich_cap", 100, 5000, "Cloud: issues on a page that shows more than id and key")  \
    X(SHORT_PAGES, "short_pages", 0, 1000000, "Cloud: every Nth page is half as long")             \
    X(EMPTY_PAGES, "empty_pages", 0, 1000000, "Cloud: every Nth page is empty, with a token")      \
    X(REPEAT_TOKENS, "repeat_tokens", 0, 1000000, "Cloud: every Nth page gives the token it got")  \
    X(PAGE_TOKEN_S, "page_token_s", 604800, 31536000, "Cloud: seconds that a page token lives")    \
    X(ISSUE_CHANGELOG, "issue_changelog", 100, 1000000,                                            \
      "Cloud: histories that an issue's own call shows")                                           \
    X(CHILD_PAGE, "child_page", 100, 5000, "Cloud: comments or histories on a page at most")       \
    X(WORKLOG_PAGE, "worklog_page", 5000, 5000, "Cloud: worklogs on a page at most")               \
    X(FEED_PAGE, "feed_page", 1000, 1000, "worklogs on a page of the feeds")                       \
    X(LIST_PAGE, "list_page", 5000, 5000, "projects, boards, sprints on a page at most")           \
    X(HOLD_BACK_MS, "hold_back_ms", 60000, 86400000, "Cloud: how long the feeds keep news back")   \
    X(ISSUE_ERRORS, "issue_errors", 0, 1000000, "Cloud: every Nth issue of bulkfetch fails")       \
    X(INDEX_LAG_MS, "index_lag_ms", 0, 86400000, "searches see changes that much later")           \
    X(EXPIRED, "expired", 401, 401, "expired credentials: 401, or 0 to read as anonymous")         \
    X(HIDDEN, "hidden", 404, 404,                                                                  \
      "a hidden issue's own call: 404, or 0 for 401 and 403, as some Data Centers answer")         \
    X(CAPTCHA_AFTER, "captcha_after", 0, 1000,                                                     \
      "403 and a captcha after N failed logins of a user")                                         \
    X(ACCESS_S, "access_s", 3600, 86400, "OAuth: seconds that an access token lives")              \
    X(LEEWAY_MS, "leeway_ms", 600000, 86400000,                                                    \
      "OAuth: how long a used refresh token still works")                                          \
    X(REFRESH_S, "refresh_s", 7776000, 31536000,                                                   \
      "OAuth: seconds that an unused refresh token lives")                                         \
    X(REUSE_REVOKES, "reuse_revokes", 0, 1, "OAuth: reuse after the leeway ends the whole family") \
    X(KEEP_REFRESH, "keep_refresh", 0, 1, "OAuth: answers without refresh_token, nothing rotates") \
    X(RESOURCES, "resources", 1, 2, "OAuth: how many accessible resources there are")              \
    X(DENY, "deny", 0, 1, "OAuth: consent is declined")                                            \
    X(BURST, "burst", 0, 100000, "Cloud: requests a second to each endpoint and method")           \
    X(QUOTA, "quota", 0, 100000000, "Cloud: points an hour, for OAuth")                            \
    X(QUOTA_ALL, "quota_all", 0, 1, "Cloud: the quota holds for every kind of credentials")        \
    X(QUOTA_GLOBAL, "quota_global", 0, 1, "Cloud: the quota is the app's, not the tenant's")       \
    X(RETRY_FORM, "retry_form", 0, 2, "Cloud: Retry-After of 429 in seconds, 1 a date, 2 none")    \
    X(MEDIA_S, "media_s", 60, 86400, "Cloud: seconds that a media address lives")                  \
    X(HOOK_RETRIES, "hook_retries", 5, 5, "webhooks: attempts after the first one")                \
    X(HOOK_PAUSE_MS, "hook_pause_ms", 1000, 900000, "webhooks: pause between them, about")         \
    X(HOOK_DELAY_MS, "hook_delay_ms", 0, 900000, "webhooks: pause before the first one")           \
    X(HOOK_TIMEOUT_MS, "hook_timeout_ms", 20000, 900000, "webhooks: how long an answer may take")  \
    X(HOOK_DROP, "hook_drop", 0, 1000000, "webhooks: every Nth is never sent")                     \
    X(HOOK_DOUBLE, "hook_double", 0, 1000000, "webhooks: every Nth is sent twice")                 \
    X(HOOK_SHUFFLE, "hook_shuffle", 0, 1, "webhooks: what waits goes out in any order")            \
    X(HOOK_OLD, "hook_old", 0, 1,                                                                  \
      "webhooks of Data Center before 10: no signature, no identifier, one attempt")               \
    X(WRITE_BURST, "write_burst", 20, 100, "Cloud: writes to one issue in 2 s; 0: no limit")       \
    X(WRITE_RATE, "write_rate", 100, 100, "Cloud: writes to one issue in 30 s; 0: no limit")       \
    X(CONFLICTS, "conflicts", 0, 1000000, "so many writes are answered with 409 first")

typedef enum sim_tune {
#define SIM_TUNE_ENUM(name, text, usual, most, help) SIM_##name,
    SIM_TUNES(SIM_TUNE_ENUM)
#undef SIM_TUNE_ENUM
        SIM_TUNE_COUNT
} sim_tune;

typedef struct sim_tuning {
    atomic_uint_fast64_t v[SIM_TUNE_COUNT];
} sim_tuning;

void     sim_tune_usual(sim_tuning *t);
uint64_t sim_tuned(const sim_tuning *t, sim_tune what);
/* JD_E_USAGE for a name or a value that is none. */
jd_code sim_tune_set(sim_tuning *t, jd_str name, uint64_t value, jd_err *e) JD_NODISCARD;
/* One less, unless it is 0 already (false). */
bool    sim_tune_spend(sim_tuning *t, sim_tune what);
jd_code sim_tune_read(sim_tuning *t, jd_str name_is_value, jd_err *e) JD_NODISCARD;
void    sim_tune_write(const sim_tuning *t, jd_buf *out); /* a JSON object */
void    sim_tune_help(jd_buf *out);

#endif
