/* seal.h: what stands behind a zstd frame of ours and tells whether its bytes are those that were
 * written: a skippable frame (magic number, length, the frame's hash), all of it little-endian, so
 * that whatever else reads zstd passes over it. Private to src/sys. */
#ifndef JD_SYS_SEAL_H
#define JD_SYS_SEAL_H

#include "base/hash.h"

#include <string.h>

enum { JD_SEAL_BYTES = 16, JD_SEAL_HEAD = 8 };

static inline void jd_seal_write(jd_str frame, char out[JD_SEAL_BYTES])
{
    uint64_t h = jd_hash64(frame);
    memcpy(out, "\x5a\x2a\x4d\x18\x08\0\0\0", JD_SEAL_HEAD);
    for (int i = JD_SEAL_HEAD; i < JD_SEAL_BYTES; i++, h >>= 8)
        out[i] = (char)(h & 0xff);
}

/* Whether these bytes could be the beginning of a seal, or are a whole one. */
static inline bool jd_seal_begins(jd_str s)
{
    return memcmp(s.p, "\x5a\x2a\x4d\x18\x08\0\0\0", s.n < JD_SEAL_HEAD ? s.n : JD_SEAL_HEAD) == 0;
}

#endif
