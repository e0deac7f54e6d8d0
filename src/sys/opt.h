/* opt.h: options as tables. One table a command drives argv, environment, YAML key, --help, the man
 * page, completion and `jiraduct config`. A table fills a plain struct; unknown names get a
 * did-you-mean. Precedence: flag, environment, .env, YAML, default.
 *
 * - Delays are decimal seconds (kept as ms); sizes take K, M, G (powers of 1,024).
 * - A list takes values up to the next option (`--projects A B C`), commas separate too; given
 *   twice, it adds. In the environment and YAML scalars, commas or blanks separate.
 * - `--name=value`, `--name value`, `-n value`, `--no-name` for flags, `--` ends options.
 * - Strings are NUL-terminated and live in the arena given to jd_opt_parse. */
#ifndef JD_SYS_OPT_H
#define JD_SYS_OPT_H

#include "base/arena.h"
#include "base/buf.h"

typedef enum jd_opt_kind {
    JD_OPT_FLAG,    /* bool */
    JD_OPT_STR,     /* const char *, NULL when not given */
    JD_OPT_PATH,    /* const char *; completion offers files */
    JD_OPT_SECRET,  /* const char *; never printed, refused in argv */
    JD_OPT_LIST,    /* jd_list */
    JD_OPT_COUNT,   /* uint64_t */
    JD_OPT_SECONDS, /* int64_t ms */
    JD_OPT_BYTES,   /* uint64_t */
    JD_OPT_DATE,    /* int64_t epoch ms (JD_NO_TIME when not given): YYYY-MM-DD or an instant */
    JD_OPT_CHOICE   /* const char *, one of `choices` ("files|pack") */
} jd_opt_kind;

typedef struct jd_list {
    const char **v;
    size_t       n;
} jd_list;

typedef struct jd_opt {
    const char *name; /* "page-size"; NULL: no flag (secrets, and what only files set) */
    const char *env;  /* "JIRA_BASE_URL", several as "A|B" (first found wins); may be NULL */
    const char *key;  /* YAML: "jira.base_url"; "scopes[*]": what is below is the command's to read;
                       * may be NULL */
    const char *arg;  /* "URL" in the help; NULL for flags */
    const char *dflt; /* as text, parsed like the rest; may be NULL */
    const char *help; /* one or two plain sentences */
    const char *choices; /* JD_OPT_CHOICE only */
    jd_opt_kind kind;
    size_t      at;          /* offsetof the field it fills */
    char        letter;      /* 'j' for -j, 0 for none */
    uint64_t    least, most; /* COUNT, BYTES, SECONDS (in ms); most 0: no upper limit */
} jd_opt;                    /* a table ends with {0} (help == NULL) */

/* Where an effective value came from. */
typedef enum jd_origin {
    JD_FROM_DEFAULT,
    JD_FROM_YAML,
    JD_FROM_DOTENV,
    JD_FROM_ENV,
    JD_FROM_FLAG
} jd_origin;

typedef struct jd_cmd {
    const char          *name;    /* "scrape", "state show" */
    const char          *brief;   /* one phrase: "mirror projects into a folder" */
    const char          *usage;   /* "[SCOPE]" : positional arguments in the help, may be NULL */
    const char          *detail;  /* paragraphs for --help and the man page */
    const char          *example; /* lines of shell, may be NULL */
    const jd_opt *const *opts; /* NULL-terminated list of tables, all filling `args_size` bytes */
    size_t               args_size;
    size_t               pos_least, pos_most; /* how many positional arguments */
    int (*run)(void *ctx, const void *args, const jd_list *positional); /* exit status */
} jd_cmd;

/* The surroundings, passed in so that tests own them. */
typedef struct jd_conf_in {
    const char *const *environ;     /* "NAME=value" */
    const char        *dotenv_path; /* ".env"; a missing file is fine */
    const char        *yaml_path;   /* NULL: "jiraduct.yml" if it is there; "": none */
    /* Whose YAML keys are no mistake beside cmd's own, NULL-terminated; may be NULL. */
    const jd_cmd *const *commands;
} jd_conf_in;

typedef struct jd_conf_value { /* one effective value, for `config` and errors */
    const jd_opt *opt;
    jd_origin     origin;
    const char   *text;  /* masked when secret; NULL when not set */
    const char   *where; /* "jiraduct.yml:12", "JIRA_PAT", NULL for the default */
    const char   *file;  /* "jiraduct.yml"; NULL when it came from no file */
    const char   *label; /* "jiraduct.yml:12: jira.base_url", "JIRA_PAT (environment)", "--with" */
    /* What the next origin below says, which this value hides; NULL at the end of the chain. */
    const struct jd_conf_value *hides;
} jd_conf_value;
typedef struct jd_conf_values {
    jd_conf_value *v;
    size_t         n;
} jd_conf_values;

/* Fills args (args_size bytes, zeroed first) for cmd from argv (without the command's own words)
 * and the surroundings. JD_E_USAGE for argv, JD_E_CONFIG for files and environment. values may be
 * NULL. */
jd_code jd_opt_parse(const jd_cmd *cmd, int argc, char **argv, const jd_conf_in *in, jd_arena *a,
                     void *args, jd_list *positional, jd_conf_values *values,
                     jd_err *e) JD_NODISCARD;

/* Whether option `name` ("help") is in argv as jd_opt_parse would read it, mistakes elsewhere
 * passed over; *value (may be NULL) gets its last value, NULL for a flag. */
bool jd_opt_peek(const jd_cmd *cmd, int argc, char **argv, const char *name, const char **value);

/* One text, from elsewhere in the configuration, checked and stored as the option's; label stands
 * in front of messages ("etl.yml:7: scopes[0].overlap"). `code` is the error's. */
jd_code jd_opt_value(const jd_opt *o, const char *label, const char *text, jd_arena *a, void *field,
                     jd_code code, jd_err *e) JD_NODISCARD;
/* A variable that no option names, from the environment or .env; NULL when it is not set. */
jd_code jd_conf_variable(const jd_conf_in *in, const char *name, jd_arena *a, const char **out,
                         jd_err *e) JD_NODISCARD;

/* The value whose option has this flag name, YAML key or environment name; NULL when none has. */
const jd_conf_value *jd_conf_find(const jd_conf_values *values, const char *name);
/* When `secret` came from a file that also sets `other`: what that file says for `other`, also
 * where a higher origin hides it (a credential goes to the host its own file names). Else NULL. */
const char *jd_conf_beside(const jd_conf_values *values, const char *secret, const char *other);

/* Renderings of the tables. columns 0: no wrapping. */
void jd_opt_help(jd_buf *out, const char *program, const jd_cmd *cmd, size_t columns);
/* The brief as a sentence. */
void jd_opt_brief(jd_buf *out, const jd_cmd *cmd);
/* The rows of one table, as jd_opt_help has them. */
void jd_opt_help_table(jd_buf *out, const jd_opt *table, size_t columns);
/* What a reader wants to know beside the help: "default 50; 1 to 1000; env X; yaml a.b". */
void jd_opt_facts(jd_buf *out, const jd_opt *opt);
/* Paragraphs filled to columns; lines that begin with a blank stay as they are. */
void jd_opt_fill(jd_buf *out, const char *text, size_t indent, size_t columns);
/* Closest name to `word` among names, NULL when nothing is near. */
const char *jd_did_you_mean(const char *word, const char *const *names, size_t n);

#endif
