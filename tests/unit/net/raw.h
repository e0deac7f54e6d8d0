/* raw.h: a listener that answers one connection with given bytes, HTTP or not, and closes it. */
#ifndef JD_TEST_NET_RAW_H
#define JD_TEST_NET_RAW_H

#include "base/str.h"

typedef struct raw raw;

raw     *raw_start(jd_str answer); /* sent after the request's head came */
uint16_t raw_port(const raw *r);
void     raw_stop(raw *r);
/* A port of this machine where nobody listens. */
uint16_t raw_dead_port(void);

/* Sends bytes to a port and reads to the end of the connection; without an out, leaves at once. */
size_t raw_ask(uint16_t port, jd_str bytes, char *out, size_t size);

#endif
