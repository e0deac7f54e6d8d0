/* body.h: the rich texts of one issue as the corpus shows them: Data Center's wiki markup (a
 * string) and Cloud's documents (an object) become plain text, Markdown, or stay wiki markup.
 *
 * - Mentions are shown by the display names that the issue itself tells: of its reporter, assignee
 *   and creator, and of who commented, logged work or changed it; by login, key or account id. Who
 *   appears only in what is restricted stays unknown unless that was asked for.
 * - Files are named as the issue's attachments are. */
#ifndef JD_CORPUS_BODY_H
#define JD_CORPUS_BODY_H

#include "base/vec.h"
#include "markup/markup.h"

typedef struct jd_named { /* what an id or a name in a text stands for */
    jd_str id, shown;
} jd_named;

typedef struct jd_named_list {
    JD_VEC(jd_named) of;
    bool known; /* collected for this issue */
} jd_named_list;

/* Kept from issue to issue; zeroed at first. */
typedef struct jd_bodies {
    jd_mk_form form; /* JD_MK_PLAIN, JD_MK_MARKDOWN or JD_MK_WIKI */
    bool       include_restricted;
    bool       environment; /* is wanted, too */
    /* private */
    const jd_json *issue;
    jd_arena      *arena;
    jd_buf        *scratch;
    jd_mk_doc      doc;
    jd_named_list  people, files;
} jd_bodies;

/* From now on bodies are those of `issue`. scratch is overwritten by each. */
void jd_bodies_of(jd_bodies *b, jd_arena *a, jd_buf *scratch, const jd_json *issue);
/* Memory that a huge issue took goes back. */
void jd_bodies_tidy(jd_bodies *b);
void jd_bodies_release(jd_bodies *b);

/* `visibility` names a role or group; `jsdPublic: false` is a service desk's internal note. */
bool jd_is_restricted(const jd_json *visibility, const jd_json *jsd_public);

/* The text of a body, in the arena or the issue's tree; JD_NOSTR when it is neither a string nor an
 * object. *wiki (may be NULL) gets the same as wiki markup, which still tells code and quotes from
 * prose. */
jd_str jd_body(jd_bodies *b, const jd_json *body, jd_str *wiki);

#endif
