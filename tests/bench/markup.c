/* markup wiki|adf FILE [PASSES]: a batch of documents, one JSON object a line, read as rich text
 * and written as Markdown. In one process and thread, the file in memory before the clock starts;
 * each pass parses the lines as JSON again and throws its output away. Prints the median megabytes
 * (1e6) of markup or of ADF a second; for ADF the whole line is the document. With "yyjson" the
 * lines are parsed and no more; with "read-wiki" and "read-adf" nothing is written. */
#include "markup/markup.h"

#include "sys/file.h"
#include "text/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yyjson.h>

typedef enum what { WIKI, ADF, PARSE } what;

typedef struct batch {
    what      what;
    bool      write;
    jd_str    lines;
    jd_arena *a;
    jd_mk_doc doc;
    jd_buf    out;
    size_t    in, written;
} batch;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void one(batch *b, jd_str line)
{
    const jd_json *root;
    jd_err         e = JD_ERR_NONE;
    if (b->what == PARSE) {
        yyjson_doc *doc = yyjson_read(line.p, line.n, 0);
        if (!doc)
            exit(1);
        b->in += line.n;
        yyjson_doc_free(doc);
        return;
    }
    jd_arena_reset(b->a);
    if (jd_json_read(b->a, line, &root, &e) != JD_OK) {
        (void)fprintf(stderr, "markup: %s\n", e.msg);
        exit(1);
    }
    if (b->what == WIKI) {
        jd_str text = jd_json_str(jd_json_get(root, "input"));
        b->in += text.n;
        jd_read_wiki(&b->doc, text);
    } else {
        b->in += line.n;
        jd_read_adf(&b->doc, jd_json_get(root, "adf"));
    }
    if (!b->write)
        return;
    jd_buf_reset(&b->out);
    jd_write_markdown(&b->out, &b->doc);
    b->written += b->out.n;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool load(jd_str *bytes, const char *path)
{
    static jd_buf buf = JD_BUF_INIT(256 << 20);
    jd_err        e   = JD_ERR_NONE;
    if (jd_file_read(path, &buf, &e) != JD_OK) {
        (void)fprintf(stderr, "markup: %s\n", e.msg);
        return false;
    }
    *bytes = jd_buf_view(&buf);
    return true;
}

int main(int argc, char **argv)
{
    enum { MOST = 99 };
    batch  b     = {.a = jd_arena_new(1 << 20), .out = JD_BUF_INIT(64 << 20), .write = true};
    int    count = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 5;
    double speed[MOST];
    if (argc < 3 || count < 1 || count > MOST || !load(&b.lines, argv[2]))
        return 64;
    const char *kind = argv[1];
    if (strncmp(kind, "read-", 5) == 0) {
        b.write = false;
        kind += 5;
    }
    b.what = strcmp(kind, "wiki") == 0 ? WIKI : strcmp(kind, "adf") == 0 ? ADF : PARSE;
    b.doc  = (jd_mk_doc)JD_MK_DOC_INIT(b.a);
    for (int i = 0; i < count; i++) {
        jd_str rest = b.lines, line;
        b.in = b.written = 0;
        double begun     = now();
        while (jd_str_split(&rest, '\n', &line))
            if (line.n)
                one(&b, line);
        speed[i] = (double)b.in / 1e6 / (now() - begun);
    }
    qsort(speed, (size_t)count, sizeof *speed, by_value);
    (void)printf("%.1f %zu %zu\n", speed[count / 2], b.in, b.written);
    jd_mk_release(&b.doc);
    jd_buf_release(&b.out);
    jd_arena_free(b.a);
    return 0;
}
