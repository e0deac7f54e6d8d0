/* input.h: the input of a task, written while it is put together out of texts of the issue.
 *
 * - White space at both ends of the whole is left out.
 * - A text that the record holds already, whole but for white space at its ends, is not escaped
 *   again: its bytes are copied from there.
 * - Texts are told by number: 0 is the description, i + 1 the comment i. */
#ifndef JD_CORPUS_INPUT_H
#define JD_CORPUS_INPUT_H

#include "corpus/task.h"

enum { JD_INPUT_GLUE = -1 };

typedef struct jd_input {
    jd_jsonw           *w;
    const jd_view      *v;
    const jd_task_room *room;
    size_t              n;       /* bytes before escaping, since the first that is no white space */
    size_t              kept;    /* the same up to the last one */
    size_t              written; /* where the writer's buffer ends with that */
} jd_input;

/* Opens the string: a member's name or an array's element goes before. */
jd_input jd_input_begin(jd_jsonw *w, const jd_view *v, const jd_task_room *room);
/* s is part of the text of that number, or glue. */
void jd_input_add(jd_input *in, jd_str s, int64_t text);
/* Closes the string. The bytes that it has before escaping. */
size_t jd_input_end(jd_input *in);

#endif
