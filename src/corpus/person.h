/* person.h: who wrote, reported or resolved something, as Jira's user objects say it.
 * Everything is borrowed from the tree; a member that Jira does not give is JD_NOSTR. */
#ifndef JD_CORPUS_PERSON_H
#define JD_CORPUS_PERSON_H

#include "text/json.h"

typedef struct jd_person {
    jd_str name;    /* login; Data Center only */
    jd_str key;     /* Data Center's internal key, kept when the login changes */
    jd_str account; /* Cloud's account id */
    jd_str display;
    bool   app; /* Cloud says that an app wrote, not a person */
} jd_person;

/* Anything but an object gives nobody. */
jd_person jd_person_of(const jd_json *user);
/* How a record names the person: the login, the display name where there is none (Cloud);
 * JD_NOSTR for nobody. */
jd_str jd_person_shown(const jd_person *p);
/* The same account. Nobody is the same as nobody else. */
bool jd_person_same(const jd_person *a, const jd_person *b);
/* A program: an app account, a known name, or a name marked as a bot ("[bot]", "x-bot"). People
 * whose name merely ends in "bot" (Chabot) are people. */
bool jd_person_is_bot(const jd_person *p);

#endif
