/* hook_list.h: the webhooks that are registered, for the routes (hook_rest.c) and the thread that
 * delivers (hook.c). Everything below between lock and unlock. */
#ifndef SIM_HOOK_LIST_H
#define SIM_HOOK_LIST_H

#include "sim/hook.h"
#include "text/jsonw.h"

typedef struct sim_hook {
    struct sim_hook *next;
    jd_arena        *arena; /* it and all its texts */
    uint64_t         id;
    bool             app;        /* an OAuth app's, on Cloud */
    int64_t          expires_ms; /* of the server's clock; 0: never */
    jd_str           name, url, secret, jql;
    jd_str          *event, *field; /* none: all */
    size_t           nevent, nfield;
    uint64_t         owner; /* the account that registered it, as a viewer */
} sim_hook;

void      sim_hooks_lock(sim_hooks *h);
void      sim_hooks_unlock(sim_hooks *h);
sim_hook *sim_hooks_first(const sim_hooks *h);
sim_hook *sim_hooks_add(sim_hooks *h); /* empty, but for its arena and id */
sim_hook *sim_hooks_find(const sim_hooks *h, uint64_t id, bool app);
void      sim_hooks_drop(sim_hooks *h, sim_hook *hook);
/* Members of an open object: what waits, and every attempt so far. */
void sim_hooks_write(sim_hooks *h, jd_jsonw *w);
void sim_hooks_forget(sim_hooks *h); /* the attempts */

#endif
