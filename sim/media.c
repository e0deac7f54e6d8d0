/* Attachments: what they are, and their bytes, which follow from id and size alone. */
#include "base/hash.h"
#include "sim/feed.h"
#include "sim/raw.h"
#include "sim/side.h"
#include "text/jsonw.h"

#include <stdlib.h>

typedef struct file {
    uint64_t       id, size;
    const jd_json *json; /* as the issue has it */
    jd_str         type;
} file;

enum { FILE_MAX = 512 << 20 };

static bool find(sim_call *c, jd_str name, file *f)
{
    const jd_json *tree = NULL;
    jd_err         none = JD_ERR_NONE;
    int64_t        size = 0;
    *f                  = (file){0};
    sim_text *t         = jd_str_u64(name, &f->id) ? sim_feed_attachment(c, f->id) : NULL;
    if (!t)
        return false;
    if (jd_json_read(c->a, t->issue.json, &tree, &none) != JD_OK)
        tree = NULL;
    for (jd_json_iter it = jd_json_walk(jd_json_path(tree, "fields.attachment"));
         jd_json_next(&it);)
        if (jd_json_id(jd_json_get(it.value, "id")) == f->id)
            f->json = it.value;
    sim_text_drop(t);
    if (jd_json_i64(jd_json_get(f->json, "size"), &size) && size > 0 && size <= FILE_MAX)
        f->size = (uint64_t)size;
    f->type = jd_json_str(jd_json_get(f->json, "mimeType"));
    return f->json != NULL;
}

static void missing(sim_call *c, jd_str name)
{
    sim_reply_error(
        c->r, 404,
        jd_arena_fmt(c->a, "The attachment with id '%.*s' does not exist", JD_FMT(name)));
}

/* Lines of text, or noise behind a picture's first bytes. */
static void bytes(jd_buf *out, const file *f, uint64_t from, uint64_t to)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ .";
    static const char png[]   = "\x89PNG\r\n\x1a\n";
    bool              picture = jd_str_is(f->type, "image/png");
    char             *p       = jd_buf_room(out, to - from);
    if (!p)
        return;
    for (uint64_t i = from; i < to; i++) {
        uint64_t h  = jd_mix64(f->id * 1000003 + i / 8) >> (i % 8 * 8) & 0xFF;
        p[i - from] = picture ? (i < 8 ? png[i] : (char)h) : i % 72 == 71 ? '\n' : letters[h & 63];
    }
    jd_buf_wrote(out, to - from);
}

/* What a Range asks for: 200 all, 206 a part, 400 or 416. */
static int range_of(jd_str head, uint64_t size, uint64_t *from, uint64_t *to)
{
    enum { PART = 206, NOT_THERE = 416 };
    static const jd_str unit = JD_STR_INIT("bytes=");
    *from                    = 0;
    *to                      = size;
    if (head.n == 0)
        return 200;
    jd_str rest = jd_str_cut(head, unit.n, SIZE_MAX);
    size_t dash = jd_str_find(rest, '-');
    jd_str a = jd_str_cut(rest, 0, dash), b = jd_str_cut(rest, dash + 1, SIZE_MAX);
    if (!jd_str_starts(head, unit) || dash == rest.n || a.n + b.n == 0)
        return 400;
    if ((a.n > 0 && !jd_str_u64(a, from)) || (b.n > 0 && !jd_str_u64(b, to)))
        return 400;
    if (a.n == 0) { /* so many at the end */
        *from = *to < size ? size - *to : 0;
        *to   = size;
    } else if (b.n > 0) {
        *to = *to < size - 1 || size == 0 ? *to + 1 : size;
    }
    return *from < size && *from < *to ? PART : NOT_THERE;
}

static const char *content_range(jd_arena *a, int status, uint64_t from, uint64_t to, uint64_t size)
{
    if (status == 416)
        return jd_arena_fmt(a, "bytes */%llu", (unsigned long long)size).p;
    return jd_arena_fmt(a, "bytes %llu-%llu/%llu", (unsigned long long)from,
                        (unsigned long long)to - 1, (unsigned long long)size)
        .p;
}

static void say_bytes(sim_call *c, const file *f)
{
    uint64_t from, to;
    int      status = range_of(jd_httpd_header(c->q, "Range"), f->size, &from, &to);
    sim_reply_status(c->r, status);
    sim_call_head(c, "Accept-Ranges", "bytes");
    if (status == 206 || status == 416)
        sim_call_head(c, "Content-Range", content_range(c->a, status, from, to, f->size));
    if (status >= 400) {
        sim_reply_type(c->r, NULL);
        return;
    }
    sim_reply_type(c->r, jd_str_is(f->type, "image/png") ? "image/png" : "text/plain");
    bytes(sim_reply_own(c->r), f, from, to);
}

/* -- the REST API's side ----------------------------------------------------------------------- */

void sim_get_attachment(sim_call *c, jd_str name)
{
    file f;
    if (!find(c, name, &f)) {
        missing(c, name);
        return;
    }
    jd_buf   one = JD_BUF_INIT(SIM_ISSUE_MAX), said = one;
    jd_jsonw w = jd_jsonw_to(&one);
    jd_jsonw_object(&w);
    for (jd_json_iter it = jd_json_walk(f.json); jd_json_next(&it);) {
        jd_jsonw_names(&w, it.name);
        if (jd_str_is(it.name, "id")) /* a number here, a string in the issue */
            jd_jsonw_int(&w, (int64_t)f.id);
        else if (c->s->conf->cloud && jd_str_is(it.name, "content"))
            jd_jsonw_str(&w, jd_arena_fmt(c->a, "%.*s/rest/api/3/attachment/content/%llu",
                                          JD_FMT(c->s->conf->base_url), (unsigned long long)f.id));
        else
            jd_jsonw_value(&w, it.value);
    }
    jd_jsonw_end(&w);
    sim_side_say(c, &said, jd_buf_view(&one));
    jd_buf_release(&one);
    sim_call_say(c, &said);
}

void sim_get_attachment_meta(sim_call *c, jd_str name)
{
    (void)name;
    jd_buf_addz(sim_reply_own(c->r), "{\"enabled\":true,\"uploadLimit\":1000000000}");
}

static uint64_t signature(const sim_server *s, uint64_t id, int64_t until_ms)
{
    return jd_mix64(jd_mix64(id ^ s->conf->seed) + (uint64_t)until_ms);
}

void sim_get_attachment_content(sim_call *c, jd_str name)
{
    enum { SEE_OTHER = 303 };
    file f;
    char hex[17];
    if (!find(c, name, &f)) {
        missing(c, name);
        return;
    }
    if (jd_str_is(jd_httpd_param(c->q, c->a, "redirect"), "false") ||
        c->s->conf->media_url.n == 0) {
        say_bytes(c, &f);
        return;
    }
    int64_t until = sim_now(c->s) + (int64_t)sim_tuned(&c->s->tuning, SIM_MEDIA_S) * 1000;
    jd_hash_hex(signature(c->s, f.id, until), hex);
    sim_reply_status(c->r, SEE_OTHER);
    sim_reply_type(c->r, NULL);
    sim_call_head(c, "Location",
                  jd_arena_fmt(c->a, "%.*s/file/%llu/binary?until=%lld&token=%s",
                               JD_FMT(c->s->conf->media_url), (unsigned long long)f.id,
                               (long long)until, hex)
                      .p);
}

void sim_get_attachment_file(sim_call *c, jd_str path)
{
    file   f;
    jd_str id = jd_str_cut(path, 0, jd_str_find(path, '/'));
    if (!find(c, id, &f))
        sim_reply_html(c->r, 404);
    else
        say_bytes(c, &f);
}

/* -- the media host ---------------------------------------------------------------------------- */

static void refuse(sim_call *c, int status, const char *why)
{
    sim_reply_clear(c->r);
    sim_reply_status(c->r, status);
    sim_reply_type(c->r, "text/plain");
    jd_buf_addz(sim_reply_own(c->r), why);
}

static void serve_file(sim_call *c)
{
    static const jd_str head  = JD_STR_INIT("/file/");
    int64_t             until = 0;
    char                hex[17];
    file                f;
    jd_str              rest = jd_str_cut(c->q->path, head.n, SIZE_MAX);
    jd_str              id   = jd_str_cut(rest, 0, jd_str_find(rest, '/'));
    if (jd_httpd_header(c->q, "Authorization").n > 0) {
        refuse(c, 400, "Only one auth mechanism allowed");
        return;
    }
    (void)jd_str_i64(jd_httpd_param(c->q, c->a, "until"), &until);
    if (!jd_str_starts(c->q->path, head) || !find(c, id, &f)) {
        refuse(c, 404, "no such file");
        return;
    }
    jd_hash_hex(signature(c->s, f.id, until), hex);
    if (!jd_str_is(jd_httpd_param(c->q, c->a, "token"), hex) || sim_now(c->s) > until)
        refuse(c, 403, "the address is not valid any more");
    else
        say_bytes(c, &f);
}

void sim_serve_media(void *self, const jd_httpd_request *q, jd_arena *a, jd_httpd_reply *out)
{
    sim_server *s = self;
    if (!atomic_load(&s->ready)) {
        out->status = 503;
        return;
    }
    sim_call c = {.s = s, .q = q, .a = a, .r = sim_reply_new(), .viewer = SIM_SEES_ALL};
    serve_file(&c);
    struct jd_httpd_head *heads = JD_NEW_ARRAY(a, struct jd_httpd_head, SIM_EXTRA_HEADS);
    for (size_t i = 0; i < c.nextra; i++)
        heads[i] = c.extra[i];
    out->head  = heads;
    out->nhead = c.nextra;
    sim_reply_send(c.r, out);
}
