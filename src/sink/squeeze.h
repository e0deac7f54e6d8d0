/* squeeze.h: zstd frames made on a thread of its own, in order, a few at a time.
 *
 * Buffers are swapped, not copied: who gives a text gets an empty buffer back. The thread begins
 * with the first text. All calls come from one other thread. */
#ifndef JD_SINK_SQUEEZE_H
#define JD_SINK_SQUEEZE_H

#include "base/buf.h"
#include "base/err.h"

enum { JD_SQUEEZE_AHEAD = 3 };

typedef struct jd_squeezer jd_squeezer;
jd_squeezer               *jd_squeezer_new(int level);
void                       jd_squeezer_free(jd_squeezer *s); /* NULL is fine */

/* How many texts were given and not taken yet; at JD_SQUEEZE_AHEAD the oldest has to be taken
 * first.
 */
unsigned jd_squeezer_ahead(const jd_squeezer *s);
jd_code  jd_squeezer_give(jd_squeezer *s, jd_buf *text, jd_err *e) JD_NODISCARD;
/* Whether the oldest is ready. */
bool jd_squeezer_ready(jd_squeezer *s);
/* Waits for the oldest frame; *frame is valid until its place is used again: until the next give
 * after this take. JD_E_TOOBIG, JD_E_INTERNAL: it is lost. */
jd_code jd_squeezer_take(jd_squeezer *s, jd_str *frame, jd_err *e) JD_NODISCARD;

#endif
