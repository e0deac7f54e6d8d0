/* outcome.h: what a run came to, told three ways: a table for people, JSON for programs, Prometheus
 * text for node-exporter. Every run ends with one, whatever happened; its exit code says the same.
 */
#ifndef JD_FLOW_OUTCOME_H
#define JD_FLOW_OUTCOME_H

#include "base/buf.h"
#include "net/http.h"
#include "sink/sink.h"

typedef struct jd_scope_outcome {
    jd_str   name, label, jql;
    int64_t  server;      /* what the server counts; -1: not asked */
    uint64_t held;        /* issues of the scope that the sink holds */
    uint64_t fresh;       /* delivered: were not held */
    uint64_t changed;     /* delivered: took an older state's place */
    uint64_t unchanged;   /* came, and were held already */
    uint64_t quarantined; /* stand in quarantine now */
    uint64_t quarantined_new;
    uint64_t missing;     /* the server has them, we do not */
    uint64_t extra;       /* held, but no longer counted by the server: gone or moved */
    uint64_t short_lists; /* lists of which the server itself has fewer than it says */
    struct {              /* a census */
        bool     asked;
        uint64_t listed, fetched;
        uint64_t removed[JD_CAUSES_N]; /* of the scope, by cause */
        uint64_t kept; /* not listed, and yet it cannot be told that they are gone */
    } census;
    char    lacking[120]; /* ids of some that are missing */
    bool    complete;     /* walked to its end */
    bool    limited;      /* ended by a limit that was asked for */
    jd_code code;
    char    error[JD_ERR_MAX];
} jd_scope_outcome;

enum { JD_NOTES_MAX = 50 };

typedef struct jd_notes { /* lines for the verdict that change nothing of it */
    const char *line[JD_NOTES_MAX];
    size_t      n; /* may be more than are kept */
} jd_notes;

typedef struct jd_outcome {
    jd_str            site;
    int64_t           began_ms, ended_ms;
    jd_http_stats     http;
    jd_scope_outcome *scope;
    size_t            n;
    jd_code           code; /* JD_OK, or the worst that happened */
    char              error[JD_ERR_MAX];
    jd_notes          warning; /* what could not be had beside the issues */
    jd_notes          drift;   /* how the site's fields changed */
    struct {                   /* bodies of attachments */
        bool     asked;
        uint64_t held, fetched, bytes; /* bytes: of those held */
        uint64_t missing, forbidden, over, failed;
    } attachments;
    struct { /* what is kept beside issues: how many were read, and could not be */
        bool     asked;
        uint64_t read, failed;
    } extras;
} jd_outcome;

/* The line is borrowed. */
void jd_note(jd_notes *n, const char *line);

/* Whether a sink is sound after a failure, so that what it took may be committed, and used. */
bool jd_outcome_sound(jd_code rc);
/* Of a run that failed: whether what came of its other scopes may be used. */
bool jd_outcome_partly(const jd_outcome *o);

/* The worst of the run and its scopes: an error, then JD_E_INCOMPLETE, then JD_E_QUARANTINED. */
jd_code jd_outcome_code(const jd_outcome *o);
/* What it says; NULL where it says nothing. */
const char *jd_outcome_error(const jd_outcome *o);

void jd_outcome_table(jd_buf *out, const jd_outcome *o);
void jd_outcome_json(jd_buf *out, const jd_outcome *o);
void jd_outcome_metrics(jd_buf *out, const jd_outcome *o);

#endif
