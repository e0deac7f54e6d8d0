/* Clauses on what an issue has in its JSON only: labels, components, versions, texts, custom
 * fields. One member is read for each of them, whatever else the issue holds. */
#include "sim/jql_ast.h"
#include "text/json.h"

#include <stdio.h>

enum { WORDS_MAX = 128 << 20 };

/* A member of "fields", read; NULL when there is none. */
static const jd_json *field_of(jd_arena *a, const sim_issue *i, jd_str name)
{
    const jd_json *v;
    jd_err         ignored;
    jd_str         fields = JD_NOSTR;
    for (jd_skim it = jd_skim_open(i->json); !fields.p && jd_skim_next(&it);)
        if (it.object && jd_str_is(it.name, "fields"))
            fields = it.value;
    if (!fields.n)
        return NULL;
    for (jd_skim it = jd_skim_open(fields); jd_skim_next(&it);)
        if (it.object && jd_str_eq(it.name, name))
            return jd_json_read(a, it.value, &v, &ignored) ? NULL : v;
    return NULL;
}

/* ---- values: a word, an object that is called something, or a list of these */

static bool is_asked(const sim_node *c, jd_str text)
{
    for (size_t i = 0; i < c->n; i++)
        if (jd_str_ieq(c->texts[i], text))
            return true;
    return false;
}

static bool scalar_hits(const sim_node *c, const jd_json *v)
{
    char   number[32];
    double n;
    if (jd_json_is_str(v))
        return is_asked(c, jd_json_str(v));
    if (!jd_json_f64(v, &n))
        return false;
    (void)snprintf(number, sizeof number, "%.15g", n);
    return is_asked(c, jd_str_of(number));
}

static bool value_hits(const sim_node *c, const jd_json *v)
{
    static const char *const called[] = {"name", "value", "key", "id"};
    for (size_t i = 0; i < sizeof called / sizeof *called; i++)
        if (scalar_hits(c, jd_json_get(v, called[i])))
            return true;
    return scalar_hits(c, v);
}

static bool match_values(const sim_node *c, const jd_json *v)
{
    bool list = jd_json_kind(v) == JD_JSON_ARRAY, hit = false;
    if (!list)
        return sim_in_set(c, jd_json_is_null(v), value_hits(c, v));
    for (jd_json_iter it = jd_json_walk(v); jd_json_next(&it) && !hit;)
        hit = value_hits(c, it.value);
    return sim_in_set(c, jd_json_len(v) == 0, hit);
}

/* ---- numbers and days */

static bool match_number(const sim_node *c, const jd_json *v)
{
    double x;
    bool   hit = false;
    if (!jd_json_f64(v, &x))
        return sim_in_set(c, true, false);
    switch (c->op) {
    case SIM_OP_LT:
        return x < c->numbers[0];
    case SIM_OP_LE:
        return x <= c->numbers[0];
    case SIM_OP_GT:
        return x > c->numbers[0];
    case SIM_OP_GE:
        return x >= c->numbers[0];
    default:
        for (size_t i = 0; i < c->n; i++)
            hit = hit || (x <= c->numbers[i] && x >= c->numbers[i]);
        return sim_in_set(c, false, hit);
    }
}

bool sim_json_second(const sim_node *c, const sim_issue *i, int64_t *second)
{
    sim_civil day  = {0};
    jd_arena *a    = jd_arena_new(0);
    jd_str    text = jd_json_str(field_of(a, i, c->member));
    int64_t   ms   = 0;
    bool      good = text.n && sim_date_read(text, &ms);
    if (!good && text.n && sim_date_literal(text, &day)) {
        ms   = sim_civil_instant(c->zone, &day);
        good = true;
    }
    jd_arena_free(a);
    *second = ms / 1000 - (ms % 1000 < 0);
    return good;
}

/* ---- texts */

static bool is_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c >= 0x80;
}

/* " word word ": small letters, one space between words and at both ends; whether there is one. */
static bool put_words(jd_buf *out, jd_str s)
{
    bool inside = false, any = false;
    jd_buf_addc(out, ' ');
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (is_word((unsigned char)c)) {
            jd_buf_addc(out, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
            any = inside = true;
        } else if (inside) {
            jd_buf_addc(out, ' ');
            inside = false;
        }
    }
    if (inside)
        jd_buf_addc(out, ' ');
    return any;
}

/* Up to the next quote, or the next white space. */
static jd_str take_term(jd_str *rest)
{
    bool   quoted = rest->p[0] == '"';
    size_t end    = 1; /* whatever it is: a control character is neither word nor white space */
    while (end < rest->n && (quoted ? rest->p[end] != '"' : rest->p[end] > ' ' || rest->p[end] < 0))
        end++;
    jd_str term = jd_str_cut(*rest, quoted ? 1 : 0, quoted ? end - 1 : end);
    *rest       = jd_str_trim(jd_str_cut(*rest, quoted ? end + 1 : end, rest->n));
    return term;
}

size_t sim_text_terms(jd_arena *a, jd_str query, jd_str **out)
{
    size_t n    = 0;
    jd_str rest = jd_str_trim(query);
    *out        = JD_NEW_ARRAY(a, jd_str, query.n + 1);
    while (rest.n) {
        jd_buf b    = JD_BUF_INIT(WORDS_MAX);
        jd_str term = take_term(&rest);
        bool   any  = put_words(&b, term);
        if (any && jd_str_ends(term, JD_STR("*"))) /* the beginning of a word will do */
            b.n--;
        if (any)
            (*out)[n++] = jd_arena_dup(a, jd_buf_view(&b));
        jd_buf_release(&b);
    }
    return n;
}

static bool text_hits(const sim_node *c, jd_str text)
{
    bool   all = c->n > 0;
    jd_buf b   = JD_BUF_INIT(WORDS_MAX);
    (void)put_words(&b, text);
    jd_str words = jd_buf_view(&b);
    for (size_t i = 0; i < c->n && all; i++)
        all = jd_str_search(words, c->texts[i]) < words.n;
    jd_buf_release(&b);
    return all;
}

/* Of comments each is a text of its own. */
static bool match_text(const sim_node *c, jd_arena *a, const sim_issue *i)
{
    jd_str members = c->member, one;
    bool   empty = true, hit = false;
    while (!hit && jd_str_split(&members, ',', &one)) {
        const jd_json *v = field_of(a, i, one);
        if (jd_json_str(v).n) {
            empty = false;
            hit   = text_hits(c, jd_json_str(v));
        }
        for (jd_json_iter it = jd_json_walk(jd_json_get(v, "comments"));
             !hit && jd_json_next(&it);) {
            empty = false;
            hit   = text_hits(c, jd_json_str(jd_json_get(it.value, "body")));
        }
    }
    return sim_in_set(c, empty, hit);
}

bool sim_match_json(const sim_node *c, const sim_issue *i)
{
    jd_arena *a = jd_arena_new(0);
    bool      hit;
    if (c->kind == SIM_N_TEXT)
        hit = match_text(c, a, i);
    else if (c->kind == SIM_N_NUMBER)
        hit = match_number(c, field_of(a, i, c->member));
    else
        hit = match_values(c, field_of(a, i, c->member));
    jd_arena_free(a);
    return hit;
}
