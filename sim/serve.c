#include "sim/serve.h"

#include "base/clock.h"

#include <stdio.h>

int64_t sim_now(const sim_server *s)
{
    return s->clock_stands ? (int64_t)atomic_load(&s->clock_ms) : jd_now_ms(&jd_clock_system);
}

const sim_zone *sim_call_zone(const sim_call *c)
{
    return c->who ? c->who->zone : c->s->conf->zone;
}

bool sim_call_wants_json(const sim_call *c)
{
    jd_str accept = jd_httpd_header(c->q, "Accept");
    return jd_str_search(accept, JD_STR("application/json")) < accept.n;
}

void sim_call_shows(sim_call *c, sim_text *const *text, size_t n)
{
    c->shown  = JD_NEW_ARRAY(c->a, uint64_t, n + 1);
    c->nshown = n;
    for (size_t i = 0; i < n; i++)
        c->shown[i] = text[i]->issue.id;
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
    bool     open; /* answers even where anonymous callers get nothing, and has no rate limit */
    sim_lane lane; /* none for control calls */
} route;

static const route REST[] = {
    {"GET", "search", sim_get_search, false, SIM_LANE_SEARCH},
    {"POST", "search", sim_post_search, false, SIM_LANE_SEARCH},
    {"GET", "issue/*", sim_get_issue, false, SIM_LANE_ISSUE},
    {"GET", "issue/*/comment", sim_get_comments, false, SIM_LANE_COMMENT},
    {"GET", "issue/*/worklog", sim_get_worklogs, false, SIM_LANE_WORKLOG},
    {"GET", "myself", sim_get_myself, false, SIM_LANE_OTHER},
    {"GET", "serverInfo", sim_get_server_info, true, SIM_LANE_OTHER},
    {"GET", "project", sim_get_projects, false, SIM_LANE_OTHER},
    {"GET", "project/*", sim_get_project, false, SIM_LANE_OTHER},
    {"GET", "field", sim_get_fields, false, SIM_LANE_OTHER},
    {"GET", "status", sim_get_statuses, false, SIM_LANE_OTHER},
    {"GET", "priority", sim_get_priorities, false, SIM_LANE_OTHER},
    {"GET", "resolution", sim_get_resolutions, false, SIM_LANE_OTHER},
    {"GET", "issuetype", sim_get_types, false, SIM_LANE_OTHER},
    {"GET", "issueLinkType", sim_get_link_types, false, SIM_LANE_OTHER},
    {0},
};

static const route CONTROL[] = {
    {"POST", "touch", sim_post_touch, true, SIM_LANE_NONE},
    {"POST", "comment", sim_post_comment, true, SIM_LANE_NONE},
    {"POST", "move", sim_post_move, true, SIM_LANE_NONE},
    {"POST", "delete", sim_post_delete, true, SIM_LANE_NONE},
    {"POST", "create", sim_post_create, true, SIM_LANE_NONE},
    {"POST", "clock", sim_post_clock, true, SIM_LANE_NONE},
    {"POST", "every-request", sim_post_every_request, true, SIM_LANE_NONE},
    {"POST", "latency", sim_post_latency, true, SIM_LANE_NONE},
    {"POST", "faults", sim_post_faults, true, SIM_LANE_NONE},
    {"GET", "faults", sim_get_faults, true, SIM_LANE_NONE},
    {"POST", "rate", sim_post_rate, true, SIM_LANE_NONE},
    {"POST", "quit", sim_post_quit, true, SIM_LANE_NONE},
    {"GET", "dump", sim_get_dump, true, SIM_LANE_NONE},
    {"GET", "log", sim_get_log, true, SIM_LANE_NONE},
    {"POST", "log", sim_post_log, true, SIM_LANE_NONE},
    {"GET", "count", sim_get_count, true, SIM_LANE_NONE},
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

/* The account's bucket; the first is everybody's who is anonymous. */
static bool limited(sim_call *c)
{
    const sim_server *s   = c->s;
    size_t            who = c->who ? (size_t)(c->who - s->conf->account) + 1 : 0;
    int64_t           now = s->clock_stands ? sim_now(s) : jd_tick_ms(&jd_clock_system);
    c->rate               = sim_rate_take(s->rate, who, now);
    if (c->rate.granted)
        return false;
    if (sim_call_wants_json(c))
        sim_reply_limited(c->r);
    else
        sim_reply_html(c->r, 429);
    c->row.fault    = JD_STR("rate");
    c->row.retry_ms = c->rate.conf.silent ? -1 : (int64_t)c->rate.retry_after_s * 1000;
    return true;
}

static void run(sim_call *c, const route *r, jd_str name)
{
    c->lane = r->lane;
    if (c->lane && !r->open && sim_rate_on(c->s->rate) && limited(c))
        return;
    c->watched = c->lane && sim_faults_on(c->s->faults);
    if (c->watched)
        sim_fault_before(c);
    r->run(c, name);
    if (c->watched)
        sim_fault_after(c);
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
            run(c, r, name);
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

char *sim_http_date(char out[SIM_HTTP_DATE], int64_t ms)
{
    static const char *const day[]   = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const month[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    sim_civil                t       = sim_civil_of(NULL, ms);
    int64_t                  days    = (ms - (((ms % 86400000) + 86400000) % 86400000)) / 86400000;
    snprintf(out, SIM_HTTP_DATE, "%s, %02d %s %04d %02d:%02d:%02d GMT", day[((days % 7) + 7) % 7],
             t.day, month[t.month - 1], (int)t.year, t.hour, t.minute, t.second);
    return out;
}

typedef struct heads {
    struct jd_httpd_head *v;
    size_t                n;
} heads;

static void add_head(heads *h, const char *name, const char *value)
{
    h->v[h->n++] = (struct jd_httpd_head){name, value};
}

static void add_number(sim_call *c, heads *h, const char *name, uint64_t v)
{
    add_head(h, name, jd_arena_fmt(c->a, "%llu", (unsigned long long)v).p);
}

static void rate_heads(sim_call *c, heads *h)
{
    const sim_rate_conf *k = &c->rate.conf;
    if (k->limit == 0 || k->silent)
        return;
    add_number(c, h, "X-RateLimit-Limit", k->limit);
    add_number(c, h, "X-RateLimit-Remaining", c->rate.remaining);
    add_number(c, h, "X-RateLimit-FillRate", k->fill);
    add_number(c, h, "X-RateLimit-Interval-Seconds", k->interval_s);
    if (!c->retry_after)
        add_number(c, h, "retry-after", c->rate.retry_after_s);
}

static void write_heads(sim_call *c, jd_httpd_reply *out, uint64_t number)
{
    enum { MOST = 16 };
    heads   h   = {.v = JD_NEW_ARRAY(c->a, struct jd_httpd_head, MOST)};
    int64_t now = sim_now(c->s), minute = now / 60000 % 1440;
    int     status = sim_reply_status_of(c->r);
    add_head(&h, "Date", sim_http_date(jd_arena_bytes(c->a, SIM_HTTP_DATE), now));
    add_head(&h, "X-AREQUESTID",
             jd_arena_fmt(c->a, "%lldx%llux1", (long long)minute, (unsigned long long)number).p);
    add_head(&h, "X-ANODEID", "node1");
    add_head(&h, "X-AUSERNAME", c->who ? jd_arena_cstr(c->a, c->who->name) : "anonymous");
    add_head(&h, "Cache-Control", "no-cache, no-store, no-transform");
    if (c->reason)
        add_head(&h, "X-Seraph-LoginReason", c->reason);
    if (status == 401)
        add_head(&h, "WWW-Authenticate", "OAuth realm=\"jirasim\"");
    if (status == 302)
        add_head(&h, "Location",
                 jd_arena_fmt(c->a, "%.*s/login.jsp?permissionViolation=true",
                              JD_FMT(c->s->conf->context))
                     .p);
    if (c->encoding)
        add_head(&h, "Content-Encoding", c->encoding);
    if (c->retry_after)
        add_head(&h, "Retry-After", c->retry_after);
    rate_heads(c, &h);
    out->head  = h.v;
    out->nhead = h.n;
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
                                       .tick_ms     = begun,
                                       .retry_ms    = -1,
                                       .start_at    = -1,
                                       .max_results = -1};
    if (jd_str_starts(path, JD_STR("/_sim/"))) {
        (void)authenticate(&c); /* for the zone of what is shown */
        if (s->conf->control)
            dispatch(&c, CONTROL, jd_str_cut(path, 6, SIZE_MAX));
        else
            sim_reply_error(c.r, 403, JD_STR("/_sim/ answers on a loopback address only."));
        write_heads(&c, out, number);
        sim_reply_send(c.r, out);
        return;
    }
    if (jd_str_starts(path, s->conf->context) && s->conf->context.n < path.n)
        answer_rest(&c, jd_str_cut(path, s->conf->context.n, SIZE_MAX));
    else
        unknown_path(&c);
    write_heads(&c, out, number);
    c.row.user   = c.who ? c.who->name : JD_NOSTR;
    c.row.status = sim_reply_status_of(c.r);
    c.row.rows   = sim_reply_rows_of(c.r);
    c.row.bytes  = sim_reply_bytes(c.r);
    c.way.wait_ms += (uint64_t)atomic_load(&s->latency_ms);
    if (c.retry_is_date) /* which does not move while the answer waits */
        c.row.retry_ms -=
            c.row.retry_ms < (int64_t)c.way.wait_ms ? c.row.retry_ms : (int64_t)c.way.wait_ms;
    c.row.took_ms = jd_tick_ms(&jd_clock_system) - begun;
    c.row.sent_ms = begun + c.row.took_ms + (int64_t)c.way.wait_ms;
    sim_log_add(s->log, &c.row);
    out->way = c.way;
    sim_reply_send(c.r, out);
}
