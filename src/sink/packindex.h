/* packindex.h: where a packed store's issues stand, in state.db beside the rows they belong to.
 *
 * - A segment is a file {PROJECT}/seg-{number}.pack of `size` bytes that count; what stands behind
 *   them was never committed. `bytes` is what was ever put in, as text; what no issue points at any
 *   more is dead.
 * - An issue's row here goes with its row in `issue` (a trigger sees to it).
 * - Ids are never used again, so that what a reader has open stays what it takes it for.
 * - Belongs to the state it was opened on, and to its thread. Changes belong into the state's
 *   transactions. */
#ifndef JD_SINK_PACKINDEX_H
#define JD_SINK_PACKINDEX_H

#include "sink/state.h"

enum {
    JD_PACK_NAME_MAX  = 600,
    JD_PACK_FRAME_MAX = 512 << 20 /* the largest content of a frame that is decoded */
};

typedef struct jd_segment {
    uint64_t id, number;
    uint64_t size, bytes;
    jd_str   project; /* valid until the next call, or in the arena of jd_packindex_segments */
    uint64_t live;    /* jd_packindex_segments only: text that issues point at */
} jd_segment;

/* "{PROJECT}/seg-000001.pack" */
void jd_segment_name(jd_str project, uint64_t number, char out[JD_PACK_NAME_MAX]);
/* The number of a segment's file name; 0 when it is none. */
uint64_t jd_segment_number(jd_str name);

typedef struct jd_pack_place { /* where one issue's bytes are */
    uint64_t segment;
    uint64_t frame, packed; /* offset in the segment, bytes there */
    uint64_t at, length;    /* in the decoded frame */
} jd_pack_place;

typedef struct jd_packindex jd_packindex;

/* The state outlives it. */
jd_code jd_packindex_open(jd_state *s, jd_packindex **out, jd_err *e) JD_NODISCARD;
void    jd_packindex_close(jd_packindex *x); /* NULL is fine; before the state */

/* By project and number. The live bytes take a walk over all rows, so only when asked for. */
jd_code jd_packindex_segments(jd_packindex *x, jd_arena *a, bool with_live, jd_segment **out,
                              size_t *n, jd_err *e) JD_NODISCARD;
/* The id of the next new segment. */
jd_code jd_packindex_next(jd_packindex *x, uint64_t *out, jd_err *e) JD_NODISCARD;
jd_code jd_packindex_put_segment(jd_packindex *x, const jd_segment *s, jd_err *e) JD_NODISCARD;
jd_code jd_packindex_drop_segment(jd_packindex *x, uint64_t id, jd_err *e) JD_NODISCARD;

jd_code jd_packindex_put(jd_packindex *x, uint64_t id, const jd_pack_place *at,
                         jd_err *e) JD_NODISCARD;
/* The numbers of the issues that are held under keys of the project, in no order; the caller frees
 * them. */
jd_code jd_packindex_numbers(jd_packindex *x, jd_str project, uint64_t **out, size_t *n,
                             jd_err *e) JD_NODISCARD;
/* Of the issue that is held under this key. */
jd_code jd_packindex_find(jd_packindex *x, jd_str key, jd_pack_place *out, jd_segment *segment,
                          bool *found, jd_err *e) JD_NODISCARD;
/* The issues of a segment as they stand in it; returns JD_OK and stops when each gives false. */
jd_code jd_packindex_each(jd_packindex *x, uint64_t segment,
                          bool (*each)(void *self, uint64_t id, jd_str key,
                                       const jd_pack_place *at),
                          void *self, jd_err *e) JD_NODISCARD;
/* Forgets all segments and places. */
jd_code jd_packindex_clear(jd_packindex *x, jd_err *e) JD_NODISCARD;

#endif
