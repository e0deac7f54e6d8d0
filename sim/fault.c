#include "sim/fault.h"

#include "base/clock.h"
#include "base/hash.h"
#include "sim/serve.h"
#include "sim/spoil.h"
#include "sys/zip.h"
#include "text/jsonw.h"

#include <pthread.h>
#include <stdlib.h>

enum { WHOLE_MAX = 1 << 30 };

typedef struct counts {
    uint64_t met, fired;
} counts;

struct sim_faults {
    pthread_mutex_t lock;
    atomic_bool     on;
    jd_arena       *arena; /* of the script */
    sim_script      script;
    counts         *count;
    sim_seen       *seen;
};

sim_faults *sim_faults_new(void)
{
    sim_faults *f = jd_xcalloc(1, sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    f->arena = jd_arena_new(0);
    f->seen  = sim_seen_new();
    return f;
}

void sim_faults_free(sim_faults *f)
{
    if (!f)
        return;
    sim_seen_free(f->seen);
    jd_arena_free(f->arena);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

jd_code sim_faults_set(sim_faults *f, jd_str text, jd_err *e)
{
    jd_arena  *arena = jd_arena_new(0);
    sim_script script;
    jd_code    rc = sim_script_parse(arena, text, &script, e);
    if (rc != JD_OK) {
        jd_arena_free(arena);
        return rc;
    }
    pthread_mutex_lock(&f->lock);
    jd_arena_free(f->arena);
    sim_seen_free(f->seen);
    f->arena  = arena;
    f->script = script;
    f->count  = JD_NEW_ARRAY(arena, counts, script.n + 1);
    f->seen   = sim_seen_new();
    atomic_store(&f->on, script.n > 0);
    pthread_mutex_unlock(&f->lock);
    return JD_OK;
}

bool sim_faults_on(const sim_faults *f)
{
    return f && atomic_load_explicit(&f->on, memory_order_relaxed);
}

void sim_faults_write(sim_faults *f, jd_buf *out)
{
    jd_jsonw w = jd_jsonw_to(out);
    pthread_mutex_lock(&f->lock);
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "seed", (int64_t)f->script.seed);
    jd_jsonw_name(&w, "rules");
    jd_jsonw_array(&w);
    for (size_t i = 0; i < f->script.n; i++) {
        jd_jsonw_object(&w);
        jd_jsonw_kstr(&w, "rule", f->script.rule[i].text);
        jd_jsonw_kint(&w, "met", (int64_t)f->count[i].met);
        jd_jsonw_kint(&w, "fired", (int64_t)f->count[i].fired);
        jd_jsonw_end(&w);
    }
    jd_jsonw_end(&w);
    jd_jsonw_end(&w);
    pthread_mutex_unlock(&f->lock);
}

/* -- does a rule fire? ---------------------------------------------------------------------------
 */

static bool shows(const sim_call *c, uint64_t id)
{
    for (size_t i = 0; i < c->nshown; i++)
        if (c->shown[i] == id)
            return true;
    return false;
}

static uint64_t id_of(sim_call *c, jd_str name)
{
    sim_store_read_begin(c->s->store);
    const sim_text *t  = sim_store_peek(c->s->store, name);
    uint64_t        id = t ? t->issue.id : 0;
    sim_store_read_end(c->s->store);
    return id;
}

static uint64_t chance_of(const sim_faults *f, size_t rule, uint64_t count)
{
    return jd_mix64(f->script.seed ^ jd_mix64(rule + 1) ^ jd_mix64(count << 20 | 1));
}

/* Counts the request for rule i and says whether the rule wants to fire. *issue is the one that it
 * names; *chance is this firing's own. */
static bool wants(sim_faults *f, size_t i, sim_call *c, uint64_t *issue, uint64_t *chance)
{
    const sim_rule *r = &f->script.rule[i];
    counts         *k = &f->count[i];
    if (r->lanes && !(r->lanes >> c->lane & 1))
        return false;
    if (r->path.n > 0 && jd_str_search(c->q->path, r->path) == c->q->path.n)
        return false;
    *issue = r->has.n > 0 ? id_of(c, r->has) : 0;
    if (r->has.n > 0 && (*issue == 0 || !shows(c, *issue)))
        return false;
    uint64_t n = ++k->met;
    *chance    = chance_of(f, i, n);
    return (!r->nth || n == r->nth) && n >= r->from && (!r->every || n % r->every == 0) &&
           (!r->times || k->fired < r->times) && jd_mix64(*chance) % SIM_ALWAYS < r->chance;
}

static void say(sim_call *c, const char *fault)
{
    c->row.fault = c->row.fault.n > 0 ? jd_arena_fmt(c->a, "%.*s+%s", JD_FMT(c->row.fault), fault)
                                      : jd_str_of(fault);
}

void sim_fault_before(sim_call *c)
{
    sim_faults *f     = c->s->faults;
    jd_buf      said  = JD_BUF_INIT(1 << 20);
    uint64_t    issue = 0, chance = 0;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->script.n; i++) {
        const sim_fault *k = &f->script.rule[i].fault;
        if (!sim_fault_is_change(k->kind) || !wants(f, i, c, &issue, &chance) ||
            !sim_fault_change(c, k, f->seen, chance, &said))
            continue;
        f->count[i].fired++;
        say(c, k->name);
    }
    pthread_mutex_unlock(&f->lock);
    if (said.n > 0)
        c->row.changed = jd_arena_dup(c->a, jd_buf_view(&said));
    jd_buf_release(&said);
}

/* -- other answers than the right one ------------------------------------------------------------
 */

static bool answer_status(sim_call *c, const sim_fault *f)
{
    enum { LIMITED = 429, FAILED = 500, GATEWAY = 502 };
    bool html = f->body == SIM_BODY_HTML ||
                (f->body == SIM_BODY_USUAL &&
                 (f->status >= GATEWAY || (f->status == LIMITED && !sim_call_wants_json(c))));
    if (html)
        sim_reply_html(c->r, f->status);
    else if (f->status == LIMITED)
        sim_reply_limited(c->r);
    else
        sim_reply_error(c->r, f->status,
                        f->status >= FAILED ? JD_STR("Internal server error")
                                            : JD_STR("This is not possible now."));
    if (f->body == SIM_BODY_EMPTY) {
        sim_reply_clear(c->r);
        sim_reply_type(c->r, NULL);
    }
    if (f->reason)
        sim_call_head(c, "RateLimit-Reason", f->reason);
    int64_t now = sim_now(c->s), ms = (int64_t)f->retry_s * 1000;
    if (f->retry == SIM_RETRY_SECONDS) {
        c->retry_after  = jd_arena_fmt(c->a, "%llu", (unsigned long long)f->retry_s).p;
        c->row.retry_ms = ms;
    } else if (f->retry == SIM_RETRY_DATE) {
        int64_t until    = (now + ms) / 1000 * 1000; /* dates know seconds only */
        c->retry_after   = sim_http_date(jd_arena_bytes(c->a, SIM_HTTP_DATE), until);
        c->retry_is_date = true;
        c->row.retry_ms  = until > now ? until - now : 0;
    }
    return true;
}

static bool answer_login(sim_call *c)
{
    sim_reply_clear(c->r);
    sim_reply_status(c->r, 200);
    sim_reply_type(c->r, "text/html;charset=UTF-8");
    jd_buf_addf(sim_reply_own(c->r),
                "<!DOCTYPE html><html><head><title>Log in - Jira</title></head><body>"
                "<form action=\"%.*s/login.jsp\" method=\"post\"><label>Username <input "
                "name=\"os_username\"></label><label>Password <input type=\"password\" "
                "name=\"os_password\"></label><input type=\"submit\" value=\"Log In\"></form>"
                "</body></html>",
                JD_FMT(c->s->conf->context));
    return true;
}

/* -- the same answer, spoilt ----------------------------------------------------------------------
 */

/* An answer being spoilt: its body in one piece once that is asked for. */
typedef struct work {
    sim_call        *c;
    jd_buf           body;
    bool             flat, data; /* data: it is the right answer still, with status 200 */
    bool             gzip;
    const sim_fault *cut, *hang;
} work;

static jd_str body_of(work *w)
{
    if (!w->flat) {
        w->body = (jd_buf)JD_BUF_INIT(WHOLE_MAX);
        sim_reply_copy(w->c->r, &w->body);
        w->flat = true;
    }
    return jd_buf_view(&w->body);
}

/* Takes the new body when there is one. */
static bool taken(work *w, bool good, jd_buf *next)
{
    good = good && jd_buf_ok(next);
    if (good) {
        jd_buf_release(&w->body);
        w->body = *next;
    } else {
        jd_buf_release(next);
    }
    return good;
}

static uint64_t extent(const sim_fault *f, uint64_t whole)
{
    uint64_t n = f->percent ? whole / 100 * f->amount + whole % 100 * f->amount / 100 : f->amount;
    return n < whole ? n : whole;
}

static bool spoil_text(work *w, const sim_fault *f, sim_target t)
{
    static const char line[] = "It goes on and on, and nobody has ever read it to its end.\\n";
    jd_buf            next = JD_BUF_INIT(WHOLE_MAX), text = next;
    if (f->kind == SIM_FAULT_BAD_UTF8)
        jd_buf_add(&text, "\xc3\x28 \xff ", 5);
    else if (f->kind == SIM_FAULT_SURROGATE)
        jd_buf_addz(&text, "\\ud83d ");
    else if (f->kind == SIM_FAULT_NUL)
        jd_buf_addz(&text, "\\u0000 ");
    else
        while (text.n < f->amount << 20)
            jd_buf_add(&text, line, sizeof line - 1);
    bool good = sim_spoil_text(&next, body_of(w), t, jd_buf_view(&text), f->kind == SIM_FAULT_BIG);
    jd_buf_release(&text);
    return taken(w, good, &next);
}

/* Faults in the body; only while the answer is the right one. */
static bool spoil(work *w, const sim_fault *f, uint64_t issue, uint64_t chance)
{
    sim_call  *c    = w->c;
    bool       page = c->lane == SIM_LANE_SEARCH, rows = c->nshown > 0;
    sim_target t    = {page, issue > 0 ? issue : rows ? c->shown[chance % c->nshown] : 0};
    jd_buf     next = JD_BUF_INIT(WHOLE_MAX);
    switch (f->kind) {
    case SIM_FAULT_TRUNCATE:
        jd_buf_adds(&next, jd_str_cut(body_of(w), 0, extent(f, body_of(w).n)));
        return taken(w, true, &next);
    case SIM_FAULT_BOM:
        jd_buf_addz(&next, "\xef\xbb\xbf");
        jd_buf_adds(&next, body_of(w));
        return taken(w, true, &next);
    case SIM_FAULT_BAD_UTF8:
    case SIM_FAULT_SURROGATE:
    case SIM_FAULT_NUL:
    case SIM_FAULT_BIG:
        return rows && spoil_text(w, f, t);
    case SIM_FAULT_SHAPE:
        return rows &&
               taken(w,
                     sim_spoil_shape(&next, body_of(w), t,
                                     f->shape == SIZE_MAX ? jd_mix64(chance) % sim_shape_count()
                                                          : f->shape),
                     &next);
    case SIM_FAULT_TOTAL:
        return taken(w, sim_spoil_total(&next, body_of(w), f->delta), &next);
    case SIM_FAULT_EMPTY:
        if (!rows || !page || !taken(w, sim_spoil_empty(&next, body_of(w)), &next))
            return false;
        c->nshown = 0;
        return true;
    case SIM_FAULT_DUPLICATE:
        return rows && page &&
               taken(w, sim_spoil_duplicate(&next, body_of(w), chance % c->nshown, f->amount),
                     &next);
    default:
        return false;
    }
}

/* -- on the way -----------------------------------------------------------------------------------
 */

static bool accepts_gzip(const sim_call *c)
{
    jd_str head = jd_httpd_header(c->q, "Accept-Encoding");
    return jd_str_search(head, JD_STR("gzip")) < head.n;
}

static void breaks(work *w, const sim_fault *f, jd_httpd_fault how)
{
    w->c->way.fault = how;
    w->cut          = f;
}

static bool spoil_way(work *w, const sim_fault *f)
{
    jd_httpd_way *way = &w->c->way;
    switch (f->kind) {
    case SIM_FAULT_DROP:
        breaks(w, f, JD_HTTPD_DROP);
        return true;
    case SIM_FAULT_RESET:
        breaks(w, f, JD_HTTPD_RESET);
        return true;
    case SIM_FAULT_CUT:
        breaks(w, f, JD_HTTPD_CUT);
        return true;
    case SIM_FAULT_RESET_BODY:
        breaks(w, f, JD_HTTPD_CUT_RESET);
        return true;
    case SIM_FAULT_LONGER:
        way->missing = f->amount;
        return true;
    case SIM_FAULT_STALL:
        way->wait_ms += f->ms;
        return true;
    case SIM_FAULT_HANG:
        w->hang = f;
        return true;
    case SIM_FAULT_DRIP:
        way->per_second = f->amount;
        return true;
    case SIM_FAULT_CHUNKED:
        way->chunked = true;
        return true;
    case SIM_FAULT_GZIP:
        w->gzip = accepts_gzip(w->c);
        return w->gzip;
    default:
        return false;
    }
}

static bool apply(work *w, const sim_fault *f, uint64_t issue, uint64_t chance)
{
    bool answered = false;
    if (f->kind == SIM_FAULT_STATUS)
        answered = answer_status(w->c, f);
    else if (f->kind == SIM_FAULT_LOGIN)
        answered = answer_login(w->c);
    else
        return spoil_way(w, f) || (w->data && spoil(w, f, issue, chance));
    w->data = w->flat = false;
    jd_buf_release(&w->body);
    return answered;
}

/* -- the end --------------------------------------------------------------------------------------
 */

static void compress(work *w)
{
    enum { FASTEST = 1 };
    jd_buf     next = JD_BUF_INIT(WHOLE_MAX);
    jd_err     e    = JD_ERR_NONE;
    jd_zipper *z    = jd_zipper_new(JD_ZIP_GZIP, FASTEST);
    jd_str     body = body_of(w);
    bool good = jd_zipper_add(z, body, &next, &e) == JD_OK && jd_zipper_end(z, &next, &e) == JD_OK;
    if (taken(w, good, &next))
        w->c->encoding = "gzip";
    jd_zipper_free(z);
}

static void finish(work *w)
{
    if (w->gzip)
        compress(w);
    if (w->flat)
        sim_reply_put(w->c->r, &w->body);
    uint64_t size = sim_reply_bytes(w->c->r);
    if (w->cut)
        w->c->way.cut_after = extent(w->cut, size);
    if (w->cut || w->c->way.missing > 0)
        w->c->row.retry_ms = -1; /* nobody is bound by an answer that never came whole */
    if (w->hang) {
        w->c->way.pause_ms = w->hang->ms;
        w->c->way.pause_at = extent(w->hang, size);
    }
}

void sim_fault_after(sim_call *c)
{
    sim_faults *f = c->s->faults;
    work        w = {.c = c, .data = sim_reply_status_of(c->r) == 200};
    sim_fault   cut, hang; /* copies, for the script may be gone by then */
    uint64_t    issue = 0, chance = 0;
    pthread_mutex_lock(&f->lock);
    for (size_t i = 0; i < f->script.n; i++) {
        const sim_fault *k = &f->script.rule[i].fault;
        if (sim_fault_is_change(k->kind) || !wants(f, i, c, &issue, &chance) ||
            !apply(&w, k, issue, chance))
            continue;
        f->count[i].fired++;
        say(c, jd_arena_cstr(c->a, jd_str_of(k->name)));
    }
    if (w.data && c->lane == SIM_LANE_SEARCH)
        for (size_t i = 0; i < c->nshown; i++)
            sim_seen_add(f->seen, c->shown[i]);
    if (w.cut) {
        cut   = *w.cut;
        w.cut = &cut;
    }
    if (w.hang) {
        hang   = *w.hang;
        w.hang = &hang;
    }
    pthread_mutex_unlock(&f->lock);
    finish(&w);
}
