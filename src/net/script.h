/* script.h: a transport that plays a scenario, with a clock that only moves when someone waits. For
 * tests of what talks HTTP: no socket, no real time, and any sequence of faults.
 *
 * A scenario is text, one thing a line; requests are expected in this order:
 *   # remark
 *   > GET /rest/api/2/search     the next request: its method, and a part of its URL
 *   ? "startAt":0                its URL or its body has this in it (any number of these)
 *   + Authorization: Bearer x    it has this header
 *   - Authorization              it does not have this one
 *   < 429                        its answer
 *   : Retry-After: 2             a header of the answer
 *   | {"total":1}                a line of the body (lines are joined by line feeds)
 *   ~ 1500                       it takes so many milliseconds
 *   ! reset                      no answer, but: refuse (never connected), reset, timeout, partial
 *   * 3                          this exchange happens three times
 * A request that is not the expected one fails with JD_E_INTERNAL, and so do all after it; see
 * jd_script_complaint. The script outlives its transports, and belongs to one thread. */
#ifndef JD_NET_SCRIPT_H
#define JD_NET_SCRIPT_H

#include "net/http.h"

typedef struct jd_script jd_script;

/* JD_E_DATA with the line that cannot be read. The text is copied. */
jd_code jd_script_read(jd_str scenario, jd_script **out, jd_err *e) JD_NODISCARD;
void    jd_script_free(jd_script *s);

jd_transport jd_script_transport(jd_script *s);
/* Wall clock starts at 2024-01-20T00:00:00Z, ticks at 1,000,000. */
jd_clock jd_script_clock(jd_script *s);
/* Moves the clock; for jd_http_conf's sleep, with the script as sleep_self. True. */
bool jd_script_sleep(void *script, int64_t ms);

int64_t jd_script_slept(const jd_script *s); /* ms, by jd_script_sleep alone */
size_t  jd_script_left(const jd_script *s);  /* exchanges that did not happen */
/* What the first unexpected request was, empty when there was none. */
const char *jd_script_complaint(const jd_script *s);

#endif
