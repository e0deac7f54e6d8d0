#include "flow/attachments.h"

#include "sink/attachlist.h"
#include "sink/store.h"
#include "sys/crypto.h"
#include "text/base64.h"
#include "text/url.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOPS_MAX = 3, ISSUE_MAX = 256 << 20, WORDS_MAX = 1 << 20, LINE_MAX_BYTES = 1 << 16 };

typedef struct job {
    const jd_attachments *in;
    jd_arena             *keep, *a; /* of the run; of one attachment */
    jd_outcome           *out;
    jd_attachlist         list;
    jd_store_reader      *reader;
} job;

/* -- one body -------------------------------------------------------------------------------- */

typedef struct part { /* a file that grows */
    int         fd;
    const char *path;
    uint64_t    have, at; /* bytes in it; where the next byte of the answer belongs */
    uint64_t    limit;    /* 0: any */
    bool        taken;    /* an answer had a body for it */
    jd_err      why;      /* what more() refused for */
} part;

/* "bytes 100-199/200": where the bytes begin. */
static bool range_start(const jd_reply *head, uint64_t *out)
{
    jd_str s    = jd_reply_header(head, "content-range");
    jd_str unit = JD_STR("bytes ");
    if (!jd_str_starts(s, unit))
        return false;
    s = jd_str_cut(s, unit.n, s.n);
    return jd_str_u64(jd_str_cut(s, 0, jd_str_find(s, '-')), out);
}

/* A whole answer begins anew; a part of it goes where it belongs, behind what is there. */
static bool part_begin(void *self, const jd_reply *head)
{
    part    *p    = self;
    uint64_t from = 0;
    p->why        = JD_ERR_NONE;
    if (head->status != 200 && (head->status != 206 || !range_start(head, &from)))
        return false;
    p->taken = true;
    p->at    = from;
    if (from > p->have)
        (void)jd_fail(&p->why, JD_E_REMOTE, "the server gives other bytes than it was asked for");
    if (head->status != 200)
        return true;
    p->have = 0;
    if (ftruncate(p->fd, 0))
        (void)jd_file_fail(&p->why, errno, "write", p->path);
    return true;
}

static bool part_more(void *self, const char *bytes, size_t n)
{
    part *p = self;
    if (p->why.code)
        return false;
    if (p->limit && p->at + n > p->limit) {
        (void)jd_fail(&p->why, JD_E_TOOBIG, "it is larger than Jira says, and than the limit");
        return false;
    }
    uint64_t known = p->have - p->at < n ? p->have - p->at : n; /* comes again */
    p->at += n;
    bytes += known;
    n -= known;
    while (n) {
        ssize_t put = pwrite(p->fd, bytes, n, (off_t)p->have);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            (void)jd_file_fail(&p->why, errno, "write", p->path);
            return false;
        }
        p->have += (uint64_t)put;
        bytes += put;
        n -= (size_t)put;
    }
    return true;
}

static jd_code part_open(job *b, uint64_t id, part *p, jd_err *e)
{
    struct stat st;
    *p      = (part){.limit = b->in->limit, .why = JD_ERR_NONE};
    p->path = jd_arena_fmt(b->a, "%s/.part/%" PRIu64, b->in->dir, id).p;
    p->fd   = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (p->fd < 0 || fstat(p->fd, &st)) {
        jd_code rc = jd_file_fail(e, errno, "write", p->path);
        if (p->fd >= 0)
            (void)close(p->fd);
        return rc;
    }
    p->have = (uint64_t)st.st_size;
    return JD_OK;
}

/* -- where it is ----------------------------------------------------------------------------- */

/* By id, below the address that was given: what the issue says may name another one. */
static jd_str address(job *b, const jd_attachment *at)
{
    JD_CLEANUP(jd_buf_release) jd_buf name = JD_BUF_INIT(LINE_MAX_BYTES);
    const jd_jira                    *j    = b->in->jira;
    if (j->cloud)
        return jd_arena_fmt(b->a, "%.*s%s/attachment/content/%" PRIu64, JD_FMT(j->base),
                            jd_jira_root(j), at->id);
    jd_url_escape(&name, at->name);
    return jd_arena_fmt(b->a, "%.*s/secure/attachment/%" PRIu64 "/%.*s", JD_FMT(j->base), at->id,
                        JD_FMT(jd_buf_view(&name)));
}

/* The next address of a redirect; empty when it must not be followed. */
static jd_str next_address(job *b, jd_str from, const jd_reply *r)
{
    jd_url  now, then, base;
    jd_err  ignored;
    jd_str  to = jd_str_trim(jd_reply_header(r, "location"));
    jd_code rc = jd_url_parse(from, &now, &ignored);
    if (!rc && jd_str_starts(to, JD_STR("/")) && !jd_str_starts(to, JD_STR("//")))
        to = jd_arena_fmt(b->a, "%.*s%.*s", (int)(now.path.p - from.p), from.p, JD_FMT(to));
    if (rc || jd_url_parse(to, &then, &ignored) || then.userinfo.p ||
        jd_url_parse(b->in->jira->base, &base, &ignored))
        return JD_NOSTR;
    bool secure = jd_str_ieq(then.scheme, JD_STR("https"));
    bool same   = jd_str_ieq(then.host, base.host) && jd_str_ieq(then.scheme, base.scheme);
    /* who may not see it is sent to sign in */
    bool login =
        same && then.port == base.port && (jd_str_search(then.path, JD_STR("login")) < then.path.n);
    return (secure || same) && !login ? to : JD_NOSTR;
}

/* -- fetching -------------------------------------------------------------------------------- */

static jd_code ask(job *b, jd_str url, part *p, jd_reply *r, jd_err *e)
{
    jd_body_sink into    = {part_begin, part_more, p};
    jd_header    head[3] = {{JD_STR("Accept"), JD_STR("*/*")},
                            {JD_STR("Accept-Encoding"), JD_STR("identity")}};
    jd_request   q       = {.method     = "GET",
                            .url        = url,
                            .head       = head,
                            .nhead      = 2,
                            .max_body   = WORDS_MAX,
                            .idempotent = true,
                            .into       = &into};
    if (p->have)
        head[q.nhead++] =
            (jd_header){JD_STR("Range"), jd_arena_fmt(b->a, "bytes=%" PRIu64 "-", p->have)};
    p->taken   = false;
    jd_code rc = jd_http_do(b->in->jira->http, &q, b->a, r, e);
    if (rc && p->why.code) { /* we would not go on */
        *e = p->why;
        return e->code;
    }
    return rc;
}

/* Through its redirects. The status of an answer that is none of ours is JD_E_REMOTE. */
static jd_code fetch(job *b, const jd_attachment *at, part *p, jd_reply *r, jd_err *e)
{
    jd_str url = address(b, at);
    for (int hop = 0; hop < HOPS_MAX; hop++) {
        jd_code rc = ask(b, url, p, r, e);
        if (rc)
            return rc;
        if (r->status == 416) { /* what is there is no beginning of it */
            p->have = 0;
            if (ftruncate(p->fd, 0))
                return jd_file_fail(e, errno, "write", p->path);
            continue;
        }
        if (r->status < 300 || r->status > 399)
            return JD_OK;
        url = next_address(b, url, r);
        if (!url.n) {
            r->status = 403;
            return JD_OK;
        }
    }
    return jd_fail(e, JD_E_REMOTE, "it is redirected more than %d times", HOPS_MAX);
}

/* The part is whole: to its place, and durable there before the state says so. */
static jd_code settle(job *b, const jd_attachment *at, part *p, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf hex = JD_BUF_INIT(2 * JD_SHA256_BYTES);
    unsigned char                     sum[JD_SHA256_BYTES];
    if (fsync(p->fd))
        return jd_file_fail(e, errno, "write", p->path);
    jd_code rc = jd_sha256_file(p->path, sum, e);
    if (rc)
        return rc;
    jd_hex(&hex, (jd_str){(const char *)sum, sizeof sum});
    jd_str      h      = jd_buf_view(&hex);
    const char *folder = jd_arena_fmt(b->a, "%s/%.2s", b->in->dir, h.p).p;
    const char *path   = jd_arena_fmt(b->a, "%s/%.*s", folder, (int)h.n - 2, h.p + 2).p;
    rc                 = jd_dir_make(folder, e);
    jd_crash_point("attachment.whole");
    if (!rc && rename(p->path, path))
        rc = jd_file_fail(e, errno, "write", path);
    if (!rc)
        rc = jd_dir_sync(folder, e);
    jd_crash_point("attachment.placed");
    return rc ? rc : jd_attachlist_set(&b->list, at->id, JD_ATTACHED_HELD, p->have, h, e);
}

static void tell(job *b, const jd_attachment *at, const char *what)
{
    jd_str line = jd_arena_fmt(b->keep, "attachment %" PRIu64 " of %.*s (%.*s): %s", at->id,
                               JD_FMT(at->key), JD_FMT(jd_str_cut(at->name, 0, 80)), what);
    jd_note(&b->out->warning, line.p);
}

/* What one answer comes to. */
static jd_code judge(job *b, const jd_attachment *at, part *p, const jd_reply *r, jd_err *e)
{
    char why[128];
    if (r->status == 404 || r->status == 410 || r->status == 403 || r->status == 401) {
        bool gone = r->status == 404 || r->status == 410;
        (void)unlink(p->path);
        return jd_attachlist_set(&b->list, at->id,
                                 gone ? JD_ATTACHED_MISSING : JD_ATTACHED_FORBIDDEN, at->size,
                                 JD_NOSTR, e);
    }
    if ((p->taken || r->status == 200) && p->have == at->size) {
        b->out->attachments.fetched++;
        return settle(b, at, p, e);
    }
    if (p->taken || r->status == 200)
        (void)snprintf(why, sizeof why,
                       "%" PRIu64 " bytes came, not the %" PRIu64 " that Jira says", p->have,
                       at->size);
    else
        (void)snprintf(why, sizeof why, "the server answers with status %d", r->status);
    (void)unlink(p->path);
    b->out->attachments.failed++;
    tell(b, at, why);
    return JD_OK;
}

/* Failures of this one alone are told; what would fail the next one, too, ends the run. */
static jd_code one(job *b, const jd_attachment *at, jd_err *e)
{
    part     p;
    jd_reply r   = {.status = 200};
    jd_err   why = JD_ERR_NONE;
    jd_arena_reset(b->a);
    jd_code rc = part_open(b, at->id, &p, e);
    if (rc)
        return rc;
    if (p.have > at->size && ftruncate(p.fd, 0) == 0)
        p.have = 0;
    p.taken = p.have == at->size && at->size; /* it was whole when the last run ended */
    rc      = p.taken ? JD_OK : fetch(b, at, &p, &r, &why);
    if (rc == JD_E_AUTH && why.http && !b->in->jira->signed_in) {
        r.status = why.http;
        rc       = JD_OK;
    }
    if (!rc) {
        rc = judge(b, at, &p, &r, e);
    } else if (rc == JD_E_REMOTE || rc == JD_E_TOOBIG) {
        b->out->attachments.failed++;
        tell(b, at, why.msg);
        rc = JD_OK;
    } else {
        *e = why;
        rc = jd_wrap(e, "attachment %" PRIu64 " of %.*s", at->id, JD_FMT(at->key));
    }
    (void)close(p.fd);
    return rc;
}

/* -- all ------------------------------------------------------------------------------------- */

static const jd_json *read_issue(void *self, jd_arena *a, jd_str key)
{
    job           *b = self;
    jd_str         raw;
    const jd_json *doc;
    jd_err         why;
    if (jd_store_read(b->reader, key, &raw, &why) || jd_json_read(a, raw, &doc, &why))
        return NULL;
    return doc;
}

static jd_code update_list(job *b, jd_err *e)
{
    jd_store *store;
    jd_code   rc = jd_store_open(b->in->raw_dir, b->in->state_dir, &store, e);
    if (rc)
        return rc;
    rc = jd_store_reader_open(store, ISSUE_MAX, &b->reader, e);
    if (!rc)
        rc = jd_attachlist_update(&b->list, read_issue, b, e);
    jd_store_reader_close(b->reader);
    jd_store_close(store);
    return rc;
}

static bool tell_lost(void *self, const jd_attachment *at, jd_attached state)
{
    tell(self, at,
         state == JD_ATTACHED_MISSING ? "the server has no such file"
                                      : "this account may not read it");
    return true;
}

static jd_code conclude(job *b, jd_err *e)
{
    jd_attach_sum sum;
    jd_code       rc = jd_attachlist_sum(b->in->state, b->in->limit, &sum, e);
    if (rc)
        return rc;
    b->out->attachments.held      = sum.n[JD_ATTACHED_HELD];
    b->out->attachments.bytes     = sum.bytes;
    b->out->attachments.missing   = sum.n[JD_ATTACHED_MISSING];
    b->out->attachments.forbidden = sum.n[JD_ATTACHED_FORBIDDEN];
    b->out->attachments.over      = sum.over;
    return jd_attachlist_lost(b->in->state, tell_lost, b, e);
}

jd_code jd_attachments_fetch(const jd_attachments *in, jd_arena *a, jd_outcome *out, jd_err *e)
{
    job           b  = {.in = in, .keep = a, .a = jd_arena_new(0), .out = out};
    jd_arena     *at = jd_arena_new(0);
    jd_attachment next;
    bool          found = true;
    uint64_t      after = 0;
    jd_err        ignored;
    out->attachments.asked = true;
    jd_code rc             = jd_dir_make(jd_arena_fmt(a, "%s/.part", in->dir).p, e);
    if (!rc)
        rc = jd_attachlist_open(in->state, &b.list, e);
    if (!rc)
        rc = update_list(&b, e);
    while (!rc && found) {
        jd_arena_reset(at);
        rc = jd_attachlist_next(&b.list, at, after, in->limit, &next, &found, e);
        if (!rc && found) {
            after = next.id;
            rc    = one(&b, &next, e);
        }
    }
    jd_code told = conclude(&b, rc ? &ignored : e);
    jd_arena_free(at);
    jd_arena_free(b.a);
    return rc ? rc : told;
}
