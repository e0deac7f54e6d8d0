/* optpriv.h: what the parts of the option code share: reading argv (opt.c), reading the files and
 * the environment (conf.c), giving text a type (optval.c). */
#ifndef JD_SYS_OPTPRIV_H
#define JD_SYS_OPTPRIV_H

#include "base/vec.h"
#include "sys/opt.h"

enum { JD_ORIGINS = JD_FROM_FLAG + 1 };

/* What one origin says for one option, as written. */
typedef struct jd_raw {
    bool        given;
    bool        loose; /* a list's pieces may be separated by blanks too, not by commas only */
    bool        whole; /* a list's pieces are elements already */
    const char *where; /* as in jd_conf_value */
    const char *file;
    const char *label; /* in front of a message: ".env:3: SCRAPY_DOWNLOAD_DELAY" */
    JD_VEC(const char *) text;
} jd_raw;

typedef struct jd_slot {
    const jd_opt *opt;
    jd_raw        from[JD_ORIGINS];
} jd_slot;

typedef struct jd_slots {
    jd_slot *v;
    size_t   n;
} jd_slots;

/* Checks r and, when field is not NULL, stores the value there. *shown gets it for people, masked.
 */
jd_code jd_opt_store(const jd_opt *o, const jd_raw *r, jd_arena *a, void *field, const char **shown,
                     jd_code code, jd_err *e);

/* The environment, .env and YAML into the slots. */
jd_code jd_conf_load(const jd_cmd *cmd, const jd_conf_in *in, jd_arena *a, jd_slots *slots,
                     jd_err *e);

/* "1 to 1000", in the units of the option. */
void jd_opt_range(jd_buf *out, const jd_opt *o);

/* Whether name is one of "A|B|C". */
bool jd_names_have(const char *names, jd_str name);

#endif
