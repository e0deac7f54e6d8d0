#include "base/vec.h"
#include "text/utf8.h"
#include "text/yaml.h"

#include <string.h>

/* Values of a .env file are secrets: a message names the line and the variable, never the value. */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static jd_str trim(jd_str s)
{
    while (s.n && is_blank(s.p[0]))
        s = (jd_str){s.p + 1, s.n - 1};
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool is_name(jd_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c      = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.n > 0;
}

/* The value between the quotes that s begins with, escapes resolved in double ones; *rest is what
 * follows the closing quote. False when there is none. */
static bool quoted_value(jd_arena *a, jd_str s, jd_str *value, jd_str *rest)
{
    char   quote = s.p[0];
    char  *to    = jd_arena_bytes(a, s.n);
    size_t n     = 0;
    for (size_t i = 1; i < s.n; i++) {
        char c = s.p[i];
        if (c == quote) {
            to[n]  = '\0';
            *value = (jd_str){to, n};
            *rest  = (jd_str){s.p + i + 1, s.n - i - 1};
            return true;
        }
        if (c == '\\' && quote == '"' && i + 1 < s.n) {
            char next = s.p[i + 1];
            if (next == 'n' || next == 't')
                c = next == 'n' ? '\n' : '\t';
            else if (next == '"' || next == '\\' || next == '$')
                c = next;
            i += c != '\\' || next == '\\';
        }
        to[n++] = c;
    }
    return false;
}

/* Up to a '#' that follows a blank. */
static jd_str bare_value(jd_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '#' && i && is_blank(s.p[i - 1]))
            s.n = i;
    return trim(s);
}

static jd_code read_line(jd_arena *a, jd_str line, jd_env_item *item, const char *file, jd_err *e)
{
    size_t equals = jd_str_find(line, '=');
    if (equals == line.n)
        return jd_fail(e, JD_E_CONFIG, "%s:%u: expected NAME=value, but there is no '='", file,
                       item->line);
    jd_str name = trim(jd_str_cut(line, 0, equals));
    if (jd_str_starts(name, JD_STR("export")) && name.n > 6 && is_blank(name.p[6]))
        name = trim(jd_str_cut(name, 6, name.n));
    if (!is_name(name))
        return jd_fail(e, JD_E_CONFIG,
                       "%s:%u: what stands before '=' is no variable name (letters, digits and _, "
                       "no digit first)",
                       file, item->line);
    jd_str raw   = {line.p + equals + 1, line.n - equals - 1};
    jd_str value = trim(raw), rest = JD_NOSTR;
    if (jd_str_find(raw, '\0') < raw.n)
        return jd_fail(e, JD_E_CONFIG, "%s:%u: the value of %.*s holds a NUL byte", file,
                       item->line, JD_FMT(jd_utf8_head(name, 60)));
    if (value.n && (value.p[0] == '"' || value.p[0] == '\'')) {
        if (!quoted_value(a, value, &value, &rest))
            return jd_fail(e, JD_E_CONFIG,
                           "%s:%u: the value of %.*s opens with a quote that is not closed on the "
                           "same line",
                           file, item->line, JD_FMT(jd_utf8_head(name, 60)));
        rest = trim(rest);
        if (rest.n && rest.p[0] != '#')
            return jd_fail(e, JD_E_CONFIG,
                           "%s:%u: something follows the closing quote of %.*s: take it out, or "
                           "put a # before it",
                           file, item->line, JD_FMT(jd_utf8_head(name, 60)));
        item->value = value;
    } else {
        item->value = jd_arena_dup(a, bare_value(raw));
    }
    item->name = jd_arena_dup(a, name);
    return JD_OK;
}

jd_code jd_env_read(jd_arena *a, jd_str bytes, const char *name, jd_env *out, jd_err *e)
{
    JD_VEC(jd_env_item) items = {0};
    jd_code  code             = JD_OK;
    unsigned number           = 0;
    jd_str   rest             = bytes, line;
    if (jd_str_starts(rest, JD_STR("\xef\xbb\xbf")))
        rest = (jd_str){rest.p + 3, rest.n - 3};
    while (code == JD_OK && jd_str_split(&rest, '\n', &line)) {
        number++;
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        line = trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        jd_env_item item    = {.line = number};
        code                = read_line(a, line, &item, name, e);
        *jd_vec_add(&items) = item;
    }
    if (code == JD_OK) {
        *out = (jd_env){.item = JD_NEW_ARRAY(a, jd_env_item, items.n), .n = items.n};
        if (items.n)
            memcpy(out->item, items.v, items.n * sizeof *items.v);
    }
    jd_vec_release(&items);
    return code;
}
