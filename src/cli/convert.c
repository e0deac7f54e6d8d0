#include "cli/commands.h"
#include "cli/convert_field.h"
#include "markup/markup.h"
#include "sys/file.h"
#include "sys/zip.h"
#include "text/jsonw.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    INPUT_MAX  = 128 << 20, /* a document, or a line of JSON */
    OUTPUT_MAX = 1 << 30,   /* of one of them */
    HELD       = 64 << 10   /* output waits until there is so much */
};

typedef struct convert_args {
    const char *from, *to, *jsonl;
    bool        warnings;
} convert_args;

#define AT(member) .at = offsetof(convert_args, member)

static const jd_opt convert_opts[] = {
    {.name    = "from",
     .letter  = 'f',
     .arg     = "FORM",
     .dflt    = "auto",
     .choices = "auto|adf|wiki|markdown|text",
     .kind    = JD_OPT_CHOICE,
     AT(from),
     .help = "What the input is; auto tells a document of Cloud (ADF) from wiki markup."},
    {.name    = "to",
     .letter  = 't',
     .arg     = "FORM",
     .dflt    = "markdown",
     .choices = "markdown|text|adf|wiki",
     .kind    = JD_OPT_CHOICE,
     AT(to),
     .help = "What it becomes."},
    {.name = "jsonl",
     .arg  = "FIELD",
     .kind = JD_OPT_STR,
     AT(jsonl),
     .help = "The input is lines of JSON: convert this field of each, as in fields.description or "
             "fields.comment.comments.body, and keep the rest of the line as it is."},
    {.name = "warnings",
     .kind = JD_OPT_FLAG,
     AT(warnings),
     .help = "Say on standard error what was passed over or given up, counted by kind."},
    {0},
};

typedef struct job {
    const jd_cli *c;
    jd_mk_form    from, to;
    const char   *field; /* NULL: whole files */
    jd_arena     *arena;
    jd_mk_doc     doc;
    jd_buf        in, out, text;
    uint64_t      warned[JD_MK_W_COUNT];
    uint64_t      documents;
} job;

static jd_mk_form form_of(const char *name)
{
    static const struct {
        const char *name;
        jd_mk_form  form;
    } forms[] = {{"adf", JD_MK_ADF},
                 {"wiki", JD_MK_WIKI},
                 {"markdown", JD_MK_MARKDOWN},
                 {"text", JD_MK_PLAIN}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(name, forms[i].name) == 0)
            return forms[i].form;
    return JD_MK_AUTO;
}

static jd_code send(job *j, jd_err *e)
{
    jd_code c = jd_file_write(STDOUT_FILENO, jd_buf_view(&j->out), "standard output", e);
    jd_buf_reset(&j->out);
    return c;
}

/* Appends what the document, which was read, becomes. */
static jd_code write_document(job *j, jd_buf *out, jd_err *e)
{
    jd_mk_write(out, j->to, &j->doc);
    for (unsigned w = 0; w < JD_MK_W_COUNT; w++)
        j->warned[w] += j->doc.warned[w];
    j->documents++;
    if (!jd_buf_ok(out))
        return jd_fail(e, JD_E_TOOBIG, "what it becomes is larger than %d MiB",
                       OUTPUT_MAX / (1 << 20));
    return JD_OK;
}

/* ---- whole files ---- */

static jd_code convert_document(job *j, jd_err *e)
{
    if (j->documents && j->to != JD_MK_ADF) /* an empty line between two */
        jd_buf_addc(&j->out, '\n');
    jd_mk_read(&j->doc, j->from, jd_buf_view(&j->in));
    jd_code c = write_document(j, &j->out, e);
    jd_buf_addc(&j->out, '\n');
    jd_arena_reset(j->arena);
    return c ? c : send(j, e);
}

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static jd_code too_big(jd_err *e, const char *path)
{
    return jd_fail(e, JD_E_TOOBIG,
                   "%s: larger than the %d MiB that one document may have: is it lines of JSON? "
                   "Then name the field with --jsonl",
                   path, INPUT_MAX / (1 << 20));
}

static jd_code convert_file(job *j, const char *path, jd_err *e)
{
    jd_buf_reset(&j->in);
    jd_code c = is_stdin(path) ? jd_file_read_fd(STDIN_FILENO, "standard input", &j->in, e)
                               : jd_file_read(path, &j->in, e);
    if (c == JD_E_TOOBIG)
        return too_big(e, is_stdin(path) ? "standard input" : path);
    if (!c) {
        c = convert_document(j, e);
        if (c && c != JD_E_IO)
            c = jd_wrap(e, "%s", path);
    }
    return c;
}

/* ---- a field of lines of JSON ---- */

/* A string is what --from says, an object is a document of Cloud. */
static jd_code edit(void *self, jd_buf *out, jd_str value, bool *done, jd_err *e)
{
    job           *j = self;
    const jd_json *v;
    jd_code        c = jd_json_read(j->arena, value, &v, e);
    *done            = !c && (jd_json_is_str(v) || jd_json_kind(v) == JD_JSON_OBJECT);
    if (!*done)
        return c;
    if (jd_json_is_str(v))
        jd_mk_read(&j->doc, j->from, jd_json_str(v));
    else
        jd_read_adf(&j->doc, v);
    if (j->to == JD_MK_ADF)
        return write_document(j, out, e);
    jd_buf_reset(&j->text);
    c = write_document(j, &j->text, e);
    jd_json_quote(out, jd_buf_view(&j->text));
    return c;
}

static jd_code open_lines(const char *path, jd_lines **lines, jd_err *e)
{
    if (!is_stdin(path))
        return jd_lines_open(path, INPUT_MAX, lines, e);
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return jd_file_fail(e, errno, "read", "standard input");
    return jd_lines_open_fd(fd, "standard input", INPUT_MAX, lines, e);
}

static jd_code convert_line(job *j, jd_str line, jd_err *e)
{
    jd_field_edit f = {j->field, j, edit};
    uint64_t      found;
    jd_code       c = JD_OK;
    if (jd_str_trim(line).n)
        c = jd_field_replace(&f, &j->out, line, &found, e);
    jd_buf_addc(&j->out, '\n');
    jd_arena_reset(j->arena);
    if (!c && !jd_buf_ok(&j->out))
        c = jd_fail(e, JD_E_TOOBIG, "what it becomes is larger than %d MiB",
                    OUTPUT_MAX / (1 << 20));
    return c;
}

static jd_code convert_lines(job *j, const char *path, jd_err *e)
{
    jd_lines *lines  = NULL;
    uint64_t  number = 0;
    jd_code   c      = open_lines(path, &lines, e);
    if (c)
        return c;
    for (jd_str line; !(c = jd_lines_next(lines, &line, e)) && line.p;) {
        number++;
        size_t before = j->out.n;
        if (jd_stop_wanted(j->c->stop)) {
            c = jd_fail(e, JD_E_INTERRUPTED, "interrupted");
            break;
        }
        c = convert_line(j, line, e);
        if (c) {
            j->out.n    = before;
            j->out.over = false;
            c = jd_wrap(e, "%s:%" PRIu64, is_stdin(path) ? "standard input" : path, number);
            break;
        }
        if (j->out.n >= HELD && (c = send(j, e)))
            break;
    }
    jd_lines_close(lines);
    jd_err  why  = JD_ERR_NONE;
    jd_code sent = send(j, &why);
    if (!c && sent) {
        *e = why;
        c  = sent;
    }
    return c;
}

/* ---- the run ---- */

static void say_warnings(const job *j, bool all)
{
    for (unsigned w = 0; w < JD_MK_W_COUNT; w++) {
        char human[160];
        if (!j->warned[w] || (!all && w != JD_MK_W_TOO_LONG))
            continue;
        (void)snprintf(human, sizeof human, "jiraduct: %s: %" PRIu64, jd_mk_warning_text(w),
                       j->warned[w]);
        jd_progress_say(j->c->progress, JD_WARN, "warning", human, human + strlen("jiraduct: "));
    }
}

static int run_convert(void *ctx, const void *args, const jd_list *positional)
{
    static const char  *standard_input = "-";
    const jd_cli       *c              = ctx;
    const convert_args *o              = args;
    jd_err              e              = JD_ERR_NONE;
    const char *const  *path           = positional->n ? positional->v : &standard_input;
    size_t              n              = positional->n ? positional->n : 1;
    job                 j              = {.c     = c,
                                          .from  = form_of(o->from),
                                          .to    = form_of(o->to),
                                          .field = o->jsonl,
                                          .arena = jd_arena_new(0),
                                          .in    = JD_BUF_INIT(INPUT_MAX),
                                          .out   = JD_BUF_INIT(OUTPUT_MAX),
                                          .text  = JD_BUF_INIT(OUTPUT_MAX)};
    jd_code             code           = JD_OK;
    j.doc.arena                        = j.arena;
    if (o->jsonl &&
        (!*o->jsonl || jd_str_search(jd_str_of(o->jsonl), JD_STR("..")) < strlen(o->jsonl)))
        code = jd_fail(&e, JD_E_USAGE,
                       "--jsonl: name a field, as in description or fields.description");
    for (size_t i = 0; i < n && !code; i++)
        code = (o->jsonl ? convert_lines : convert_file)(&j, path[i], &e);
    say_warnings(&j, o->warnings);
    if (!code && j.warned[JD_MK_W_TOO_LONG])
        code = jd_fail(&e, JD_E_TOOBIG, "a document was too long to be taken in whole");
    jd_mk_release(&j.doc);
    jd_buf_release(&j.in);
    jd_buf_release(&j.out);
    jd_buf_release(&j.text);
    jd_arena_free(j.arena);
    /* a reader that has seen enough is no failure */
    return code == JD_OK || (code == JD_E_IO && e.sys == EPIPE) ? 0 : jd_cli_fail(c, &e);
}

const jd_cmd jd_cmd_convert = {
    .name  = "convert",
    .brief = "turn rich text into Markdown, plain text, ADF or wiki markup",
    .usage = "[FILE]...",
    .detail =
        "Reads Jira's wiki markup, Atlassian's document format (ADF, the JSON of Jira Cloud), "
        "GitHub's Markdown or plain text from the files, or from standard input when none is named "
        "or - is, and writes it in another form to standard output, with a line feed at the end. "
        "Any input gives an output: what is not understood stays as text. Several documents are "
        "separated by an empty line; ADF is one line each.\n"
        "\n"
        "With --jsonl, each line is a JSON object, plain, gzip or zstd. The field may be a string "
        "or a document; where it is absent or something else the line stays as it is. ADF is "
        "written as an object, the other forms as a string.\n"
        "\n"
        "A file, or a line, may have 128 MiB.",
    .example   = "jiraduct convert --from wiki description.txt\n"
                 "jiraduct convert --from markdown --to adf < comment.md\n"
                 "zcat issues.jsonl.gz | jiraduct convert --to text --jsonl fields.description",
    .opts      = (const jd_opt *const[]){convert_opts, NULL},
    .args_size = sizeof(convert_args),
    .pos_most  = SIZE_MAX,
    .run       = run_convert,
};
