#include "sim/jql_ast.h"

#include <stdlib.h>
#include <string.h>

/* Sorted. Words that Jira wants in quotes when they are not used for what they mean here. */
static const char *const reserved[] = {
    "abort",     "access",       "add",       "after",     "alias",      "all",        "alter",
    "and",       "any",          "as",        "asc",       "audit",      "avg",        "before",
    "begin",     "between",      "boolean",   "break",     "by",         "byte",       "catch",
    "cf",        "changed",      "char",      "character", "check",      "checkpoint", "collate",
    "collation", "column",       "commit",    "connect",   "continue",   "count",      "create",
    "current",   "date",         "decimal",   "declare",   "decrement",  "default",    "defaults",
    "define",    "delete",       "delimiter", "desc",      "difference", "distinct",   "divide",
    "do",        "double",       "drop",      "else",      "empty",      "encoding",   "end",
    "equals",    "escape",       "exclusive", "exec",      "execute",    "exists",     "explain",
    "false",     "fetch",        "field",     "file",      "first",      "float",      "for",
    "from",      "function",     "go",        "goto",      "grant",      "greater",    "group",
    "having",    "identified",   "if",        "immediate", "in",         "increment",  "index",
    "initial",   "inner",        "inout",     "input",     "insert",     "int",        "integer",
    "intersect", "intersection", "into",      "is",        "isempty",    "isnull",     "join",
    "last",      "left",         "less",      "like",      "limit",      "lock",       "long",
    "max",       "min",          "minus",     "mode",      "modify",     "modulo",     "more",
    "multiply",  "next",         "noaudit",   "not",       "notin",      "nowait",     "null",
    "number",    "object",       "of",        "on",        "option",     "or",         "order",
    "outer",     "output",       "power",     "previous",  "prior",      "privileges", "public",
    "raise",     "raw",          "remainder", "rename",    "resource",   "return",     "returns",
    "revoke",    "right",        "row",       "rowid",     "rownum",     "rows",       "select",
    "session",   "set",          "share",     "size",      "sqrt",       "start",      "strict",
    "string",    "subtract",     "sum",       "synonym",   "table",      "then",       "to",
    "trans",     "transaction",  "trigger",   "true",      "uid",        "union",      "unique",
    "update",    "user",         "validate",  "values",    "view",       "was",        "when",
    "whenever",  "where",        "while",     "with"};

static int by_word(const void *key, const void *row)
{
    return strcmp(key, *(const char *const *)row);
}

bool sim_word_reserved(jd_str word)
{
    char low[16];
    if (word.n == 0 || word.n >= sizeof low)
        return false;
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        low[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    low[word.n] = 0;
    if (strlen(low) != word.n)
        return false;
    return bsearch(low, reserved, sizeof reserved / sizeof *reserved, sizeof *reserved, by_word);
}

/* One byte on; columns count characters, not bytes. */
static void step(sim_lexer *l)
{
    unsigned char c = (unsigned char)l->s.p[l->at++];
    if (c == '\n') {
        l->line++;
        l->column = 1;
    } else if ((c & 0xC0) != 0x80) {
        l->column++;
    }
}

static int peek(const sim_lexer *l, size_t ahead)
{
    return l->at + ahead < l->s.n ? (unsigned char)l->s.p[l->at + ahead] : -1;
}

static bool is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static bool is_reserved_char(int c)
{
    return c > 0 && strchr("{}*/%+^$#@?;.", c);
}

/* Brackets do not end one: cf[10020] is one word. */
static bool ends_word(int c)
{
    return c < 0 || is_space(c) || (c > 0 && strchr("()=!<>~&|,\"'", c)) || is_reserved_char(c);
}

static sim_token bad(sim_lexer *l, sim_token t, jd_str error)
{
    t.kind   = SIM_T_BAD;
    l->error = error;
    return t;
}

static int hex4(const sim_lexer *l, size_t ahead)
{
    int v = 0;
    for (size_t i = 0; i < 4; i++) {
        int c = peek(l, ahead + i);
        int d = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

static size_t put_utf8(char *p, uint32_t c)
{
    if (c >= 0xD800 && c < 0xE000)
        c = 0xFFFD;
    if (c < 0x80) {
        p[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        p[0] = (char)(0xC0 | c >> 6);
        p[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        p[0] = (char)(0xE0 | c >> 12);
        p[1] = (char)(0x80 | (c >> 6 & 63));
        p[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    p[0] = (char)(0xF0 | c >> 18);
    p[1] = (char)(0x80 | (c >> 12 & 63));
    p[2] = (char)(0x80 | (c >> 6 & 63));
    p[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* At a backslash: resolves the escape into p (at most 4 bytes), 0 when it is none. */
static size_t escape(sim_lexer *l, char *p)
{
    int    c    = peek(l, 1);
    size_t used = 2, made = 1;
    switch (c) {
    case 't':
        *p = '\t';
        break;
    case 'n':
        *p = '\n';
        break;
    case 'r':
        *p = '\r';
        break;
    case '\\':
    case '\'':
    case '"':
    case ' ':
        *p = (char)c;
        break;
    case 'u': {
        int v = hex4(l, 2), low = -1;
        if (v < 0)
            return 0;
        used = 6;
        if (v >= 0xD800 && v < 0xDC00 && peek(l, 6) == '\\' && peek(l, 7) == 'u')
            low = hex4(l, 8);
        if (low >= 0xDC00 && low < 0xE000) {
            used = 12;
            made =
                put_utf8(p, 0x10000U + ((uint32_t)(v - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
        } else {
            made = put_utf8(p, (uint32_t)v);
        }
        break;
    }
    default:
        return 0;
    }
    for (size_t i = 0; i < used; i++)
        step(l);
    return made;
}

static jd_str bad_escape(const sim_lexer *l, const sim_token *t)
{
    jd_str seen = jd_str_cut(l->s, l->at, 2);
    return jd_arena_fmt(l->arena,
                        "Error in the JQL Query: '%.*s' is an illegal JQL escape sequence. The "
                        "valid escape sequences are \\', \\\", \\t, \\n, \\r, \\\\, '\\ ' and "
                        "\\uXXXX. (line %zu, character %zu)",
                        JD_FMT(seen), t->line, l->column);
}

static sim_token lex_string(sim_lexer *l, sim_token t)
{
    int    quote = peek(l, 0);
    size_t n = 0, from = l->at;
    size_t end = from + 1;
    while (end < l->s.n && (unsigned char)l->s.p[end] != quote)
        end += l->s.p[end] == '\\' ? 2 : 1;
    char *text = jd_arena_bytes(l->arena, end - from + 4); /* no escape grows */
    step(l);
    for (int c; (c = peek(l, 0)) != quote;) {
        if (c < 0) {
            jd_str seen = jd_str_cut(l->s, from + 1, 60);
            return bad(l, t,
                       jd_arena_fmt(l->arena,
                                    "Error in the JQL Query: The quoted string '%.*s' has not been "
                                    "completed. (line %zu, character %zu)",
                                    JD_FMT(seen), t.line, t.column));
        }
        if (c == '\\') {
            size_t made = escape(l, text + n);
            if (made == 0)
                return bad(l, t, bad_escape(l, &t));
            n += made;
        } else {
            text[n++] = (char)c;
            step(l);
        }
    }
    step(l);
    t.kind = SIM_T_STRING;
    t.text = (jd_str){text, n};
    t.raw  = jd_str_cut(l->s, from, l->at - from);
    return t;
}

static sim_token lex_word(sim_lexer *l, sim_token t)
{
    size_t from = l->at, n = 0;
    size_t end = l->at;
    while (end < l->s.n && !ends_word((unsigned char)l->s.p[end]))
        end += l->s.p[end] == '\\' && end + 1 < l->s.n ? 2 : 1;
    char *text = jd_arena_bytes(l->arena, end - from + 4);
    for (int c; !ends_word(c = peek(l, 0));) {
        if (c == '\\') {
            size_t made = escape(l, text + n);
            if (made == 0)
                return bad(l, t, bad_escape(l, &t));
            n += made;
        } else {
            text[n++] = (char)c;
            step(l);
        }
    }
    t.kind = SIM_T_WORD;
    t.text = (jd_str){text, n};
    t.raw  = jd_str_cut(l->s, from, l->at - from);
    return t;
}

static sim_token simple(sim_lexer *l, sim_token t, sim_token_kind kind, sim_op op, size_t n)
{
    t.kind = kind;
    t.op   = op;
    t.raw = t.text = jd_str_cut(l->s, l->at, n);
    for (size_t i = 0; i < n; i++)
        step(l);
    return t;
}

sim_token sim_lex_next(sim_lexer *l)
{
    while (is_space(peek(l, 0)))
        step(l);
    sim_token t = {.kind = SIM_T_END, .line = l->line, .column = l->column};
    int       c = peek(l, 0), next = peek(l, 1);
    switch (c) {
    case -1:
        return t;
    case '(':
        return simple(l, t, SIM_T_OPEN, SIM_OP_NONE, 1);
    case ')':
        return simple(l, t, SIM_T_CLOSE, SIM_OP_NONE, 1);
    case ',':
        return simple(l, t, SIM_T_COMMA, SIM_OP_NONE, 1);
    case '=':
        return simple(l, t, SIM_T_OP, SIM_OP_EQ, 1);
    case '~':
        return simple(l, t, SIM_T_OP, SIM_OP_LIKE, 1);
    case '<':
        return next == '=' ? simple(l, t, SIM_T_OP, SIM_OP_LE, 2)
                           : simple(l, t, SIM_T_OP, SIM_OP_LT, 1);
    case '>':
        return next == '=' ? simple(l, t, SIM_T_OP, SIM_OP_GE, 2)
                           : simple(l, t, SIM_T_OP, SIM_OP_GT, 1);
    case '!':
        return next == '='   ? simple(l, t, SIM_T_OP, SIM_OP_NE, 2)
               : next == '~' ? simple(l, t, SIM_T_OP, SIM_OP_NOT_LIKE, 2)
                             : simple(l, t, SIM_T_NOT, SIM_OP_NONE, 1);
    case '&':
        return simple(l, t, SIM_T_AND, SIM_OP_NONE, next == '&' ? 2 : 1);
    case '|':
        return simple(l, t, SIM_T_OR, SIM_OP_NONE, next == '|' ? 2 : 1);
    case '"':
    case '\'':
        return lex_string(l, t);
    default:
        break;
    }
    if (is_reserved_char(c))
        return bad(l, t,
                   jd_arena_fmt(l->arena,
                                "Error in the JQL Query: The character '%c' is a reserved JQL "
                                "character. You must enclose it in a string or use the escape "
                                "'\\u%04x' instead. (line %zu, character %zu)",
                                c, (unsigned)c, t.line, t.column));
    return lex_word(l, t);
}
