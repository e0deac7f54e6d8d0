/* What all issues share: people, statuses, types and so on, alone and as catalogues. */
#include "base/hash.h"
#include "sim/gen.h"

/* ---- what all issues of a project share, written once */

static jd_str kept(gen_ctx *c, jd_buf *b)
{
    jd_str s = jd_arena_dup(c->arena, jd_buf_view(b));
    jd_buf_reset(b);
    return s;
}

void gen_person(jd_buf *b, const sim_person *p, jd_str base)
{
    static const struct {
        jd_str name, query;
    } sizes[] = {{JD_STR_INIT("48x48"), JD_STR_INIT("")},
                 {JD_STR_INIT("24x24"), JD_STR_INIT("size=small&")},
                 {JD_STR_INIT("16x16"), JD_STR_INIT("size=xsmall&")},
                 {JD_STR_INIT("32x32"), JD_STR_INIT("size=medium&")}};
    GEN_LIT(b, "{\"self\":\"");
    gen_puts(b, base);
    GEN_LIT(b, "/rest/api/2/user?username=");
    gen_puts(b, p->login);
    GEN_LIT(b, "\",\"name\":\"");
    gen_puts(b, p->login);
    GEN_LIT(b, "\",\"key\":\"");
    gen_puts(b, p->key);
    GEN_LIT(b, "\",\"avatarUrls\":{");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (i > 0)
            GEN_LIT(b, ",");
        GEN_LIT(b, "\"");
        gen_puts(b, sizes[i].name);
        GEN_LIT(b, "\":\"");
        gen_puts(b, base);
        GEN_LIT(b, "/secure/useravatar?");
        gen_puts(b, sizes[i].query);
        GEN_LIT(b, "avatarId=10452\"");
    }
    GEN_LIT(b, "},\"displayName\":");
    gen_quote(b, p->name);
    gen_puts(b, p->inactive ? JD_STR(",\"active\":false") : JD_STR(",\"active\":true"));
    GEN_LIT(b, ",\"timeZone\":\"");
    gen_puts(b, p->zone);
    GEN_LIT(b, "\"}");
}

static void self(jd_buf *b, jd_str base, const char *kind, jd_str id)
{
    GEN_LIT(b, "{\"self\":\"");
    gen_puts(b, base);
    GEN_LIT(b, "/rest/api/2/");
    gen_puts(b, jd_str_of(kind));
    GEN_LIT(b, "/");
    gen_puts(b, id);
    GEN_LIT(b, "\"");
}

static void named(jd_buf *b, const char *name, jd_str value)
{
    GEN_LIT(b, ",\"");
    gen_puts(b, jd_str_of(name));
    GEN_LIT(b, "\":");
    gen_quote(b, value);
}

static void icon(jd_buf *b, jd_str base, const char *folder, jd_str name, const char *ending)
{
    GEN_LIT(b, ",\"iconUrl\":\"");
    gen_puts(b, base);
    gen_puts(b, jd_str_of(folder));
    gen_puts(b, name);
    gen_puts(b, jd_str_of(ending));
    GEN_LIT(b, "\"");
}

static void status(jd_buf *b, jd_str base, const sim_entry_status *s)
{
    self(b, base, "status", s->id);
    named(b, "description", s->description);
    icon(b, base, "/images/icons/statuses/", s->icon, ".png");
    named(b, "name", s->name);
    named(b, "id", s->id);
    GEN_LIT(b, ",\"statusCategory\":");
    self(b, base, "statuscategory",
         s->category == 2   ? JD_STR("2")
         : s->category == 3 ? JD_STR("3")
                            : JD_STR("4"));
    if (s->category == 2)
        GEN_LIT(b, ",\"id\":2,\"key\":\"new\",\"colorName\":\"blue-gray\",\"name\":\"To Do\"}}");
    else if (s->category == 3)
        GEN_LIT(b, ",\"id\":3,\"key\":\"done\",\"colorName\":\"green\",\"name\":\"Done\"}}");
    else
        GEN_LIT(b, ",\"id\":4,\"key\":\"indeterminate\",\"colorName\":\"yellow\",\"name\":\"In "
                   "Progress\"}}");
}

static void type(jd_buf *b, jd_str base, const sim_entry_type *t)
{
    self(b, base, "issuetype", t->id);
    named(b, "id", t->id);
    named(b, "description", t->description);
    icon(b, base, "/secure/viewavatar?size=xsmall&avatarId=", t->avatar, "&avatarType=issuetype");
    named(b, "name", t->name);
    gen_puts(b, t->subtask ? JD_STR(",\"subtask\":true,\"avatarId\":")
                           : JD_STR(",\"subtask\":false,\"avatarId\":"));
    gen_puts(b, t->avatar);
    GEN_LIT(b, "}");
}

/* As issues embed it: without the description. */
static void priority(jd_buf *b, jd_str base, const sim_entry_plain *p, bool described)
{
    char small[16];
    for (size_t i = 0; i < p->name.n && i < sizeof small; i++)
        small[i] = (char)(p->name.p[i] | 0x20);
    self(b, base, "priority", p->id);
    if (described)
        named(b, "description", p->description);
    icon(b, base, "/images/icons/priorities/", (jd_str){small, p->name.n}, ".svg");
    named(b, "name", p->name);
    named(b, "id", p->id);
    GEN_LIT(b, "}");
}

static void resolution(jd_buf *b, jd_str base, const sim_entry_plain *r)
{
    self(b, base, "resolution", r->id);
    named(b, "id", r->id);
    named(b, "description", r->description);
    named(b, "name", r->name);
    GEN_LIT(b, "}");
}

/* The id is a number counted from `first`, as in the changelog. */
static void numbered(jd_buf *b, jd_str base, const char *kind, uint64_t id)
{
    char   text[24];
    jd_buf digits = {.p = text, .cap = sizeof text, .max = sizeof text};
    gen_number(&digits, id);
    self(b, base, kind, jd_buf_view(&digits));
    named(b, "id", jd_buf_view(&digits));
}

static void component(jd_buf *b, const gen_ctx *c, int i)
{
    numbered(b, c->conf->base_url, "component", gen_component_id(c, i));
    named(b, "name", sim_words_component.v[i]);
    if (i % 3 == 0)
        GEN_LIT(b, ",\"description\":\"All about it\"");
    GEN_LIT(b, "}");
}

static void version(jd_buf *b, const gen_ctx *c, int i)
{
    bool released = i < GEN_VERSIONS - 2;
    numbered(b, c->conf->base_url, "version", gen_version_id(c, i));
    if (i % 4 == 0)
        GEN_LIT(b, ",\"description\":\"Release of the \\\"stable\\\" line\"");
    named(b, "name", sim_words_version.v[i]);
    GEN_LIT(b, ",\"archived\":false,\"released\":");
    gen_puts(b, released ? JD_STR("true") : JD_STR("false"));
    if (released) {
        GEN_LIT(b, ",\"releaseDate\":\"20");
        gen_number(b, 12 + (uint64_t)i);
        GEN_LIT(b, "-06-15\"");
    }
    GEN_LIT(b, "}");
}

void sim_gen_project(jd_buf *b, const sim_gen_conf *conf)
{
    static const jd_str sizes[] = {JD_STR_INIT("48x48"), JD_STR_INIT("24x24"), JD_STR_INIT("16x16"),
                                   JD_STR_INIT("32x32")};
    numbered(b, conf->base_url, "project", conf->project_id);
    named(b, "key", conf->key);
    named(b, "name", conf->name);
    GEN_LIT(b, ",\"projectTypeKey\":\"software\",\"avatarUrls\":{");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (i > 0)
            GEN_LIT(b, ",");
        GEN_LIT(b, "\"");
        gen_puts(b, sizes[i]);
        GEN_LIT(b, "\":\"");
        gen_puts(b, conf->base_url);
        GEN_LIT(b, "/secure/projectavatar?pid=");
        gen_number(b, conf->project_id);
        GEN_LIT(b, "&avatarId=10095\"");
    }
    GEN_LIT(b, "},\"projectCategory\":");
    self(b, conf->base_url, "projectCategory", JD_STR("10292"));
    GEN_LIT(b, ",\"id\":\"10292\",\"description\":\"Scalable Distributed Computing\",\"name\":"
               "\"Distributed\"}}");
}

static jd_str lower(gen_ctx *c, jd_str s)
{
    char *p = jd_arena_bytes(c->arena, s.n);
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
    return (jd_str){p, s.n};
}

void gen_ctx_open(gen_ctx *c, const sim_gen_conf *conf)
{
    jd_buf b    = JD_BUF_INIT(1 << 20);
    jd_str base = conf->base_url;
    *c          = (gen_ctx){.conf = conf, .arena = jd_arena_new(64 * 1024)};
    c->seed     = jd_mix64(conf->seed) ^ jd_hash64(conf->key);
    c->lower    = lower(c, conf->key);
    sim_gen_project(&b, conf);
    c->project = kept(c, &b);
    for (int i = 0; i < SIM_PEOPLE + SIM_BOTS; i++) {
        gen_person(&b, &sim_people[i], base);
        c->people[i] = kept(c, &b);
    }
    for (int i = 0; i < SIM_STATUSES_N; i++) {
        status(&b, base, &sim_entry_statuses[i]);
        c->statuses[i] = kept(c, &b);
    }
    for (int i = 0; i < SIM_TYPES_N; i++) {
        type(&b, base, &sim_entry_types[i]);
        c->types[i] = kept(c, &b);
    }
    for (int i = 0; i < SIM_PRIORITIES_N; i++) {
        priority(&b, base, &sim_entry_priorities[i], false);
        c->priorities[i] = kept(c, &b);
    }
    for (int i = 0; i < SIM_RESOLUTIONS_N; i++) {
        resolution(&b, base, &sim_entry_resolutions[i]);
        c->resolutions[i] = kept(c, &b);
    }
    for (int i = 0; i < GEN_COMPONENTS; i++) {
        component(&b, c, i);
        c->components[i] = kept(c, &b);
    }
    for (int i = 0; i < GEN_VERSIONS; i++) {
        version(&b, c, i);
        c->versions[i] = kept(c, &b);
    }
    jd_buf_release(&b);
}

void gen_ctx_close(gen_ctx *c)
{
    jd_arena_freep(&c->arena);
}

/* ---- catalogues */

typedef struct standard {
    const char *id, *name, *type; /* of an array, with that of its items */
    bool        orderable, navigable, searchable;
} standard;

static const standard standards[] = {
    {"issuetype", "Issue Type", "issuetype", true, true, true},
    {"project", "Project", "project", false, true, true},
    {"summary", "Summary", "string", true, true, true},
    {"description", "Description", "string", true, true, true},
    {"environment", "Environment", "string", true, true, true},
    {"status", "Status", "status", false, true, true},
    {"priority", "Priority", "priority", true, true, true},
    {"resolution", "Resolution", "resolution", true, true, true},
    {"resolutiondate", "Resolved", "datetime", false, true, true},
    {"created", "Created", "datetime", false, true, true},
    {"updated", "Updated", "datetime", false, true, true},
    {"duedate", "Due Date", "date", true, true, true},
    {"lastViewed", "Last Viewed", "datetime", false, true, false},
    {"creator", "Creator", "user", false, true, true},
    {"reporter", "Reporter", "user", true, true, true},
    {"assignee", "Assignee", "user", true, true, true},
    {"labels", "Labels", "array string", true, true, true},
    {"components", "Component/s", "array component", true, true, true},
    {"fixVersions", "Fix Version/s", "array version", true, true, true},
    {"versions", "Affects Version/s", "array version", true, true, true},
    {"issuelinks", "Linked Issues", "array issuelinks", true, true, true},
    {"subtasks", "Sub-Tasks", "array issuelinks", false, true, false},
    {"attachment", "Attachment", "array attachment", true, false, true},
    {"comment", "Comment", "comments-page", true, false, true},
    {"worklog", "Log Work", "array worklog", true, false, true},
    {"timetracking", "Time Tracking", "timetracking", true, false, true},
    {"timespent", "Time Spent", "number", false, true, false},
    {"timeestimate", "Remaining Estimate", "number", false, true, false},
    {"timeoriginalestimate", "Original Estimate", "number", false, true, false},
    {"aggregatetimespent", "\xCE\xA3 Time Spent", "number", false, true, false},
    {"aggregatetimeestimate", "\xCE\xA3 Remaining Estimate", "number", false, true, false},
    {"aggregatetimeoriginalestimate", "\xCE\xA3 Original Estimate", "number", false, true, false},
    {"progress", "Progress", "progress", false, true, false},
    {"aggregateprogress", "\xCE\xA3 Progress", "progress", false, true, false},
    {"workratio", "Work Ratio", "number", false, true, true},
    {"votes", "Votes", "votes", false, true, false},
    {"watches", "Watchers", "watches", false, true, false},
    {"security", "Security Level", "securitylevel", true, true, true},
    {"archiveddate", "Archived", "datetime", false, true, false},
    {"archivedby", "Archiver", "user", false, true, false},
};

typedef struct custom_type {
    const char *type, *items, *custom;
} custom_type;

#define CF "com.atlassian.jira.plugin.system.customfieldtypes:"
#define GH "com.pyxis.greenhopper.jira:"
static const custom_type custom_types[] = {
    [SIM_CF_TEXT]        = {"string", "", CF "textfield"},
    [SIM_CF_AREA]        = {"string", "", CF "textarea"},
    [SIM_CF_ATTACHMENTS] = {"any", "", "com.atlassian.jira.toolkit:attachments"},
    [SIM_CF_RANK]        = {"any", "", GH "gh-lexo-rank"},
    [SIM_CF_GLOBAL_RANK] = {"any", "", GH "gh-global-rank"},
    [SIM_CF_FLAG]        = {"any", "", CF "readonlyfield"},
    [SIM_CF_SELECT]      = {"option", "", CF "select"},
    [SIM_CF_SELECTS]     = {"array", "option", CF "multiselect"},
    [SIM_CF_USER]        = {"user", "", CF "userpicker"},
    [SIM_CF_USERS]       = {"array", "user", CF "multiuserpicker"},
    [SIM_CF_SPRINT]      = {"array", "string", GH "gh-sprint"},
    [SIM_CF_EPIC]        = {"any", "", GH "gh-epic-link"},
    [SIM_CF_SUMMARY]     = {"any", "",
                            "com.atlassian.jira.plugins.jira-development-integration-"
                                "plugin:devsummary"},
    [SIM_CF_DATE]        = {"date", "", CF "datepicker"},
    [SIM_CF_DATETIME]    = {"datetime", "", "com.atlassian.jira.ext.charting:firstresponsedate"},
    [SIM_CF_FLOAT]       = {"number", "", CF "float"},
    [SIM_CF_LABELS]      = {"array", "string", CF "labels"},
    [SIM_CF_VERSIONS]    = {"array", "version", CF "multiversion"},
};

static void flags(jd_buf *b, bool custom, bool orderable, bool navigable, bool searchable)
{
    static const jd_str names[]  = {JD_STR_INIT(",\"custom\":"), JD_STR_INIT(",\"orderable\":"),
                                    JD_STR_INIT(",\"navigable\":"), JD_STR_INIT(",\"searchable\":")};
    bool                values[] = {custom, orderable, navigable, searchable};
    for (size_t i = 0; i < 4; i++) {
        gen_puts(b, names[i]);
        gen_puts(b, values[i] ? JD_STR("true") : JD_STR("false"));
    }
}

static void fields(jd_buf *b)
{
    for (size_t i = 0; i < sizeof standards / sizeof *standards; i++) {
        const standard *s = &standards[i];
        gen_puts(b, i ? JD_STR(",{\"id\":") : JD_STR("{\"id\":"));
        gen_quote(b, jd_str_of(s->id));
        named(b, "name", jd_str_of(s->name));
        flags(b, false, s->orderable, s->navigable, s->searchable);
        GEN_LIT(b, ",\"clauseNames\":[");
        gen_quote(b, jd_str_of(s->id));
        GEN_LIT(b, "],\"schema\":{\"type\":");
        jd_str type  = jd_str_of(s->type),
               items = jd_str_cut(type, jd_str_find(type, ' ') + 1, type.n);
        gen_quote(b, jd_str_cut(type, 0, jd_str_find(type, ' ')));
        if (items.n)
            named(b, "items", items);
        named(b, "system", jd_str_of(s->id));
        GEN_LIT(b, "}}");
    }
    for (size_t i = 0; i < SIM_CUSTOMS_N; i++) {
        const sim_custom  *f = &sim_customs[i];
        const custom_type *t = &custom_types[f->kind];
        GEN_LIT(b, ",{\"id\":\"customfield_");
        gen_number(b, f->id);
        GEN_LIT(b, "\"");
        named(b, "name", jd_str_of(f->name));
        flags(b, true, true, true, true);
        GEN_LIT(b, ",\"clauseNames\":[\"cf[");
        gen_number(b, f->id);
        GEN_LIT(b, "]\",");
        gen_quote(b, jd_str_of(f->name));
        GEN_LIT(b, "],\"schema\":{\"type\":");
        gen_quote(b, jd_str_of(t->type));
        if (*t->items)
            named(b, "items", jd_str_of(t->items));
        named(b, "custom", jd_str_of(t->custom));
        GEN_LIT(b, ",\"customId\":");
        gen_number(b, f->id);
        GEN_LIT(b, "}}");
    }
}

void sim_gen_catalogue(jd_buf *b, sim_catalogue which, jd_str base)
{
    static const int counts[] = {[SIM_CAT_STATUS]     = SIM_STATUSES_N,
                                 [SIM_CAT_TYPE]       = SIM_TYPES_N,
                                 [SIM_CAT_PRIORITY]   = SIM_PRIORITIES_N,
                                 [SIM_CAT_RESOLUTION] = SIM_RESOLUTIONS_N,
                                 [SIM_CAT_FIELD]      = 1};
    GEN_LIT(b, "[");
    for (int i = 0; i < counts[which]; i++) {
        if (i > 0)
            GEN_LIT(b, ",");
        if (which == SIM_CAT_STATUS)
            status(b, base, &sim_entry_statuses[i]);
        else if (which == SIM_CAT_TYPE)
            type(b, base, &sim_entry_types[i]);
        else if (which == SIM_CAT_PRIORITY)
            priority(b, base, &sim_entry_priorities[i], true);
        else if (which == SIM_CAT_RESOLUTION)
            resolution(b, base, &sim_entry_resolutions[i]);
        else
            fields(b);
    }
    GEN_LIT(b, "]");
}
