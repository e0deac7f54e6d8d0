/* summarization: from what people wrote to what became of it.
 *
 * input   the description and every human comment in order of time, a blank line between them
 * output  "title - status: resolution"; without ": resolution" when unresolved
 *
 * Lines of the input that say just the title are left out, so that the target is not copied from
 * them. No task when nothing is left, or when what is left is shorter than the target: there is
 * nothing to summarise. */
#include "corpus/input.h"
#include "corpus/text.h"

static bool is_title(jd_str line, jd_str title_words, jd_buf *words)
{
    enum { FIRST = 8 }; /* most lines are told by their first bytes */
    if (title_words.n == 0 || line.n < title_words.n || line.n > title_words.n * 2 + 16)
        return false;
    jd_buf_reset(words);
    jd_text_words(words, jd_str_cut(line, 0, FIRST));
    if (!jd_str_starts(title_words, jd_buf_view(words)))
        return false;
    jd_buf_reset(words);
    jd_text_words(words, line);
    return jd_str_eq(jd_buf_view(words), title_words);
}

typedef struct source {
    jd_input in;
    jd_str   title_words;
    jd_buf  *words;
} source;

/* Lines that stand together; in front of the first of a text goes an empty one. */
static void add_lines(jd_input *in, bool begun, const char *from, const char *end, int64_t text)
{
    if (in->n)
        jd_input_add(in, begun ? JD_STR("\n") : JD_STR("\n\n"), JD_INPUT_GLUE);
    jd_input_add(in, (jd_str){from, (size_t)(end - from)}, text);
}

static void add_without_title(source *s, jd_str whole, int64_t text)
{
    jd_str      rest = jd_str_trim(whole), line;
    const char *from = NULL, *end = NULL; /* lines that are still to be added */
    bool        begun = false;
    while (jd_text_line(&rest, &line)) {
        if (!is_title(line, s->title_words, s->words)) {
            from = from ? from : line.p;
            end  = line.p + line.n;
        } else if (from) {
            add_lines(&s->in, begun, from, end, text);
            begun = true;
            from  = NULL;
        }
    }
    if (from)
        add_lines(&s->in, begun, from, end, text);
}

static void add_target(jd_buf *out, const jd_view *v)
{
    jd_buf_adds(out, jd_str_trim(v->title));
    if (v->status.n) {
        jd_buf_addz(out, " - ");
        jd_buf_adds(out, v->status);
    }
    if (v->resolution.n) {
        jd_buf_addz(out, v->status.n ? ": " : " - ");
        jd_buf_adds(out, v->resolution);
    }
}

jd_skip jd_task_summarization(const jd_view *v, jd_task_room *room, jd_jsonw *out)
{
    if (jd_text_blank(v->title))
        return JD_NO_TITLE;
    jd_buf_reset(&room->more);
    jd_text_words(&room->more, v->title);
    jd_jsonw_object(out);
    jd_jsonw_kstr(out, "task", JD_STR("summarization"));
    jd_jsonw_name(out, "input");
    source s = {jd_input_begin(out, v, room), jd_buf_view(&room->more), &room->words};
    add_without_title(&s, v->description, 0);
    for (size_t i = 0; i < v->n_remarks; i++)
        if (v->remark[i].human)
            add_without_title(&s, v->remark[i].body, (int64_t)i + 1);
    size_t n = jd_input_end(&s.in);
    if (n == 0)
        return JD_NO_TEXT;
    jd_buf_reset(&room->more);
    add_target(&room->more, v);
    if (n < room->more.n)
        return JD_SHORT_INPUT;
    jd_jsonw_kstr(out, "output", jd_buf_view(&room->more));
    jd_jsonw_end(out);
    return JD_MADE;
}
