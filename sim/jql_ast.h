/* jql_ast.h: what the parts of the JQL code share: tokens, operands, compiled clauses. Private. */
#ifndef SIM_JQL_AST_H
#define SIM_JQL_AST_H

#include "base/vec.h"
#include "sim/jql.h"

/* ---- words (jql_lex.c) */

typedef enum sim_op {
    SIM_OP_NONE,
    SIM_OP_EQ,
    SIM_OP_NE,
    SIM_OP_LT,
    SIM_OP_GT,
    SIM_OP_LE,
    SIM_OP_GE,
    SIM_OP_LIKE,
    SIM_OP_NOT_LIKE,
    SIM_OP_IN,
    SIM_OP_NOT_IN,
    SIM_OP_IS,
    SIM_OP_IS_NOT,
    SIM_OP_WAS, /* parsed so that the message is Jira's; no field supports it */
    SIM_OP_CHANGED
} sim_op;

typedef enum sim_token_kind {
    SIM_T_END,
    SIM_T_WORD,   /* bare; may be a keyword */
    SIM_T_STRING, /* quoted */
    SIM_T_OPEN,
    SIM_T_CLOSE,
    SIM_T_COMMA,
    SIM_T_OP, /* = != < > <= >= ~ !~ */
    SIM_T_AND,
    SIM_T_OR,
    SIM_T_NOT,
    SIM_T_BAD /* sim_lexer.error says why */
} sim_token_kind;

typedef struct sim_token {
    sim_token_kind kind;
    sim_op         op;
    jd_str         text; /* escapes resolved */
    jd_str         raw;  /* as it stands in the query */
    size_t         line, column;
} sim_token;

typedef struct sim_lexer {
    jd_arena *arena;
    jd_str    s;
    size_t    at, line, column;
    jd_str    error;
} sim_lexer;

sim_token sim_lex_next(sim_lexer *l);
bool      sim_word_reserved(jd_str word);

/* ---- operands (jql_parse.c to jql_bind.c) */

typedef enum sim_operand_kind {
    SIM_V_STRING, /* quoted, or a bare word */
    SIM_V_NUMBER, /* a bare integer */
    SIM_V_EMPTY,
    SIM_V_FUNCTION, /* text is the name, the children are arguments */
    SIM_V_LIST
} sim_operand_kind;

typedef struct sim_operand {
    sim_operand_kind    kind;
    jd_str              text;
    int64_t             number;
    struct sim_operand *child, *next;
    size_t              children;
} sim_operand;

/* ---- fields */

typedef enum sim_class {
    SIM_C_PROJECT,
    SIM_C_ISSUE,
    SIM_C_DATE,
    SIM_C_NAMED,
    SIM_C_USER,
    SIM_C_CATEGORY,
    SIM_C_VALUES, /* these three are in the issue's JSON only */
    SIM_C_TEXT,
    SIM_C_NUMBER
} sim_class;

typedef struct sim_field {
    const char *name;
    sim_class class;
    sim_order_by by; /* says which field it is, too */
    sim_jql_what what;
    const char  *member; /* of the issue's "fields", or several with commas; NULL: it is a column */
} sim_field;

/* One that every Jira has; NULL when there is none of that name. */
const sim_field *sim_field_find(jd_str name);

/* ---- compiled clauses (jql_bind.c to jql_eval.c) */

typedef enum sim_node_kind {
    SIM_N_AND,
    SIM_N_OR,
    SIM_N_NEVER,
    SIM_N_PROJECT,  /* project id in ids */
    SIM_N_ISSUE,    /* issue id in ids */
    SIM_N_KEY_REL,  /* op against ref, within its project */
    SIM_N_DATE,     /* second in seconds */
    SIM_N_DATE_REL, /* op against seconds[0] */
    SIM_N_NAMED,    /* name or id in texts */
    SIM_N_RANK_REL, /* priority: op against ref.id */
    SIM_N_USER,     /* login name in texts */
    SIM_N_CATEGORY, /* place of the category in ids */
    SIM_N_VALUES,   /* one of the member's values in texts */
    SIM_N_TEXT,     /* all of texts in one of the members */
    SIM_N_NUMBER    /* member in numbers, or op against numbers[0] */
} sim_node_kind;

typedef struct sim_node {
    sim_node_kind    kind;
    sim_order_by     field;
    sim_op           op;
    bool             negated; /* sets: a value outside of them matches */
    bool             empty;   /* sets: EMPTY is in it */
    uint64_t        *ids;     /* ascending */
    int64_t         *seconds;
    double          *numbers;
    jd_str          *texts;
    jd_str           member; /* p NULL: a column */
    const sim_zone  *zone;   /* of days in a member */
    size_t           n;
    sim_jql_ref      ref;
    struct sim_node *child, *next; /* AND, OR */
} sim_node;

struct sim_jql {
    sim_node     *where; /* NULL: everything matches */
    sim_order    *order;
    size_t        norder;
    sim_jql_shape shape;
};

typedef struct sim_binder {
    jd_arena          *arena;
    const sim_jql_env *env;
    JD_VEC(jd_str) messages;
} sim_binder;

void sim_bind_complain(sim_binder *b, const char *fmt, ...) JD_PRINTF(2, 3);
/* One clause; `negated` when a NOT stands over it. A clause that means nothing gets a message and
 * becomes SIM_N_NEVER. op_text is the operator as typed. */
sim_node *sim_bind_clause(sim_binder *b, jd_str field, sim_op op, jd_str op_text,
                          const sim_operand *value, bool negated);
/* A date operand as seconds; false after a message. (jql_date.c) */
bool sim_bind_date(sim_binder *b, jd_str field, const sim_operand *v, int64_t *seconds);
/* Is that a function about dates? */
bool sim_date_function(jd_str name);
/* yyyy-MM-dd, yyyy/MM/dd, either with " HH:mm". (jql_date.c) */
bool sim_date_literal(jd_str s, sim_civil *c);
/* An empty field matches only where EMPTY was asked for, never by being outside of a set. */
bool sim_in_set(const sim_node *c, bool is_empty, bool hit);

/* What is in the issue's JSON only (jql_json.c): SIM_N_VALUES, SIM_N_TEXT, SIM_N_NUMBER. */
bool sim_match_json(const sim_node *c, const sim_issue *i);
/* The date in a member; false when there is none. */
bool sim_json_second(const sim_node *c, const sim_issue *i, int64_t *second);
/* What a text has to hold, as sim_match_json wants it: how many. */
size_t sim_text_terms(jd_arena *a, jd_str query, jd_str **out);

void sim_jql_find_shape(jd_arena *a, sim_jql *q);

#endif
