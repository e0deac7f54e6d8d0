/* whjob.h: what loading the warehouse and comparing it with the raw store share: both sides open,
 * issues read from the store, batches. */
#ifndef JD_FLOW_WHJOB_H
#define JD_FLOW_WHJOB_H

#include "base/idset.h"
#include "base/map.h"
#include "derive/rows.h"
#include "flow/warehouse.h"
#include "sink/store.h"
#include "sink/warehouse.h"

typedef struct jd_whjob {
    const jd_warehouse_job *in;
    jd_warehouse_sum       *sum;
    jd_arena               *arena, *page;
    jd_store               *store;
    jd_store_reader        *reader;
    jd_state               *state;  /* NULL: there is none */
    jd_stmt                *beside; /* of the state: what is beside an issue; NULL: of none */
    jd_sink                 sink;
    jd_idset               *seen; /* ids of the store */
    const char             *site;
    bool                    open, anew;
    uint64_t                issues, bytes; /* of the batch in hand */
    JD_VEC(jd_tombstone) left;             /* held, and not in the store */
    JD_VEC(jd_scope) aside;                /* are left alone */
    uint64_t spared;                       /* held issues that stay as they were for their sake */
    /* verify */
    jd_reader held;
    void (*found)(void *self, const char *line);
    void     *found_self;
    jd_rows   rows;
    jd_idmap *keys; /* of the issue's rows */
    uint64_t  count[JD_NTABLES];
} jd_whjob;

/* anew: issues that are held unchanged are derived again. Closed also after a failure. */
jd_code jd_whjob_open(jd_whjob *j, const jd_warehouse_job *in, jd_warehouse_sum *sum, bool anew,
                      jd_err *e) JD_NODISCARD;
void    jd_whjob_close(jd_whjob *j);
/* The sink for the site that is asked for, or that state.db or the issue (may be NULL) names. */
jd_code jd_whjob_need_sink(jd_whjob *j, const jd_json *doc, jd_err *e) JD_NODISCARD;
/* Valid until the page is recycled. A file that is no issue is told of, and passed over (not
 * *good), as is one that is gone. */
jd_code jd_whjob_read(jd_whjob *j, jd_str key, jd_issue *out, bool *good, jd_err *e) JD_NODISCARD;
/* Hash, time of fetching and plan, as state.db knows them. */
jd_code jd_whjob_held(jd_whjob *j, jd_issue *issue, uint64_t *plan, jd_err *e) JD_NODISCARD;
/* The hash of an issue and of what lies beside it: of the read that it was kept from. */
jd_code jd_whjob_hash(jd_whjob *j, uint64_t id, uint64_t *hash, jd_err *e) JD_NODISCARD;
/* Into the batch in hand, which is committed when it is full. */
jd_code jd_whjob_put(jd_whjob *j, const jd_scope *scope, const jd_issue *issue,
                     jd_err *e) JD_NODISCARD;
jd_code jd_whjob_begin(jd_whjob *j, jd_err *e) JD_NODISCARD;
jd_code jd_whjob_commit(jd_whjob *j, const jd_commit *upto, size_t n, jd_err *e) JD_NODISCARD;
/* Issues of the warehouse that are not among the seen ones go. here: how many of those it holds;
 * where it holds no more, nothing is looked for. Beside scopes that are left alone only those go
 * that are known to be gone, or to be where no such scope reaches. */
jd_code jd_whjob_remove_left(jd_whjob *j, uint64_t here, jd_err *e) JD_NODISCARD;
/* whrun.c: what the run came to, into the warehouse: its verdict as JSON, with why it failed where
 * rc says so. That this cannot be done is told of. */
void jd_whjob_note(jd_whjob *j, jd_code rc, const jd_err *why);
/* whsite.c: what the mirror's catalogues list, over what issues told of it. A file that cannot be
 * read is told of, and passed over. */
jd_code jd_whjob_site(jd_whjob *j, jd_err *e) JD_NODISCARD;

#endif
