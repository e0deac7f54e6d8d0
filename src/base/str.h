/* str.h: a borrowed view of bytes.
 *
 * A jd_str never owns and is not NUL-terminated; it lives as long as the arena or buffer it points
 * into. p may be NULL only when n is 0. Data is passed as jd_str, never as bare char pointers. */
#ifndef JD_BASE_STR_H
#define JD_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct jd_str {
    const char *p;
    size_t      n;
} jd_str;

#define JD_STR(literal) ((jd_str){"" literal, sizeof(literal) - 1})
#define JD_STR_INIT(literal)            \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    } /* in static tables */
#define JD_NOSTR  ((jd_str){NULL, 0})
#define JD_FMT(s) (int)(s).n, (s).p /* printf("%.*s", JD_FMT(s)) */

jd_str jd_str_of(const char *c); /* view of a C string; NULL gives the empty view */
bool   jd_str_eq(jd_str a, jd_str b);
bool   jd_str_is(jd_str a, const char *b);
bool   jd_str_ieq(jd_str a, jd_str b); /* ASCII case folded */
int    jd_str_cmp(jd_str a, jd_str b); /* bytewise, shorter first */
bool   jd_str_starts(jd_str s, jd_str prefix);
bool   jd_str_ends(jd_str s, jd_str suffix);
jd_str jd_str_cut(jd_str s, size_t from, size_t n); /* clamped to s */
jd_str jd_str_trim(jd_str s);                       /* ASCII white space at both ends */
/* Offset of the first c or needle in s, or s.n when there is none. */
size_t jd_str_find(jd_str s, char c);
size_t jd_str_search(jd_str s, jd_str needle);
/* Take the next piece up to sep off the front of *rest; false when *rest is used up. */
bool jd_str_split(jd_str *rest, char sep, jd_str *piece);
/* Whole of s as a decimal number; false (and *out untouched) when it is not one or overflows. */
bool jd_str_u64(jd_str s, uint64_t *out);
bool jd_str_i64(jd_str s, int64_t *out);

/* What makes a word of so many: "" for one, else "s". */
const char *jd_s(uint64_t n);

/* Jira's names become paths, so they are checked first: a project key is [A-Z][A-Z0-9_]*, an issue
 * key is that, a dash and digits. */
bool jd_is_project_key(jd_str s);
bool jd_is_issue_key(jd_str s);
/* The project's part of an issue key ("HADOOP" of "HADOOP-12"), empty when s is no issue key. */
jd_str jd_key_project(jd_str s);
/* The number of an issue key (12 of "HADOOP-12"), 0 when s is no issue key. */
uint64_t jd_key_number(jd_str s);

#endif
