/* structure [-v] [-p] FILE...: for every text of the files (lines of JSON: conformance cases, or
 * issues of Jira; plain, gzip or zstd), whether the Markdown written of it has, read again by
 * libcmark-gfm, the structure that the reader of the text saw (skeleton.h).
 *
 * Prints the name of each text that differs, and a last line "N texts, N differ". Texts of real
 * people are not printed, but with -v. With -p plain text is written instead of Markdown, to see
 * differences being found. Exit status 1 when a text differs. */
#include "markup/markup.h"
#include "skeleton.h"
#include "sys/zip.h"

#include <stdio.h>
#include <string.h>

enum { LINE_MAX_ = 256 << 20 };

typedef struct run {
    jd_arena *arena;
    jd_mk_doc seen, again;
    jd_buf    markdown, a, b;
    uint64_t  texts, differ;
    bool      verbose, plain;
} run;

/* The first line in which two skeletons differ. */
static void show(run *r)
{
    jd_str a = jd_buf_view(&r->a), b = jd_buf_view(&r->b);
    size_t i = 0, from;
    while (i < a.n && i < b.n && a.p[i] == b.p[i])
        i++;
    for (from = i; from && i - from < 80 && a.p[from - 1] != '\n'; from--)
        ;
    (void)printf("  saw   %.*s\n  again %.*s\n%.*s\n", JD_FMT(jd_str_cut(a, from, i - from + 80)),
                 JD_FMT(jd_str_cut(b, from, i - from + 80)), JD_FMT(jd_buf_view(&r->markdown)));
}

static void check(run *r, jd_str name, const char *part, size_t i, const jd_json *text)
{
    if (!jd_json_is_str(text) && jd_json_kind(text) != JD_JSON_OBJECT)
        return;
    r->texts++;
    if (jd_json_is_str(text))
        jd_read_wiki(&r->seen, jd_json_str(text));
    else
        jd_read_adf(&r->seen, text);
    jd_buf_reset(&r->markdown);
    (r->plain ? jd_write_text : jd_write_markdown)(&r->markdown, &r->seen);
    jd_read_markdown(&r->again, jd_buf_view(&r->markdown));
    jd_buf_reset(&r->a);
    jd_buf_reset(&r->b);
    skeleton_of(&r->a, &r->seen);
    skeleton_of(&r->b, &r->again);
    if (jd_str_eq(jd_buf_view(&r->a), jd_buf_view(&r->b)))
        return;
    r->differ++;
    (void)printf("%.*s/%s/%zu\n", JD_FMT(name), part, i);
    if (r->verbose)
        show(r);
}

static void check_line(run *r, const jd_json *line)
{
    const jd_json *fields = jd_json_get(line, "fields");
    if (!fields) {
        jd_str id = jd_json_str(jd_json_get(line, "id"));
        check(r, id, "wiki", 0, jd_json_get(line, "input"));
        check(r, id, "adf", 0, jd_json_get(line, "adf"));
        return;
    }
    jd_str key = jd_json_str(jd_json_get(line, "key"));
    size_t i   = 0;
    check(r, key, "description", 0, jd_json_get(fields, "description"));
    check(r, key, "environment", 0, jd_json_get(fields, "environment"));
    for (jd_json_iter it = jd_json_walk(jd_json_path(fields, "comment.comments"));
         jd_json_next(&it);)
        check(r, key, "comment", ++i, jd_json_get(it.value, "body"));
}

static void use_line(run *r, jd_str line)
{
    const jd_json *doc;
    jd_err         e = JD_ERR_NONE;
    if (jd_json_read(r->arena, line, &doc, &e)) {
        (void)fprintf(stderr, "%s\n", e.msg);
        r->differ++;
    } else {
        check_line(r, doc);
    }
    jd_arena_reset(r->arena);
}

static jd_code read_lines(run *r, const char *path, jd_err *e)
{
    jd_lines *lines;
    jd_str    line;
    jd_code   c = jd_lines_open(path, LINE_MAX_, &lines, e);
    if (c)
        return c;
    while (!(c = jd_lines_next(lines, &line, e)) && line.p)
        if (jd_str_trim(line).n)
            use_line(r, line);
    jd_lines_close(lines);
    return c;
}

int main(int argc, char **argv)
{
    run     r    = {.arena    = jd_arena_new(0),
                    .markdown = JD_BUF_INIT(1 << 30),
                    .a        = JD_BUF_INIT(1 << 30),
                    .b        = JD_BUF_INIT(1 << 30)};
    jd_err  e    = JD_ERR_NONE;
    jd_code c    = JD_OK;
    r.seen.arena = r.again.arena = r.arena;
    for (int i = 1; i < argc && !c; i++) {
        if (strcmp(argv[i], "-v") == 0)
            r.verbose = true;
        else if (strcmp(argv[i], "-p") == 0)
            r.plain = true;
        else
            c = read_lines(&r, argv[i], &e);
    }
    (void)printf("%llu texts, %llu differ\n", (unsigned long long)r.texts,
                 (unsigned long long)r.differ);
    if (c)
        (void)fprintf(stderr, "%s\n", e.msg);
    jd_mk_release(&r.seen);
    jd_mk_release(&r.again);
    jd_buf_release(&r.markdown);
    jd_buf_release(&r.a);
    jd_buf_release(&r.b);
    jd_arena_free(r.arena);
    return c || r.differ ? 1 : 0;
}
