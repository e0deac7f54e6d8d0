/* outfile.h: a file written piece by piece that appears whole or not at all.
 *
 * - Bytes go to a temporary file beside it, ".<name>.part"; commit makes them durable and renames.
 *   Until then the old file stays as it is, however the process ends; a temporary file that a
 *   killed run left is used again.
 * - The temporary file is locked: a second writer of the same file gets JD_E_LOCKED.
 * - What is no regular file (a pipe, /dev/null), and "-" for standard output, is written directly.
 */
#ifndef JD_FLOW_OUTFILE_H
#define JD_FLOW_OUTFILE_H

#include "base/err.h"
#include "base/str.h"

typedef struct jd_outfile {
    int   fd;   /* -1: not open */
    char *path; /* where it will be, symbolic links resolved */
    char *temp; /* NULL: written directly */
} jd_outfile;

#define JD_OUTFILE_NONE ((jd_outfile){.fd = -1})

/* Makes the folder when it is missing. */
jd_code jd_outfile_open(jd_outfile *o, const char *path, jd_err *e) JD_NODISCARD;
jd_code jd_outfile_write(jd_outfile *o, jd_str data, jd_err *e) JD_NODISCARD;
/* Makes the bytes durable, not yet visible: what can fail for want of room fails here. */
jd_code jd_outfile_sync(jd_outfile *o, jd_err *e) JD_NODISCARD;
/* After sync: makes them visible under the name. */
jd_code jd_outfile_publish(jd_outfile *o, jd_err *e) JD_NODISCARD;
/* Drops what was not published; never fails, and may be called at any time. */
void jd_outfile_close(jd_outfile *o);

#endif
