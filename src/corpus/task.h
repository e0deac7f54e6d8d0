/* task.h: the derived tasks, as a table. A task is one file, task_<name>.c, with one function, and
 * one row below; the record, the statistics and the verdict read the table.
 *
 * - A build function is pure. It writes its object to `out` and returns JD_MADE, or returns why
 * there is none; what it wrote is then taken back, the record holds null and the reason is counted.
 * - Bots' comments and restricted ones never reach a task's text. */
#ifndef JD_CORPUS_TASK_H
#define JD_CORPUS_TASK_H

#include "base/vec.h"
#include "corpus/view.h"
#include "text/jsonw.h"

/* In the record's order. */
#define JD_TASKS(X)   \
    X(summarization)  \
    X(classification) \
    X(qa)

/* Why there is no task: the name that is counted, and the words for people. */
#define JD_SKIPS(X)                                                                      \
    X(MADE, "made", "made")                                                              \
    X(NO_TITLE, "no_title", "the issue has no title")                                    \
    X(NO_TEXT, "no_text", "no description and no comment of a person")                   \
    X(SHORT_INPUT, "shorter_than_target", "the text is shorter than its summary")        \
    X(NO_LABELS, "no_labels", "no type, priority or status")                             \
    X(UNRESOLVED, "unresolved", "the issue has no resolution")                           \
    X(NO_RESOLUTION_TIME, "no_resolution_time", "nothing says when it was resolved")     \
    X(NO_HUMAN_COMMENT, "no_human_comment", "no comment of a person")                    \
    X(NO_COMMENT_IN_WINDOW, "no_comment_in_window", "no comment near the resolution")    \
    X(BELOW_THRESHOLD, "below_threshold", "no comment shows that it resolved the issue") \
    X(ANSWER_IN_CONTEXT, "answer_in_context", "the answer stands in the description")

typedef enum jd_skip {
#define X(id, name, text) JD_##id,
    JD_SKIPS(X)
#undef X
        JD_NSKIPS
} jd_skip;

typedef enum jd_task_id {
#define X(name) JD_TASK_##name,
    JD_TASKS(X)
#undef X
        JD_NTASKS
} jd_task_id;

/* Where a text stands in the record's buffer, escaped and without its quotes. */
typedef struct jd_span {
    size_t at, n;
} jd_span;

/* Reused from issue to issue; nothing in it outlives a call. */
typedef struct jd_task_room {
    jd_buf text, words, more;
    JD_VEC(jd_span) said; /* the description and each comment; empty outside of jd_record_write */
} jd_task_room;

void jd_task_room_release(jd_task_room *room);

typedef struct jd_task {
    const char *name;
    jd_skip (*build)(const jd_view *v, jd_task_room *room, jd_jsonw *out);
} jd_task;

extern const jd_task jd_tasks[JD_NTASKS];

const char *jd_skip_name(jd_skip s); /* "below_threshold" */
const char *jd_skip_text(jd_skip s);

#define X(name) jd_skip jd_task_##name(const jd_view *v, jd_task_room *room, jd_jsonw *out);
JD_TASKS(X)
#undef X

#endif
