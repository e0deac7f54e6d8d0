/* etlconf.h: what a configuration says of backfill and sync: sites, scopes and their settings, as
 * written. Pure: text in, structs in the arena out; names of fields are looked up later.
 *
 * - `fields` of the file, of a site, a scope and an issue type add up; where none of them lists
 *   any, all fields are meant. Of the other settings the innermost counts.
 * - Every message names file, line and key, and what to write instead. */
#ifndef JD_CLI_ETLCONF_H
#define JD_CLI_ETLCONF_H

#include "base/arena.h"

typedef struct jd_etl_word { /* a field, by id or name */
    const char *text;
    unsigned    line;
} jd_etl_word;
typedef struct jd_etl_words {
    jd_etl_word *v;
    size_t       n;
} jd_etl_words;

typedef struct jd_etl_column {       /* of issue_wide */
    const char *name, *field, *kind; /* kind NULL: as the catalogue says */
    unsigned    line;
} jd_etl_column;
typedef struct jd_etl_columns {
    jd_etl_column *v;
    size_t         n;
} jd_etl_columns;

/* Settings of the file, a site or a scope. */
typedef struct jd_etl_set {
    jd_etl_words   fields;
    jd_etl_columns columns;
    bool           has_page_size, has_overlap, has_start;
    uint64_t       page_size;
    int64_t        overlap_ms;
    int64_t        since;     /* start_date; JD_NO_TIME: none */
    int64_t        window_ms; /* initial_window; 0: none */
} jd_etl_set;

typedef struct jd_etl_type {
    const char  *name;
    jd_etl_words fields;
    unsigned     line;
} jd_etl_type;

typedef struct jd_etl_scope {
    const char  *project, *jql, *name;
    jd_etl_type *type; /* none: all of the project */
    size_t       types;
    jd_etl_set   set;
    unsigned     line, what_line; /* where it begins; where project or jql stands */
} jd_etl_scope;

typedef struct jd_etl_site {
    const char   *name;     /* checked: it names a folder */
    const char   *base_url; /* NULL: what --base-url says, of a file without `sites` */
    const char   *folder;
    const char   *pat_env, *username, *username_env, *api_token_env, *oauth_file;
    unsigned      secret_line; /* where its credentials stand */
    jd_etl_set    set;
    jd_etl_scope *scope;
    size_t        scopes;
    unsigned      line;
} jd_etl_site;

typedef struct jd_etl_conf {
    const char  *file;
    jd_etl_set   set; /* of the file: fields and columns */
    jd_etl_site *site;
    size_t       sites;
    bool         listed; /* under `sites`; else one of no name */
} jd_etl_conf;

/* JD_E_CONFIG. Nothing of it in the file: no sites. */
jd_code jd_etl_parse(jd_arena *a, jd_str bytes, const char *file, jd_etl_conf *out,
                     jd_err *e) JD_NODISCARD;

/* "90d", "12w", "36h", "1y", a number of days, or all (0); false when it is none. */
bool jd_window_parse(jd_str text, int64_t *ms);

#endif
