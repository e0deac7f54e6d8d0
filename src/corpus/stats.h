/* stats.h: what is in a corpus, and what became of the issues on the way into it.
 *
 * - Filled issue by issue, from a run (jd_stats_issue) or from a corpus file (jd_stats_line); parts
 *   are merged in order and give the same result whatever the threads.
 * - Memory is bounded: names beyond JD_TALLY_NAMES are counted together. */
#ifndef JD_CORPUS_STATS_H
#define JD_CORPUS_STATS_H

#include "corpus/tally.h"
#include "corpus/task.h"

/* Counts per name. */
#define JD_STATS_TABLES(X)        \
    X(PROJECTS, "projects")       \
    X(STATUSES, "statuses")       \
    X(TYPES, "types")             \
    X(PRIORITIES, "priorities")   \
    X(RESOLUTIONS, "resolutions") \
    X(YEARS, "years")

/* Sizes in bytes. */
#define JD_STATS_SIZES(X)         \
    X(DESCRIPTION, "description") \
    X(COMMENT, "comment")         \
    X(RECORD, "record")

/* What only the run that made the corpus knows. */
#define JD_STATS_COUNTS(X)                                                  \
    X(READ, "issues_read", "issues read")                                   \
    X(SECURED, "issues_restricted", "issues left out (security level)")     \
    X(BAD_FILES, "bad_files", "files that are no issue (quarantined)")      \
    X(IGNORED, "ignored_files", "files passed over (name is no issue key)") \
    X(VANISHED, "vanished_files", "files that went away meanwhile")         \
    X(RESTRICTED, "comments_restricted", "comments left out (restricted)")  \
    X(BOTS, "comments_by_bots", "comments by bots (kept, in no task)")      \
    X(BAD_DATES, "bad_dates", "dates that cannot be read")

typedef enum jd_stats_table {
#define X(id, name) JD_STATS_##id,
    JD_STATS_TABLES(X)
#undef X
        JD_STATS_NTABLES
} jd_stats_table;
typedef enum jd_stats_size {
#define X(id, name) JD_SIZE_##id,
    JD_STATS_SIZES(X)
#undef X
        JD_NSIZES
} jd_stats_size;
typedef enum jd_stats_count {
#define X(id, name, text) JD_COUNT_##id,
    JD_STATS_COUNTS(X)
#undef X
        JD_NCOUNTS
} jd_stats_count;

typedef struct jd_stats {
    bool     of_run; /* counts and skip reasons are known */
    uint64_t records, comments;
    uint64_t count[JD_NCOUNTS];
    jd_tally table[JD_STATS_NTABLES];
    jd_sizes size[JD_NSIZES];
    uint64_t skip[JD_NTASKS][JD_NSKIPS]; /* [JD_MADE]: made */
    uint64_t absent[JD_NTASKS];          /* null in a corpus file, reason not known */
} jd_stats;

jd_stats *jd_stats_new(bool of_run);
void      jd_stats_free(jd_stats *s); /* NULL is fine */
void      jd_stats_merge(jd_stats *into, const jd_stats *from);

/* An issue that became a record of so many bytes. Its bad dates, bots and restricted comments are
 * added too. */
void jd_stats_issue(jd_stats *s, const jd_view *v, const jd_skip made[JD_NTASKS],
                    size_t record_bytes);
/* A line of a corpus. JD_E_DATA when it is no record. The type is read from the classification. */
jd_code jd_stats_line(jd_stats *s, jd_arena *a, jd_str line, jd_err *e) JD_NODISCARD;

/* As JSON, ended by a newline; as aligned tables for people; and the verdict of a run: what was
 * read, written and left out, and the tasks with the reasons why there is none. */
void jd_stats_json(jd_buf *out, const jd_stats *s);
void jd_stats_text(jd_buf *out, const jd_stats *s, size_t columns);
void jd_stats_verdict(jd_buf *out, const jd_stats *s);

#endif
