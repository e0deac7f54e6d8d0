/* packread.h: bytes out of a packed store's segments: one issue by its place, or a whole segment
 * frame by frame. Every byte of a segment is outside data: what does not decode is JD_E_DATA, with
 * the file and the offset. */
#ifndef JD_SINK_PACKREAD_H
#define JD_SINK_PACKREAD_H

#include "sink/packindex.h"

/* One a thread: it keeps the last frames decoded, and a few files open. */
typedef struct jd_packreader jd_packreader;
jd_packreader               *jd_packreader_new(const char *raw_dir);
void                         jd_packreader_free(jd_packreader *r); /* NULL is fine */
/* The issue's bytes; valid until the next call. JD_E_IO with sys ENOENT: there is no such segment
 * (any more). */
jd_code jd_packreader_get(jd_packreader *r, const jd_segment *segment, const jd_pack_place *at,
                          jd_str *out, jd_err *e) JD_NODISCARD;

typedef struct jd_packscan jd_packscan;
typedef struct jd_packscan_frame {
    uint64_t at, packed;
    jd_str   text; /* valid until the next call */
} jd_packscan_frame;
jd_code jd_packscan_open(const char *path, jd_packscan **out, jd_err *e) JD_NODISCARD;
void    jd_packscan_close(jd_packscan *s); /* NULL is fine */
/* The next frame that decodes; *more is false at the end. What does not is passed over. */
jd_code jd_packscan_next(jd_packscan *s, jd_packscan_frame *out, bool *more,
                         jd_err *e) JD_NODISCARD;
/* Bytes passed over so far. */
uint64_t jd_packscan_lost(const jd_packscan *s);

/* The next issue of a frame's text off the front of *rest; p NULL for a rest that begins with none,
 * which is then passed over. False at the end. */
bool jd_pack_cut(jd_str *rest, jd_str *issue);

#endif
