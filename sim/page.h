/* page.h: which issues a query finds, and which of them stand on one page. */
#ifndef SIM_PAGE_H
#define SIM_PAGE_H

#include "sim/jql.h"
#include "sim/store.h"

typedef struct sim_page {
    sim_text **text; /* each with a reference of the page's */
    size_t     n;
    uint64_t   total; /* how many issues the query finds now */
    bool       more;  /* there are some behind these */
} sim_page;

/* Whose eyes look, and at what. */
typedef struct sim_view {
    const sim_store *store;
    unsigned         viewer;   /* SIM_SEES_ALL, or as of sim_store_sees */
    bool             any_user; /* JQL takes any text for a user, as account ids are opaque */
} sim_view;

/* Between sim_store_read_begin and _end. The order is that of sim_jql_compare, the same at every
 * call as long as no issue changes. */
void sim_page_find(const sim_view *v, const sim_jql *q, uint64_t start, uint64_t max,
                   sim_page *out);
/* The issues that stand behind `last` in the query's order, whether or not it is still there; NULL
 * is the beginning. */
void sim_page_after(const sim_view *v, const sim_jql *q, const sim_issue *last, uint64_t max,
                    sim_page *out);
/* Drops the references that are still there (text set to NULL: taken over) and the list. */
void sim_page_release(sim_page *p);

/* The find of sim_jql_env; self is the sim_view. */
bool   sim_page_knows(void *self, sim_jql_what what, jd_str value, sim_jql_ref *ref);
jd_str sim_page_custom(void *self, jd_str name, sim_jql_kind *kind);

#endif
