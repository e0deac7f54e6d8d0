#include "base/buf.h"
#include "base/vec.h"
#include "net/reply.h"
#include "net/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_WALL ((int64_t)1705708800000)
#define START_TICK ((int64_t)1000000)

enum { BODY_MAX = 64 << 20 };

typedef enum fault { SOUND, REFUSE, RESET, TIMEOUT, PARTIAL } fault;

static const struct {
    const char *name, *text;
    fault       kind;
} faults[] = {
    {"refuse", "cannot connect", REFUSE},
    {"reset", "the connection broke while the answer came", RESET},
    {"timeout", "no whole answer in time", TIMEOUT},
    {"partial", "the answer was cut off", PARTIAL},
};

typedef JD_VEC(jd_str) str_vec;
typedef JD_VEC(jd_header) head_vec;

typedef struct exchange {
    size_t   line;
    jd_str   method, part;
    str_vec  wanted, absent;
    head_vec present, head;
    int      status;
    jd_buf   body;
    bool     has_body;
    int64_t  delay_ms;
    fault    fault;
    uint64_t times;
} exchange;

struct jd_transfer {
    const jd_body_sink *into;
    jd_transfer        *next;
    jd_arena           *arena;
    jd_transfer_done    done;
    void               *user;
    jd_str              url;
    size_t              max;
    const exchange     *answer; /* NULL: it was not the expected request */
    int64_t             begun, due;
};

struct jd_script {
    jd_arena *arena;
    JD_VEC(exchange) plan;
    size_t       at;
    uint64_t     used; /* times that plan.v[at] has happened */
    int64_t      now, slept;
    jd_transfer *active;
    char         complaint[JD_ERR_MAX];
};

/* -- reading the scenario ---------------------------------------------------------------------- */

static bool split_pair(jd_str s, char sep, jd_header *out)
{
    size_t at = jd_str_find(s, sep);
    if (at == s.n)
        return false;
    out->name  = jd_str_trim(jd_str_cut(s, 0, at));
    out->value = jd_str_trim(jd_str_cut(s, at + 1, SIZE_MAX));
    return out->name.n > 0;
}

static bool read_fault(jd_str rest, exchange *x)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (jd_str_is(rest, faults[i].name))
            x->fault = faults[i].kind;
    return x->fault != SOUND;
}

static bool read_status(jd_str rest, exchange *x)
{
    uint64_t status;
    if (!jd_str_u64(jd_str_cut(rest, 0, jd_str_find(rest, ' ')), &status) || status > 599)
        return false;
    x->status = (int)status;
    return status >= 200;
}

static bool read_detail(char kind, jd_str rest, jd_str raw, exchange *x)
{
    jd_header pair;
    switch (kind) {
    case '?':
        *jd_vec_add(&x->wanted) = rest;
        return rest.n > 0;
    case '-':
        *jd_vec_add(&x->absent) = rest;
        return rest.n > 0;
    case '+':
    case ':':
        if (!split_pair(rest, ':', &pair))
            return false;
        if (kind == '+')
            *jd_vec_add(&x->present) = pair;
        else
            *jd_vec_add(&x->head) = pair;
        return true;
    case '<':
        return read_status(rest, x);
    case '|':
        if (x->has_body)
            jd_buf_addc(&x->body, '\n');
        x->has_body = true;
        jd_buf_adds(&x->body, raw);
        return true;
    case '~':
        return jd_str_i64(rest, &x->delay_ms) && x->delay_ms >= 0;
    case '!':
        return read_fault(rest, x);
    case '*':
        return jd_str_u64(rest, &x->times) && x->times > 0;
    default:
        return false;
    }
}

static bool read_line(jd_script *s, jd_str line, size_t number)
{
    jd_str trimmed = jd_str_trim(line);
    if (trimmed.n == 0 || trimmed.p[0] == '#')
        return true;
    char   kind = trimmed.p[0];
    jd_str rest = jd_str_trim(jd_str_cut(trimmed, 1, SIZE_MAX));
    size_t lead = (size_t)(trimmed.p - line.p) + 1;
    jd_str raw  = jd_str_cut(line, lead, SIZE_MAX);
    if (jd_str_starts(raw, JD_STR(" ")))
        raw = jd_str_cut(raw, 1, SIZE_MAX);
    if (kind != '>')
        return s->plan.n > 0 && read_detail(kind, rest, raw, &s->plan.v[s->plan.n - 1]);
    jd_header pair;
    if (!split_pair(rest, ' ', &pair))
        return false;
    exchange *x = jd_vec_add(&s->plan);
    *x          = (exchange){.line   = number,
                             .method = pair.name,
                             .part   = pair.value,
                             .body   = JD_BUF_INIT(BODY_MAX),
                             .times  = 1};
    return true;
}

jd_code jd_script_read(jd_str scenario, jd_script **out, jd_err *e)
{
    jd_script *s  = jd_xcalloc(1, sizeof *s);
    s->arena      = jd_arena_new(0);
    jd_str rest   = jd_arena_dup(s->arena, scenario), line;
    size_t number = 0;
    bool   good   = true;
    while (good && jd_str_split(&rest, '\n', &line))
        good = read_line(s, line, ++number);
    for (size_t i = 0; good && i < s->plan.n; i++) {
        const exchange *x = &s->plan.v[i];
        good   = (x->status != 0) != (x->fault != SOUND) || (x->status != 0 && x->fault == PARTIAL);
        number = x->line;
    }
    if (!good) {
        jd_script_free(s);
        return jd_fail(e, JD_E_DATA, "scenario: line %zu cannot be read, or has no answer", number);
    }
    *out = s;
    return JD_OK;
}

void jd_script_free(jd_script *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->plan.n; i++) {
        exchange *x = &s->plan.v[i];
        jd_vec_release(&x->wanted);
        jd_vec_release(&x->absent);
        jd_vec_release(&x->present);
        jd_vec_release(&x->head);
        jd_buf_release(&x->body);
    }
    jd_vec_release(&s->plan);
    jd_arena_free(s->arena);
    free(s);
}

/* -- playing it ---------------------------------------------------------------------------------
 */

static jd_str head_of(const jd_request *q, jd_str name)
{
    for (size_t i = 0; i < q->nhead; i++)
        if (jd_str_ieq(q->head[i].name, name))
            return q->head[i].value.p ? q->head[i].value : JD_STR("");
    return JD_NOSTR;
}

static bool contains(jd_str s, jd_str part)
{
    return part.n == 0 || jd_str_search(s, part) < s.n;
}

/* NULL when the request is the expected one, else what is wrong with it. */
static const char *differs(const exchange *x, const jd_request *q)
{
    if (!jd_str_is(x->method, q->method) || !contains(q->url, x->part))
        return "another request is expected";
    for (size_t i = 0; i < x->wanted.n; i++)
        if (!contains(q->url, x->wanted.v[i]) && !contains(q->body, x->wanted.v[i]))
            return "its URL and body lack an expected text";
    for (size_t i = 0; i < x->present.n; i++)
        if (!jd_str_eq(head_of(q, x->present.v[i].name), x->present.v[i].value))
            return "an expected header is missing or different";
    for (size_t i = 0; i < x->absent.n; i++)
        if (head_of(q, x->absent.v[i]).p)
            return "it has a header that it must not have";
    return NULL;
}

static const exchange *next_answer(jd_script *s, const jd_request *q)
{
    if (s->complaint[0])
        return NULL;
    const exchange *x   = s->at < s->plan.n ? &s->plan.v[s->at] : NULL;
    const char     *bad = x ? differs(x, q) : "nothing more is expected";
    if (bad) {
        (void)snprintf(s->complaint, sizeof s->complaint, "scenario line %zu: %s %.*s: %s",
                       x ? x->line : 0, q->method, JD_FMT(q->url), bad);
        return NULL;
    }
    if (++s->used == x->times) {
        s->used = 0;
        s->at++;
    }
    return x;
}

static jd_code start(void *self, const jd_request *q, jd_arena *a, jd_transfer_done done,
                     void *user, jd_transfer **out, jd_err *e)
{
    jd_script   *s = self;
    jd_transfer *t = jd_xcalloc(1, sizeof *t);
    (void)e;
    *t                 = (jd_transfer){.arena  = a,
                                       .done   = done,
                                       .user   = user,
                                       .url    = jd_arena_dup(a, q->url),
                                       .max    = q->max_body ? q->max_body : BODY_MAX,
                                       .into   = q->into,
                                       .answer = next_answer(s, q),
                                       .begun  = s->now};
    t->due             = s->now + (t->answer ? t->answer->delay_ms : 0);
    jd_transfer **last = &s->active;
    while (*last)
        last = &(*last)->next;
    *last = t;
    *out  = t;
    return JD_OK;
}

static void unlink_transfer(jd_script *s, const jd_transfer *t)
{
    jd_transfer **at = &s->active;
    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
}

static int64_t now_ms(void *self)
{
    const jd_script *s = self;
    return START_WALL + s->now;
}

static int64_t tick_ms(void *self)
{
    const jd_script *s = self;
    return START_TICK + s->now;
}

static void fill_reply(jd_script *s, const jd_transfer *t, jd_reply *r)
{
    const exchange *x = t->answer;
    r->status         = x->status;
    r->body           = jd_arena_dup(t->arena, jd_buf_view(&x->body));
    r->nhead          = x->head.n;
    r->head           = JD_NEW_ARRAY(t->arena, jd_header, x->head.n + 1);
    for (size_t i = 0; i < x->head.n; i++) {
        char *name = jd_arena_cstr(t->arena, x->head.v[i].name);
        for (char *p = name; *p; p++)
            if (*p >= 'A' && *p <= 'Z')
                *p = (char)(*p + 32);
        r->head[i] = (jd_header){jd_str_of(name), jd_arena_dup(t->arena, x->head.v[i].value)};
    }
    r->wire_bytes = x->body.n;
    jd_reply_read_head(r, now_ms(s));
}

static bool goes_elsewhere(jd_script *s, const jd_transfer *t, jd_reply *r)
{
    fill_reply(s, t, r);
    if (!t->into->begin(t->into->self, r))
        return false;
    r->body = JD_NOSTR;
    return true;
}

static void finish(jd_script *s, jd_transfer *t)
{
    jd_reply r   = {.retry_after_ms = -1, .date_ms = INT64_MIN, .took_ms = s->now - t->begun};
    jd_err   err = JD_ERR_NONE;
    char     url[JD_SHOWN_URL];
    r.reached = t->answer && t->answer->fault != REFUSE;
    if (!t->answer) {
        jd_fail(&err, JD_E_INTERNAL, "%s", s->complaint);
    } else if (t->answer->fault != SOUND) {
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
            if (faults[i].kind == t->answer->fault)
                jd_fail(&err, JD_E_NET, "%s: %s", jd_url_shown(t->url, url), faults[i].text);
    } else if (t->into && goes_elsewhere(s, t, &r)) {
        if (!t->into->more(t->into->self, t->answer->body.n ? t->answer->body.p : "",
                           t->answer->body.n))
            jd_fail(&err, JD_E_TOOBIG, "%s: the rest of the answer was not taken",
                    jd_url_shown(t->url, url));
    } else if (t->answer->body.n > t->max) {
        jd_fail(&err, JD_E_TOOBIG, "%s: the answer is over the limit of %zu bytes",
                jd_url_shown(t->url, url), t->max);
    } else {
        fill_reply(s, t, &r);
    }
    unlink_transfer(s, t);
    t->done(t->user, &r, err.code == JD_OK ? NULL : &err);
    free(t);
}

static jd_code poll_transfers(void *self, int64_t wait_ms, jd_stop *stop, jd_err *e)
{
    jd_script   *s     = self;
    jd_transfer *first = NULL;
    (void)e;
    if (stop && jd_stop_wanted(stop))
        return JD_OK;
    for (jd_transfer *t = s->active; t; t = t->next)
        if (!first || t->due < first->due)
            first = t;
    if (!first || first->due > s->now + wait_ms) {
        s->now += wait_ms > 0 ? wait_ms : 0;
        return JD_OK;
    }
    if (first->due > s->now)
        s->now = first->due;
    finish(s, first);
    return JD_OK;
}

static void cancel(void *self, jd_transfer *t)
{
    unlink_transfer(self, t);
    free(t);
}

static void close_transport(void *self)
{
    jd_script *s = self;
    while (s->active)
        cancel(s, s->active);
}

static const jd_transport_ops ops = {.name   = "script",
                                     .start  = start,
                                     .poll   = poll_transfers,
                                     .cancel = cancel,
                                     .close  = close_transport};

jd_transport jd_script_transport(jd_script *s)
{
    return (jd_transport){&ops, s};
}

jd_clock jd_script_clock(jd_script *s)
{
    return (jd_clock){now_ms, tick_ms, s};
}

bool jd_script_sleep(void *script, int64_t ms)
{
    jd_script *s = script;
    if (ms > 0) {
        s->now += ms;
        s->slept += ms;
    }
    return true;
}

int64_t jd_script_slept(const jd_script *s)
{
    return s->slept;
}

size_t jd_script_left(const jd_script *s)
{
    uint64_t left = 0;
    for (size_t i = s->at; i < s->plan.n; i++)
        left += s->plan.v[i].times;
    return (size_t)(left - s->used);
}

const char *jd_script_complaint(const jd_script *s)
{
    return s->complaint;
}
