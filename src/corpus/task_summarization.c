/* summarization: from what people wrote to what became of it.
 *
 * input   the description and every human comment in order of time, a blank line between them
 * output  "title - status: resolution"; without ": resolution" when unresolved
 *
 * Lines of the input that say just the title are left out, so that the target is not copied from
 * them. No task when nothing is left, or when what is left is shorter than the target: there is
 * nothing to summarise. */
#include "corpus/task.h"
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

/* Appends lines that stand together in a text of which nothing is before `begin`. */
static void add_lines(jd_buf *out, size_t begin, const char *from, const char *end)
{
    if (out->n > begin)
        jd_buf_addc(out, '\n');
    else if (begin > 0)
        jd_buf_addz(out, "\n\n");
    else
        while (from < end && *from == '\n')
            from++;
    jd_buf_add(out, from, (size_t)(end - from));
}

static void add_without_title(jd_buf *out, jd_str text, jd_str title_words, jd_buf *words)
{
    jd_str      rest = jd_str_trim(text), line;
    const char *from = NULL, *end = NULL; /* lines that are still to be added */
    size_t      begin = out->n;
    while (jd_text_line(&rest, &line)) {
        if (!is_title(line, title_words, words)) {
            from = from ? from : line.p;
            end  = line.p + line.n;
        } else if (from) {
            add_lines(out, begin, from, end);
            from = NULL;
        }
    }
    if (from)
        add_lines(out, begin, from, end);
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
    jd_buf_reset(&room->text);
    jd_buf_reset(&room->more);
    jd_text_words(&room->more, v->title);
    jd_str title_words = jd_buf_view(&room->more);
    add_without_title(&room->text, v->description, title_words, &room->words);
    for (size_t i = 0; i < v->n_remarks; i++)
        if (v->remark[i].human)
            add_without_title(&room->text, v->remark[i].body, title_words, &room->words);
    jd_str input = jd_str_trim(jd_buf_view(&room->text));
    if (input.n == 0)
        return JD_NO_TEXT;
    jd_buf_reset(&room->more);
    add_target(&room->more, v);
    jd_str output = jd_buf_view(&room->more);
    if (input.n < output.n)
        return JD_SHORT_INPUT;
    jd_jsonw_object(out);
    jd_jsonw_kstr(out, "task", JD_STR("summarization"));
    jd_jsonw_kstr(out, "input", input);
    jd_jsonw_kstr(out, "output", output);
    jd_jsonw_end(out);
    return JD_MADE;
}
