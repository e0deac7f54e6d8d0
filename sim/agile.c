/* Boards and sprints: those that made-up issues speak of. */
#include "sim/side.h"
#include "text/jsonw.h"

#include <stdlib.h>

enum { SCRUM = 350, KANBAN = 351, FIRST_SPRINT = 5801, CLOSED = 30, SPRINTS = 32, PAGE = 50 };

static jd_str agile_url(sim_call *c, const char *kind, uint64_t id)
{
    return jd_arena_fmt(c->a, "%.*s/rest/agile/1.0/%s/%llu", JD_FMT(c->s->conf->base_url), kind,
                        (unsigned long long)id);
}

static void location(sim_call *c, jd_jsonw *w)
{
    const sim_project **all = NULL;
    sim_store_read_begin(c->s->store);
    size_t n = sim_store_projects(c->s->store, &all);
    if (n > 0) {
        jd_jsonw_name(w, "location");
        jd_jsonw_object(w);
        jd_jsonw_kint(w, "projectId", (int64_t)all[0]->id);
        jd_jsonw_kstr(w, "displayName",
                      jd_arena_fmt(c->a, "%.*s (%.*s)", JD_FMT(all[0]->name), JD_FMT(all[0]->key)));
        jd_jsonw_kstr(w, "projectName", all[0]->name);
        jd_jsonw_kstr(w, "projectKey", all[0]->key);
        jd_jsonw_kstr(w, "projectTypeKey", JD_STR("software"));
        jd_jsonw_kstr(w, "name", all[0]->name);
        jd_jsonw_end(w);
    }
    sim_store_read_end(c->s->store);
    free(all);
}

static void board(sim_call *c, jd_jsonw *w, int id)
{
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "id", id);
    jd_jsonw_kstr(w, "self", agile_url(c, "board", (uint64_t)id));
    jd_jsonw_kstr(w, "name", id == SCRUM ? JD_STR("Sprints, all of them") : JD_STR("Flow"));
    jd_jsonw_kstr(w, "type", id == SCRUM ? JD_STR("scrum") : JD_STR("kanban"));
    location(c, w);
    jd_jsonw_end(w);
}

static int board_of(sim_call *c, jd_str name)
{
    uint64_t id = 0;
    if (jd_str_u64(name, &id) && (id == SCRUM || id == KANBAN))
        return (int)id;
    sim_reply_error(c->r, 404,
                    JD_STR("Board does not exist or you do not have permission to see it."));
    return 0;
}

void sim_get_boards(sim_call *c, jd_str name)
{
    jd_str   type = jd_httpd_param(c->q, c->a, "type");
    jd_buf   all  = JD_BUF_INIT(1 << 20);
    jd_jsonw w    = jd_jsonw_to(&all);
    (void)name;
    jd_jsonw_array(&w);
    if (type.n == 0 || jd_str_is(type, "scrum"))
        board(c, &w, SCRUM);
    if (type.n == 0 || jd_str_is(type, "kanban"))
        board(c, &w, KANBAN);
    jd_jsonw_end(&w);
    sim_side_page(c, jd_buf_view(&all), PAGE);
    jd_buf_release(&all);
}

void sim_get_board(sim_call *c, jd_str name)
{
    jd_jsonw w  = jd_jsonw_to(sim_reply_own(c->r));
    int      id = board_of(c, name);
    if (id)
        board(c, &w, id);
}

static const char *state_of(int n)
{
    return n <= CLOSED ? "closed" : n == CLOSED + 1 ? "active" : "future";
}

/* As the generator's issues have them. */
static void sprint(sim_call *c, jd_jsonw *w, int n)
{
    jd_jsonw_object(w);
    jd_jsonw_kint(w, "id", FIRST_SPRINT - 1 + n);
    jd_jsonw_kstr(w, "self", agile_url(c, "sprint", (uint64_t)FIRST_SPRINT - 1 + (uint64_t)n));
    jd_jsonw_kstr(w, "state", jd_str_of(state_of(n)));
    jd_jsonw_kstr(w, "name", jd_arena_fmt(c->a, "IR%d - Sprint, the \"long\" one", n));
    if (n <= CLOSED + 1) {
        jd_jsonw_kstr(w, "startDate", JD_STR("2017-03-10T11:17:23.728-05:00"));
        jd_jsonw_kstr(w, "endDate", JD_STR("2017-03-24T10:17:00.000-04:00"));
    }
    if (n <= CLOSED)
        jd_jsonw_kstr(w, "completeDate", JD_STR("2017-03-24T12:15:14.526-04:00"));
    jd_jsonw_kint(w, "originBoardId", SCRUM);
    jd_jsonw_kstr(w, "goal", JD_STR(""));
    jd_jsonw_end(w);
}

static bool wants_state(jd_str list, const char *state)
{
    jd_str one;
    bool   all = list.n == 0;
    while (jd_str_split(&list, ',', &one))
        if (jd_str_is(jd_str_trim(one), state))
            return true;
    return all;
}

void sim_get_sprints(sim_call *c, jd_str name)
{
    jd_str   states = jd_httpd_param(c->q, c->a, "state");
    jd_buf   all    = JD_BUF_INIT(1 << 20);
    jd_jsonw w      = jd_jsonw_to(&all);
    int      id     = board_of(c, name);
    if (id == KANBAN)
        sim_reply_error(c->r, 400, JD_STR("The board does not support sprints"));
    if (id != SCRUM)
        return;
    jd_jsonw_array(&w);
    for (int n = 1; n <= SPRINTS; n++)
        if (wants_state(states, state_of(n)))
            sprint(c, &w, n);
    jd_jsonw_end(&w);
    if (c->s->conf->cloud)
        sim_side_page(c, jd_buf_view(&all), PAGE);
    else
        sim_side_page_uncounted(c, jd_buf_view(&all), PAGE);
    jd_buf_release(&all);
}

void sim_get_sprint(sim_call *c, jd_str name)
{
    uint64_t id = 0;
    jd_jsonw w  = jd_jsonw_to(sim_reply_own(c->r));
    if (jd_str_u64(name, &id) && id >= FIRST_SPRINT && id < FIRST_SPRINT + SPRINTS)
        sprint(c, &w, (int)(id - FIRST_SPRINT) + 1);
    else
        sim_reply_error(c->r, 404, JD_STR("Sprint does not exist."));
}

void sim_get_board_configuration(sim_call *c, jd_str name)
{
    jd_jsonw w  = jd_jsonw_to(sim_reply_own(c->r));
    int      id = board_of(c, name);
    if (!id)
        return;
    jd_jsonw_object(&w);
    jd_jsonw_kint(&w, "id", id);
    jd_jsonw_kstr(&w, "name", id == SCRUM ? JD_STR("Sprints, all of them") : JD_STR("Flow"));
    jd_jsonw_kstr(&w, "type", id == SCRUM ? JD_STR("scrum") : JD_STR("kanban"));
    jd_jsonw_kstr(
        &w, "self",
        jd_arena_fmt(c->a, "%.*s/configuration", JD_FMT(agile_url(c, "board", (uint64_t)id))));
    location(c, &w);
    jd_jsonw_name(&w, "columnConfig");
    jd_jsonw_raw(&w, JD_STR("{\"columns\":[{\"name\":\"To Do\",\"statuses\":[{\"id\":\"1\"}]},"
                            "{\"name\":\"Done\",\"statuses\":[{\"id\":\"5\"},{\"id\":\"6\"}]}],"
                            "\"constraintType\":\"none\"}"));
    if (id == SCRUM) {
        jd_jsonw_name(&w, "estimation");
        jd_jsonw_raw(&w,
                     JD_STR("{\"type\":\"field\",\"field\":{\"fieldId\":\"customfield_12314422\","
                            "\"displayName\":\"Story Points\"}}"));
    }
    jd_jsonw_name(&w, "ranking");
    jd_jsonw_raw(&w, JD_STR("{\"rankCustomFieldId\":12311820}"));
    jd_jsonw_end(&w);
}
