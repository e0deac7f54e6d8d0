/* store.h: the raw store, whatever its layout: which one it is, the sink that fills it, and
 * readers.
 *
 * - files: {PROJECT}/{KEY}.json, one an issue (sink/raw.h).
 * - pack: {PROJECT}/seg-000001.pack, many issues a file, their places in state.db (sink/pack.h). A
 *   file `.pack` in the raw folder says so, and which state.db it belongs to.
 * - What a reader gives is what is committed. */
#ifndef JD_SINK_STORE_H
#define JD_SINK_STORE_H

#include "sink/raw.h"

/* The sink of the layout that conf asks for; JD_LAYOUT_ANY: what is there, files when nothing is.
 */
jd_code jd_store_sink(const jd_raw_conf *conf, jd_sink *out, jd_err *e) JD_NODISCARD;

/* Whether a sink of this layout may write: the state and the folder are of it, and belong together.
 * JD_E_STATE tells what to do instead. */
/* One run at a time writes to a raw folder, whatever its state folder: takes the folder's lock,
 * makes the folder when missing, and gives its descriptor, whose closing lets go. JD_E_LOCKED. */
jd_code jd_store_lock(const char *raw_dir, int *fd, jd_err *e) JD_NODISCARD;
jd_code jd_store_fits(const jd_state *s, const char *raw_dir, jd_layout layout,
                      jd_err *e) JD_NODISCARD;
/* The name in `.pack`, in the arena; empty when there is none. */
jd_code jd_store_mark(jd_arena *a, const char *raw_dir, jd_str *out, jd_err *e) JD_NODISCARD;
jd_code jd_store_set_mark(const char *raw_dir, jd_str name, jd_err *e) JD_NODISCARD;

/* -- reading --------------------------------------------------------------------------------- */

typedef struct jd_store jd_store; /* belongs to one thread; its readers to one each */

/* The layout is what the folder says; state_dir is asked only for a packed one, whose index is
 * there. JD_E_NOTFOUND when that is missing, JD_E_STATE when it belongs to another folder. */
jd_code   jd_store_open(const char *raw_dir, const char *state_dir, jd_store **out,
                        jd_err *e) JD_NODISCARD;
void      jd_store_close(jd_store *s); /* NULL is fine */
jd_layout jd_store_layout(const jd_store *s);
/* Sorted, in the arena. */
jd_code jd_store_projects(jd_store *s, jd_arena *a, jd_names *out, jd_err *e) JD_NODISCARD;
bool    jd_store_has_project(jd_store *s, const char *project);

/* The issues of a project by number, eight bytes each. */
typedef struct jd_store_list {
    uint64_t *number;
    size_t    n;
    uint64_t  ignored; /* files whose name is no key of this project */
} jd_store_list;
jd_code jd_store_list_open(jd_store *s, const char *project, jd_store_list *out,
                           jd_err *e) JD_NODISCARD;
void    jd_store_list_close(jd_store_list *l);

/* Where an issue is, for people: "raw/A/A-1.json", or "A-1 in raw/A/seg-*.pack". */
jd_str jd_store_where(const jd_store *s, jd_arena *a, jd_str key);

typedef struct jd_store_reader jd_store_reader;

/* May be opened on, and belong to, another thread than the store's. max: the largest issue that is
 * read. */
jd_code jd_store_reader_open(const jd_store *s, size_t max, jd_store_reader **out,
                             jd_err *e) JD_NODISCARD;
void    jd_store_reader_close(jd_store_reader *r); /* NULL is fine */
/* The JSON; valid until the next call. JD_E_NOTFOUND: there is no such issue (any more);
 * JD_E_DATA, JD_E_TOOBIG: it cannot be read, the message says where it is; JD_E_IO. */
jd_code jd_store_read(jd_store_reader *r, jd_str key, jd_str *out, jd_err *e) JD_NODISCARD;
/* Reads in between look at one moment of a packed store's index, which is cheaper. Not for long:
 * the store's log grows meanwhile. */
void jd_store_hold(jd_store_reader *r);
void jd_store_let_go(jd_store_reader *r);

#endif
