/* record.h: one issue as one line of the corpus, in exactly this shape and order:
 *   {"metadata":{issue_key,project,title,status,priority,reporter,assignee,created,updated,
 *   resolution},"description","comments":[{author,body,created}],
 *   "tasks":{summarization,classification,qa}}
 * with "environment" behind the description when it was asked for.
 * null where Jira has none, and for a task that could not be made. Dates are UTC,
 * "2024-01-15T10:30:00Z". */
#ifndef JD_CORPUS_RECORD_H
#define JD_CORPUS_RECORD_H

#include "corpus/task.h"

/* Appends the record and a newline; `made` gets what became of each task. The buffer's ceiling
 * applies (jd_buf_ok). */
void jd_record_write(jd_buf *out, const jd_view *v, jd_task_room *room, jd_skip made[JD_NTASKS]);

#endif
