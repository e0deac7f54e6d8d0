/* issue.h: one issue as every floor above sees it: its identity, its two clocks and its JSON.
 *
 * - Identity is the numeric id (keys move). Times are epoch ms; `fetched` is the server's clock.
 * - Everything is borrowed from the arena that holds the tree, or from the page's bytes. */
#ifndef JD_MODEL_ISSUE_H
#define JD_MODEL_ISSUE_H

#include "base/arena.h"
#include "text/glance.h"

typedef struct jd_issue {
    uint64_t       id;
    jd_str         key, project; /* "HADOOP-12", "HADOOP" */
    int64_t        created_ms, updated_ms, fetched_ms;
    int            offset_min; /* of the dates, as written: the account's offset at `created` */
    int            updated_offset_min;
    uint64_t       hash; /* of the meaning, without what is the reader's own (lastViewed, …) */
    jd_str         raw;  /* Jira's own JSON, complete */
    const jd_json *doc;
    const jd_json *beside; /* what is kept beside it (sink/extras.h); NULL: nothing */
} jd_issue;

/* Reads identity and clocks. JD_E_DATA says what is wrong with it ("no id", "key '../x' cannot be a
 * file name", "updated is no date"): such an issue belongs in quarantine. What could be read (id,
 * key) is set even then. `hash` and `fetched_ms` are left to the caller. */
jd_code  jd_issue_view(const jd_json *doc, jd_str raw, jd_issue *out, jd_err *e) JD_NODISCARD;
uint64_t jd_issue_hash(const jd_json *doc);

/* The same without a tree, of the issue that the bytes begin with, and the hash with it;
 * *cut_short: a list below has fewer items than its total. The issue's length; 0 for all that is
 * out of the ordinary, bad or not: jd_json_read and jd_issue_view know. `met` as for jd_glance. */
size_t jd_issue_glance(jd_str bytes, jd_met *met, jd_issue *out, bool *cut_short);

/* The lists that Jira embeds in an issue and may cut short (jira-api section 10.1). */
typedef enum jd_child { JD_COMMENTS, JD_WORKLOGS, JD_HISTORIES, JD_NCHILD } jd_child;
typedef struct jd_child_kind {
    const char *name; /* "comments": what people call it and its member in the list object */
    const char
        *holder;      /* dotted path of the object with startAt, maxResults, total, and the list */
    const char *list; /* member with the items */
    const char *path; /* below /issue/{id}: "/comment"; NULL: only with the issue itself */
} jd_child_kind;
extern const jd_child_kind jd_children[JD_NCHILD];

typedef struct jd_child_state {
    bool    present;
    size_t  have;
    int64_t total;
} jd_child_state;
/* What came of one kind of child. It was cut short when total > have. */
jd_child_state jd_issue_children(const jd_json *doc, jd_child kind);

/* The issue again, with the lists in `items` (raw JSON of each item, NULL pointer: leave as it is)
 * in place of the embedded ones; startAt 0, maxResults the number of items, total as given. Every
 * other byte of meaning and the key order stay. */
typedef struct jd_child_list {
    const jd_json *const *item; /* NULL: not replaced */
    size_t                n;
    int64_t               total;
} jd_child_list;
void jd_issue_complete(jd_buf *out, const jd_json *doc, const jd_child_list lists[JD_NCHILD]);

#endif
