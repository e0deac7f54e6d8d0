/* hook_body.h: what a webhook's body says of a happening: the second version of the REST API in
 * both flavours, texts as wiki markup; users by account id on Cloud. */
#ifndef SIM_HOOK_BODY_H
#define SIM_HOOK_BODY_H

#include "sim/hook.h"

/* matched: ids of an app's webhooks that wanted it; none for an administrator's. */
void sim_hook_body(const sim_server *s, const sim_happening *what, const uint64_t *matched,
                   size_t nmatched, jd_buf *out);
/* The ids of the fields that the history changed, to `add`. */
void sim_hook_fields(const sim_server *s, jd_str history, void (*add)(void *self, jd_str id),
                     void *self);

#endif
