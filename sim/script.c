#include "sim/script.h"

#include "sim/spoil.h"

#include <stdio.h>

/* -- tables -------------------------------------------------------------------------------------
 */

static const struct lane_name {
    const char *name;
    sim_lane    lane;
} LANES[] = {{"search", SIM_LANE_SEARCH},   {"issue", SIM_LANE_ISSUE},
             {"comment", SIM_LANE_COMMENT}, {"worklog", SIM_LANE_WORKLOG},
             {"other", SIM_LANE_OTHER},     {"write", SIM_LANE_WRITE},
             {"token", SIM_LANE_TOKEN}};

typedef enum argument {
    ARG_NONE,
    ARG_REPLY,       /* [retry N | date N] [reason R] [json | html | empty] */
    ARG_EXTENT,      /* [N | P%] */
    ARG_COUNT,       /* [N] */
    ARG_NUMBER,      /* N */
    ARG_TIME,        /* S */
    ARG_TIME_EXTENT, /* S [N | P%] */
    ARG_DELTA,       /* +N | -N */
    ARG_SHAPE,       /* [SHAPE] */
    ARG_CHANGE       /* [seen | unseen] [N] [in PROJECT], or ISSUE; [to PROJECT] */
} argument;

static const struct spec {
    const char    *name;
    sim_fault_kind kind;
    argument       arg;
    uint64_t       usual, most; /* of a number */
    const char    *usage, *help;
} FAULTS[] = {
    {"STATUS", SIM_FAULT_STATUS, ARG_REPLY, 0, 0,
     "[retry N | date N] [reason R] [json | html | empty]",
     "400 to 599; Retry-After: N, or a date N seconds ahead; RateLimit-Reason burst, tenant, "
     "global or write"},
    {"login", SIM_FAULT_LOGIN, ARG_NONE, 0, 0, "", "status 200 and the HTML of a login page"},
    {"drop", SIM_FAULT_DROP, ARG_NONE, 0, 0, "", "the connection ends without an answer"},
    {"reset", SIM_FAULT_RESET, ARG_NONE, 0, 0, "", "it is reset without an answer"},
    {"cut", SIM_FAULT_CUT, ARG_EXTENT, 50, UINT32_MAX, "[N | P%]",
     "it ends after that much of the body (50%)"},
    {"reset-body", SIM_FAULT_RESET_BODY, ARG_EXTENT, 50, UINT32_MAX, "[N | P%]",
     "it is reset after that much of the body (50%)"},
    {"longer", SIM_FAULT_LONGER, ARG_NUMBER, 0, UINT32_MAX, "N",
     "Content-Length promises N bytes more than come; then it ends"},
    {"stall", SIM_FAULT_STALL, ARG_TIME, 0, 0, "S", "nothing comes for S seconds (0.5)"},
    {"hang", SIM_FAULT_HANG, ARG_TIME_EXTENT, 50, UINT32_MAX, "S [N | P%]",
     "nothing for S seconds after that much of the body (50%)"},
    {"drip", SIM_FAULT_DRIP, ARG_NUMBER, 0, UINT32_MAX, "N", "N bytes a second"},
    {"gzip", SIM_FAULT_GZIP, ARG_NONE, 0, 0, "", "Content-Encoding: gzip, when it is accepted"},
    {"chunked", SIM_FAULT_CHUNKED, ARG_NONE, 0, 0, "", "Transfer-Encoding: chunked"},
    {"truncate", SIM_FAULT_TRUNCATE, ARG_EXTENT, 50, UINT32_MAX, "[N | P%]",
     "only that much of the body (50%), with a Content-Length that agrees"},
    {"bom", SIM_FAULT_BOM, ARG_NONE, 0, 0, "", "a byte order mark in front"},
    {"bad-utf8", SIM_FAULT_BAD_UTF8, ARG_NONE, 0, 0, "", "invalid UTF-8 in an issue's text"},
    {"surrogate", SIM_FAULT_SURROGATE, ARG_NONE, 0, 0, "", "half a surrogate pair, escaped"},
    {"nul", SIM_FAULT_NUL, ARG_NONE, 0, 0, "", "an escaped U+0000"},
    {"big", SIM_FAULT_BIG, ARG_COUNT, 40, 200, "[MB]", "an issue of so many MB (40)"},
    {"shape", SIM_FAULT_SHAPE, ARG_SHAPE, 0, 0, "[SHAPE]",
     "an issue of the wrong shape, one of those below"},
    {"total", SIM_FAULT_TOTAL, ARG_DELTA, 0, INT32_MAX, "+N | -N", "total is wrong by N"},
    {"empty", SIM_FAULT_EMPTY, ARG_NONE, 0, 0, "", "a page without its issues"},
    {"duplicate", SIM_FAULT_DUPLICATE, ARG_COUNT, 1, 1000000, "[N]", "N issues (1) stand twice"},
    {"touch", SIM_FAULT_TOUCH, ARG_CHANGE, 1, 1000, "[seen | unseen] [N] [in PROJECT] | ISSUE",
     "N issues (1) change first, of those that searches have shown or not"},
    {"comment", SIM_FAULT_COMMENT, ARG_CHANGE, 1, 1000, "as touch", "they get a comment"},
    {"move", SIM_FAULT_MOVE, ARG_CHANGE, 1, 1000, "as touch, [to PROJECT]",
     "they move to another project"},
    {"delete", SIM_FAULT_DELETE, ARG_CHANGE, 1, 1000, "as touch", "they are deleted"},
    {"archive", SIM_FAULT_ARCHIVE, ARG_CHANGE, 1, 1000, "as touch",
     "they are archived: in no search any more"},
    {"create", SIM_FAULT_CREATE, ARG_CHANGE, 1, 1000, "[N] [in PROJECT]", "N issues (1) are new"},
};

enum { NFAULTS = sizeof FAULTS / sizeof *FAULTS, NLANES = sizeof LANES / sizeof *LANES };

bool sim_fault_is_change(sim_fault_kind kind)
{
    return kind >= SIM_FAULT_TOUCH;
}

void sim_script_help(jd_buf *out)
{
    jd_buf_addz(out,
                "Fault scripts (--faults, POST /_sim/faults), a rule a line: CONDITION… : FAULT\n"
                "  seed N                      of all chance in the script, on a line by itself\n"
                "  # …                         a comment\n"
                "Conditions, all of which must hold; none: every request\n"
                "  search issue comment worklog other write token\n"
                "                              kinds of request\n"
                "  path TEXT                   the path contains TEXT\n"
                "  has ISSUE                   the answer shows that issue (key or id)\n"
                "  nth N | from N | every N    the Nth of those requests, from the Nth on, every "
                "Nth\n"
                "  chance P%                   with that probability\n"
                "  times N                     so often, then never again\n"
                "Faults; without \"has\" an issue is chosen by the seed\n");
    for (size_t i = 0; i < NFAULTS; i++) {
        char left[80];
        int  n = snprintf(left, sizeof left, "  %s %s", FAULTS[i].name, FAULTS[i].usage);
        jd_buf_addf(out, "%-29s%s%s\n", left, n > 28 ? "\n                              " : " ",
                    FAULTS[i].help);
    }
    jd_buf_addz(out, "Shapes:");
    for (size_t i = 0; sim_shapes[i]; i++)
        jd_buf_addf(out, "%s%s", i % 9 == 0 ? "\n  " : " ", sim_shapes[i]);
    jd_buf_addz(out, "\nExample\n"
                     "  search nth 3: 429 retry 2\n"
                     "  search every 10 times 5: 503\n"
                     "  chance 2%: reset-body\n"
                     "  has HADOOP-12: shape no-fields\n"
                     "  search from 4: touch seen 2\n");
}

/* -- one line ------------------------------------------------------------------------------------
 */

enum { WORDS_MAX = 64 };

typedef struct line {
    jd_arena *a;
    size_t    number;
    jd_str    word[WORDS_MAX];
    size_t    n, at;
    jd_err   *e;
} line;

static jd_code wrong(const line *l, const char *what, jd_str word)
{
    enum { SHOWN = 60 };
    return jd_fail(l->e, JD_E_DATA, "line %zu: %s: '%.*s' (jirasim --help shows the grammar)",
                   l->number, what, JD_FMT(jd_str_cut(word, 0, SHOWN)));
}

/* The next word, or p NULL. */
static jd_str peek(const line *l)
{
    return l->at < l->n ? l->word[l->at] : JD_NOSTR;
}

static bool accept(line *l, const char *word)
{
    bool same = l->at < l->n && jd_str_is(l->word[l->at], word);
    l->at += same;
    return same;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* At blanks, and at each ':', which is a word. */
static jd_code split(line *l, jd_str text)
{
    size_t i = 0;
    while (i < text.n) {
        size_t end = i + 1;
        if (blank(text.p[i])) {
            i++;
            continue;
        }
        while (text.p[i] != ':' && end < text.n && !blank(text.p[end]) && text.p[end] != ':')
            end++;
        if (l->n == WORDS_MAX)
            return wrong(l, "too many words", jd_str_cut(text, i, end - i));
        l->word[l->n++] = jd_str_cut(text, i, end - i);
        i               = end;
    }
    return JD_OK;
}

static jd_code number(line *l, uint64_t least, uint64_t most, uint64_t *out)
{
    uint64_t v = 0;
    jd_str   w = peek(l);
    if (!jd_str_u64(w, &v))
        return wrong(l, "a number should stand here", w);
    if (v < least || v > most)
        return wrong(l, "out of range", w);
    *out = v;
    l->at++;
    return JD_OK;
}

/* Decimal with up to six digits behind the point, in millionths. */
static bool millionths(jd_str s, uint64_t *out)
{
    size_t   dot   = jd_str_find(s, '.');
    jd_str   whole = jd_str_cut(s, 0, dot), part = jd_str_cut(s, dot + 1, SIZE_MAX);
    uint64_t a = 0, b = 0;
    if (!jd_str_u64(whole, &a) || a > UINT32_MAX || part.n > 6 || (dot < s.n && part.n == 0))
        return false;
    if (part.n > 0 && !jd_str_u64(part, &b))
        return false;
    for (size_t i = part.n; i < 6; i++)
        b *= 10;
    *out = a * 1000000 + b;
    return true;
}

static jd_code chance(line *l, uint64_t *out)
{
    jd_str   w = peek(l);
    uint64_t v = 0;
    if (w.n < 2 || w.p[w.n - 1] != '%' || !millionths(jd_str_cut(w, 0, w.n - 1), &v) ||
        v > UINT64_C(100) * SIM_ALWAYS)
        return wrong(l, "a probability such as 2% or 0.5% should stand here", w);
    *out = v / 100;
    l->at++;
    return JD_OK;
}

static jd_code text(line *l, jd_str *out)
{
    jd_str w = peek(l);
    if (w.n == 0 || jd_str_is(w, ":"))
        return wrong(l, "a word is missing after", l->word[l->at - 1]);
    *out = jd_arena_dup(l->a, w);
    l->at++;
    return JD_OK;
}

static jd_code issue_name(line *l, jd_str *out)
{
    uint64_t id = 0;
    jd_str   w  = peek(l);
    if (!jd_is_issue_key(w) && !jd_str_u64(w, &id))
        return wrong(l, "an issue's key or id should stand here", w);
    return text(l, out);
}

static jd_code project_name(line *l, jd_str *out)
{
    if (!jd_is_project_key(peek(l)))
        return wrong(l, "a project's key should stand here", peek(l));
    return text(l, out);
}

/* -- conditions ----------------------------------------------------------------------------------
 */

static jd_code condition(line *l, sim_rule *r)
{
    for (size_t i = 0; i < NLANES; i++) {
        if (accept(l, LANES[i].name)) {
            r->lanes |= 1U << LANES[i].lane;
            return JD_OK;
        }
    }
    if (accept(l, "nth"))
        return number(l, 1, UINT32_MAX, &r->nth);
    if (accept(l, "from"))
        return number(l, 1, UINT32_MAX, &r->from);
    if (accept(l, "every"))
        return number(l, 1, UINT32_MAX, &r->every);
    if (accept(l, "times"))
        return number(l, 1, UINT32_MAX, &r->times);
    if (accept(l, "chance"))
        return chance(l, &r->chance);
    if (accept(l, "path"))
        return text(l, &r->path);
    if (accept(l, "has"))
        return issue_name(l, &r->has);
    return wrong(l, "unknown condition", peek(l));
}

/* -- faults --------------------------------------------------------------------------------------
 */

static jd_code reason(line *l, sim_fault *f)
{
    static const struct {
        const char *word, *text;
    } known[] = {{"burst", "jira-burst-based"},
                 {"tenant", "jira-quota-tenant-based"},
                 {"global", "jira-quota-global-based"},
                 {"write", "jira-per-issue-on-write"}};
    if (!accept(l, "reason"))
        return JD_OK;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!accept(l, known[i].word))
            continue;
        f->reason = known[i].text;
        return JD_OK;
    }
    return wrong(l, "burst, tenant, global or write should stand here", peek(l));
}

static jd_code reply_args(line *l, sim_fault *f)
{
    enum { RETRY_MAX_S = 1000000 };
    jd_code rc = JD_OK;
    if (accept(l, "retry"))
        f->retry = SIM_RETRY_SECONDS;
    else if (accept(l, "date"))
        f->retry = SIM_RETRY_DATE;
    if (f->retry != SIM_RETRY_NONE)
        rc = number(l, 0, RETRY_MAX_S, &f->retry_s);
    if (rc == JD_OK)
        rc = reason(l, f);
    if (accept(l, "json"))
        f->body = SIM_BODY_JSON;
    else if (accept(l, "html"))
        f->body = SIM_BODY_HTML;
    else if (accept(l, "empty"))
        f->body = SIM_BODY_EMPTY;
    f->name = jd_arena_fmt(l->a, "%d%s", f->status,
                           f->retry == SIM_RETRY_SECONDS ? "-seconds"
                           : f->retry == SIM_RETRY_DATE  ? "-date"
                                                         : "")
                  .p;
    return rc;
}

static jd_code extent(line *l, const struct spec *s, sim_fault *f)
{
    jd_str w   = peek(l);
    f->amount  = s->usual;
    f->percent = true;
    if (!w.p)
        return JD_OK;
    f->percent = jd_str_ends(w, JD_STR("%"));
    if (!f->percent)
        return number(l, 0, s->most, &f->amount);
    if (!jd_str_u64(jd_str_cut(w, 0, w.n - 1), &f->amount) || f->amount > 100)
        return wrong(l, "bytes, or a percentage such as 50%, should stand here", w);
    l->at++;
    return JD_OK;
}

static jd_code seconds(line *l, sim_fault *f)
{
    enum { MOST_S = 3600 };
    uint64_t v = 0;
    jd_str   w = peek(l);
    if (!millionths(w, &v) || v > UINT64_C(1000000) * MOST_S)
        return wrong(l, "seconds should stand here", w);
    f->ms = v / 1000;
    l->at++;
    return JD_OK;
}

static jd_code delta(line *l, const struct spec *s, sim_fault *f)
{
    jd_str   w = peek(l);
    uint64_t v = 0;
    if (w.n < 2 || (w.p[0] != '+' && w.p[0] != '-') || !jd_str_u64(jd_str_cut(w, 1, w.n), &v) ||
        v < 1 || v > s->most)
        return wrong(l, "+N or -N should stand here", w);
    f->delta = w.p[0] == '-' ? -(int64_t)v : (int64_t)v;
    l->at++;
    return JD_OK;
}

static jd_code shape(line *l, sim_fault *f)
{
    f->shape = SIZE_MAX;
    if (!peek(l).p)
        return JD_OK;
    for (size_t i = 0; sim_shapes[i]; i++) {
        if (accept(l, sim_shapes[i])) {
            f->shape = i;
            return JD_OK;
        }
    }
    return wrong(l, "unknown shape", peek(l));
}

static jd_code change_args(line *l, const struct spec *s, sim_fault *f)
{
    jd_code rc     = JD_OK;
    bool    create = s->kind == SIM_FAULT_CREATE;
    f->amount      = s->usual;
    if (!create && jd_is_issue_key(peek(l))) {
        rc = issue_name(l, &f->issue);
    } else {
        if (!create && accept(l, "seen"))
            f->whom = SIM_SEEN;
        else if (!create && accept(l, "unseen"))
            f->whom = SIM_UNSEEN;
        uint64_t any = 0;
        if (jd_str_u64(peek(l), &any))
            rc = number(l, 1, s->most, &f->amount);
        if (rc == JD_OK && accept(l, "in"))
            rc = project_name(l, &f->in);
    }
    if (rc == JD_OK && s->kind == SIM_FAULT_MOVE && accept(l, "to"))
        rc = project_name(l, &f->to);
    return rc;
}

static jd_code arguments(line *l, const struct spec *s, sim_fault *f)
{
    jd_code rc = JD_OK;
    switch (s->arg) {
    case ARG_NONE:
        return JD_OK;
    case ARG_REPLY:
        return reply_args(l, f);
    case ARG_EXTENT:
        return extent(l, s, f);
    case ARG_COUNT:
        f->amount = s->usual;
        return peek(l).p ? number(l, 1, s->most, &f->amount) : JD_OK;
    case ARG_NUMBER:
        return number(l, 1, s->most, &f->amount);
    case ARG_TIME:
        return seconds(l, f);
    case ARG_TIME_EXTENT:
        rc = seconds(l, f);
        return rc == JD_OK ? extent(l, s, f) : rc;
    case ARG_DELTA:
        return delta(l, s, f);
    case ARG_SHAPE:
        return shape(l, f);
    case ARG_CHANGE:
        return change_args(l, s, f);
    }
    return JD_OK;
}

static jd_code fault(line *l, sim_fault *f)
{
    enum { FIRST = 400, LAST = 599 };
    const struct spec *s      = NULL;
    jd_str             w      = peek(l);
    uint64_t           status = 0;
    if (jd_str_u64(w, &status)) {
        if (status < FIRST || status > LAST)
            return wrong(l, "a status from 400 to 599 should stand here", w);
        s         = &FAULTS[0];
        f->status = (int)status;
    }
    for (size_t i = 1; i < NFAULTS; i++)
        if (jd_str_is(w, FAULTS[i].name))
            s = &FAULTS[i];
    if (!s)
        return wrong(l, "unknown fault", w);
    l->at++;
    f->kind    = s->kind;
    f->name    = s->name;
    jd_code rc = arguments(l, s, f);
    if (rc == JD_OK && l->at < l->n)
        rc = wrong(l, "what is this for", peek(l));
    return rc;
}

static jd_code rule(line *l, sim_rule *r)
{
    jd_code rc = JD_OK;
    r->chance  = SIM_ALWAYS;
    while (rc == JD_OK && l->at < l->n && !jd_str_is(peek(l), ":"))
        rc = condition(l, r);
    if (rc == JD_OK && !accept(l, ":"))
        rc = wrong(l, "no ':' and fault after", l->word[l->n - 1]);
    if (rc == JD_OK)
        rc = fault(l, &r->fault);
    if (rc == JD_OK && r->has.n > 0 && sim_fault_is_change(r->fault.kind))
        rc = wrong(l, "changes are made before it is known what a page has", r->has);
    return rc;
}

static size_t most_rules(jd_str script)
{
    size_t n = 1;
    for (size_t i = 0; i < script.n && n < SIM_SCRIPT_RULES; i++)
        n += script.p[i] == '\n';
    return n;
}

jd_code sim_script_parse(jd_arena *a, jd_str script, sim_script *out, jd_err *e)
{
    jd_str  rest = script, row;
    size_t  at   = 0;
    jd_code rc   = JD_OK;
    if (script.n > SIM_SCRIPT_BYTES)
        return jd_fail(e, JD_E_TOOBIG, "the fault script is over %d bytes", SIM_SCRIPT_BYTES);
    *out = (sim_script){.rule = JD_NEW_ARRAY(a, sim_rule, most_rules(script))};
    while (rc == JD_OK && jd_str_split(&rest, '\n', &row)) {
        line   l    = {.a = a, .number = ++at, .e = e};
        jd_str body = jd_str_trim(jd_str_cut(row, 0, jd_str_find(row, '#')));
        rc          = split(&l, body);
        if (rc != JD_OK || l.n == 0)
            continue;
        if (accept(&l, "seed")) {
            rc = number(&l, 0, UINT64_MAX, &out->seed);
            if (rc == JD_OK && l.at < l.n)
                rc = wrong(&l, "what is this for", peek(&l));
            continue;
        }
        if (out->n == SIM_SCRIPT_RULES)
            return jd_fail(e, JD_E_DATA, "line %zu: more than %d rules", at, SIM_SCRIPT_RULES);
        sim_rule *r = &out->rule[out->n++];
        *r          = (sim_rule){.text = jd_arena_dup(a, body)};
        rc          = rule(&l, r);
    }
    return rc;
}
