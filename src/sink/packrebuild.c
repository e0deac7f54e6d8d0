#include "sink/pack.h"
#include "sink/packread.h"
#include "sink/users.h"

typedef struct rebuild {
    jd_state     *state;
    jd_packindex *index;
    const jd_log *log;
    jd_arena     *arena; /* of one issue */
    uint64_t      next_id, issues;
    jd_users      users;
} rebuild;

/* One issue of a frame: it counts unless what is held is newer. */
static jd_code take_issue(rebuild *b, const jd_segment *seg, const jd_packscan_frame *f, jd_str raw,
                          jd_err *e)
{
    const jd_json *doc;
    jd_issue       issue;
    jd_state_issue was;
    bool           found;
    jd_err         bad;
    jd_arena_reset(b->arena);
    if (!raw.p || jd_json_read(b->arena, raw, &doc, &bad) ||
        jd_issue_view(doc, raw, &issue, &bad) || !jd_str_eq(issue.project, seg->project)) {
        jd_event(b->log, JD_WARN, "state",
                 "%.*s/seg-%06llu.pack: a frame at byte %llu holds what is no issue of it: passed "
                 "over",
                 JD_FMT(seg->project), (unsigned long long)seg->number, (unsigned long long)f->at);
        return JD_OK;
    }
    jd_code rc = jd_state_get(b->state, issue.id, &was, &found, e);
    if (rc || (found && issue.updated_ms < was.held.updated_ms))
        return rc;
    jd_state_issue row   = {issue.id, issue.key, {issue.updated_ms, 0, jd_issue_hash(doc), 0}};
    jd_pack_place  place = {seg->id, f->at, f->packed, (uint64_t)(raw.p - f->text.p), raw.n};
    b->issues += !found;
    jd_users_take(&b->users, &issue);
    rc = jd_state_put(b->state, &row, e);
    return rc ? rc : jd_packindex_put(b->index, issue.id, &place, e);
}

/* What stands behind the last frame that reads does not count. */
static jd_code take_frames(rebuild *b, jd_packscan *scan, jd_segment *seg, jd_err *e)
{
    for (;;) {
        jd_packscan_frame f;
        bool              more;
        jd_code           rc = jd_packscan_next(scan, &f, &more, e);
        if (rc || !more)
            return rc;
        jd_str rest = f.text, raw;
        while (!rc && jd_pack_cut(&rest, &raw))
            rc = take_issue(b, seg, &f, raw, e);
        if (rc)
            return rc;
        seg->size = f.at + f.packed;
        seg->bytes += f.text.n;
    }
}

static jd_code take_segment(rebuild *b, jd_str project, uint64_t number, const char *path,
                            jd_err *e)
{
    jd_packscan *scan;
    jd_segment   seg = {.id = b->next_id, .project = project, .number = number};
    jd_code      rc  = jd_packscan_open(path, &scan, e);
    if (rc)
        return rc;
    rc = take_frames(b, scan, &seg, e);
    if (!rc && jd_packscan_lost(scan))
        jd_event(b->log, JD_WARN, "state",
                 "%s: %llu bytes of it are no whole frame: what they held is fetched again", path,
                 (unsigned long long)jd_packscan_lost(scan));
    jd_packscan_close(scan);
    if (rc || !seg.size)
        return rc;
    b->next_id++;
    return jd_packindex_put_segment(b->index, &seg, e);
}

/* Segments of a project in order of their numbers. */
static jd_code take_project(rebuild *b, jd_arena *a, const char *folder, jd_str project, jd_err *e)
{
    jd_names files;
    jd_code  rc    = jd_dir_list(a, folder, &files, e);
    uint64_t below = 0;
    while (!rc) {
        size_t   best = files.n;
        uint64_t low  = UINT64_MAX;
        for (size_t i = 0; i < files.n; i++) {
            uint64_t number = jd_segment_number(jd_str_of(files.name[i]));
            if (number > below && number < low) {
                best = i;
                low  = number;
            }
        }
        if (best == files.n)
            break;
        rc = take_segment(b, project, low, jd_arena_fmt(a, "%s/%s", folder, files.name[best]).p, e);
        below = low;
    }
    return rc;
}

static jd_code take_all(rebuild *b, const char *raw_dir, jd_err *e)
{
    JD_CLEANUP(jd_arena_freep) jd_arena *a = jd_arena_new(0);
    jd_names                             projects;
    jd_code                              rc = jd_dir_list(a, raw_dir, &projects, e);
    for (size_t i = 0; i < projects.n && !rc; i++) {
        jd_str name   = jd_str_of(projects.name[i]);
        jd_str folder = jd_arena_fmt(a, "%s/%s", raw_dir, name.p);
        if (jd_is_project_key(name) && jd_path_is_dir(folder.p))
            rc = take_project(b, a, folder.p, name, e);
    }
    return rc;
}

jd_code jd_pack_rebuild(jd_state *state, jd_packindex *x, const char *raw_dir, jd_str store,
                        const jd_log *log, jd_err *e)
{
    rebuild b = {.state = state, .index = x, .log = log, .arena = jd_arena_new(0)};
    jd_users_init(&b.users);
    jd_code rc = jd_packindex_next(x, &b.next_id, e);
    if (!rc)
        rc = jd_state_begin(state, e);
    if (!rc)
        rc = take_all(&b, raw_dir, e);
    if (!rc)
        rc = jd_users_put(&b.users, state, e);
    if (!rc)
        rc = jd_state_set_layout(state, JD_LAYOUT_PACK, store, e);
    jd_crash_point("pack.rebuilt");
    if (!rc)
        rc = jd_state_commit(state, e);
    if (rc)
        jd_state_rollback(state);
    else if (b.issues)
        jd_event(log, JD_INFO, "state", "state rebuilt from %llu issues packed in %s",
                 (unsigned long long)b.issues, raw_dir);
    jd_users_release(&b.users);
    jd_arena_free(b.arena);
    return rc;
}
