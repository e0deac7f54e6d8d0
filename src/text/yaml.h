/* yaml.h: configuration in YAML, flattened. libyaml behind this facade.
 * Anchors, aliases, tags, several documents, duplicate keys, non-scalar keys and nesting deeper
 * than 16 are refused with line and column. Scalars stay text: the option table gives them a type.
 */
#ifndef JD_TEXT_YAML_H
#define JD_TEXT_YAML_H

#include "base/arena.h"

typedef struct jd_yaml_item {
    jd_str   path;  /* "scrape.projects[0]", "jira.base_url" */
    jd_str   value; /* p NULL for null or an empty value */
    unsigned line;  /* 1 is the first */
    bool     quoted;
} jd_yaml_item;

typedef struct jd_yaml {
    jd_yaml_item *item;
    size_t        n;
} jd_yaml;

/* name is for messages ("jiraduct.yml"). JD_E_CONFIG: "jiraduct.yml:3:7: …". Empty input: n = 0. */
jd_code jd_yaml_read(jd_arena *a, jd_str bytes, const char *name, jd_yaml *out,
                     jd_err *e) JD_NODISCARD;

/* .env files: NAME=value lines, `export ` in front allowed, # comments, single quotes verbatim,
 * double quotes with \n \t \" \\ \$, unquoted values trimmed and ended by " #". No expansion. */
typedef struct jd_env_item {
    jd_str   name, value;
    unsigned line;
} jd_env_item;
typedef struct jd_env {
    jd_env_item *item;
    size_t       n;
} jd_env;
jd_code jd_env_read(jd_arena *a, jd_str bytes, const char *name, jd_env *out,
                    jd_err *e) JD_NODISCARD;

#endif
