/* hook.h: webhooks: who wants to hear what, and a thread that tells them, as Jira does.
 *
 * - Registered by POST /_sim/hook, by /rest/webhooks/1.0/webhook (an administrator's, both
 *   flavours), or by Cloud's /rest/api/3/webhook (an OAuth app's; these expire after 30 days).
 * - Bodies are signed with the secret (X-Hub-Signature), carry an identifier that stays the same
 *   when they are sent again, and are sent again after 408, 409, 425, 429, 5xx, a connection that
 *   failed and a time-out. Order is not kept. Tunes hook_* say how much goes wrong.
 * - Thread-safe. What is not delivered when the server ends is lost. */
#ifndef SIM_HOOK_H
#define SIM_HOOK_H

#include "sim/serve.h"

typedef struct sim_happening {
    const char      *event;   /* "jira:issue_updated", "comment_created"; static */
    const char      *type;    /* issue_event_type_name, NULL for none */
    jd_str           issue;   /* complete, as the store keeps it */
    const sim_issue *about;   /* the same, for filters */
    jd_str           user;    /* raw: who did it */
    jd_str           history; /* the changelog's new entry, raw; p NULL: none */
    jd_str           child;   /* the comment, worklog or link, raw; p NULL: none */
    int64_t          at_ms;
} sim_happening;

/* The server is borrowed, and its tuning and clock with it. */
sim_hooks *sim_hooks_new(sim_server *s);
void       sim_hooks_free(sim_hooks *h); /* NULL is fine; ends the thread */
/* Borrowed for the call; h NULL tells nobody. */
void sim_hooks_tell(sim_hooks *h, const sim_happening *what);

/* -- routes ------------------------------------------------------------------------------------ */
void sim_post_hook(sim_call *c, jd_str name); /* control */
void sim_get_hooks(sim_call *c, jd_str name); /* control: registered, and every attempt */
void sim_post_admin_hook(sim_call *c, jd_str name);
void sim_get_admin_hooks(sim_call *c, jd_str name);
void sim_get_admin_hook(sim_call *c, jd_str name);
void sim_delete_admin_hook(sim_call *c, jd_str name);
void sim_post_app_hooks(sim_call *c, jd_str name);
void sim_get_app_hooks(sim_call *c, jd_str name);
void sim_delete_app_hooks(sim_call *c, jd_str name);
void sim_put_app_hooks_refresh(sim_call *c, jd_str name);

#endif
