/* meta.h: what a Jira knows beside its issues: statuses, types, priorities, resolutions, link
 * types, fields and users, learnt from the issues themselves and from the generator's catalogues.
 * It belongs to a store and is guarded by that store's lock. */
#ifndef SIM_META_H
#define SIM_META_H

#include "sim/store.h"

typedef enum sim_kind {
    SIM_STATUSES,
    SIM_TYPES,
    SIM_PRIORITIES,
    SIM_RESOLUTIONS,
    SIM_LINK_TYPES,
    SIM_KINDS
} sim_kind;

sim_meta *sim_meta_new(jd_str base_url);
void      sim_meta_free(sim_meta *m);
void      sim_meta_learn(sim_meta *m, const jd_json *issue, uint64_t project_id);
/* All that the generator's issues may use, seen or not. */
void sim_meta_generated(sim_meta *m);

/* By name (any letter case) or id. */
bool sim_meta_knows(const sim_meta *m, sim_kind kind, jd_str value);
bool sim_meta_knows_user(const sim_meta *m, jd_str name);

void sim_meta_write(const sim_meta *m, sim_kind kind, jd_buf *out); /* a JSON array */
void sim_meta_fields(const sim_meta *m, jd_buf *out);               /* GET /field */
void sim_meta_names(const sim_meta *m, jd_buf *out);                /* expand=names: an object */
void sim_meta_schema(const sim_meta *m, jd_buf *out);               /* expand=schema */

/* schema.custom of a custom field, and the id of the first one of that name; p NULL for none. */
jd_str sim_meta_custom_type(const sim_meta *m, jd_str id);
jd_str sim_meta_field_named(const sim_meta *m, jd_str name);
/* The id of the custom field that JQL calls so: cf[10020], or its name in any letter case. */
jd_str sim_meta_field_clause(const sim_meta *m, jd_str clause);
jd_str sim_meta_field_name(const sim_meta *m, jd_str id);
/* A field as GET /field lists it, new or in the place of the one with that id; without the JSON it
 * is listed no more. */
void sim_meta_put_field(sim_meta *m, jd_str id, jd_str name, jd_str json);

/* Versions and components of a project and the users, as the issues spelled them first. */
typedef enum sim_part { SIM_VERSIONS, SIM_COMPONENTS, SIM_PARTS } sim_part;
bool sim_meta_knows_part(const sim_meta *m, sim_part part, jd_str value); /* of any project */
void sim_meta_parts(const sim_meta *m, sim_part part, uint64_t project_id, jd_buf *out);
void sim_meta_users(const sim_meta *m, jd_buf *out); /* a JSON array, in no order that means much */

#endif
