#include "flow/transform.h"

#include "corpus/record.h"
#include "flow/badfile.h"
#include "flow/outfile.h"
#include "flow/rawlist.h"
#include "sys/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH      = 64,        /* files of a job, and of a frame when compressed */
    MANY       = 16384,     /* in a project of so many files */
    BATCH_MANY = 256,       /* a job has more: less is decoded twice where jobs meet */
    CHUNK_MAX  = 8 << 20,   /* a job's text is handed on when it is larger */
    FILE_MAX   = 128 << 20, /* the largest issue that is read */
    TEXT_MAX   = 1 << 30    /* the ceiling of a record and what stands before it in the chunk */
};

typedef struct project {
    const char   *name;
    jd_store_list list;
    size_t        at;   /* next file to hand out */
    unsigned      jobs; /* that still use it */
} project;

typedef struct bad {
    uint64_t number;
    char    *why;
} bad;

typedef struct job {
    project *of;
    size_t   at, end; /* files of the project's list still to do */
    size_t   begin;
    jd_buf   text, packed;
    JD_VEC(bad) bads;
    jd_stats   *stats;
    struct job *next; /* in the list of idle jobs */
} job;

/* What a worker keeps from file to file. */
typedef struct bench {
    jd_arena        *arena;
    jd_store_reader *reader;
    jd_str           file;
    jd_buf           scratch;
    jd_bodies        bodies;
    jd_task_room     room;
} bench;

typedef struct run {
    const jd_transform *in;
    jd_arena           *arena;
    jd_store           *store;
    jd_names            projects;
    size_t              next_project;
    project            *open;    /* the one that files are handed out of */
    bench              *benches; /* one a worker, and the last for the caller's own */
    unsigned            threads;
    job                *idle;
    jd_outfile          out;
    bool                wrote;
    jd_stats           *stats;
    jd_badfiles        *bads;
    const char         *shown; /* the project that the progress is at */
} run;

static void bench_init(bench *b, const jd_transform *in)
{
    *b = (bench){.arena   = jd_arena_new(256 << 10),
                 .scratch = JD_BUF_INIT(TEXT_MAX),
                 .bodies  = {.form               = in->text,
                             .include_restricted = in->include_restricted,
                             .environment        = in->environment},
                 .room    = {.text  = JD_BUF_INIT(TEXT_MAX),
                             .words = JD_BUF_INIT(TEXT_MAX),
                             .more  = JD_BUF_INIT(TEXT_MAX)}};
}

static void bench_release(bench *b)
{
    jd_arena_free(b->arena);
    jd_store_reader_close(b->reader);
    jd_buf_release(&b->scratch);
    jd_bodies_release(&b->bodies);
    jd_task_room_release(&b->room);
}

/* One huge issue must not leave every buffer huge for the rest of the run. */
static void shrink(jd_buf *b)
{
    if (b->cap > 2 * (size_t)CHUNK_MAX)
        jd_buf_release(b);
}

static void bench_tidy(bench *b)
{
    shrink(&b->scratch);
    jd_bodies_tidy(&b->bodies);
    shrink(&b->room.text);
    shrink(&b->room.words);
    shrink(&b->room.more);
    if (jd_arena_size(b->arena) > 4 * (size_t)CHUNK_MAX) {
        jd_arena_free(b->arena);
        b->arena = jd_arena_new(256 << 10);
    }
}

/* ---- make: the next files ---- */

static void project_done(project *p)
{
    jd_store_list_close(&p->list);
    free(p);
}

static jd_code open_next(run *r, jd_err *e)
{
    if (r->open && r->open->jobs == 0)
        project_done(r->open);
    r->open    = NULL;
    project *p = jd_xcalloc(1, sizeof *p);
    p->name    = r->projects.name[r->next_project++];
    r->open    = p;
    jd_code c  = jd_store_list_open(r->store, p->name, &p->list, e);
    if (c)
        return c;
    r->stats->count[JD_COUNT_IGNORED] += p->list.ignored;
    if (p->list.ignored)
        jd_event(r->in->log, JD_WARN, "note",
                 "%s/%s: %llu files passed over: their names are no keys of this project",
                 r->in->input_dir, p->name, (unsigned long long)p->list.ignored);
    return jd_badfiles_project(r->bads, p->name, e);
}

static job *job_new(run *r)
{
    job *j = r->idle;
    if (j) {
        r->idle = j->next;
        return j;
    }
    j  = jd_xcalloc(1, sizeof *j);
    *j = (job){.text = JD_BUF_INIT(TEXT_MAX), .packed = JD_BUF_INIT(SIZE_MAX / 2)};
    return j;
}

static jd_code make_job(void *self, void **out, jd_err *e)
{
    run *r = self;
    *out   = NULL;
    if (r->in->stop && jd_stop_wanted(r->in->stop))
        return jd_fail(e, JD_E_INTERRUPTED, "interrupted: %s is as it was; run again", r->out.path);
    while (!r->open || r->open->at == r->open->list.n) {
        if (r->next_project == r->projects.n)
            return JD_OK;
        jd_code c = open_next(r, e);
        if (c)
            return c;
    }
    project *p    = r->open;
    size_t   most = p->list.n < MANY ? BATCH : BATCH_MANY;
    size_t   left = p->list.n - p->at;
    job     *j    = job_new(r);
    j->of         = p;
    j->begin = j->at = p->at;
    j->end           = p->at + (left < most ? left : most);
    j->stats         = jd_stats_new(true);
    p->at            = j->end;
    p->jobs++;
    *out = j;
    return JD_OK;
}

/* ---- work: files to lines ---- */

static void add_bad(job *j, uint64_t number, const jd_err *e)
{
    *jd_vec_add(&j->bads) = (bad){number, jd_xstrdup(e->msg)};
    j->stats->count[JD_COUNT_BAD_FILES]++;
}

/* JD_OK and *gone when the file went away since it was listed (its issue was moved). */
static jd_code read_file(bench *b, jd_str key, bool *gone, jd_err *e)
{
    jd_code c = jd_store_read(b->reader, key, &b->file, e);
    *gone     = c == JD_E_NOTFOUND;
    return *gone ? JD_OK : c;
}

/* JD_E_DATA or JD_E_TOOBIG: the file is bad. */
static jd_code add_record(const run *r, job *j, bench *b, jd_str key, jd_err *e)
{
    const jd_json *doc;
    jd_view        v = {0};
    jd_skip        made[JD_NTASKS];
    jd_code        c = jd_json_read(b->arena, b->file, &doc, e);
    if (c)
        return jd_wrap(e, "not JSON");
    c = jd_view_read(b->arena, &b->scratch, &b->bodies, doc, &v, e);
    if (c)
        return c;
    if (!jd_str_eq(v.key, key))
        return jd_fail(e, JD_E_DATA, "it holds issue %.*s", JD_FMT(jd_str_cut(v.key, 0, 100)));
    if (v.secured && !r->in->include_restricted) {
        j->stats->count[JD_COUNT_SECURED]++;
        return JD_OK;
    }
    size_t before = j->text.n;
    jd_record_write(&j->text, &v, &b->room, made);
    if (!jd_buf_ok(&j->text) || !jd_buf_ok(&b->room.text)) {
        j->text.n    = before;
        j->text.over = false;
        return jd_fail(e, JD_E_TOOBIG, "its record is larger than %d bytes", TEXT_MAX);
    }
    jd_stats_issue(j->stats, &v, made, j->text.n - before);
    return JD_OK;
}

static jd_code do_file(const run *r, job *j, bench *b, uint64_t number, jd_err *e)
{
    char    name[320];
    bool    gone;
    int     n   = snprintf(name, sizeof name, "%s-%llu", j->of->name, (unsigned long long)number);
    jd_str  key = {name, (size_t)n};
    jd_err  why = JD_ERR_NONE;
    jd_code c   = read_file(b, key, &gone, &why);
    if (gone) {
        j->stats->count[JD_COUNT_VANISHED]++;
        return JD_OK;
    }
    if (c && c != JD_E_DATA && c != JD_E_TOOBIG && why.sys != EISDIR) {
        *e = why;
        return jd_wrap(e, "%s/%s", r->in->input_dir, j->of->name);
    }
    j->stats->count[JD_COUNT_READ]++;
    if (!c) {
        c = add_record(r, j, b, key, &why);
        jd_arena_reset(b->arena);
    }
    if (c)
        add_bad(j, number, &why);
    bench_tidy(b);
    return JD_OK;
}

static jd_code pack(const run *r, job *j, jd_err *e)
{
    if (r->in->zip == JD_ZIP_NONE || j->text.n == 0)
        return JD_OK;
    jd_zipper *z = jd_zipper_new(r->in->zip, 0);
    jd_code    c = jd_zipper_add(z, jd_buf_view(&j->text), &j->packed, e);
    if (!c)
        c = jd_zipper_end(z, &j->packed, e);
    jd_zipper_free(z);
    return c;
}

/* Fills the job's text with its next files, all of them unless they are large. */
static jd_code fill(const run *r, job *j, bench *b, jd_err *e)
{
    jd_buf_reset(&j->text);
    jd_buf_reset(&j->packed);
    jd_store_hold(b->reader);
    jd_code c = JD_OK;
    while (!c && j->at < j->end && j->text.n < CHUNK_MAX) {
        c = do_file(r, j, b, j->of->list.number[j->at], e);
        j->at += !c;
    }
    jd_store_let_go(b->reader);
    return c ? c : pack(r, j, e);
}

static jd_code work_job(void *self, void *item, unsigned worker, jd_err *e)
{
    const run *r = self;
    return fill(r, item, &r->benches[worker], e);
}

/* ---- take: lines to the file, in order ---- */

static jd_code take_bads(run *r, const job *j, jd_err *e)
{
    for (size_t i = 0; i < j->bads.n; i++) {
        const bad *b = &j->bads.v[i];
        if (r->in->strict) {
            jd_str key =
                jd_arena_fmt(r->arena, "%s-%llu", j->of->name, (unsigned long long)b->number);
            return jd_fail(e, JD_E_DATA, "%s: %s; %s and scrape again, or run without --strict",
                           jd_store_where(r->store, r->arena, key).p, b->why,
                           jd_store_layout(r->store) == JD_LAYOUT_PACK ? "reset the state"
                                                                       : "remove the file");
        }
        jd_code c = jd_badfiles_add(r->bads, j->of->name, b->number, b->why, e);
        if (c)
            return c;
    }
    return JD_OK;
}

static jd_code take_chunk(run *r, job *j, jd_err *e)
{
    jd_buf *out = r->in->zip == JD_ZIP_NONE ? &j->text : &j->packed;
    if (out->n) {
        jd_code c = jd_outfile_write(&r->out, jd_buf_view(out), e);
        if (c)
            return c;
        r->wrote = true;
        jd_crash_point("transform-write");
    }
    return JD_OK;
}

static jd_code take_job(void *self, void *item, jd_err *e)
{
    run    *r = self;
    job    *j = item;
    jd_code c = take_chunk(r, j, e);
    while (!c && j->at < j->end) { /* large issues: the rest, a chunk at a time */
        c = fill(r, j, &r->benches[r->threads], e);
        if (!c)
            c = take_chunk(r, j, e);
    }
    if (!c)
        c = take_bads(r, j, e);
    if (c)
        return c;
    jd_stats_merge(r->stats, j->stats);
    if (r->in->scope && r->shown != j->of->name)
        r->in->scope(r->in->self, j->of->name, j->of->list.n);
    r->shown = j->of->name;
    if (r->in->step)
        r->in->step(r->in->self, j->end - j->begin);
    return JD_OK;
}

static void drop_job(void *self, void *item)
{
    run     *r = self;
    job     *j = item;
    project *p = j->of;
    for (size_t i = 0; i < j->bads.n; i++)
        free(j->bads.v[i].why);
    j->bads.n = 0;
    jd_stats_free(j->stats);
    j->stats = NULL;
    shrink(&j->text);
    shrink(&j->packed);
    if (--p->jobs == 0 && p != r->open)
        project_done(p);
    j->next = r->idle;
    r->idle = j;
}

/* ---- the run ---- */

static jd_code write_empty_frame(run *r, jd_err *e)
{
    if (r->wrote || r->in->zip == JD_ZIP_NONE)
        return JD_OK;
    jd_buf     packed = JD_BUF_INIT(4096);
    jd_zipper *z      = jd_zipper_new(r->in->zip, 0);
    jd_code    c      = jd_zipper_end(z, &packed, e);
    if (!c)
        c = jd_outfile_write(&r->out, jd_buf_view(&packed), e);
    jd_zipper_free(z);
    jd_buf_release(&packed);
    return c;
}

static jd_code write_stats(const run *r, jd_err *e)
{
    if (!r->in->stats_path)
        return JD_OK;
    jd_buf json = JD_BUF_INIT(64 << 20);
    jd_stats_json(&json, r->stats);
    jd_code c = jd_file_replace(r->in->stats_path, jd_buf_view(&json), e);
    jd_buf_release(&json);
    return c;
}

/* The statistics come first: when they cannot be written, the old corpus stands. */
static jd_code finish(run *r, jd_err *e)
{
    jd_code c = write_empty_frame(r, e);
    if (!c)
        c = jd_outfile_sync(&r->out, e);
    if (!c)
        c = write_stats(r, e);
    if (c)
        return c;
    jd_crash_point("transform-publish");
    c = jd_outfile_publish(&r->out, e);
    if (c)
        return c;
    jd_crash_point("transform-clear");
    return jd_badfiles_clear(r->bads, e);
}

static void run_release(run *r)
{
    jd_outfile_close(&r->out);
    jd_badfiles_free(r->bads);
    if (r->open)
        project_done(r->open);
    while (r->idle) {
        job *j  = r->idle;
        r->idle = j->next;
        jd_buf_release(&j->text);
        jd_buf_release(&j->packed);
        jd_vec_release(&j->bads);
        free(j);
    }
    for (unsigned i = 0; r->benches && i <= r->threads; i++)
        bench_release(&r->benches[i]);
    free(r->benches);
    jd_store_close(r->store);
    jd_arena_free(r->arena);
}

jd_code jd_transform_run(const jd_transform *in, jd_stats *stats, jd_err *e)
{
    static const jd_pool_job ops = {make_job, work_job, take_job, drop_job};

    run r     = {.in = in, .arena = jd_arena_new(0), .out = JD_OUTFILE_NONE, .stats = stats};
    r.threads = in->threads ? in->threads : jd_cores();
    r.benches = jd_xcalloc(r.threads + 1, sizeof *r.benches);
    for (unsigned i = 0; i <= r.threads; i++)
        bench_init(&r.benches[i], in);
    jd_code c = jd_store_open(in->input_dir, in->state_dir, &r.store, e);
    for (unsigned i = 0; !c && i <= r.threads; i++)
        c = jd_store_reader_open(r.store, FILE_MAX, &r.benches[i].reader, e);
    r.bads = jd_badfiles_new(in->quarantine_dir, r.store, in->log);
    if (!c)
        c = jd_rawlist_projects(r.arena, r.store, in->input_dir, in->project, in->n_projects,
                                &r.projects, e);
    if (!c)
        c = jd_outfile_open(&r.out, in->output, e);
    if (!c)
        c = jd_pool_run(&ops, &r, r.threads, r.threads * 2 + 1, e);
    if (!c)
        c = finish(&r, e);
    if (!c && jd_badfiles_fresh(r.bads))
        c = jd_fail(e, JD_E_QUARANTINED,
                    "%llu files are no issues and went to %s: read why there, then scrape again",
                    (unsigned long long)jd_badfiles_fresh(r.bads), in->quarantine_dir);
    run_release(&r);
    return c;
}
