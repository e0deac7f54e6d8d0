/* generate.h: made-up issues that look like a public Data Center's, for demos, tests and
 * benchmarks.
 *
 * - An issue depends on the configuration and its index alone: the same bytes on every machine, and
 *   any issue can be made by itself.
 * - Everything is complete in the text (all comments, worklogs and histories, oldest first); dates
 *   carry +0000. What is cut or turned on the way out is the server's business.
 * - Issue i has id first_id + i and number first_number + i; `created` never falls with the index
 *   and ties within one second are frequent; everything happens within created_from..created_to.
 * - In a project of 100 issues or more some are special: one with 130 histories, one with 140
 *   comments, one with 25 worklogs, one of about 300 KB (sim_generate_special says which). */
#ifndef SIM_GENERATE_H
#define SIM_GENERATE_H

#include "base/buf.h"

typedef struct sim_gen_conf {
    jd_str   key, name; /* "HADOOP", "Hadoop Common" */
    uint64_t project_id;
    uint64_t count, seed;
    jd_str   base_url; /* with the context path, without a slash at the end: for self links, where
                          it stands as it is (no quotes in it) */
    uint64_t first_id, first_number;
    int64_t  created_from_ms, created_to_ms;
    bool     nasty; /* one issue holds a \u0000 escape and a lone surrogate escape */
    unsigned calm;  /* percent of comments, worklogs and edits that never happened: shorter issues
                     */
} sim_gen_conf;

typedef enum sim_gen_special {
    SIM_GEN_PLAIN,
    SIM_GEN_HISTORIES, /* 130 histories */
    SIM_GEN_COMMENTS,  /* 140 comments */
    SIM_GEN_WORKLOGS,  /* 25 worklogs */
    SIM_GEN_LONG,      /* about 300 KB */
    SIM_GEN_NASTY
} sim_gen_special;

enum { SIM_GEN_ISSUE_MAX = 4 * 1024 * 1024 }; /* no issue is longer */

/* All issues by rising index. The text given to emit is valid during the call. */
void sim_generate(const sim_gen_conf *c, void (*emit)(void *self, jd_str issue_json), void *self);
/* Appends issue number `index` (0 .. count-1). */
void            sim_generate_one(jd_buf *out, const sim_gen_conf *c, uint64_t index);
sim_gen_special sim_generate_special(const sim_gen_conf *c, uint64_t index);

/* The catalogues these issues are made from, appended as the JSON arrays that Jira serves: the
 * entries as issues embed them, priorities with their description. */
typedef enum sim_catalogue {
    SIM_CAT_STATUS,
    SIM_CAT_TYPE,
    SIM_CAT_PRIORITY,
    SIM_CAT_RESOLUTION,
    SIM_CAT_FIELD /* GET /field: standard and custom fields with their schema */
} sim_catalogue;
void sim_gen_catalogue(jd_buf *out, sim_catalogue which, jd_str base_url);
/* The project as GET /project lists it (one object). */
void sim_gen_project(jd_buf *out, const sim_gen_conf *c);

#endif
