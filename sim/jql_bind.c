/* From a clause as written to a clause that can be asked, or to a message in Jira's words. */
#include "sim/jql_ast.h"
#include "text/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGES_MAX = 100, MESSAGE_VALUE_MAX = 200 };

static const sim_field fields[] = {
    {"project", SIM_C_PROJECT, SIM_ORDER_PROJECT, SIM_JQL_PROJECT, NULL},
    {"key", SIM_C_ISSUE, SIM_ORDER_KEY, SIM_JQL_ISSUE, NULL},
    {"issuekey", SIM_C_ISSUE, SIM_ORDER_KEY, SIM_JQL_ISSUE, NULL},
    {"issue", SIM_C_ISSUE, SIM_ORDER_KEY, SIM_JQL_ISSUE, NULL},
    {"id", SIM_C_ISSUE, SIM_ORDER_KEY, SIM_JQL_ISSUE, NULL},
    {"created", SIM_C_DATE, SIM_ORDER_CREATED, 0, NULL},
    {"createdDate", SIM_C_DATE, SIM_ORDER_CREATED, 0, NULL},
    {"updated", SIM_C_DATE, SIM_ORDER_UPDATED, 0, NULL},
    {"updatedDate", SIM_C_DATE, SIM_ORDER_UPDATED, 0, NULL},
    {"resolutiondate", SIM_C_DATE, SIM_ORDER_RESOLVED, 0, NULL},
    {"resolved", SIM_C_DATE, SIM_ORDER_RESOLVED, 0, NULL},
    {"status", SIM_C_NAMED, SIM_ORDER_STATUS, SIM_JQL_STATUS, NULL},
    {"issuetype", SIM_C_NAMED, SIM_ORDER_TYPE, SIM_JQL_TYPE, NULL},
    {"type", SIM_C_NAMED, SIM_ORDER_TYPE, SIM_JQL_TYPE, NULL},
    {"priority", SIM_C_NAMED, SIM_ORDER_PRIORITY, SIM_JQL_PRIORITY, NULL},
    {"resolution", SIM_C_NAMED, SIM_ORDER_RESOLUTION, SIM_JQL_RESOLUTION, NULL},
    {"assignee", SIM_C_USER, SIM_ORDER_ASSIGNEE, SIM_JQL_USER, NULL},
    {"reporter", SIM_C_USER, SIM_ORDER_REPORTER, SIM_JQL_USER, NULL},
    {"statusCategory", SIM_C_CATEGORY, SIM_ORDER_CATEGORY, 0, NULL},
    {"labels", SIM_C_VALUES, SIM_ORDER_NONE, SIM_JQL_WORD, "labels"},
    {"component", SIM_C_VALUES, SIM_ORDER_NONE, SIM_JQL_COMPONENT, "components"},
    {"fixVersion", SIM_C_VALUES, SIM_ORDER_NONE, SIM_JQL_VERSION, "fixVersions"},
    {"affectedVersion", SIM_C_VALUES, SIM_ORDER_NONE, SIM_JQL_VERSION, "versions"},
    {"parent", SIM_C_VALUES, SIM_ORDER_NONE, SIM_JQL_WORD, "parent"},
    {"duedate", SIM_C_DATE, SIM_ORDER_NONE, 0, "duedate"},
    {"due", SIM_C_DATE, SIM_ORDER_NONE, 0, "duedate"},
    {"summary", SIM_C_TEXT, SIM_ORDER_NONE, 0, "summary"},
    {"description", SIM_C_TEXT, SIM_ORDER_NONE, 0, "description"},
    {"environment", SIM_C_TEXT, SIM_ORDER_NONE, 0, "environment"},
    {"comment", SIM_C_TEXT, SIM_ORDER_NONE, 0, "comment"},
    {"text", SIM_C_TEXT, SIM_ORDER_NONE, 0, "summary,description,environment,comment"},
};

const sim_field *sim_field_find(jd_str name)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (jd_str_ieq(name, jd_str_of(fields[i].name)))
            return &fields[i];
    return NULL;
}

unsigned sim_jql_category(jd_str name)
{
    static const struct {
        const char *key, *name, *id;
    } all[] = {{"undefined", "No Category", "1"},
               {"new", "To Do", "2"},
               {"indeterminate", "In Progress", "4"},
               {"done", "Done", "3"}};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (jd_str_ieq(name, jd_str_of(all[i].key)) || jd_str_ieq(name, jd_str_of(all[i].name)) ||
            jd_str_is(name, all[i].id))
            return i + 1;
    return 0;
}

void sim_bind_complain(sim_binder *b, const char *fmt, ...)
{
    char    text[1024];
    va_list ap;
    if (b->messages.n >= MESSAGES_MAX)
        return;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t kept = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    jd_str one  = jd_arena_dup(b->arena, (jd_str){text, kept});
    for (size_t i = 0; i < b->messages.n; i++)
        if (jd_str_eq(b->messages.v[i], one))
            return;
    *jd_vec_add(&b->messages) = one;
}

static jd_str shown(jd_str s)
{
    return jd_str_cut(s, 0, MESSAGE_VALUE_MAX);
}

/* ---- what goes with what */

static bool is_relation(sim_op op)
{
    return op >= SIM_OP_LT && op <= SIM_OP_GE;
}

static bool field_takes(const sim_field *f, sim_op op)
{
    bool text = f->class == SIM_C_TEXT;
    if (op == SIM_OP_WAS || op == SIM_OP_CHANGED)
        return false;
    if (op == SIM_OP_LIKE || op == SIM_OP_NOT_LIKE)
        return text;
    if (op == SIM_OP_IS || op == SIM_OP_IS_NOT) /* of comments, whole or among texts, not */
        return f->class != SIM_C_ISSUE && !(text && strstr(f->member, "comment"));
    if (is_relation(op))
        return f->class == SIM_C_ISSUE || f->class == SIM_C_DATE || f->class == SIM_C_NUMBER ||
               f->by == SIM_ORDER_PRIORITY;
    return !text;
}

static sim_op opposite(sim_op op)
{
    static const sim_op turned[] = {
        [SIM_OP_EQ] = SIM_OP_NE,         [SIM_OP_NE] = SIM_OP_EQ,
        [SIM_OP_LT] = SIM_OP_GE,         [SIM_OP_GE] = SIM_OP_LT,
        [SIM_OP_GT] = SIM_OP_LE,         [SIM_OP_LE] = SIM_OP_GT,
        [SIM_OP_IN] = SIM_OP_NOT_IN,     [SIM_OP_NOT_IN] = SIM_OP_IN,
        [SIM_OP_IS] = SIM_OP_IS_NOT,     [SIM_OP_IS_NOT] = SIM_OP_IS,
        [SIM_OP_LIKE] = SIM_OP_NOT_LIKE, [SIM_OP_NOT_LIKE] = SIM_OP_LIKE};
    return turned[op];
}

static bool shape_fits(sim_binder *b, jd_str field, sim_op op, jd_str op_text, const sim_operand *v)
{
    bool   wants_list = op == SIM_OP_IN || op == SIM_OP_NOT_IN;
    jd_str text       = v->kind == SIM_V_EMPTY ? JD_STR("EMPTY") : shown(v->text);
    if (wants_list && v->kind != SIM_V_LIST && v->kind != SIM_V_FUNCTION) {
        sim_bind_complain(
            b, "Operator '%.*s' does not support the non-list value '%.*s' for field '%.*s'.",
            JD_FMT(op_text), JD_FMT(text), JD_FMT(field));
        return false;
    }
    if (!wants_list && v->kind == SIM_V_LIST) {
        sim_bind_complain(b, "Operator '%.*s' does not support the list value for field '%.*s'.",
                          JD_FMT(op_text), JD_FMT(field));
        return false;
    }
    if ((op == SIM_OP_IS || op == SIM_OP_IS_NOT) && v->kind != SIM_V_EMPTY) {
        sim_bind_complain(b,
                          "The value '%.*s' is not supported by the '%.*s' operator: only EMPTY "
                          "and NULL are.",
                          JD_FMT(text), JD_FMT(op_text));
        return false;
    }
    if (is_relation(op) && v->kind == SIM_V_EMPTY) {
        sim_bind_complain(b, "The operator '%.*s' does not support searching for EMPTY values.",
                          JD_FMT(op_text));
        return false;
    }
    return true;
}

/* ---- values */

static void complain_value(sim_binder *b, const sim_field *f, jd_str field, const sim_operand *v)
{
    jd_str text  = shown(v->text);
    bool   issue = f->class == SIM_C_ISSUE;
    if (v->kind == SIM_V_NUMBER)
        sim_bind_complain(b, "A value with ID '%.*s' does not exist for the field '%.*s'.",
                          JD_FMT(text), JD_FMT(field));
    else if (issue && jd_str_find(v->text, '-') == v->text.n)
        sim_bind_complain(b, "The issue key '%.*s' for field '%.*s' is invalid.", JD_FMT(text),
                          JD_FMT(field));
    else if (issue)
        sim_bind_complain(b, "An issue with key '%.*s' does not exist for field '%.*s'.",
                          JD_FMT(text), JD_FMT(field));
    else
        sim_bind_complain(b, "The value '%.*s' does not exist for the field '%.*s'.", JD_FMT(text),
                          JD_FMT(field));
}

static bool find(sim_binder *b, const sim_field *f, jd_str field, const sim_operand *v,
                 sim_jql_ref *ref)
{
    *ref = (sim_jql_ref){0};
    if (f->what == SIM_JQL_WORD)
        return true;
    if (f->class == SIM_C_CATEGORY) {
        ref->id = sim_jql_category(v->text);
        if (!ref->id)
            complain_value(b, f, field, v);
        return ref->id > 0;
    }
    if (b->env->find ? b->env->find(b->env->self, f->what, v->text, ref)
                     : f->class != SIM_C_PROJECT && f->class != SIM_C_ISSUE)
        return true;
    complain_value(b, f, field, v);
    return false;
}

/* A function where no date is wanted: currentUser() for users, as the account's name. */
static bool call(sim_binder *b, const sim_field *f, jd_str field, const sim_operand *v, jd_str *out)
{
    bool current = jd_str_ieq(v->text, JD_STR("currentUser"));
    if (!current && !sim_date_function(v->text)) {
        sim_bind_complain(b, "Unable to find JQL function '%.*s()'.", JD_FMT(shown(v->text)));
        return false;
    }
    if (!current || f->class != SIM_C_USER) {
        sim_bind_complain(
            b, "A value provided by the function '%.*s' is invalid for the field '%.*s'.",
            JD_FMT(v->text), JD_FMT(field));
        return false;
    }
    if (v->children) {
        sim_bind_complain(b, "Function 'currentUser' expected '0' arguments but received '%zu'.",
                          v->children);
        return false;
    }
    *out = b->env->user;
    return true;
}

typedef struct value_set {
    JD_VEC(uint64_t) ids;
    JD_VEC(int64_t) seconds;
    JD_VEC(double) numbers;
    JD_VEC(jd_str) texts;
    bool        empty, faulty;
    sim_jql_ref last;
} value_set;

/* "2.5" or 3. */
static bool bind_number(sim_binder *b, jd_str field, const sim_operand *v, double *out)
{
    const jd_json *number;
    jd_err         ignored;
    if (!jd_json_read(b->arena, v->text, &number, &ignored) && jd_json_f64(number, out))
        return true;
    sim_bind_complain(b, "Value '%.*s' is invalid for the '%.*s' field: a number is wanted.",
                      JD_FMT(shown(v->text)), JD_FMT(field));
    return false;
}

/* The words of a text query; false after a message. */
static bool bind_words(sim_binder *b, jd_str field, const sim_operand *v, value_set *set)
{
    jd_str text = jd_str_trim(v->text), *term;
    size_t n    = sim_text_terms(b->arena, text, &term);
    if (text.n && (text.p[0] == '*' || text.p[0] == '?')) {
        sim_bind_complain(b,
                          "The text query '%.*s' for field '%.*s' is not allowed to start with "
                          "character '%c'.",
                          JD_FMT(shown(text)), JD_FMT(field), text.p[0]);
        return false;
    }
    if (n == 0)
        sim_bind_complain(b, "The field '%.*s' does not support searching for an empty string.",
                          JD_FMT(field));
    for (size_t i = 0; i < n; i++)
        *jd_vec_add(&set->texts) = term[i];
    return n > 0;
}

/* What is no word that could be looked up; *faulty after a message. */
static bool add_reading(sim_binder *b, const sim_field *f, jd_str field, const sim_operand *v,
                        value_set *set)
{
    int64_t second;
    double  number;
    bool    call = v->kind == SIM_V_FUNCTION;
    if (f->class == SIM_C_DATE && (!call || sim_date_function(v->text))) {
        if (sim_bind_date(b, field, v, &second))
            *jd_vec_add(&set->seconds) = second;
        else
            set->faulty = true;
        return true;
    }
    if (f->class == SIM_C_NUMBER && !call) {
        if (bind_number(b, field, v, &number))
            *jd_vec_add(&set->numbers) = number;
        else
            set->faulty = true;
        return true;
    }
    if (f->class != SIM_C_TEXT || call)
        return false;
    set->faulty = !bind_words(b, field, v, set) || set->faulty;
    return true;
}

static void add_value(sim_binder *b, const sim_field *f, jd_str field, const sim_operand *v,
                      value_set *set)
{
    jd_str text = v->text;
    if (v->kind == SIM_V_LIST) { /* lists in lists: as deep as the grammar lets them be */
        for (const sim_operand *c = v->child; c; c = c->next)
            add_value(b, f, field, c, set);
        return;
    }
    if (v->kind == SIM_V_EMPTY || (f->by == SIM_ORDER_RESOLUTION && v->kind == SIM_V_STRING &&
                                   jd_str_ieq(text, JD_STR("Unresolved")))) {
        set->empty = true;
        if (f->class == SIM_C_ISSUE) {
            sim_bind_complain(b, "The field '%.*s' does not support searching for EMPTY values.",
                              JD_FMT(field));
            set->faulty = true;
        }
        return;
    }
    if (add_reading(b, f, field, v, set))
        return;
    if (v->kind == SIM_V_FUNCTION) {
        if (!call(b, f, field, v, &text))
            set->faulty = true;
        else if (text.p) /* anonymous: nobody */
            *jd_vec_add(&set->texts) = text;
        return;
    }
    if (!find(b, f, field, v, &set->last)) {
        set->faulty = true;
        return;
    }
    *jd_vec_add(&set->ids)   = set->last.id;
    *jd_vec_add(&set->texts) = text;
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Into the arena; ids sorted and without doubles. */
static void keep(jd_arena *a, const sim_field *f, value_set *set, sim_node *node)
{
    switch (f->class) {
    case SIM_C_PROJECT:
    case SIM_C_ISSUE:
    case SIM_C_CATEGORY:
        if (set->ids.n == 0)
            break;
        qsort(set->ids.v, set->ids.n, sizeof *set->ids.v, by_id);
        node->ids = JD_NEW_ARRAY(a, uint64_t, set->ids.n);
        for (size_t i = 0; i < set->ids.n; i++)
            if (node->n == 0 || node->ids[node->n - 1] != set->ids.v[i])
                node->ids[node->n++] = set->ids.v[i];
        break;
    case SIM_C_DATE:
        node->n = set->seconds.n;
        if (node->n == 0)
            break;
        node->seconds = JD_NEW_ARRAY(a, int64_t, node->n);
        memcpy(node->seconds, set->seconds.v, node->n * sizeof *set->seconds.v);
        break;
    case SIM_C_NUMBER:
        node->n = set->numbers.n;
        if (node->n == 0)
            break;
        node->numbers = JD_NEW_ARRAY(a, double, node->n);
        memcpy(node->numbers, set->numbers.v, node->n * sizeof *set->numbers.v);
        break;
    case SIM_C_NAMED:
    case SIM_C_USER:
    case SIM_C_VALUES:
    case SIM_C_TEXT:
        node->n = set->texts.n;
        if (node->n == 0)
            break;
        node->texts = JD_NEW_ARRAY(a, jd_str, node->n);
        for (size_t i = 0; i < node->n; i++)
            node->texts[i] = jd_arena_dup(a, set->texts.v[i]);
        break;
    }
}

static void fill(sim_binder *b, const sim_field *f, sim_op op, value_set *set, sim_node *node)
{
    static const sim_node_kind kinds[] = {
        [SIM_C_PROJECT] = SIM_N_PROJECT, [SIM_C_ISSUE] = SIM_N_ISSUE,
        [SIM_C_DATE] = SIM_N_DATE,       [SIM_C_NAMED] = SIM_N_NAMED,
        [SIM_C_USER] = SIM_N_USER,       [SIM_C_CATEGORY] = SIM_N_CATEGORY,
        [SIM_C_VALUES] = SIM_N_VALUES,   [SIM_C_TEXT] = SIM_N_TEXT,
        [SIM_C_NUMBER] = SIM_N_NUMBER};
    node->kind   = kinds[f->class];
    node->field  = f->by;
    node->op     = op;
    node->empty  = set->empty;
    node->member = f->member ? jd_arena_dup(b->arena, jd_str_of(f->member)) : JD_NOSTR;
    node->zone   = b->env->zone;
    node->negated =
        op == SIM_OP_NE || op == SIM_OP_NOT_IN || op == SIM_OP_IS_NOT || op == SIM_OP_NOT_LIKE;
    keep(b->arena, f, set, node);
    if (!is_relation(op))
        return;
    node->ref = set->last;
    if (f->class == SIM_C_ISSUE) {
        node->kind = SIM_N_KEY_REL;
    } else if (f->class == SIM_C_DATE) {
        node->kind = SIM_N_DATE_REL;
    } else if (f->class != SIM_C_NUMBER) {
        node->kind = set->last.id ? SIM_N_RANK_REL : SIM_N_NEVER;
    }
}

static const sim_field *custom_field(sim_binder *b, jd_str name)
{
    static const sim_class classes[] = {[SIM_JQL_VALUES] = SIM_C_VALUES,
                                        [SIM_JQL_TEXT]   = SIM_C_TEXT,
                                        [SIM_JQL_NUMBER] = SIM_C_NUMBER,
                                        [SIM_JQL_DATE]   = SIM_C_DATE};
    sim_jql_kind           kind      = SIM_JQL_VALUES;
    jd_str id = b->env->custom ? b->env->custom(b->env->self, name, &kind) : JD_NOSTR;
    if (!id.p)
        return NULL;
    sim_field *f = JD_NEW(b->arena, sim_field);
    *f           = (sim_field){.class  = classes[kind],
                               .by     = SIM_ORDER_NONE,
                               .what   = SIM_JQL_WORD,
                               .member = jd_arena_cstr(b->arena, id)};
    return f;
}

sim_node *sim_bind_clause(sim_binder *b, jd_str field, sim_op op, jd_str op_text,
                          const sim_operand *value, bool negated)
{
    sim_node        *node = JD_NEW(b->arena, sim_node);
    const sim_field *f    = sim_field_find(field);
    value_set        set  = {0};
    node->kind            = SIM_N_NEVER;
    if (!f)
        f = custom_field(b, field);
    field = shown(field);
    if (!f) {
        sim_bind_complain(b,
                          "Field '%.*s' does not exist or you do not have permission to view it.",
                          JD_FMT(field));
        return node;
    }
    if (!field_takes(f, op)) {
        sim_bind_complain(b, "The operator '%.*s' is not supported by the '%.*s' field.",
                          JD_FMT(op_text), JD_FMT(field));
        return node;
    }
    if (!shape_fits(b, field, op, op_text, value))
        return node;
    add_value(b, f, field, value, &set);
    if (!set.faulty)
        fill(b, f, negated ? opposite(op) : op, &set, node);
    jd_vec_release(&set.ids);
    jd_vec_release(&set.seconds);
    jd_vec_release(&set.numbers);
    jd_vec_release(&set.texts);
    return node;
}
