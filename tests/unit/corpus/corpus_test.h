/* corpus_test.h: an issue from a C string to a view or a record. Single quotes stand for double
 * ones in the JSON of these tests. */
#ifndef JD_CORPUS_TEST_H
#define JD_CORPUS_TEST_H

#include "corpus/record.h"

/* cmocka.h wants the others before it. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdlib.h>
#include <string.h>

typedef struct world {
    jd_arena    *arena;
    jd_buf       scratch, line;
    jd_task_room room;
    jd_bodies    bodies; /* wiki: what goes in comes out */
    jd_view      view;
    jd_skip      made[JD_NTASKS];
} world;

static inline int world_in(void **state)
{
    world *w       = calloc(1, sizeof *w);
    w->arena       = jd_arena_new(0);
    w->bodies.form = JD_MK_WIKI;
    w->scratch = w->line = (jd_buf)JD_BUF_INIT(1 << 26);
    w->room.text = w->room.words = w->room.more = (jd_buf)JD_BUF_INIT(1 << 26);
    *state                                      = w;
    return 0;
}

static inline int world_out(void **state)
{
    world *w = *state;
    jd_arena_free(w->arena);
    jd_buf_release(&w->scratch);
    jd_bodies_release(&w->bodies);
    jd_buf_release(&w->line);
    jd_task_room_release(&w->room);
    free(w);
    return 0;
}

static inline const jd_json *json_of(world *w, const char *quoted)
{
    const jd_json *doc;
    jd_err         e    = JD_ERR_NONE;
    char          *text = jd_arena_cstr(w->arena, jd_str_of(quoted));
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    if (jd_json_read(w->arena, jd_str_of(text), &doc, &e))
        fail_msg("%s: %s", e.msg, text);
    return doc;
}

static inline jd_code view_of(world *w, const char *quoted, bool restricted, jd_err *e)
{
    *e                           = JD_ERR_NONE;
    w->bodies.include_restricted = restricted;
    return jd_view_read(w->arena, &w->scratch, &w->bodies, json_of(w, quoted), &w->view, e);
}

/* The record as a tree; the line itself is w->line. */
static inline const jd_json *record_with(world *w, const char *quoted, bool restricted)
{
    jd_err         e;
    const jd_json *doc;
    assert_int_equal(view_of(w, quoted, restricted, &e), JD_OK);
    jd_buf_reset(&w->line);
    jd_record_write(&w->line, &w->view, &w->room, w->made);
    assert_true(jd_buf_ok(&w->line));
    assert_int_equal(w->line.p[w->line.n - 1], '\n');
    assert_int_equal(jd_json_read(w->arena, jd_buf_view(&w->line), &doc, &e), JD_OK);
    return doc;
}

static inline const jd_json *record_of(world *w, const char *quoted)
{
    return record_with(w, quoted, false);
}

static inline const char *text_at(world *w, const jd_json *doc, const char *path)
{
    const jd_json *v = jd_json_path(doc, path);
    return jd_json_is_str(v) ? jd_arena_cstr(w->arena, jd_json_str(v)) : NULL;
}

#define assert_text(w, doc, path, want)               \
    do {                                              \
        const char *got_ = text_at((w), (doc), path); \
        assert_non_null(got_);                        \
        assert_string_equal(got_, (want));            \
    } while (0)

#endif
