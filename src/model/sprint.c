#include "model/sprint.h"

static const char *const states[] = {"", "future", "active", "closed"};

const char *jd_sprint_state_name(jd_sprint_state s)
{
    return states[s];
}

static jd_sprint_state state_of(jd_str s)
{
    for (int i = JD_SPRINT_FUTURE; i <= JD_SPRINT_CLOSED; i++)
        if (jd_str_ieq(s, jd_str_of(states[i])))
            return (jd_sprint_state)i;
    return JD_SPRINT_UNKNOWN;
}

/* The members that Java prints. */
enum { ID, BOARD, STATE, NAME, GOAL, START, END, COMPLETE, ACTIVATED };
static const jd_str members[] = {JD_STR_INIT("id"),
                                 JD_STR_INIT("rapidViewId"),
                                 JD_STR_INIT("state"),
                                 JD_STR_INIT("name"),
                                 JD_STR_INIT("goal"),
                                 JD_STR_INIT("startDate"),
                                 JD_STR_INIT("endDate"),
                                 JD_STR_INIT("completeDate"),
                                 JD_STR_INIT("activatedDate"),
                                 JD_STR_INIT("sequence"),
                                 JD_STR_INIT("autoStartStop"),
                                 JD_STR_INIT("synced"),
                                 JD_STR_INIT("incompleteIssuesDestinationId")};
enum { MEMBERS = sizeof members / sizeof *members };

/* Which member not yet met begins here, as "name="; -1 for none. */
static int member_at(jd_str s, unsigned met)
{
    size_t n = jd_str_find(s, '=');
    if (n == s.n)
        return -1;
    for (int i = 0; i < MEMBERS; i++)
        if (!(met >> i & 1) && jd_str_eq(jd_str_cut(s, 0, n), members[i]))
            return i;
    return -1;
}

/* Where the value at the front of s ends: at the comma before another member. */
static size_t value_end(jd_str s, unsigned met)
{
    for (size_t at = 0; at < s.n; at++) {
        at += jd_str_find(jd_str_cut(s, at, s.n), ',');
        if (at < s.n && member_at(jd_str_cut(s, at + 1, 40), met) >= 0)
            return at;
    }
    return s.n;
}

/* What stands between the brackets of a printed sprint; p NULL when it is none. */
static jd_str inside(jd_str text)
{
    size_t at   = jd_str_search(text, JD_STR("Sprint@"));
    size_t open = jd_str_find(text, '[');
    text        = jd_str_trim(text);
    if (at >= text.n || open >= text.n || open < at || text.p[text.n - 1] != ']')
        return JD_NOSTR;
    return jd_str_cut(text, open + 1, text.n - open - 2);
}

bool jd_sprint_parse(jd_str text, jd_sprint *out)
{
    jd_str   value[MEMBERS] = {{0}}, rest = inside(text);
    unsigned met = 0;
    *out         = (jd_sprint){0};
    while (rest.n) {
        int i = member_at(jd_str_cut(rest, 0, 40), met);
        if (i < 0) { /* one that we do not know */
            size_t skip = value_end(rest, met);
            rest        = jd_str_cut(rest, skip + 1, rest.n);
            continue;
        }
        met |= 1u << i;
        rest       = jd_str_cut(rest, members[i].n + 1, rest.n);
        size_t end = i == NAME || i == GOAL ? value_end(rest, met) : jd_str_find(rest, ',');
        value[i]   = jd_str_cut(rest, 0, end);
        if (jd_str_is(value[i], "<null>"))
            value[i] = JD_NOSTR;
        rest = jd_str_cut(rest, end + 1, rest.n);
    }
    if (!jd_str_u64(value[ID], &out->id) || out->id == 0) {
        *out = (jd_sprint){0};
        return false;
    }
    if (!jd_str_u64(value[BOARD], &out->board))
        out->board = 0;
    out->state     = state_of(value[STATE]);
    out->name      = value[NAME];
    out->goal      = value[GOAL];
    out->start     = value[START];
    out->end       = value[END];
    out->complete  = value[COMPLETE];
    out->activated = value[ACTIVATED];
    return true;
}

static jd_str text_of(const jd_json *v, const char *name)
{
    return jd_json_str(jd_json_get(v, name));
}

bool jd_sprint_read(const jd_json *v, jd_sprint *out)
{
    *out = (jd_sprint){0};
    if (jd_json_is_str(v))
        return jd_sprint_parse(jd_json_str(v), out);
    const jd_json *board = jd_json_get(v, "boardId"), *state = jd_json_get(v, "state");
    out->id = jd_json_id(jd_json_get(v, "id"));
    if (!out->id || !jd_json_is_str(state)) { /* other things have an id and a name, too */
        *out = (jd_sprint){0};
        return false;
    }
    if (!board)
        board = jd_json_get(v, "originBoardId");
    out->board     = jd_json_id(board);
    out->state     = state_of(jd_json_str(state));
    out->name      = text_of(v, "name");
    out->goal      = text_of(v, "goal");
    out->start     = text_of(v, "startDate");
    out->end       = text_of(v, "endDate");
    out->complete  = text_of(v, "completeDate");
    out->activated = text_of(v, "activatedDate");
    return true;
}
