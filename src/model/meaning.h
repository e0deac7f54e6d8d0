/* meaning.h: what a field's value means, whatever it looks like: for comparing two copies of an
 * issue (model/change.h says what does not count), and for telling a person. Private to src/model.
 */
#ifndef JD_MODEL_MEANING_H
#define JD_MODEL_MEANING_H

#include "base/arena.h"
#include "text/json.h"

/* Equal for values of the same meaning; 0 for nothing (absent, null, empty). */
uint64_t jd_meaning_of(const jd_json *v);
/* A person or an entity by its id: account id, user key, id; p NULL when it has none. In the arena
 * or the tree. */
jd_str jd_meaning_id(jd_arena *a, const jd_json *v);
/* Of a person: account id, user key, or name. */
jd_str jd_meaning_person(const jd_json *v);
/* As the changelog would write it: names, texts, numbers, lists with commas (of words: with
 * blanks), JSON for the rest; p NULL for nothing. */
jd_str jd_meaning_text(jd_arena *a, const jd_json *v);
bool   jd_meaning_is_rank(const jd_json *v); /* "0|i0000f:" */

#endif
