#include "cli/render.h"

#include <string.h>

static bool offered(const jd_opt *o)
{
    return o->name && o->kind != JD_OPT_SECRET;
}

static bool two_words(const jd_cmd *cmd)
{
    return strchr(cmd->name, ' ') != NULL;
}

static jd_str first_word(const jd_cmd *cmd)
{
    jd_str name = jd_str_of(cmd->name);
    return jd_str_cut(name, 0, jd_str_find(name, ' '));
}

static jd_str last_word(const jd_cmd *cmd)
{
    jd_str first = first_word(cmd), name = jd_str_of(cmd->name);
    return first.n == name.n ? name : jd_str_cut(name, first.n + 1, name.n);
}

/* Whether an earlier command begins with the same word. */
static bool word_seen(const jd_cmd *const *commands, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (jd_str_eq(first_word(commands[k]), first_word(commands[i])))
            return true;
    return false;
}

static void bash_names(jd_buf *out, const jd_opt *table)
{
    for (const jd_opt *o = table; o->help; o++) {
        if (!offered(o))
            continue;
        jd_buf_addf(out, " --%s", o->name);
        if (o->kind == JD_OPT_FLAG && o->dflt && strcmp(o->dflt, "true") == 0)
            jd_buf_addf(out, " --no-%s", o->name);
    }
}

/* What may stand behind an option: files, its choices, or what only the user knows. */
static void bash_values(jd_buf *out, const jd_opt *table)
{
    for (const jd_opt *o = table; o->help; o++) {
        if (!offered(o) || o->kind == JD_OPT_FLAG)
            continue;
        jd_buf_addf(out, "        --%s", o->name);
        if (o->letter)
            jd_buf_addf(out, " | -%c", o->letter);
        if (o->kind == JD_OPT_PATH) {
            jd_buf_addz(out, ") files=1 ;;\n");
        } else if (o->kind == JD_OPT_CHOICE) {
            jd_buf_addz(out, ") values=\"");
            for (const char *p = o->choices; *p; p++)
                jd_buf_addc(out, *p == '|' ? ' ' : *p);
            jd_buf_addz(out, "\" ;;\n");
        } else if (o->kind == JD_OPT_LIST) {
            jd_buf_addz(out, ") ;;\n");
        } else {
            jd_buf_addz(out, ") return ;;\n");
        }
    }
}

static void bash_command(jd_buf *out, const jd_cmd *cmd, const jd_opt *globals)
{
    jd_buf_addf(out, "    \"%s\")\n        words=\"", cmd->name);
    size_t from = out->n;
    for (size_t t = 0; cmd->opts && cmd->opts[t]; t++)
        bash_names(out, cmd->opts[t]);
    bash_names(out, globals);
    if (jd_buf_ok(out) && out->n > from)
        memmove(out->p + from, out->p + from + 1, --out->n - from);
    jd_buf_addz(out, "\"\n        case $prev in\n");
    for (size_t t = 0; cmd->opts && cmd->opts[t]; t++)
        bash_values(out, cmd->opts[t]);
    bash_values(out, globals);
    jd_buf_addz(out, "        esac\n        ;;\n");
}

void jd_render_bash(jd_buf *out, const char *program, const jd_cmd *const *commands,
                    const jd_opt *globals)
{
    jd_buf_addf(out,
                "# bash completion for %s; made by '%s help --format bash'\n"
                "_%s() {\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
                "    local cmd=${COMP_WORDS[1]} words=\"\" values=\"\" files=\"\" topics=\"",
                program, program, program);
    bool first = true;
    for (size_t i = 0; commands[i]; i++) {
        if (word_seen(commands, i))
            continue;
        jd_buf_addf(out, "%s%.*s", first ? "" : " ", JD_FMT(first_word(commands[i])));
        first = false;
    }
    jd_buf_addz(out, "\"\n    COMPREPLY=()\n"
                     "    if [[ $cur == = ]]; then cur=\"\"; fi\n"
                     "    if [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
                     "    if ((COMP_CWORD == 1)); then\n"
                     "        mapfile -t COMPREPLY < <(compgen -W \"$topics --help --version\" -- "
                     "\"$cur\")\n"
                     "        return\n"
                     "    fi\n"
                     "    case $cmd in\n");
    for (size_t i = 0; commands[i]; i++) {
        if (!two_words(commands[i]) || word_seen(commands, i))
            continue;
        jd_buf_addf(out, "    %.*s)\n        words=\"", JD_FMT(first_word(commands[i])));
        for (size_t k = i; commands[k]; k++)
            if (two_words(commands[k]) &&
                jd_str_eq(first_word(commands[i]), first_word(commands[k])))
                jd_buf_addf(out, "%s%.*s", k > i ? " " : "", JD_FMT(last_word(commands[k])));
        jd_buf_addz(out, "\"\n        if ((COMP_CWORD > 2)); then cmd=\"$cmd ${COMP_WORDS[2]}\"; "
                         "words=\"\"; fi\n        ;;\n");
    }
    jd_buf_addz(out, "    esac\n    case $cmd in\n");
    for (size_t i = 0; commands[i]; i++)
        bash_command(out, commands[i], globals);
    jd_buf_addf(out,
                "    esac\n"
                "    if [[ $files ]]; then\n"
                "        compopt -o filenames 2>/dev/null || :\n"
                "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                "        return\n"
                "    fi\n"
                "    if [[ $values ]]; then\n"
                "        words=$values\n"
                "    elif [[ $cmd == help || $cmd == config ]] && [[ $cur != -* ]]; then\n"
                "        words=$topics\n"
                "    fi\n"
                "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                "}\n"
                "complete -F _%s %s\n",
                program, program);
}

/* Text inside '…[here]…' of an _arguments specification. */
static void zsh_text(jd_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            jd_buf_addz(out, "'\\''");
        else if (strchr("[]:\\", *text))
            jd_buf_addf(out, "\\%c", *text);
        else
            jd_buf_addc(out, *text);
    }
}

static void zsh_option(jd_buf *out, const jd_opt *o, const char *prefix)
{
    bool value = o->kind != JD_OPT_FLAG;
    if (o->letter)
        jd_buf_addf(out, "            '(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name, o->letter,
                    value ? "+" : "", o->name, value ? "=" : "");
    else
        jd_buf_addf(out, "            '%s--%s%s%s[", o->kind == JD_OPT_LIST ? "*" : "", prefix,
                    o->name, value ? "=" : "");
    zsh_text(out, o->help);
    jd_buf_addc(out, ']');
    if (value) {
        jd_buf_addc(out, ':');
        zsh_text(out, o->arg ? o->arg : "value");
        jd_buf_addc(out, ':');
        if (o->kind == JD_OPT_PATH)
            jd_buf_addz(out, "_files");
        if (o->kind == JD_OPT_CHOICE) {
            jd_buf_addc(out, '(');
            for (const char *p = o->choices; *p; p++)
                jd_buf_addc(out, *p == '|' ? ' ' : *p);
            jd_buf_addc(out, ')');
        }
    }
    jd_buf_addz(out, "' \\\n");
}

static void zsh_table(jd_buf *out, const jd_opt *table)
{
    for (const jd_opt *o = table; o->help; o++) {
        if (!offered(o))
            continue;
        zsh_option(out, o, "");
        if (o->kind == JD_OPT_FLAG && !o->letter && o->dflt && strcmp(o->dflt, "true") == 0)
            zsh_option(out, o, "no-");
    }
}

static void zsh_describe(jd_buf *out, const char *name, const char *brief, size_t n)
{
    jd_buf_addf(out, "        '%.*s:", (int)n, name);
    for (; *brief; brief++)
        if (*brief == '\'')
            jd_buf_addz(out, "'\\''");
        else
            jd_buf_addc(out, *brief);
    jd_buf_addz(out, "'\n");
}

static void zsh_command(jd_buf *out, const jd_cmd *cmd, const jd_opt *globals)
{
    jd_buf_addf(out, "    ('%s')\n        _arguments -s -S \\\n", cmd->name);
    for (size_t t = 0; cmd->opts && cmd->opts[t]; t++)
        zsh_table(out, cmd->opts[t]);
    zsh_table(out, globals);
    bool topic = strcmp(cmd->name, "help") == 0 || strcmp(cmd->name, "config") == 0;
    jd_buf_addz(out,
                topic ? "            '*:command:($topics)'\n" : "            '*: :_default'\n");
    jd_buf_addz(out, "        ;;\n");
}

void jd_render_zsh(jd_buf *out, const char *program, const jd_cmd *const *commands,
                   const jd_opt *globals)
{
    jd_buf_addf(out,
                "#compdef %s\n# made by '%s help --format zsh'\n\n_%s() {\n"
                "    local -a topics commands\n    commands=(\n",
                program, program, program);
    for (size_t i = 0; commands[i]; i++)
        if (!word_seen(commands, i))
            zsh_describe(out, commands[i]->name, two_words(commands[i]) ? "" : commands[i]->brief,
                         first_word(commands[i]).n);
    jd_buf_addz(out, "    )\n    topics=(${commands%%:*})\n"
                     "    if (( CURRENT == 2 )); then\n"
                     "        _describe -t commands command commands\n"
                     "        return\n    fi\n"
                     "    local cmd=$words[2]\n"
                     "    case $cmd in\n");
    for (size_t i = 0; commands[i]; i++) {
        if (!two_words(commands[i]) || word_seen(commands, i))
            continue;
        jd_buf_addf(out, "    (%.*s)\n        commands=(\n", JD_FMT(first_word(commands[i])));
        for (size_t k = i; commands[k]; k++)
            if (two_words(commands[k]) &&
                jd_str_eq(first_word(commands[i]), first_word(commands[k]))) {
                jd_str last = last_word(commands[k]);
                zsh_describe(out, last.p, commands[k]->brief, last.n);
            }
        jd_buf_addz(out, "        )\n        if (( CURRENT == 3 )); then\n"
                         "            _describe -t commands command commands\n"
                         "            return\n        fi\n"
                         "        cmd=\"$words[2] $words[3]\"\n"
                         "        shift words\n        (( CURRENT-- ))\n        ;;\n");
    }
    jd_buf_addz(out, "    esac\n    shift words\n    (( CURRENT-- ))\n    case $cmd in\n");
    for (size_t i = 0; commands[i]; i++)
        zsh_command(out, commands[i], globals);
    jd_buf_addf(out,
                "    esac\n}\n\n"
                "if [[ $funcstack[1] == _%s ]]; then\n    _%s \"$@\"\nelse\n"
                "    compdef _%s %s\nfi\n",
                program, program, program, program);
}
