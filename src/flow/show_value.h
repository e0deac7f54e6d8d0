/* show_value.h: the value of any of an issue's fields as a few words. */
#ifndef JD_FLOW_SHOW_VALUE_H
#define JD_FLOW_SHOW_VALUE_H

#include "corpus/body.h"
#include "text/jsonw.h"

/* Neither null nor an empty string, list or object. */
bool jd_show_is_set(const jd_json *v);

/* Appends what people call it: names of options, people, versions, sprints and issues, lists with
 * commas, documents as Markdown; JSON where there is no such thing. May hold any character. */
void jd_show_value(jd_buf *out, jd_bodies *bodies, const jd_json *v);

/* The same as JSON: numbers and truth values as they are, lists as lists, all else as what people
 * call it, or whole where there is no such thing. */
void jd_show_json(jd_jsonw *w, jd_bodies *bodies, const jd_json *v);

/* Appends s, white space as single blanks, at most `most` bytes of it and "…" for the rest. */
void jd_show_squeeze(jd_buf *out, jd_str s, size_t most);

#endif
