/* idset.h: a set of Jira ids in little room: at most two bytes an id where they lie thinly, an
 * eighth of a byte where they lie close together. Ids come in any order and leave in rising order.
 */
#ifndef JD_BASE_IDSET_H
#define JD_BASE_IDSET_H

#include "base/err.h"

typedef struct jd_idset jd_idset;

jd_idset *jd_idset_new(void);
void      jd_idset_free(jd_idset *s); /* NULL is fine */
/* False when it was there already. */
bool     jd_idset_add(jd_idset *s, uint64_t id);
bool     jd_idset_has(const jd_idset *s, uint64_t id);
uint64_t jd_idset_count(const jd_idset *s);
/* The least id that is at least `from`; false when there is none. */
bool jd_idset_next(const jd_idset *s, uint64_t from, uint64_t *id);

#endif
