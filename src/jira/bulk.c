#include "jira/bulk.h"

#include "text/date.h"
#include "text/jsonw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 1 << 20, TEXT_MAX = 64 << 20, PAGE_ROWS = 10000, PAGES_MAX = 1000 };

static void write_ids(jd_jsonw *w, const uint64_t *id, size_t n)
{
    jd_jsonw_name(w, "issueIdsOrKeys");
    jd_jsonw_array(w);
    for (size_t i = 0; i < n; i++) {
        char text[24];
        int  len = snprintf(text, sizeof text, "%" PRIu64, id[i]);
        jd_jsonw_str(w, (jd_str){text, (size_t)len});
    }
    jd_jsonw_end(w);
}

static void write_list(jd_jsonw *w, const char *name, jd_str list)
{
    jd_str one;
    jd_jsonw_name(w, name);
    jd_jsonw_array(w);
    while (jd_str_split(&list, ',', &one))
        jd_jsonw_str(w, one);
    jd_jsonw_end(w);
}

/* -- issues ---------------------------------------------------------------------------------- */

typedef struct batch {
    const uint64_t *id;
    size_t          n;
} batch;

static jd_code ask_issues(jd_jira *j, jd_arena *a, batch b, const jd_query *like, jd_page *out,
                          jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf body = JD_BUF_INIT(BODY_MAX);
    jd_jsonw                          w    = jd_jsonw_to(&body);
    jd_jsonw_object(&w);
    write_ids(&w, b.id, b.n);
    write_list(&w, "fields",
               like->field      ? jd_str_of(like->field)
               : like->fields.n ? like->fields
                                : JD_STR("*all"));
    if (!like->field)
        write_list(&w, "expand", JD_STR("changelog"));
    jd_jsonw_end(&w);
    return jd_jira_issues(j, a, JD_STR("/rest/api/3/issue/bulkfetch"),
                          jd_arena_dup(a, jd_buf_view(&body)), out, e);
}

static void append(jd_arena *a, jd_page *out, const jd_page *part)
{
    jd_page_row *row = JD_NEW_ARRAY(a, jd_page_row, out->n + part->n + 1);
    if (out->n)
        memcpy(row, out->row, out->n * sizeof *row);
    if (part->n)
        memcpy(row + out->n, part->row, part->n * sizeof *row);
    out->row = row;
    out->n += part->n;
    out->date_ms = part->date_ms;
}

/* Whether half of it may go better. */
static bool batch_trouble(jd_code rc)
{
    return rc == JD_E_REMOTE || rc == JD_E_TOOBIG || rc == JD_E_DATA;
}

jd_code jd_jira_bulk_issues(jd_jira *j, jd_arena *a, const uint64_t *id, size_t n,
                            const jd_query *like, jd_page *out, size_t *failed, jd_err *e)
{
    batch  todo[2 * JD_BULK_ISSUES]; /* halves still to be asked, the first on top */
    size_t depth = 0;
    *out         = (jd_page){.date_ms = JD_NO_TIME};
    *failed      = 0;
    if (n)
        todo[depth++] = (batch){id, n};
    while (depth > 0) {
        batch   b = todo[--depth];
        jd_page part;
        jd_err  why;
        jd_code rc = ask_issues(j, a, b, like, &part, &why);
        if (!rc) {
            append(a, out, &part);
        } else if (!batch_trouble(rc)) {
            *e = why;
            return rc;
        } else if (b.n == 1) {
            ++*failed;
        } else {
            size_t half   = b.n / 2;
            todo[depth++] = (batch){b.id + half, b.n - half};
            todo[depth++] = (batch){b.id, half};
        }
    }
    return JD_OK;
}

/* -- histories ------------------------------------------------------------------------------- */

/* As it would stand in an issue: here alone is `created` a number. */
static void write_history(jd_jsonw *w, const jd_json *h)
{
    char    time[JD_TIME_MAX];
    int64_t ms;
    jd_jsonw_object(w);
    for (jd_json_iter it = jd_json_walk(h); jd_json_next(&it);) {
        jd_jsonw_names(w, it.name);
        if (jd_str_is(it.name, "created") && jd_json_i64(it.value, &ms))
            jd_jsonw_str(w, jd_str_of(jd_time_jira(ms, 0, time)));
        else
            jd_jsonw_value(w, it.value);
    }
    jd_jsonw_end(w);
}

typedef struct pile { /* the histories of one issue, as they come over several pages */
    jd_buf   text;
    jd_jsonw w;
} pile;

static jd_code take_page(pile *of, const jd_ahead *out, const jd_json *v, jd_err *e)
{
    for (jd_json_iter it = jd_json_walk(jd_json_get(v, "issueChangeLogs")); jd_json_next(&it);) {
        const int64_t *place = jd_idmap_get(out->at, jd_json_id(jd_json_get(it.value, "issueId")));
        if (!place)
            continue;
        for (jd_json_iter h = jd_json_walk(jd_json_get(it.value, "changeHistories"));
             jd_json_next(&h);)
            write_history(&of[*place].w, h.value);
        if (!jd_buf_ok(&of[*place].text))
            return jd_fail(e, JD_E_TOOBIG, "the history of an issue is over %d MiB",
                           TEXT_MAX >> 20);
    }
    return JD_OK;
}

static jd_code ask_histories(jd_jira *j, jd_arena *a, const uint64_t *id, size_t n, jd_str token,
                             const jd_json **v, jd_err *e)
{
    JD_CLEANUP(jd_buf_release) jd_buf body = JD_BUF_INIT(BODY_MAX);
    jd_jsonw                          w    = jd_jsonw_to(&body);
    jd_reply                          reply;
    jd_jsonw_object(&w);
    write_ids(&w, id, n);
    jd_jsonw_kint(&w, "maxResults", PAGE_ROWS);
    if (token.n)
        jd_jsonw_kstr(&w, "nextPageToken", token);
    jd_jsonw_end(&w);
    return jd_jira_post(j, a, JD_STR("/rest/api/3/changelog/bulkfetch"),
                        jd_arena_dup(a, jd_buf_view(&body)), v, &reply, e);
}

static jd_code read_pages(jd_jira *j, jd_arena *a, const uint64_t *id, size_t n, pile *of,
                          const jd_ahead *out, jd_err *e)
{
    jd_str token = JD_NOSTR;
    for (int pages = 0; pages < PAGES_MAX; pages++) {
        const jd_json *v;
        jd_code        rc = ask_histories(j, a, id, n, token, &v, e);
        if (!rc)
            rc = take_page(of, out, v, e);
        if (rc)
            return rc;
        jd_str next = jd_json_str(jd_json_get(v, "nextPageToken"));
        if (next.n == 0)
            return JD_OK;
        if (jd_str_eq(next, token))
            break;
        token = next;
    }
    return jd_fail(e, JD_E_REMOTE, "the pages of histories do not end: run again");
}

jd_code jd_jira_bulk_histories(jd_jira *j, jd_arena *a, const uint64_t *id, size_t n, jd_ahead *out,
                               jd_err *e)
{
    pile *of  = JD_NEW_ARRAY(a, pile, n);
    out->at   = jd_idmap_new();
    out->list = JD_NEW_ARRAY(a, const jd_json *, n);
    for (size_t i = 0; i < n; i++) {
        of[i].text.max                      = TEXT_MAX;
        of[i].w                             = jd_jsonw_to(&of[i].text);
        *jd_idmap_put(out->at, id[i], NULL) = (int64_t)i;
        jd_jsonw_array(&of[i].w);
    }
    jd_code rc = read_pages(j, a, id, n, of, out, e);
    for (size_t i = 0; i < n; i++) {
        jd_jsonw_end(&of[i].w);
        if (!rc)
            rc = jd_json_read(a, jd_buf_view(&of[i].text), &out->list[i], e);
        jd_buf_release(&of[i].text);
    }
    return rc;
}
