/* packer.h: appends issues to the segments of a packed store, a batch at a time.
 *
 * - A segment is zstd frames one behind another; each holds issues as Jira's own JSON, every one
 *   followed by a newline, so that `zstdcat` reads a segment. A frame is about 512 KiB of text, for
 *   that is what one look at an issue costs to decode, and where it can, of neighbours.
 * - What was added is nothing until jd_packer_end gave it out as a jd_packed, jd_packed_sync made
 * that durable and the caller's transaction brought jd_packed_put and jd_packed_put_segments.
 *   jd_packer_load throws away the rest.
 * - The newest segment of a project is appended to until it holds 256 MiB.
 * - One packer a store, under the lock of its state. A jd_packed may be seen to by another thread
 *   while the packer goes on with the next batch. */
#ifndef JD_SINK_PACKER_H
#define JD_SINK_PACKER_H

#include "sink/packindex.h"

typedef struct jd_packer jd_packer;
typedef struct jd_packed jd_packed; /* a batch that is written, and not yet committed */

/* Reads where each segment ends. The index outlives it. full: 0 for 256 MiB. */
jd_code jd_packer_open(const char *raw_dir, jd_packindex *x, uint64_t full, jd_packer **out,
                       jd_err *e) JD_NODISCARD;
void    jd_packer_close(jd_packer *p); /* NULL is fine */
/* Drops what was not committed, from memory and from the files: each segment ends again where the
 * state says. A file that ends before that is JD_E_STATE. `strays`: segment files that the state
 * does not know go. */
jd_code jd_packer_load(jd_packer *p, bool strays, jd_err *e) JD_NODISCARD;

/* Takes the bytes of one issue; *ticket names them until the batch ends. JD_E_IO, JD_E_TOOBIG. */
jd_code jd_packer_add(jd_packer *p, jd_str key, jd_str raw, size_t *ticket, jd_err *e) JD_NODISCARD;
/* The project's next bytes go not into this segment, but into a new one if it is the newest. Only
 * between batches. */
void jd_packer_avoid(jd_packer *p, jd_str project, uint64_t segment);
/* The batch has ended: everything added is in its file, and the packer goes on behind it. When it
 * is not committed after all, jd_packer_load has to follow. It borrows of the packer until then, or
 * until the packer is closed. */
jd_code jd_packer_end(jd_packer *p, jd_packed **out, jd_err *e) JD_NODISCARD;
void    jd_packed_free(jd_packed *d); /* NULL is fine */
/* Everything is on disk. */
jd_code jd_packed_sync(const jd_packed *d, jd_err *e) JD_NODISCARD;
/* Within the transaction: where the bytes of a ticket are, for the issue; how far the segments go.
 */
jd_code jd_packed_put(const jd_packed *d, jd_packindex *x, uint64_t id, size_t ticket,
                      jd_err *e) JD_NODISCARD;
jd_code jd_packed_put_segments(const jd_packed *d, jd_packindex *x, jd_err *e) JD_NODISCARD;

#endif
