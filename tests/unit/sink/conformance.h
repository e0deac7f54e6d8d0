/* conformance.h: what every sink must do (sink/sink.h), checked in the same way for all of them:
 * one story in batches (new, changed, moved, unchanged, older, removed issues), told once
 * undisturbed, then once for every crash point and every passing of it: a child process ends there
 * as by kill -9, and the story goes on in another process. */
#ifndef TESTS_SINK_CONFORMANCE_H
#define TESTS_SINK_CONFORMANCE_H

#include "sink/sink.h"

typedef struct sink_under_test {
    const char *name;
    jd_code (*open)(const char *dir, jd_sink *out, jd_err *e);
    /* Everything the sink holds, as text that is equal when the end states are equal. */
    void (*snapshot)(const char *dir, jd_buf *out);
    const char *const *points; /* its crash points, NULL-terminated */
    bool               late;   /* commits in two steps: each batch is settled behind the next one */
} sink_under_test;

/* In main, before anything else: true when this process is a child that has done its part. Of two
 * that differ in `late` either may be given. */
bool conformance_child(const sink_under_test *sut, int argc, char **argv, int *status);

/* cmocka tests; *state is the sink_under_test. */
void conformance_crash_everywhere(void **state);
void conformance_abort_leaves_nothing(void **state);
void conformance_close_is_abort(void **state);
void conformance_replay_is_harmless(void **state);
void conformance_older_never_overwrites(void **state);
void conformance_write_borrows(void **state);
void conformance_holds_what_was_written(void **state);
void conformance_a_late_page_does_not_bring_a_moved_issue_back(void **state);
void conformance_only_the_last_scope_removes(void **state);

#endif
