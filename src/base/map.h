/* map.h: two hash maps. jd_map goes from text to a number (keys are copied in), jd_idmap from a
 * Jira id to a number. Iteration order is not defined: sort what is to be printed. */
#ifndef JD_BASE_MAP_H
#define JD_BASE_MAP_H

#include "base/str.h"

typedef struct jd_map jd_map;

jd_map *jd_map_new(void);
void    jd_map_free(jd_map *m); /* NULL is fine */
/* Address of the value for key, made 0 if it was not there (*fresh says so, may be NULL).
 * Valid until the next jd_map_put. */
uint64_t *jd_map_put(jd_map *m, jd_str key, bool *fresh);
uint64_t *jd_map_get(const jd_map *m, jd_str key); /* NULL when absent */
size_t    jd_map_count(const jd_map *m);
/* Walk: start with *at = 0; false at the end. */
bool jd_map_next(const jd_map *m, size_t *at, jd_str *key, uint64_t *value);

typedef struct jd_idmap jd_idmap;

jd_idmap *jd_idmap_new(void);
void      jd_idmap_free(jd_idmap *m);
int64_t  *jd_idmap_put(jd_idmap *m, uint64_t id, bool *fresh);
int64_t  *jd_idmap_get(const jd_idmap *m, uint64_t id);
size_t    jd_idmap_count(const jd_idmap *m);
void      jd_idmap_clear(jd_idmap *m); /* keeps the memory */
bool      jd_idmap_next(const jd_idmap *m, size_t *at, uint64_t *id, int64_t *value);

#endif
