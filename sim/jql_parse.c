/* The grammar. NOT is pushed down to the clauses while they are read, so that the tree holds AND
 * and OR only. The first fault ends the parse with one message, as in Jira. */
#include "sim/jql_ast.h"

#include <string.h>

#define OPERATORS                                                                               \
    "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' " \
    "and 'IS NOT'."

typedef struct parser {
    sim_lexer  lexer;
    sim_token  now;
    jd_arena  *arena;
    jd_str     fault; /* set once */
    unsigned   depth;
    sim_binder binder;
} parser;

static bool failed(const parser *p)
{
    return p->fault.p != NULL;
}

static bool at_word(const parser *p, const char *keyword)
{
    return p->now.kind == SIM_T_WORD && jd_str_ieq(p->now.raw, jd_str_of(keyword));
}

static void advance(parser *p)
{
    if (failed(p))
        return;
    p->now = sim_lex_next(&p->lexer);
    if (p->now.kind == SIM_T_BAD) {
        p->fault    = p->lexer.error;
        p->now.kind = SIM_T_END;
        return;
    }
    if (at_word(p, "and"))
        p->now.kind = SIM_T_AND;
    else if (at_word(p, "or"))
        p->now.kind = SIM_T_OR;
    else if (at_word(p, "not"))
        p->now.kind = SIM_T_NOT;
}

/* "Expecting ')' but got 'x'. (line 1, character 7)"; the hint stands before the place. */
static void expecting(parser *p, const char *what, const char *hint)
{
    if (failed(p))
        return;
    const char *gap = *hint ? " " : "";
    jd_str      raw = jd_str_cut(p->now.raw, 0, 100);
    if (p->now.kind == SIM_T_END)
        p->fault = jd_arena_fmt(p->arena,
                                "Error in the JQL Query: Expecting %s before the end of the "
                                "query.%s%s",
                                what, gap, hint);
    else
        p->fault = jd_arena_fmt(p->arena,
                                "Error in the JQL Query: Expecting %s but got '%.*s'.%s%s (line "
                                "%zu, character %zu)",
                                what, JD_FMT(raw), gap, hint, p->now.line, p->now.column);
}

static void reserved_word(parser *p)
{
    if (!failed(p))
        p->fault = jd_arena_fmt(p->arena,
                                "Error in the JQL Query: '%.*s' is a reserved JQL word. You must "
                                "surround it in quotation marks to use it in a query. (line %zu, "
                                "character %zu)",
                                JD_FMT(p->now.raw), p->now.line, p->now.column);
}

static bool too_deep(parser *p)
{
    if (p->depth < SIM_JQL_DEPTH)
        return false;
    if (!failed(p))
        p->fault = jd_arena_fmt(p->arena,
                                "Error in the JQL Query: The query is nested too deeply. (line "
                                "%zu, character %zu)",
                                p->now.line, p->now.column);
    return true;
}

/* ---- operands */

static bool whole_number(jd_str s, int64_t *v)
{
    if (s.n == 0 || (s.p[0] != '-' && (s.p[0] < '0' || s.p[0] > '9')))
        return false;
    return jd_str_i64(s, v);
}

static sim_operand *parse_operand(parser *p);

/* After the '(': operands up to the ')'. `none` allows an empty list, as functions do. */
static void parse_list(parser *p, sim_operand *into, bool none)
{
    p->depth++;
    sim_operand **tail = &into->child;
    if (!(none && p->now.kind == SIM_T_CLOSE)) {
        for (;;) {
            sim_operand *v = parse_operand(p);
            if (failed(p))
                break;
            *tail = v;
            tail  = &v->next;
            into->children++;
            if (p->now.kind != SIM_T_COMMA)
                break;
            advance(p);
        }
    }
    p->depth--;
    if (p->now.kind != SIM_T_CLOSE)
        expecting(p, "')'", "");
    advance(p);
}

static sim_operand *parse_operand(parser *p)
{
    sim_operand *v = JD_NEW(p->arena, sim_operand);
    v->kind        = SIM_V_STRING;
    v->text        = p->now.text;
    if (p->now.kind == SIM_T_OPEN) {
        if (too_deep(p))
            return v;
        v->kind = SIM_V_LIST;
        advance(p);
        parse_list(p, v, false);
        return v;
    }
    if (p->now.kind != SIM_T_WORD && p->now.kind != SIM_T_STRING) {
        expecting(p, "either a value, list or function", "");
        return v;
    }
    sim_token token = p->now;
    if (at_word(p, "empty") || at_word(p, "null")) {
        v->kind = SIM_V_EMPTY;
        advance(p);
        return v;
    }
    if (token.kind == SIM_T_WORD && sim_word_reserved(token.raw)) {
        reserved_word(p);
        return v;
    }
    advance(p);
    if (p->now.kind == SIM_T_OPEN) {
        if (too_deep(p))
            return v;
        v->kind = SIM_V_FUNCTION;
        advance(p);
        parse_list(p, v, true);
    } else if (token.kind == SIM_T_WORD && whole_number(token.raw, &v->number)) {
        v->kind = SIM_V_NUMBER;
    }
    return v;
}

/* ---- clauses */

/* The operator, two words taken together; *text is how it is named in messages. */
static sim_op parse_operator(parser *p, jd_str *text)
{
    sim_op op = SIM_OP_NONE;
    *text     = p->now.raw;
    if (p->now.kind == SIM_T_OP) {
        op = p->now.op;
        advance(p);
    } else if (at_word(p, "in")) {
        op = SIM_OP_IN;
        advance(p);
    } else if (p->now.kind == SIM_T_NOT) {
        advance(p);
        if (!at_word(p, "in")) {
            expecting(p, "'IN'", "");
            return op;
        }
        op    = SIM_OP_NOT_IN;
        *text = JD_STR("not in");
        advance(p);
    } else if (at_word(p, "is")) {
        op = SIM_OP_IS;
        advance(p);
        if (p->now.kind == SIM_T_NOT) {
            op    = SIM_OP_IS_NOT;
            *text = JD_STR("is not");
            advance(p);
        }
    } else if (at_word(p, "was")) {
        op = SIM_OP_WAS;
        advance(p);
        if (p->now.kind == SIM_T_NOT)
            advance(p);
        if (at_word(p, "in"))
            advance(p);
    } else if (at_word(p, "changed")) {
        op = SIM_OP_CHANGED;
        advance(p);
    } else {
        expecting(p, "operator", OPERATORS);
    }
    return op;
}

static jd_str parse_field(parser *p)
{
    jd_str name = p->now.text;
    if (p->now.kind != SIM_T_WORD && p->now.kind != SIM_T_STRING) {
        if (p->now.kind == SIM_T_END)
            p->fault = failed(p) ? p->fault
                                 : JD_STR("Error in the JQL Query: Expecting a field name at the "
                                          "end of the query.");
        else
            expecting(p, "a field name", "");
        return name;
    }
    if (p->now.kind == SIM_T_WORD && sim_word_reserved(p->now.raw))
        reserved_word(p);
    advance(p);
    return name;
}

static sim_node *parse_clause(parser *p, bool negated)
{
    sim_operand nothing = {.kind = SIM_V_STRING};
    jd_str      op_text = JD_NOSTR;
    jd_str      field   = parse_field(p);
    if (failed(p))
        return NULL;
    sim_op             op    = parse_operator(p, &op_text);
    const sim_operand *value = &nothing;
    if (!failed(p) && op != SIM_OP_CHANGED)
        value = parse_operand(p);
    if (failed(p))
        return NULL;
    return sim_bind_clause(&p->binder, field, op, op_text, value, negated);
}

static sim_node *parse_any(parser *p, bool negated);

static sim_node *parse_not(parser *p, bool negated)
{
    for (; !failed(p) && p->now.kind == SIM_T_NOT; advance(p))
        negated = !negated;
    if (p->now.kind != SIM_T_OPEN)
        return parse_clause(p, negated);
    if (too_deep(p))
        return NULL;
    p->depth++;
    advance(p);
    sim_node *inner = parse_any(p, negated);
    p->depth--;
    if (p->now.kind != SIM_T_CLOSE)
        expecting(p, "')'", "");
    advance(p);
    return inner;
}

/* A chain of one operator; under a NOT, AND becomes OR and the other way round. */
static sim_node *parse_chain(parser *p, sim_token_kind joiner, bool negated)
{
    sim_node *all = NULL, **tail = NULL;
    for (;;) {
        sim_node *one =
            joiner == SIM_T_OR ? parse_chain(p, SIM_T_AND, negated) : parse_not(p, negated);
        if (failed(p))
            return NULL;
        if (tail) {
            *tail = one;
            tail  = &one->next;
        }
        if (p->now.kind != joiner)
            return all ? all : one;
        if (!all) {
            all        = JD_NEW(p->arena, sim_node);
            all->kind  = (joiner == SIM_T_AND) != negated ? SIM_N_AND : SIM_N_OR;
            all->child = one;
            tail       = &one->next;
        }
        advance(p);
    }
}

static sim_node *parse_any(parser *p, bool negated)
{
    return parse_chain(p, SIM_T_OR, negated);
}

/* ---- ORDER BY */

static void parse_order(parser *p, sim_jql *q)
{
    JD_VEC(sim_order) terms = {0};
    advance(p);
    if (!at_word(p, "by"))
        expecting(p, "'by'", "");
    do {
        advance(p);
        jd_str           name  = parse_field(p);
        const sim_field *field = sim_field_find(name);
        bool             desc  = false;
        if (failed(p))
            break;
        if (at_word(p, "asc") || at_word(p, "desc")) {
            desc = at_word(p, "desc");
            advance(p);
        }
        if (field && field->by != SIM_ORDER_NONE)
            *jd_vec_add(&terms) = (sim_order){field->by, desc};
        else
            sim_bind_complain(&p->binder, "Not able to sort using field '%.*s'.", JD_FMT(name));
    } while (p->now.kind == SIM_T_COMMA);
    if (p->now.kind != SIM_T_END)
        expecting(p, "','", "");
    if (terms.n > 0) {
        q->order  = JD_NEW_ARRAY(p->arena, sim_order, terms.n);
        q->norder = terms.n;
        memcpy(q->order, terms.v, terms.n * sizeof *terms.v);
    }
    jd_vec_release(&terms);
}

static void parse_query(parser *p, sim_jql *q)
{
    advance(p);
    if (p->now.kind != SIM_T_END && !at_word(p, "order"))
        q->where = parse_any(p, false);
    if (!failed(p) && at_word(p, "order"))
        parse_order(p, q);
    else if (p->now.kind != SIM_T_END)
        expecting(p, "either 'OR' or 'AND'", "");
}

static void give_messages(jd_arena *a, const jd_str *v, size_t n, sim_jql_errors *errs)
{
    errs->n = n;
    errs->v = n ? JD_NEW_ARRAY(a, jd_str, n) : NULL;
    if (n)
        memcpy(errs->v, v, n * sizeof *v);
}

sim_jql *sim_jql_parse(jd_arena *a, jd_str text, const sim_jql_env *env, sim_jql_errors *errs)
{
    static sim_order newest_first = {SIM_ORDER_CREATED, true};
    parser           p            = {.lexer  = {.arena = a, .line = 1, .column = 1},
                                     .arena  = a,
                                     .binder = {.arena = a, .env = env}};
    sim_jql         *q            = JD_NEW(a, sim_jql);
    if (text.n > SIM_JQL_BYTES) {
        p.fault = jd_arena_fmt(a, "Error in the JQL Query: The query is longer than %d bytes.",
                               SIM_JQL_BYTES);
    } else {
        p.lexer.s = jd_arena_dup(a, text);
        parse_query(&p, q);
    }
    if (failed(&p))
        give_messages(a, &p.fault, 1, errs);
    else
        give_messages(a, p.binder.messages.v, p.binder.messages.n, errs);
    jd_vec_release(&p.binder.messages);
    if (failed(&p))
        return NULL;
    if (q->norder == 0) {
        q->order  = &newest_first;
        q->norder = 1;
    }
    sim_jql_find_shape(a, q);
    return q;
}

const sim_order *sim_jql_order(const sim_jql *q, size_t *n)
{
    *n = q->norder;
    return q->order;
}
