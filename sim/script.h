/* script.h: jirasim's fault scripts: what goes wrong, and when.
 *
 *   script    = { line }
 *   line      = [ "seed" N | { condition } ":" fault ] [ "#" comment ]
 *   condition = "search" | "issue" | "comment" | "worklog" | "other" | "token"
 *             | "write"
 *             | "path" TEXT | "has" ISSUE
 *             | "nth" N | "from" N | "every" N | "chance" P "%" | "times" N
 *
 * and the faults are rows of the table in script.c; `jirasim --help` shows both (sim_script_help).
 *
 *   seed 11
 *   search nth 3: 429 retry 2            # the third search: Retry-After: 2
 *   search every 10 times 5: 503         # HTML, as from a proxy
 *   chance 2%: reset-body                # any request, by the seed
 *   has HADOOP-12: shape no-fields       # that issue is spoilt wherever it stands
 *   search from 4: touch seen 2          # before each search two issues served already change
 *
 * - All conditions of a rule must hold; several request kinds on one line mean any of them. What
 *   kind, path and has let through is counted, and nth, from and every look at that count; times
 *   counts what fired.
 * - Every rule that fires has its effect, in the script's order; a fault that finds nothing to work
 *   on (no issue on the page, a refused query) does not fire and does not count.
 * - Chance is a function of the seed, the rule and its count: the same requests in the same order
 *   meet the same faults.
 * - Texts of more than SIM_SCRIPT_BYTES or SIM_SCRIPT_RULES are refused. */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include "base/arena.h"
#include "base/buf.h"

enum { SIM_SCRIPT_BYTES = 1 << 20, SIM_SCRIPT_RULES = 1000, SIM_ALWAYS = 1000000 };

typedef enum sim_lane {
    SIM_LANE_NONE, /* no REST route: meets no faults */
    SIM_LANE_SEARCH,
    SIM_LANE_ISSUE,
    SIM_LANE_COMMENT,
    SIM_LANE_WORKLOG,
    SIM_LANE_OTHER,
    SIM_LANE_WRITE, /* a change by the REST API */
    SIM_LANE_TOKEN  /* what stands beside the REST API: OAuth's tokens and sites */
} sim_lane;

typedef enum sim_fault_kind {
    SIM_FAULT_STATUS,
    SIM_FAULT_LOGIN,
    SIM_FAULT_DROP,
    SIM_FAULT_RESET,
    SIM_FAULT_CUT,
    SIM_FAULT_RESET_BODY,
    SIM_FAULT_LONGER,
    SIM_FAULT_STALL,
    SIM_FAULT_HANG,
    SIM_FAULT_DRIP,
    SIM_FAULT_GZIP,
    SIM_FAULT_CHUNKED,
    SIM_FAULT_TRUNCATE,
    SIM_FAULT_BOM,
    SIM_FAULT_BAD_UTF8,
    SIM_FAULT_SURROGATE,
    SIM_FAULT_NUL,
    SIM_FAULT_BIG,
    SIM_FAULT_SHAPE,
    SIM_FAULT_TOTAL,
    SIM_FAULT_EMPTY,
    SIM_FAULT_DUPLICATE,
    SIM_FAULT_TOUCH, /* from here on: changes, made before the request is answered */
    SIM_FAULT_COMMENT,
    SIM_FAULT_MOVE,
    SIM_FAULT_DELETE,
    SIM_FAULT_ARCHIVE,
    SIM_FAULT_CREATE
} sim_fault_kind;

typedef enum sim_retry { SIM_RETRY_NONE, SIM_RETRY_SECONDS, SIM_RETRY_DATE } sim_retry;
typedef enum sim_body { SIM_BODY_USUAL, SIM_BODY_JSON, SIM_BODY_HTML, SIM_BODY_EMPTY } sim_body;
typedef enum sim_whom { SIM_ANYBODY, SIM_SEEN, SIM_UNSEEN } sim_whom; /* in a search's answer */

typedef struct sim_fault {
    sim_fault_kind kind;
    const char    *name;   /* for the log; "429-date" */
    int            status; /* 400 to 599 */
    sim_retry      retry;
    uint64_t       retry_s;
    sim_body       body;
    const char    *reason;  /* RateLimit-Reason, NULL for none; static */
    uint64_t       amount;  /* bytes, MB, rows or issues */
    bool           percent; /* of the body */
    uint64_t       ms;
    int64_t        delta; /* on total */
    size_t         shape; /* of sim_shapes; SIZE_MAX: by the seed */
    sim_whom       whom;
    jd_str         issue, in, to; /* empty: by the seed */
} sim_fault;

typedef struct sim_rule {
    jd_str    text;
    unsigned  lanes; /* one bit a sim_lane; 0: all */
    uint64_t  nth, from, every, times;
    uint64_t  chance; /* in a million */
    jd_str    path, has;
    sim_fault fault;
} sim_rule;

typedef struct sim_script {
    uint64_t  seed;
    sim_rule *rule;
    size_t    n;
} sim_script;

/* Copies what it keeps into the arena. JD_E_DATA names the line and what is wrong with it. */
jd_code sim_script_parse(jd_arena *a, jd_str text, sim_script *out, jd_err *e) JD_NODISCARD;
/* The grammar for people, from the parser's own tables. */
void sim_script_help(jd_buf *out);
bool sim_fault_is_change(sim_fault_kind kind);

#endif
