/* adf_read.h: a document that a client sends, as wiki markup. Pure. */
#ifndef SIM_ADF_READ_H
#define SIM_ADF_READ_H

#include "base/buf.h"
#include "text/json.h"

enum { SIM_ADF_READ_DEPTH = 32 };

/* False when it is no document as Jira takes it: a wrong type or version, a node without a type, an
 * empty text, too deep. Paragraphs, lists, headings, code and plain marks keep their meaning; of
 * others the text stays. */
bool sim_adf_read(jd_buf *out, const jd_json *document);

#endif
