/* adf_names.h: the words of Atlassian's document format that stand in tables. Private to the
 * reader. */
#ifndef JD_MARKUP_ADF_NAMES_H
#define JD_MARKUP_ADF_NAMES_H

#include "markup/doc.h"

typedef enum jd_adf_mark {
    JD_ADF_MARK_UNKNOWN,
    JD_ADF_MARK_PLAIN, /* bits */
    JD_ADF_MARK_SUBSUP,
    JD_ADF_MARK_LINK,
    JD_ADF_MARK_SILENT /* colour, alignment and the like: nothing in any form we write */
} jd_adf_mark;

jd_adf_mark jd_adf_mark_of(jd_str name, unsigned *bits);

/* Panel type by name; CUSTOM for one not known. */
jd_mk_panel jd_adf_panel_of(jd_str name);
/* Glyph of one of Atlassian's own emoji by its short name without colons; empty when not known. */
jd_str jd_adf_emoji(jd_str name);

#endif
