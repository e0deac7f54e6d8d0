/* reply.h: what messages about a request and its reply are made of; within net only. */
#ifndef JD_NET_REPLY_H
#define JD_NET_REPLY_H

#include "net/http.h"

enum { JD_SHOWN_URL = 240, JD_SHOWN_WORDS = 256 };

/* The address without user, query and fragment, cut to fit. */
const char *jd_url_shown(jd_str url, char out[JD_SHOWN_URL]);
/* "Service Unavailable"; empty for a status that has no name. */
const char *jd_status_words(int status);
/* What the server itself said: Jira's first message, "a web page" with its title, or empty. At most
 * 200 bytes of it, printable. */
const char *jd_reply_words(const jd_reply *r, char out[JD_SHOWN_WORDS]);
/* A remark on a login that was refused for more than a wrong password; empty if there is none. */
const char *jd_login_words(const jd_reply *r);

#endif
