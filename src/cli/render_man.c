#include "base/vec.h"
#include "cli/render.h"

#include <string.h>

static const char man_date[] = "November 22, 2026";

/* Text where roff would see no request and no escape. */
static void put_safe(jd_buf *out, jd_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\')
            jd_buf_addz(out, "\\e");
        else if (s.p[i] == '-')
            jd_buf_addz(out, "\\-");
        else
            jd_buf_addc(out, s.p[i]);
    }
}

/* One line of running text; a control character at its front is disarmed, and each sentence begins
 * on a line of its own, as mdoc wants it. */
static void put_line(jd_buf *out, jd_str s)
{
    size_t from = 0;
    for (size_t i = 0; i <= s.n; i++) {
        bool ends = i == s.n || (s.p[i] == ' ' && i > 1 && s.p[i - 1] == '.');
        if (!ends)
            continue;
        jd_str piece = jd_str_trim(jd_str_cut(s, from, i - from));
        from         = i;
        if (!piece.n)
            continue;
        if (piece.p[0] == '.' || piece.p[0] == '\'')
            jd_buf_addz(out, "\\&");
        put_safe(out, piece);
        jd_buf_addc(out, '\n');
    }
}

/* Paragraphs; lines that begin with a blank are shown as they are. */
static void put_text(jd_buf *out, const char *text)
{
    jd_str rest    = jd_str_of(text), line;
    bool   literal = false, gap = false, begun = false;
    while (jd_str_split(&rest, '\n', &line)) {
        bool as_is = line.n && line.p[0] == ' ';
        if (literal && !as_is) {
            jd_buf_addz(out, ".Ed\n");
            gap = false;
            if (line.n)
                jd_buf_addz(out, ".Pp\n");
        }
        if (!line.n) {
            gap     = begun;
            literal = false;
            continue;
        }
        if (as_is && !literal)
            jd_buf_addz(out, ".Bd -literal -offset indent\n");
        else if (gap && !as_is)
            jd_buf_addz(out, ".Pp\n");
        gap = false;
        if (as_is) {
            jd_buf_addz(out, "\\&");
            put_safe(out, jd_str_trim(line));
            jd_buf_addc(out, '\n');
        } else {
            put_line(out, line);
        }
        literal = as_is;
        begun   = true;
    }
    if (literal)
        jd_buf_addz(out, ".Ed\n");
}

static void put_names(jd_buf *out, const char *names)
{
    jd_str rest = jd_str_of(names), one;
    for (bool first = true; jd_str_split(&rest, '|', &one); first = false)
        jd_buf_addf(out, "%s%.*s", first ? "" : " , ", JD_FMT(one));
}

static void put_item(jd_buf *out, const jd_opt *o)
{
    if (!o->name || o->kind == JD_OPT_SECRET) {
        if (o->env) {
            jd_buf_addz(out, ".It Ev ");
            put_names(out, o->env);
        } else {
            jd_buf_addf(out, ".It Li %s", o->key);
        }
    } else {
        jd_buf_addz(out, ".It ");
        if (o->letter)
            jd_buf_addf(out, "Fl %c , ", o->letter);
        bool on = o->kind == JD_OPT_FLAG && o->dflt && strcmp(o->dflt, "true") == 0;
        jd_buf_addz(out, on ? "Fl -no-" : "Fl -");
        put_safe(out, jd_str_of(o->name));
        if (o->kind != JD_OPT_FLAG) {
            jd_buf_addz(out, " Ar \\&");
            put_safe(out, jd_str_of(o->arg ? o->arg : o->choices ? o->choices : "VALUE"));
            if (o->kind == JD_OPT_LIST)
                jd_buf_addz(out, " ...");
        }
    }
    jd_buf_addc(out, '\n');
    put_text(out, o->help);
    jd_buf facts = JD_BUF_INIT(4096);
    jd_opt_facts(&facts, o);
    if (facts.n) {
        jd_buf_addc(&facts, ']');
        jd_buf_addz(out, "[");
        put_safe(out, jd_buf_view(&facts));
        jd_buf_addc(out, '\n');
    }
    jd_buf_release(&facts);
}

static void put_table(jd_buf *out, const jd_opt *table)
{
    for (const jd_opt *o = table; o->help; o++)
        put_item(out, o);
}

static void put_command(jd_buf *out, const jd_cmd *cmd)
{
    jd_buf_addf(out, ".Ss %s%s%s\n", cmd->name, cmd->usage ? " " : "",
                cmd->usage ? cmd->usage : "");
    jd_buf brief = JD_BUF_INIT(4096);
    jd_opt_brief(&brief, cmd);
    put_text(out, jd_buf_cstr(&brief));
    jd_buf_release(&brief);
    if (cmd->detail) {
        jd_buf_addz(out, ".Pp\n");
        put_text(out, cmd->detail);
    }
    if (!cmd->opts || !cmd->opts[0])
        return;
    jd_buf_addz(out, ".Bl -tag -width Ds\n");
    for (size_t t = 0; cmd->opts[t]; t++)
        put_table(out, cmd->opts[t]);
    jd_buf_addz(out, ".El\n");
}

typedef JD_VEC(const char *) seen_list;

static bool seen(seen_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i], name) == 0)
            return true;
    *jd_vec_add(list) = name;
    return false;
}

static void put_environment_of(jd_buf *out, const jd_opt *table, seen_list *list)
{
    for (const jd_opt *o = table; o->help; o++) {
        if (!o->env || seen(list, o->env))
            continue;
        jd_buf_addz(out, ".It Ev ");
        put_names(out, o->env);
        jd_buf_addc(out, '\n');
        put_text(out, o->help);
    }
}

static void put_environment(jd_buf *out, const jd_cmd *const *commands, const jd_opt *globals)
{
    seen_list list = {0};
    jd_buf_addz(out, ".Sh ENVIRONMENT\n.Bl -tag -width Ds\n");
    for (size_t i = 0; commands[i]; i++)
        for (size_t t = 0; commands[i]->opts && commands[i]->opts[t]; t++)
            put_environment_of(out, commands[i]->opts[t], &list);
    put_environment_of(out, globals, &list);
    jd_buf_addz(out, ".El\n");
    jd_vec_release(&list);
}

static void put_files(jd_buf *out)
{
    jd_buf_addz(out, ".Sh FILES\n"
                     ".Bl -tag -width Ds\n"
                     ".It Pa jiraduct.yml\n"
                     "Settings in YAML, by the keys named above.\n"
                     ".It Pa .env\n"
                     "Settings as\n"
                     ".Li NAME=value\n"
                     "lines; names that belong to other programs are passed over.\n"
                     ".It Pa data/raw/ Ns Ar PROJECT Ns Pa / Ns Ar KEY Ns Pa .json\n"
                     "One completed issue, as Jira wrote it.\n"
                     ".It Pa data/state/\n"
                     "How far each project has come, and what is held.\n"
                     ".It Pa data/quarantine/\n"
                     "What was refused, with the reason.\n"
                     ".El\n");
}

static void put_exit_status(jd_buf *out)
{
    static const struct {
        int         status;
        const char *text;
    } codes[] = {
#define X(name, retry, exit, text) {exit, text},
        JD_CODES(X)
#undef X
    };
    size_t n = sizeof codes / sizeof *codes;
    jd_buf_addz(out, ".Sh EXIT STATUS\n.Bl -tag -width Ds\n");
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && codes[i - 1].status == codes[i].status)
            continue;
        jd_buf_addf(out, ".It %d\n", codes[i].status);
        for (size_t k = i; k < n && codes[k].status == codes[i].status; k++) {
            bool more = k + 1 < n && codes[k + 1].status == codes[i].status;
            put_safe(out, jd_str_of(codes[k].text));
            jd_buf_addz(out, more ? ";\n" : ".\n");
        }
    }
    jd_buf_addz(out, ".El\n");
}

static void put_examples(jd_buf *out, const jd_cmd *const *commands)
{
    jd_buf_addz(out, ".Sh EXAMPLES\n.Bd -literal\n");
    for (size_t i = 0; commands[i]; i++) {
        jd_str rest = jd_str_of(commands[i]->example), line;
        while (jd_str_split(&rest, '\n', &line)) {
            if (!line.n)
                continue;
            jd_buf_addz(out, "\\&");
            put_safe(out, line);
            jd_buf_addc(out, '\n');
        }
    }
    jd_buf_addz(out, ".Ed\n");
}

void jd_render_man(jd_buf *out, const char *program, const jd_cmd *const *commands,
                   const jd_opt *globals)
{
    jd_buf_addf(out,
                ".Dd %s\n.Dt JIRADUCT 1\n.Os\n.Sh NAME\n.Nm %s\n"
                ".Nd carry Jira issues, whole and once, to where people use them\n"
                ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar option ...\n.Op Ar argument ...\n"
                ".Nm\n.Cm help\n.Op Ar command\n",
                man_date, program);
    jd_buf_addz(out,
                ".Sh DESCRIPTION\n.Nm\n"
                "fetches the issues of a Jira site page by page and delivers them to files and "
                "databases.\n"
                "Where it has come to is only noted once what came before is safe, so a run may "
                "end at any\ninstant and the next one goes on from there.\n"
                ".Pp\n"
                "A setting comes from a flag, else from the environment, else from\n"
                ".Pa .env ,\n"
                "else from\n"
                ".Pa jiraduct.yml ,\n"
                "else it has its default.\n"
                "Secrets have no flags.\n"
                "Results go to standard output, everything else to standard error.\n"
                ".Sh COMMANDS\n");
    for (size_t i = 0; commands[i]; i++)
        put_command(out, commands[i]);
    jd_buf_addz(out, ".Ss Options of every command\n.Bl -tag -width Ds\n");
    put_table(out, globals);
    jd_buf_addz(out, ".El\n");
    put_environment(out, commands, globals);
    put_files(out);
    put_exit_status(out);
    put_examples(out, commands);
}
