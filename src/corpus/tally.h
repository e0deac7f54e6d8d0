/* tally.h: how often each name came, and how large things were, in bounded memory.
 * Merging tallies in the same order gives the same result, whatever the threads. */
#ifndef JD_CORPUS_TALLY_H
#define JD_CORPUS_TALLY_H

#include "base/str.h"
#include "base/vec.h"

enum {
    JD_TALLY_NAMES    = 4096, /* further names count as JD_TALLY_OTHER */
    JD_TALLY_NAME_MAX = 120   /* bytes of a name that are kept */
};
#define JD_TALLY_OTHER "(other)"
#define JD_TALLY_NONE  "(none)" /* where Jira has none */

typedef struct jd_tally_row {
    char    *name;
    uint64_t count;
} jd_tally_row;
typedef struct jd_tally {
    JD_VEC(jd_tally_row) rows; /* sorted by name, bytewise */
} jd_tally;

void jd_tally_add(jd_tally *t, jd_str name, uint64_t count);
void jd_tally_merge(jd_tally *into, const jd_tally *from);
void jd_tally_release(jd_tally *t);
/* The rows by count, largest first, then by name; in the arena. */
const jd_tally_row **jd_tally_ranked(const jd_tally *t, jd_arena *a);

/* Sizes: exact below 16, then eight steps for each doubling (at most 12.5 % too large). */
enum { JD_SIZES_STEPS = 16 + 8 * 60 };
typedef struct jd_sizes {
    uint64_t n, sum, max;
    uint64_t step[JD_SIZES_STEPS];
} jd_sizes;

void jd_sizes_add(jd_sizes *s, uint64_t size);
void jd_sizes_merge(jd_sizes *into, const jd_sizes *from);
/* The smallest known bound that `percent` of the sizes do not pass; 0 without sizes. */
uint64_t jd_sizes_percentile(const jd_sizes *s, unsigned percent);

#endif
