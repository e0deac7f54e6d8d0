/* select.h: what a caller asked to see of an issue (fields and expand), and in which zone. */
#ifndef SIM_SELECT_H
#define SIM_SELECT_H

#include "base/buf.h"
#include "sim/zone.h"

enum { SIM_SELECT_MAX = 1024 }; /* names more than that are passed over */

typedef struct sim_select {
    bool   all, navigable; /* the sets named, or the default */
    jd_str in[SIM_SELECT_MAX], out[SIM_SELECT_MAX];
    size_t nin, nout;
    bool   changelog, names, schema;
    /* Dates are turned into this zone's offsets; NULL leaves the bytes as they are. */
    const sim_zone *zone;
} sim_select;

/* One name of a `fields` list: "*all", "*navigable", "summary", "-comment". Views are borrowed. */
void sim_select_field(sim_select *s, jd_str name);
void sim_select_expand(sim_select *s, jd_str name);
/* Comma-separated lists of them. */
void sim_select_fields(sim_select *s, jd_str list);
void sim_select_expands(sim_select *s, jd_str list);
/* After the last field: the default where nothing was named to be taken in. */
void sim_select_done(sim_select *s, bool default_all);

/* Nothing is left out and nothing is turned (the changelog apart). */
bool sim_select_whole(const sim_select *s);
/* The issue as selected. */
void sim_select_write(jd_buf *out, const sim_select *s, jd_str issue);
/* The text with every date-time value in the zone's offset. */
void sim_select_turn(jd_buf *out, const sim_zone *zone, jd_str json);

#endif
