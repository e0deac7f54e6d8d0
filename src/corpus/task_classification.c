/* classification: from the report to its labels.
 *
 * input   title, a blank line, description; comments would tell the outcome and stay out
 * output  "Type: T | Priority: P | Status: S | Resolution: R"; a part that Jira lacks is left out,
 *         but for the resolution, which is then "Unresolved"
 *
 * What states a label is taken out of the input:
 * - tags in front of the title, and behind it: "[Bug]", "(resolved)", "BUG: ", "Critical - ";
 * - lines of the description that state a field: "Priority: Major", "*Status:* Closed",
 * "|Type|Bug|", if the value is a usual label or the issue's own (so "Status: 500" stays);
 * - lines about the outcome: "Fixed in 2.1", "Fix Version: 3.0", "Duplicate of X-1", "Closed as …".
 * No task when title and description are empty, or when Jira gives neither type nor priority nor
 * status. */
#include "corpus/input.h"
#include "corpus/text.h"

#include <string.h>

static const jd_str usual_labels[] = {
    JD_STR_INIT("abandoned"),
    JD_STR_INIT("backlog"),
    JD_STR_INIT("blocker"),
    JD_STR_INIT("bug"),
    JD_STR_INIT("cannot reproduce"),
    JD_STR_INIT("closed"),
    JD_STR_INIT("critical"),
    JD_STR_INIT("defect"),
    JD_STR_INIT("documentation"),
    JD_STR_INIT("done"),
    JD_STR_INIT("duplicate"),
    JD_STR_INIT("enhancement"),
    JD_STR_INIT("epic"),
    JD_STR_INIT("feature request"),
    JD_STR_INIT("feature"),
    JD_STR_INIT("fixed"),
    JD_STR_INIT("high"),
    JD_STR_INIT("highest"),
    JD_STR_INIT("implemented"),
    JD_STR_INIT("improvement"),
    JD_STR_INIT("in progress"),
    JD_STR_INIT("in review"),
    JD_STR_INIT("incomplete"),
    JD_STR_INIT("invalid"),
    JD_STR_INIT("later"),
    JD_STR_INIT("low"),
    JD_STR_INIT("lowest"),
    JD_STR_INIT("major"),
    JD_STR_INIT("medium"),
    JD_STR_INIT("minor"),
    JD_STR_INIT("new feature"),
    JD_STR_INIT("normal"),
    JD_STR_INIT("not a bug"),
    JD_STR_INIT("not a problem"),
    JD_STR_INIT("open"),
    JD_STR_INIT("patch available"),
    JD_STR_INIT("question"),
    JD_STR_INIT("reopened"),
    JD_STR_INIT("resolved"),
    JD_STR_INIT("story"),
    JD_STR_INIT("sub-task"),
    JD_STR_INIT("subtask"),
    JD_STR_INIT("task"),
    JD_STR_INIT("test"),
    JD_STR_INIT("to do"),
    JD_STR_INIT("todo"),
    JD_STR_INIT("trivial"),
    JD_STR_INIT("unresolved"),
    JD_STR_INIT("urgent"),
    JD_STR_INIT("wish"),
    JD_STR_INIT("won't do"),
    JD_STR_INIT("won't fix"),
    JD_STR_INIT("wont fix"),
    JD_STR_INIT("works for me"),
};

static const jd_str field_words[] = {
    JD_STR_INIT("issue type"), JD_STR_INIT("type"),   JD_STR_INIT("priority"),
    JD_STR_INIT("severity"),   JD_STR_INIT("status"), JD_STR_INIT("resolution"),
};

static const jd_str outcome_words[] = {
    JD_STR_INIT("fixed in"),     JD_STR_INIT("fixed by"),     JD_STR_INIT("fixed version"),
    JD_STR_INIT("fix version"),  JD_STR_INIT("fix versions"), JD_STR_INIT("fix version/s"),
    JD_STR_INIT("resolved in"),  JD_STR_INIT("resolved by"),  JD_STR_INIT("resolved as"),
    JD_STR_INIT("closed as"),    JD_STR_INIT("closing as"),   JD_STR_INIT("marked as"),
    JD_STR_INIT("duplicate of"), JD_STR_INIT("duplicates"),
};

#define N_OF(table) (sizeof(table) / sizeof *(table))

/* Whole of s is a label: a usual one or one of the issue's own. */
static bool is_label(const jd_view *v, jd_str s)
{
    const jd_str own[] = {v->type, v->priority, v->status, v->resolution};
    for (size_t i = 0; i < N_OF(own); i++)
        if (own[i].n && jd_str_ieq(s, own[i]))
            return true;
    for (size_t i = 0; i < N_OF(usual_labels); i++)
        if (jd_str_ieq(s, usual_labels[i]))
            return true;
    return false;
}

static jd_str without(jd_str s, const char *front)
{
    while (s.n && strchr(front, s.p[0]) && s.p[0])
        s = jd_str_cut(s, 1, s.n);
    return s;
}

static jd_str without_behind(jd_str s, const char *behind)
{
    while (s.n && strchr(behind, s.p[s.n - 1]) && s.p[s.n - 1])
        s.n--;
    return s;
}

/* Takes one tag off the front of the title: "[Bug] ", "(bug) ", "Bug: ", "Bug - ". */
static bool pass_tag(const jd_view *v, jd_str *title)
{
    jd_str s     = jd_str_trim(*title);
    char   close = '\0';
    if (s.n && s.p[0] == '[')
        close = ']';
    else if (s.n && s.p[0] == '(')
        close = ')';
    size_t end = close ? jd_str_find(s, close) : jd_str_find(s, ':');
    if (!close && jd_str_search(s, JD_STR(" - ")) < end)
        end = jd_str_search(s, JD_STR(" - ")) + 1;
    if (end >= s.n)
        return false;
    jd_str tag = close ? jd_str_cut(s, 1, end - 1) : jd_str_cut(s, 0, end);
    if (!is_label(v, jd_str_trim(tag)))
        return false;
    *title = without(jd_str_cut(s, end + 1, s.n), " \t:-");
    return true;
}

/* The same behind the title, in brackets only. */
static bool pass_tag_behind(const jd_view *v, jd_str *title)
{
    jd_str s = jd_str_trim(*title);
    if (!s.n || (s.p[s.n - 1] != ']' && s.p[s.n - 1] != ')'))
        return false;
    char   open = s.p[s.n - 1] == ']' ? '[' : '(';
    size_t from = s.n - 1;
    while (from > 0 && s.p[from] != open)
        from--;
    if (s.p[from] != open || !is_label(v, jd_str_trim(jd_str_cut(s, from + 1, s.n - from - 2))))
        return false;
    *title = jd_str_trim(jd_str_cut(s, 0, from));
    return true;
}

static jd_str title_without_tags(const jd_view *v)
{
    jd_str title = jd_str_trim(v->title);
    while (pass_tag(v, &title) || pass_tag_behind(v, &title))
        ;
    return title;
}

static bool is_markup(char c)
{
    switch (c) {
    case ' ':
    case '\t':
    case '*':
    case '_':
    case '+':
    case '-':
    case '#':
    case '|':
    case '>':
    case ':':
    case '[':
    case ']':
    case '{':
    case '}':
        return true;
    default:
        return false;
    }
}

/* A word or phrase of the tables may begin so. */
static bool may_begin(char c)
{
    switch (jd_text_fold(c)) {
    case 'c':
    case 'd':
    case 'f':
    case 'i':
    case 'm':
    case 'p':
    case 'r':
    case 's':
    case 't':
        return true;
    default:
        return false;
    }
}

/* The word or phrase of a table with which s begins, or NULL. */
static const jd_str *beginning(jd_str s, const jd_str *table, size_t n)
{
    char first = jd_text_fold(s.p[0]);
    for (size_t i = 0; i < n; i++)
        if (table[i].p[0] == first && jd_text_begins(s, table[i]))
            return &table[i];
    return NULL;
}

static bool states_label(const jd_view *v, jd_str line)
{
    enum { LONGEST = 200 }; /* a longer line is prose */
    jd_str s = line;
    while (s.n && is_markup(s.p[0]))
        s = (jd_str){s.p + 1, s.n - 1};
    if (line.n > LONGEST || s.n == 0 || !may_begin(s.p[0]))
        return false;
    if (beginning(s, outcome_words, N_OF(outcome_words)))
        return true;
    const jd_str *field = beginning(s, field_words, N_OF(field_words));
    if (!field)
        return false;
    jd_str after = without(jd_str_cut(s, field->n, s.n), " \t");
    jd_str value = without_behind(without(after, " \t*_+|=:-"), " \t*_+|.");
    return after.n && strchr("*_+|=:-", after.p[0]) && after.p[0] && is_label(v, value);
}

/* Lines that stand together in the description. */
static void add_lines(jd_input *in, bool begun, const char *from, const char *end)
{
    if (in->n)
        jd_input_add(in, begun ? JD_STR("\n") : JD_STR("\n\n"), JD_INPUT_GLUE);
    jd_input_add(in, (jd_str){from, (size_t)(end - from)}, 0);
}

static void add_description(jd_input *in, const jd_view *v)
{
    jd_str      rest = jd_str_trim(v->description), line;
    const char *from = NULL, *end = NULL; /* lines that are still to be added */
    bool        begun = false;
    while (jd_text_line(&rest, &line)) {
        if (!states_label(v, line)) {
            from = from ? from : line.p;
            end  = line.p + line.n;
        } else if (from) {
            add_lines(in, begun, from, end);
            begun = true;
            from  = NULL;
        }
    }
    if (from)
        add_lines(in, begun, from, end);
}

static void add_part(jd_buf *out, const char *name, jd_str value)
{
    if (!value.n)
        return;
    if (out->n)
        jd_buf_addz(out, " | ");
    jd_buf_addz(out, name);
    jd_buf_addz(out, ": ");
    jd_buf_adds(out, value);
}

jd_skip jd_task_classification(const jd_view *v, jd_task_room *room, jd_jsonw *out)
{
    if (!v->type.n && !v->priority.n && !v->status.n)
        return JD_NO_LABELS;
    jd_jsonw_object(out);
    jd_jsonw_kstr(out, "task", JD_STR("classification"));
    jd_jsonw_name(out, "input");
    jd_input in = jd_input_begin(out, v, room);
    jd_input_add(&in, title_without_tags(v), JD_INPUT_GLUE);
    add_description(&in, v);
    if (jd_input_end(&in) == 0)
        return JD_NO_TEXT;
    jd_buf_reset(&room->more);
    add_part(&room->more, "Type", v->type);
    add_part(&room->more, "Priority", v->priority);
    add_part(&room->more, "Status", v->status);
    add_part(&room->more, "Resolution", v->resolution.n ? v->resolution : JD_STR("Unresolved"));
    jd_jsonw_kstr(out, "output", jd_buf_view(&room->more));
    jd_jsonw_end(out);
    return JD_MADE;
}
