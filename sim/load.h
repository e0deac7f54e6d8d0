/* load.h: fills a store and the accounts from the command line's words. */
#ifndef SIM_LOAD_H
#define SIM_LOAD_H

#include "sim/serve.h"
#include "sys/opt.h"

/* Time zones, opened once each; they live until sim_zones_free. Not thread-safe. */
typedef struct sim_zones sim_zones;
sim_zones               *sim_zones_new(void);
void                     sim_zones_free(sim_zones *z); /* NULL is fine */
/* NULL for an empty name and for UTC; JD_E_USAGE for a name the system does not know. */
jd_code sim_zones_get(sim_zones *z, jd_str name, const sim_zone **out, jd_err *e) JD_NODISCARD;

/* "NAME:PASSWORD[:ZONE]", "TOKEN[:NAME[:ZONE]]" and a file (NULL for none) into conf, memory in the
 * arena. The file is a JSON array of {"name", "secret", "kind": "basic" | "pat" | "scoped",
 * "scopes", "expires", "zone"}. Messages never show a password or token. */
jd_code sim_load_accounts(jd_arena *a, sim_zones *z, const jd_list *users, const jd_list *pats,
                          const char *file, sim_conf *conf, jd_err *e) JD_NODISCARD;

/* One project, "HADOOP:2000". */
jd_code sim_load_generated(sim_store *s, const sim_conf *conf, jd_str what, bool nasty,
                           jd_err *e) JD_NODISCARD;
/* One file of JSON Lines; with a seed, issues without a changelog get one. Errors name the line. */
jd_code sim_load_file(sim_store *s, const char *path, const uint64_t *changelog_seed,
                      jd_err *e) JD_NODISCARD;

#endif
