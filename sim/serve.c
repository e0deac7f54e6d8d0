#include "sim/serve.h"

#include "base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t sim_now(const sim_server *s)
{
    return s->clock_stands ? (int64_t)atomic_load(&s->clock_ms) : jd_now_ms(&jd_clock_system);
}

const sim_zone *sim_call_zone(const sim_call *c)
{
    return c->who ? c->who->zone : c->s->conf->zone;
}

/* -- who asks ---------------------------------------------------------------------------------- */

/* Takes the same time wherever the difference is. */
static bool same_secret(jd_str given, jd_str secret)
{
    unsigned char diff = given.n != secret.n;
    for (size_t i = 0; i < given.n; i++)
        diff |= (unsigned char)(given.p[i] ^ (secret.n > 0 ? secret.p[i % secret.n] : 0));
    return diff == 0;
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static jd_str base64(jd_arena *a, jd_str s)
{
    char    *out  = jd_arena_bytes(a, s.n + 1);
    size_t   n    = 0;
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < s.n && base64_digit(s.p[i]) >= 0; i++) {
        bits = bits << 6 | (unsigned)base64_digit(s.p[i]);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have & 0xFF);
        }
    }
    return (jd_str){out, n};
}

static const sim_account *account_of(const sim_conf *conf, bool pat, jd_str name, jd_str secret)
{
    const sim_account *found = NULL;
    for (size_t i = 0; i < conf->naccount; i++) {
        const sim_account *k = &conf->account[i];
        bool               good =
            same_secret(secret, k->secret) && k->pat == pat && (pat || jd_str_eq(name, k->name));
        if (good && !found)
            found = k;
    }
    return found;
}

/* False when credentials came that are wrong. */
static bool authenticate(sim_call *c)
{
    jd_str head = jd_httpd_header(c->q, "Authorization");
    size_t gap  = jd_str_find(head, ' ');
    jd_str kind = jd_str_cut(head, 0, gap), value = jd_str_trim(jd_str_cut(head, gap, SIZE_MAX));
    if (head.n == 0)
        return true;
    if (jd_str_ieq(kind, JD_STR("bearer"))) {
        c->who = account_of(c->s->conf, true, JD_NOSTR, value);
    } else if (jd_str_ieq(kind, JD_STR("basic"))) {
        jd_str pair  = base64(c->a, value);
        size_t colon = jd_str_find(pair, ':');
        c->who       = account_of(c->s->conf, false, jd_str_cut(pair, 0, colon),
                                  jd_str_cut(pair, colon + 1, SIZE_MAX));
    }
    c->reason = c->who ? "OK" : "AUTHENTICATED_FAILED";
    return c->who != NULL;
}

/* -- routes ------------------------------------------------------------------------------------ */

typedef struct route {
    const char *method, *path; /* one '*' stands for one free segment */
    void (*run)(sim_call *c, jd_str name);
    bool open; /* answers even where anonymous callers get nothing */
} route;

static const route REST[] = {
    {"GET", "search", sim_get_search, false},
    {"POST", "search", sim_post_search, false},
    {"GET", "issue/*", sim_get_issue, false},
    {"GET", "issue/*/comment", sim_get_comments, false},
    {"GET", "issue/*/worklog", sim_get_worklogs, false},
    {"GET", "myself", sim_get_myself, false},
    {"GET", "serverInfo", sim_get_server_info, true},
    {"GET", "project", sim_get_projects, false},
    {"GET", "project/*", sim_get_project, false},
    {"GET", "field", sim_get_fields, false},
    {"GET", "status", sim_get_statuses, false},
    {"GET", "priority", sim_get_priorities, false},
    {"GET", "resolution", sim_get_resolutions, false},
    {"GET", "issuetype", sim_get_types, false},
    {"GET", "issueLinkType", sim_get_link_types, false},
    {0},
};

static const route CONTROL[] = {
    {"POST", "touch", sim_post_touch, true},
    {"POST", "comment", sim_post_comment, true},
    {"POST", "move", sim_post_move, true},
    {"POST", "delete", sim_post_delete, true},
    {"POST", "create", sim_post_create, true},
    {"POST", "clock", sim_post_clock, true},
    {"POST", "every-request", sim_post_every_request, true},
    {"POST", "latency", sim_post_latency, true},
    {"POST", "quit", sim_post_quit, true},
    {"GET", "dump", sim_get_dump, true},
    {"GET", "log", sim_get_log, true},
    {"POST", "log", sim_post_log, true},
    {"GET", "count", sim_get_count, true},
    {0},
};

static bool fits(const char *pattern, jd_str path, jd_str *name)
{
    jd_str want = jd_str_of(pattern), w, p;
    *name       = JD_NOSTR;
    for (;;) {
        bool more = jd_str_split(&want, '/', &w), given = jd_str_split(&path, '/', &p);
        if (!more || !given)
            return more == given;
        if (jd_str_is(w, "*") && p.n > 0)
            *name = p;
        else if (!jd_str_eq(w, p))
            return false;
    }
}

static void unknown_path(sim_call *c)
{
    jd_str host = jd_httpd_header(c->q, "Host");
    jd_str text =
        jd_arena_fmt(c->a, "null for uri: http://%.*s%.*s", JD_FMT(host), JD_FMT(c->q->path));
    sim_reply_plumbing(c->r, 404, text);
}

static void dispatch(sim_call *c, const route *table, jd_str path)
{
    bool   known = false;
    jd_str name  = JD_NOSTR;
    for (const route *r = table; r->path; r++) {
        if (!fits(r->path, path, &name))
            continue;
        known = true;
        if (!jd_str_is(c->q->method, r->method))
            continue;
        if (!c->who && c->s->conf->require_auth && !r->open)
            sim_reply_plumbing(c->r, 401,
                               JD_STR("Client must be authenticated to access this resource."));
        else
            r->run(c, name);
        return;
    }
    if (known)
        sim_reply_plumbing(c->r, 405, JD_STR("HTTP 405 Method Not Allowed"));
    else
        unknown_path(c);
}

/* A REST path past the version, or p NULL. */
static jd_str rest_part(jd_str path)
{
    static const char *const prefix[] = {"/rest/api/2/", "/rest/api/latest/"};
    for (size_t i = 0; i < 2; i++)
        if (jd_str_starts(path, jd_str_of(prefix[i])))
            return jd_str_cut(path, jd_str_of(prefix[i]).n, SIZE_MAX);
    return JD_NOSTR;
}

static void answer_rest(sim_call *c, jd_str path)
{
    jd_str rest = rest_part(path);
    if (!authenticate(c)) {
        sim_reply_plumbing(c->r, 401,
                           JD_STR("Client must be authenticated to access this resource."));
    } else if (c->s->conf->forbid) {
        sim_reply_error(c->r, 403, JD_STR("You do not have permission to use this resource."));
    } else if (rest.p) {
        dispatch(c, REST, rest);
    } else if (jd_str_starts(path, JD_STR("/rest/api/3/"))) {
        sim_reply_status(c->r, 302); /* to the login page, as it treats all it does not know */
        sim_reply_type(c->r, "text/html;charset=UTF-8");
    } else {
        unknown_path(c);
    }
}

/* -- one request --------------------------------------------------------------------------------
 */

static char *http_date(char out[40], int64_t ms)
{
    static const char *const day[]   = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const month[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    sim_civil                t       = sim_civil_of(NULL, ms);
    int64_t                  days    = (ms - (((ms % 86400000) + 86400000) % 86400000)) / 86400000;
    snprintf(out, 40, "%s, %02d %s %04d %02d:%02d:%02d GMT", day[((days % 7) + 7) % 7], t.day,
             month[t.month - 1], (int)t.year, t.hour, t.minute, t.second);
    return out;
}

static void heads(sim_call *c, jd_httpd_reply *out, uint64_t number)
{
    enum { MOST = 8 };
    struct jd_httpd_head *h   = JD_NEW_ARRAY(c->a, struct jd_httpd_head, MOST);
    int64_t               now = sim_now(c->s), minute = now / 60000 % 1440;
    size_t                n    = 0;
    char                 *date = jd_arena_bytes(c->a, 40);
    h[n++]                     = (struct jd_httpd_head){"Date", http_date(date, now)};
    h[n++]                     = (struct jd_httpd_head){
                            "X-AREQUESTID",
                            jd_arena_fmt(c->a, "%lldx%llux1", (long long)minute, (unsigned long long)number).p};
    h[n++] = (struct jd_httpd_head){"X-ANODEID", "node1"};
    h[n++] = (struct jd_httpd_head){"X-AUSERNAME",
                                    c->who ? jd_arena_cstr(c->a, c->who->name) : "anonymous"};
    h[n++] = (struct jd_httpd_head){"Cache-Control", "no-cache, no-store, no-transform"};
    if (c->reason)
        h[n++] = (struct jd_httpd_head){"X-Seraph-LoginReason", c->reason};
    if (sim_reply_status_of(c->r) == 401)
        h[n++] = (struct jd_httpd_head){"WWW-Authenticate", "OAuth realm=\"jirasim\""};
    if (sim_reply_status_of(c->r) == 302)
        h[n++] = (struct jd_httpd_head){
            "Location", jd_arena_fmt(c->a, "%.*s/login.jsp?permissionViolation=true",
                                     JD_FMT(c->s->conf->context))
                            .p};
    out->head  = h;
    out->nhead = n;
}

static void wait_ms(int64_t ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    if (ms > 0)
        (void)nanosleep(&t, NULL);
}

void sim_serve(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out)
{
    sim_server *s      = self;
    int64_t     begun  = jd_tick_ms(&jd_clock_system);
    sim_call    c      = {.s = s, .q = q, .a = a, .r = sim_reply_new()};
    uint64_t    number = sim_log_next(s->log);
    jd_str      path   = q->path;
    c.row              = (sim_log_row){.time_ms     = sim_now(s),
                                       .method      = q->method,
                                       .path        = q->path,
                                       .query       = q->query,
                                       .start_at    = -1,
                                       .max_results = -1};
    if (jd_str_starts(path, JD_STR("/_sim/"))) {
        (void)authenticate(&c); /* for the zone of what is shown */
        if (s->conf->control)
            dispatch(&c, CONTROL, jd_str_cut(path, 6, SIZE_MAX));
        else
            sim_reply_error(c.r, 403, JD_STR("/_sim/ answers on a loopback address only."));
        heads(&c, out, number);
        sim_reply_send(c.r, out);
        return;
    }
    wait_ms((int64_t)atomic_load(&s->latency_ms));
    if (jd_str_starts(path, s->conf->context) && s->conf->context.n < path.n)
        answer_rest(&c, jd_str_cut(path, s->conf->context.n, SIZE_MAX));
    else
        unknown_path(&c);
    heads(&c, out, number);
    c.row.user    = c.who ? c.who->name : JD_NOSTR;
    c.row.status  = sim_reply_status_of(c.r);
    c.row.rows    = sim_reply_rows_of(c.r);
    c.row.bytes   = sim_reply_bytes(c.r);
    c.row.took_ms = jd_tick_ms(&jd_clock_system) - begun;
    sim_log_add(s->log, &c.row);
    sim_reply_send(c.r, out);
}
