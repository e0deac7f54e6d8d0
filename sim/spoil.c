#include "sim/spoil.h"

#include "sim/raw.h"
#include "sim/store.h"

enum { WHOLE_MAX = 1 << 30 };

/* -- one issue of a body ----------------------------------------------------------------------- */

typedef bool edit_fn(jd_buf *out, jd_str issue, const void *how);

static bool has_id(jd_str issue, uint64_t id)
{
    jd_str v = issue.n > 0 && issue.p[0] == '{' ? sim_raw_get(issue, "id") : JD_NOSTR;
    if (v.n >= 2 && v.p[0] == '"')
        v = jd_str_cut(v, 1, v.n - 2);
    return v.n > 0 && sim_raw_u64(v) == id;
}

static bool with_issues(jd_buf *out, jd_str body, jd_buf *issues)
{
    const sim_edit edit = {"issues", jd_buf_view(issues)};
    sim_raw_edit(out, body, &edit, 1);
    jd_buf_release(issues);
    return true;
}

static bool is_page(jd_str body)
{
    jd_str issues = body.n > 0 && body.p[0] == '{' ? sim_raw_get(body, "issues") : JD_NOSTR;
    return issues.n > 0 && issues.p[0] == '[';
}

static bool edit_issue(jd_buf *out, jd_str body, sim_target t, edit_fn *edit, const void *how)
{
    jd_buf issues = JD_BUF_INIT(WHOLE_MAX);
    bool   first = true, done = false;
    if (!t.page)
        return has_id(body, t.id) && edit(out, body, how);
    if (!is_page(body))
        return false;
    jd_buf_addc(&issues, '[');
    for (jd_skim it = jd_skim_open(sim_raw_get(body, "issues")); jd_skim_next(&it);) {
        if (!first)
            jd_buf_addc(&issues, ',');
        first = false;
        if (done || !has_id(it.value, t.id)) {
            jd_buf_adds(&issues, it.value);
            continue;
        }
        done = edit(&issues, it.value, how);
        if (!done)
            break;
    }
    jd_buf_addc(&issues, ']');
    if (done)
        return with_issues(out, body, &issues);
    jd_buf_release(&issues);
    return false;
}

/* -- text ---------------------------------------------------------------------------------------
 */

typedef struct insertion {
    jd_str text;
    bool   is_long;
} insertion;

static bool is_string(jd_str raw)
{
    return raw.n >= 2 && raw.p[0] == '"';
}

static bool insert_text(jd_buf *out, jd_str issue, const void *how)
{
    const insertion *k      = how;
    const char      *name[] = {k->is_long ? "description" : "summary",
                          k->is_long ? "summary" : "description"};
    jd_str fields = sim_raw_get(issue, "fields");
    if (fields.n == 0 || fields.p[0] != '{')
        return false;
    for (size_t i = 0; i < 2; i++) {
        jd_buf value = JD_BUF_INIT(WHOLE_MAX), all = value;
        jd_str old = sim_raw_get(fields, name[i]);
        if (!is_string(old))
            continue;
        jd_buf_addc(&value, '"');
        jd_buf_adds(&value, k->text);
        jd_buf_adds(&value, jd_str_cut(old, 1, SIZE_MAX));
        const sim_edit field = {name[i], jd_buf_view(&value)};
        sim_raw_edit(&all, fields, &field, 1);
        const sim_edit top = {"fields", jd_buf_view(&all)};
        sim_raw_edit(out, issue, &top, 1);
        jd_buf_release(&value);
        jd_buf_release(&all);
        return true;
    }
    return false;
}

bool sim_spoil_text(jd_buf *out, jd_str body, sim_target t, jd_str text, bool is_long)
{
    const insertion k = {text, is_long};
    return edit_issue(out, body, t, insert_text, &k);
}

/* -- shape --------------------------------------------------------------------------------------
 */

/* What is put in the place of what; a member of "fields" when `field`, the issue itself when it has
 * no name. NULL takes it away. */
static const struct shape {
    const char *member, *value;
    bool        field;
} SHAPES[] = {
    {NULL, "[1,2]", false},
    {NULL, "42", false},
    {NULL, "\"HADOOP-1\"", false},
    {NULL, "null", false},
    {"id", NULL, false},
    {"id", "{\"is\":\"hidden\"}", false},
    {"key", NULL, false},
    {"key", "42", false},
    {"key", "\"../../../etc/passwd\"", false},
    {"fields", NULL, false},
    {"fields", "[]", false},
    {"fields", "\"none\"", false},
    {"created", NULL, true},
    {"created", "\"the day before yesterday\"", true},
    {"updated", NULL, true},
    {"updated", "[2024,1,15]", true},
    {"project", "\"none\"", true},
};

const char *const sim_shapes[] = {
    "array",      "number",        "string",     "null",          "no-id",          "id-object",
    "no-key",     "key-number",    "key-path",   "no-fields",     "fields-array",   "fields-string",
    "no-created", "created-words", "no-updated", "updated-array", "project-string", NULL,
};

size_t sim_shape_count(void)
{
    _Static_assert(sizeof sim_shapes / sizeof *sim_shapes == sizeof SHAPES / sizeof *SHAPES + 1,
                   "every shape has a name");
    return sizeof SHAPES / sizeof *SHAPES;
}

static bool reshape(jd_buf *out, jd_str issue, const void *how)
{
    const struct shape *k    = how;
    sim_edit            edit = {k->member, jd_str_of(k->value)};
    jd_buf              all  = JD_BUF_INIT(WHOLE_MAX);
    if (!k->value)
        edit.value = JD_NOSTR;
    if (!k->member) {
        jd_buf_adds(out, edit.value);
        return true;
    }
    if (!k->field) {
        sim_raw_edit(out, issue, &edit, 1);
        return true;
    }
    jd_str fields = sim_raw_get(issue, "fields");
    if (fields.n == 0 || fields.p[0] != '{' || !sim_raw_get(fields, k->member).p)
        return false;
    sim_raw_edit(&all, fields, &edit, 1);
    const sim_edit top = {"fields", jd_buf_view(&all)};
    sim_raw_edit(out, issue, &top, 1);
    jd_buf_release(&all);
    return true;
}

bool sim_spoil_shape(jd_buf *out, jd_str body, sim_target t, size_t shape)
{
    return edit_issue(out, body, t, reshape, &SHAPES[shape % sim_shape_count()]);
}

/* -- the page -----------------------------------------------------------------------------------
 */

bool sim_spoil_total(jd_buf *out, jd_str body, int64_t delta)
{
    jd_buf      number = JD_BUF_INIT(32);
    bool        object = body.n > 0 && body.p[0] == '{';
    const char *name   = object && !sim_raw_get(body, "total").p ? "count" : "total";
    jd_str      old    = object ? sim_raw_get(body, name) : JD_NOSTR;
    if (old.n == 0)
        return false;
    int64_t total = (int64_t)(sim_raw_u64(old) & INT32_MAX);
    jd_buf_addi(&number, total + delta > 0 ? total + delta : 0);
    const sim_edit edit = {name, jd_buf_view(&number)};
    sim_raw_edit(out, body, &edit, 1);
    jd_buf_release(&number);
    return true;
}

bool sim_spoil_empty(jd_buf *out, jd_str body)
{
    const sim_edit edit = {"issues", JD_STR("[]")};
    if (!is_page(body) || sim_raw_count(sim_raw_get(body, "issues")) == 0)
        return false;
    sim_raw_edit(out, body, &edit, 1);
    return true;
}

bool sim_spoil_duplicate(jd_buf *out, jd_str body, size_t from, size_t n)
{
    jd_buf issues = JD_BUF_INIT(WHOLE_MAX);
    size_t i      = 0;
    if (!is_page(body))
        return false;
    jd_buf_addc(&issues, '[');
    for (jd_skim it = jd_skim_open(sim_raw_get(body, "issues")); jd_skim_next(&it); i++) {
        int times = i >= from && i - from < n ? 2 : 1;
        for (int k = 0; k < times; k++) {
            if (issues.n > 1)
                jd_buf_addc(&issues, ',');
            jd_buf_adds(&issues, it.value);
        }
    }
    jd_buf_addc(&issues, ']');
    if (i > from && n > 0)
        return with_issues(out, body, &issues);
    jd_buf_release(&issues);
    return false;
}
