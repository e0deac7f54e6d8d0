#include "sys/optpriv.h"
#include "text/utf8.h"

#include <string.h>

enum { LEFT_MAX = 26, WORD_MAX = 64 };

static void pad(jd_buf *out, size_t n)
{
    while (n-- > 0)
        jd_buf_addc(out, ' ');
}

/* Words of text from column *at on, wrapped; new lines begin at indent. */
static void fill_words(jd_buf *out, jd_str text, size_t indent, size_t columns, size_t *at)
{
    jd_str piece;
    while (jd_str_split(&text, ' ', &piece)) {
        size_t width = jd_utf8_width(piece);
        if (!width)
            continue;
        if (*at > indent && columns && *at + 1 + width > columns) {
            jd_buf_addc(out, '\n');
            pad(out, indent);
            *at = indent;
        } else if (*at > indent) {
            jd_buf_addc(out, ' ');
            ++*at;
        }
        jd_buf_adds(out, piece);
        *at += width;
    }
}

void jd_opt_fill(jd_buf *out, const char *text, size_t indent, size_t columns)
{
    jd_str rest = jd_str_of(text), line;
    size_t at   = indent;
    bool   open = false;
    while (jd_str_split(&rest, '\n', &line)) {
        bool verbatim = line.n == 0 || line.p[0] == ' ';
        if (open && verbatim) {
            jd_buf_addc(out, '\n');
            open = false;
        }
        if (verbatim) {
            if (line.n)
                pad(out, indent);
            jd_buf_adds(out, line);
            jd_buf_addc(out, '\n');
            continue;
        }
        if (!open) {
            pad(out, indent);
            at   = indent;
            open = true;
        }
        fill_words(out, line, indent, columns, &at);
    }
    if (open)
        jd_buf_addc(out, '\n');
}

static void put_names(jd_buf *out, const char *names)
{
    jd_str rest = jd_str_of(names), one;
    for (bool first = true; jd_str_split(&rest, '|', &one); first = false)
        jd_buf_addf(out, "%s%.*s", first ? "" : " or ", JD_FMT(one));
}

void jd_opt_facts(jd_buf *out, const jd_opt *o)
{
    size_t      from   = out->n;
    const char *behind = "; ";
    bool amount = o->kind == JD_OPT_COUNT || o->kind == JD_OPT_SECONDS || o->kind == JD_OPT_BYTES;
    if (o->kind == JD_OPT_CHOICE && o->arg) {
        jd_buf_addz(out, "one of ");
        jd_str rest = jd_str_of(o->choices), one;
        for (bool first = true; jd_str_split(&rest, '|', &one); first = false)
            jd_buf_addf(out, "%s%.*s", first ? "" : ", ", JD_FMT(one));
    }
    if (o->dflt)
        jd_buf_addf(out, "%sdefault %s", out->n > from ? behind : "", o->dflt);
    if (amount && (o->least || o->most)) {
        jd_buf_addz(out, out->n > from ? behind : "");
        jd_opt_range(out, o);
    }
    if (o->env && o->name) {
        jd_buf_addf(out, "%senv ", out->n > from ? behind : "");
        put_names(out, o->env);
    }
    if (o->key)
        jd_buf_addf(out, "%syaml %s", out->n > from ? behind : "", o->key);
}

static void put_left(jd_buf *out, const jd_opt *o)
{
    jd_buf_addz(out, "  ");
    if (!o->name || o->kind == JD_OPT_SECRET) {
        put_names(out, o->env ? o->env : o->key);
        return;
    }
    if (o->letter)
        jd_buf_addf(out, "-%c, ", o->letter);
    bool on = o->kind == JD_OPT_FLAG && o->dflt && strcmp(o->dflt, "true") == 0;
    jd_buf_addf(out, on ? "--[no-]%s" : "--%s", o->name);
    if (o->kind != JD_OPT_FLAG)
        jd_buf_addf(out, " %s%s",
                    o->arg       ? o->arg
                    : o->choices ? o->choices
                                 : "VALUE",
                    o->kind == JD_OPT_LIST ? "..." : "");
}

static void put_option(jd_buf *out, const jd_opt *o, size_t columns)
{
    size_t from = out->n;
    put_left(out, o);
    size_t at = jd_utf8_width((jd_str){out->p + from, out->n - from});
    if (at + 2 > LEFT_MAX) {
        jd_buf_addc(out, '\n');
        at = 0;
    }
    pad(out, LEFT_MAX - at);
    at          = LEFT_MAX;
    jd_buf text = JD_BUF_INIT(1 << 16);
    jd_buf_addf(&text, "%s [", o->help);
    size_t bare = text.n;
    jd_opt_facts(&text, o);
    if (text.n == bare)
        text.n -= 2;
    else
        jd_buf_addc(&text, ']');
    fill_words(out, jd_buf_view(&text), LEFT_MAX, columns, &at);
    jd_buf_addc(out, '\n');
    jd_buf_release(&text);
}

static bool is_flagless(const jd_opt *o)
{
    return !o->name || o->kind == JD_OPT_SECRET;
}

void jd_opt_help_table(jd_buf *out, const jd_opt *table, size_t columns)
{
    for (const jd_opt *o = table; o->help; o++)
        put_option(out, o, columns);
}

/* The options of all tables that have a flag, or those that have none. */
static void put_section(jd_buf *out, const jd_cmd *cmd, bool flagless, size_t columns)
{
    bool begun = false;
    for (size_t t = 0; cmd->opts && cmd->opts[t]; t++)
        for (const jd_opt *o = cmd->opts[t]; o->help; o++) {
            if (is_flagless(o) != flagless)
                continue;
            if (!begun)
                jd_buf_addz(out, flagless ? "\nOnly in the environment, .env or jiraduct.yml:\n"
                                          : "\nOptions:\n");
            begun = true;
            put_option(out, o, columns);
        }
}

void jd_opt_brief(jd_buf *out, const jd_cmd *cmd)
{
    char first = *cmd->brief;
    jd_buf_addf(out, "%c%s.", first >= 'a' && first <= 'z' ? first - 'a' + 'A' : first,
                cmd->brief + (first != '\0'));
}

void jd_opt_help(jd_buf *out, const char *program, const jd_cmd *cmd, size_t columns)
{
    bool opts = cmd->opts && cmd->opts[0];
    jd_buf_addf(out, "Usage: %s %s%s%s%s\n\n", program, cmd->name, opts ? " [OPTION...]" : "",
                cmd->usage ? " " : "", cmd->usage ? cmd->usage : "");
    jd_buf brief = JD_BUF_INIT(4096);
    jd_opt_brief(&brief, cmd);
    jd_opt_fill(out, jd_buf_cstr(&brief), 0, columns);
    jd_buf_release(&brief);
    if (cmd->detail) {
        jd_buf_addc(out, '\n');
        jd_opt_fill(out, cmd->detail, 0, columns);
    }
    put_section(out, cmd, false, columns);
    put_section(out, cmd, true, columns);
    if (cmd->example) {
        jd_buf_addz(out, "\nExamples:\n");
        jd_str rest = jd_str_of(cmd->example), line;
        while (jd_str_split(&rest, '\n', &line))
            if (line.n)
                jd_buf_addf(out, "  %.*s\n", JD_FMT(line));
    }
}

/* Edits (insert, delete, change, swap of two neighbours) from a to b, both at most WORD_MAX. */
static size_t distance(jd_str a, jd_str b)
{
    size_t row[3][WORD_MAX + 1];
    for (size_t j = 0; j <= b.n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = row[i % 3], *up = row[(i - 1) % 3], *up2 = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);
            if (up[j] + 1 < best)
                best = up[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
                up2[j - 2] + 1 < best)
                best = up2[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[a.n % 3][b.n];
}

const char *jd_did_you_mean(const char *word, const char *const *names, size_t n)
{
    jd_str      w    = jd_str_of(word);
    const char *near = NULL;
    if (w.n == 0 || w.n > WORD_MAX)
        return NULL;
    size_t best = w.n < 5 ? 1 : (w.n + 1) / 3; /* a third of the letters may be wrong */
    for (size_t i = 0; i < n; i++) {
        jd_str name = jd_str_of(names[i]);
        if (name.n > WORD_MAX)
            continue;
        size_t d = distance(w, name);
        if (d <= best && d < name.n && (!near || d < best)) {
            best = d;
            near = names[i];
        }
    }
    for (size_t i = 0; !near && w.n >= 3 && i < n; i++)
        if (jd_str_starts(jd_str_of(names[i]), w))
            near = names[i];
    return near;
}
