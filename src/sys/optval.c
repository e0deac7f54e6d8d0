#include "sys/optpriv.h"
#include "text/date.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 80 }; /* of a bad value, in a message */

static const struct {
    char     letter;
    unsigned shift;
} units[] = {{'G', 30}, {'M', 20}, {'K', 10}};

static jd_code bad(const jd_raw *r, jd_code code, jd_err *e, const char *value, const char *fmt,
                   ...) JD_PRINTF(5, 6);

/* "<label>: '<value>' <what is wrong and what to give>" */
static jd_code bad(const jd_raw *r, jd_code code, jd_err *e, const char *value, const char *fmt,
                   ...)
{
    char    why[JD_ERR_MAX];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    bool cut = strlen(value) > SHOWN_MAX;
    return jd_fail(e, code, "%s: '%.*s%s' %s", r->label, SHOWN_MAX, value, cut ? "…" : "", why);
}

static void put_amount(jd_buf *out, jd_opt_kind kind, uint64_t v)
{
    if (kind == JD_OPT_SECONDS) {
        jd_buf_addu(out, v / 1000);
        unsigned ms = (unsigned)(v % 1000);
        if (ms)
            jd_buf_addf(out, ms % 100 == 0 ? ".%.1u" : ".%03u", ms % 100 == 0 ? ms / 100 : ms);
        return;
    }
    for (size_t i = 0; kind == JD_OPT_BYTES && v && i < sizeof units / sizeof *units; i++)
        if (v % ((uint64_t)1 << units[i].shift) == 0) {
            jd_buf_addf(out, "%" PRIu64 "%c", v >> units[i].shift, units[i].letter);
            return;
        }
    jd_buf_addu(out, v);
}

void jd_opt_range(jd_buf *out, const jd_opt *o)
{
    put_amount(out, o->kind, o->least);
    if (o->most) {
        jd_buf_addz(out, " to ");
        put_amount(out, o->kind, o->most);
    } else {
        jd_buf_addz(out, " or more");
    }
}

static bool read_seconds(jd_str s, uint64_t *ms)
{
    jd_str   whole, rest = s;
    uint64_t v, fraction = 0;
    if (!jd_str_split(&rest, '.', &whole) || !jd_str_u64(whole, &v) ||
        __builtin_mul_overflow(v, 1000u, &v))
        return false;
    if (whole.n < s.n) { /* a point, then 1 to 9 digits */
        if (rest.n == 0 || rest.n > 9 || !jd_str_u64(rest, &fraction))
            return false;
        size_t digits = rest.n;
        for (; digits < 3; digits++)
            fraction *= 10;
        for (; digits > 3; digits--)
            fraction = (fraction + (digits == 4 ? 5 : 0)) / 10;
    }
    return !__builtin_add_overflow(v, fraction, ms) && *ms <= INT64_MAX;
}

static bool read_bytes(jd_str s, uint64_t *out)
{
    unsigned shift = 0;
    for (size_t i = 0; s.n && i < sizeof units / sizeof *units; i++)
        if ((s.p[s.n - 1] & ~0x20) == units[i].letter) {
            shift = units[i].shift;
            s.n--;
            break;
        }
    uint64_t v;
    return jd_str_u64(s, &v) && !__builtin_mul_overflow(v, (uint64_t)1 << shift, out);
}

static jd_code amount(const jd_opt *o, const jd_raw *r, const char *text, uint64_t *out,
                      jd_code code, jd_err *e)
{
    jd_str      s    = jd_str_of(text);
    bool        ok   = false;
    const char *kind = "";
    if (o->kind == JD_OPT_COUNT) {
        ok   = jd_str_u64(s, out);
        kind = "a whole number";
    } else if (o->kind == JD_OPT_SECONDS) {
        ok   = read_seconds(s, out);
        kind = "a number of seconds";
    } else {
        ok   = read_bytes(s, out);
        kind = "a size (a whole number, with K, M or G behind it or not)";
    }
    if (ok && *out >= o->least && (o->most == 0 || *out <= o->most))
        return JD_OK;
    char   space[120];
    jd_buf range = JD_BUF_INIT(sizeof space - 1);
    jd_opt_range(&range, o);
    (void)snprintf(space, sizeof space, "%s", jd_buf_cstr(&range));
    jd_buf_release(&range);
    if (!ok)
        return bad(r, code, e, text, "is not %s; give %s", kind, space);
    return bad(r, code, e, text, "is out of range; give %s", space);
}

static jd_code flag(const jd_raw *r, const char *text, bool *out, jd_code code, jd_err *e)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no",
                                                                                "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        bool is_yes = jd_str_ieq(jd_str_of(text), jd_str_of(yes[i]));
        if (is_yes || jd_str_ieq(jd_str_of(text), jd_str_of(no[i]))) {
            *out = is_yes;
            return JD_OK;
        }
    }
    return bad(r, code, e, text, "is neither yes nor no; give true or false");
}

static jd_code date(const jd_raw *r, const char *text, int64_t *out, jd_code code, jd_err *e)
{
    jd_str s = jd_str_of(text);
    if (jd_date_parse(s, out) || jd_time_parse(s, out, NULL))
        return JD_OK;
    return bad(r, code, e, text,
               "is not a date; give YYYY-MM-DD, or an instant such as 2024-01-15T10:30:00Z");
}

static jd_code choice(const jd_opt *o, const jd_raw *r, const char *text, jd_arena *a,
                      const char **out, jd_code code, jd_err *e)
{
    JD_VEC(const char *) names = {0};
    jd_buf      list           = JD_BUF_INIT(400);
    jd_str      rest           = jd_str_of(o->choices), one;
    const char *got            = NULL;
    while (!got && jd_str_split(&rest, '|', &one)) {
        const char *name = jd_arena_cstr(a, one);
        if (jd_str_ieq(one, jd_str_of(text)))
            got = name;
        *jd_vec_add(&names) = name;
        jd_buf_addf(&list, "%s%s", list.n ? ", " : "", name);
    }
    jd_code rc = JD_OK;
    if (got) {
        *out = got;
    } else {
        const char *near = jd_did_you_mean(text, names.v, names.n);
        rc =
            bad(r, code, e, text, "is not one of %s%s%s%s", jd_buf_cstr(&list),
                near ? "; did you mean " : "; give one of them", near ? near : "", near ? "?" : "");
    }
    jd_buf_release(&list);
    jd_vec_release(&names);
    return rc;
}

static bool separates(char c, bool loose)
{
    return c == ',' || (loose && (c == ' ' || c == '\t' || c == '\n' || c == '\r'));
}

static void list(const jd_raw *r, jd_arena *a, jd_list *out)
{
    JD_VEC(const char *) all = {0};
    for (size_t i = 0; i < r->text.n; i++) {
        jd_str s = jd_str_of(r->text.v[i]);
        if (r->whole) {
            *jd_vec_add(&all) = r->text.v[i];
            continue;
        }
        for (size_t at = 0, from = 0; at <= s.n; at++) {
            if (at < s.n && !separates(s.p[at], r->loose))
                continue;
            jd_str piece = jd_str_trim(jd_str_cut(s, from, at - from));
            if (piece.n)
                *jd_vec_add(&all) = jd_arena_cstr(a, piece);
            from = at + 1;
        }
    }
    out->n = all.n;
    out->v = JD_NEW_ARRAY(a, const char *, all.n + 1);
    for (size_t i = 0; i < all.n; i++)
        out->v[i] = all.v[i];
    jd_vec_release(&all);
}

/* A user and password inside a URL are not for the eye; some take '?' and '#' for a part of them.
 */
static const char *hide_userinfo(jd_arena *a, const char *text)
{
    const char *from = strstr(text, "://");
    if (!from)
        return text;
    from += 3;
    size_t      authority = strcspn(from, "/");
    const char *at        = NULL;
    for (size_t i = 0; i < authority; i++)
        if (from[i] == '@')
            at = from + i;
    return at ? jd_arena_fmt(a, "%.*s****%s", (int)(from - text), text, at).p : text;
}

static jd_code secret(const jd_raw *r, const char *text, jd_code code, jd_err *e)
{
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return jd_fail(e, code, "%s: holds a control character; write it again on one line",
                           r->label);
    return JD_OK;
}

static const char *joined(jd_arena *a, const jd_list *l)
{
    jd_buf b = JD_BUF_INIT((size_t)1 << 20);
    for (size_t i = 0; i < l->n; i++)
        jd_buf_addf(&b, "%s%s", i ? " " : "", hide_userinfo(a, l->v[i]));
    const char *text = jd_arena_cstr(a, jd_buf_view(&b));
    jd_buf_release(&b);
    return text;
}

jd_code jd_opt_store(const jd_opt *o, const jd_raw *r, jd_arena *a, void *field, const char **shown,
                     jd_code code, jd_err *e)
{
    union {
        bool        b;
        const char *s;
        uint64_t    u;
        int64_t     i;
        jd_list     l;
    } v;
    const char *text = r->text.n ? r->text.v[r->text.n - 1] : "";
    size_t      size = sizeof v.u;
    jd_code     rc   = JD_OK;
    *shown           = text;
    switch (o->kind) {
    case JD_OPT_FLAG:
        size = sizeof v.b;
        rc   = flag(r, text, &v.b, code, e);
        if (!rc)
            *shown = v.b ? "true" : "false";
        break;
    case JD_OPT_STR:
    case JD_OPT_PATH:
        size   = sizeof v.s;
        v.s    = text;
        *shown = hide_userinfo(a, text);
        break;
    case JD_OPT_SECRET:
        size   = sizeof v.s;
        v.s    = text;
        *shown = "****";
        rc     = secret(r, text, code, e);
        break;
    case JD_OPT_LIST:
        size = sizeof v.l;
        list(r, a, &v.l);
        *shown = joined(a, &v.l);
        break;
    case JD_OPT_COUNT:
    case JD_OPT_BYTES:
        rc = amount(o, r, text, &v.u, code, e);
        break;
    case JD_OPT_SECONDS: {
        uint64_t ms;
        rc = amount(o, r, text, &ms, code, e);
        if (!rc)
            v.i = (int64_t)ms;
        break;
    }
    case JD_OPT_DATE:
        rc = date(r, text, &v.i, code, e);
        break;
    case JD_OPT_CHOICE:
        size = sizeof v.s;
        rc   = choice(o, r, text, a, &v.s, code, e);
        if (!rc)
            *shown = v.s;
        break;
    }
    if (!rc && field)
        memcpy(field, &v, size);
    return rc;
}

jd_code jd_opt_value(const jd_opt *o, const char *label, const char *text, jd_arena *a, void *field,
                     jd_code code, jd_err *e)
{
    jd_raw      r = {.given = true, .loose = true, .label = label};
    const char *shown;
    *jd_vec_add(&r.text) = text;
    jd_code rc           = jd_opt_store(o, &r, a, field, &shown, code, e);
    jd_vec_release(&r.text);
    return rc;
}
