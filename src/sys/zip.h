/* zip.h: compressed streams: gzip (zlib) and zstd, written deterministically (gzip mtime 0, no
 * name) and read with a ceiling on what comes out. */
#ifndef JD_SYS_ZIP_H
#define JD_SYS_ZIP_H

#include "base/buf.h"

typedef enum jd_zip { JD_ZIP_NONE, JD_ZIP_GZIP, JD_ZIP_ZSTD } jd_zip;

/* A compressor: bytes in, compressed bytes appended to out. end closes the frame. */
typedef struct jd_zipper jd_zipper;
jd_zipper *jd_zipper_new(jd_zip kind, int level); /* level 0: the default (zstd 3, gzip 6) */
void       jd_zipper_free(jd_zipper *z);
jd_code    jd_zipper_add(jd_zipper *z, jd_str in, jd_buf *out, jd_err *e) JD_NODISCARD;
jd_code    jd_zipper_end(jd_zipper *z, jd_buf *out, jd_err *e) JD_NODISCARD;

/* One zstd frame that tells the size of its content, of a zipper of that kind that has nothing in
 * hand, and its seal: a skippable frame with the hash of the frame's bytes. zstd's own checksum is
 * one of the content, ten times as many bytes, and costs a quarter of the time. Appended to out. */
jd_code jd_zipper_frame(jd_zipper *z, jd_str in, jd_buf *out, jd_err *e) JD_NODISCARD;

/* Such frames back, and those that zstd itself checks. Any bytes may be given: what is no whole
 * frame, or one without its size, or with neither seal nor checksum, is JD_E_DATA. */
typedef struct jd_frame {
    size_t   packed;  /* bytes of the frame and its seal */
    uint64_t content; /* bytes of what it holds, as it says */
} jd_frame;
/* The frame that bytes begin with; *cut: the bytes end before the frame does. */
jd_code jd_frame_measure(jd_str bytes, jd_frame *out, bool *cut, jd_err *e) JD_NODISCARD;
typedef struct jd_unframer jd_unframer;
jd_unframer               *jd_unframer_new(void);
void                       jd_unframer_free(jd_unframer *u); /* NULL is fine */
/* The content of the frame that bytes begin with, appended to out (whose ceiling applies before
 * anything is decoded: JD_E_TOOBIG). */
jd_code jd_unframe(jd_unframer *u, jd_str bytes, jd_buf *out, jd_err *e) JD_NODISCARD;

/* What the bytes look like by their magic number. */
jd_zip jd_zip_detect(jd_str head);

/* Lines of a plain, gzipped or zstd file; the kind is detected. Multi-member gzip and several zstd
 * frames are read through. */
typedef struct jd_lines jd_lines;
jd_code jd_lines_open(const char *path, size_t max_line, jd_lines **out, jd_err *e) JD_NODISCARD;
/* The same of an open file or pipe, which is closed with the lines; name is for messages. */
jd_code jd_lines_open_fd(int fd, const char *name, size_t max_line, jd_lines **out,
                         jd_err *e) JD_NODISCARD;
/* Next line without its end; p NULL at the end. Valid until the next call. Over max_line:
 * JD_E_TOOBIG. */
jd_code jd_lines_next(jd_lines *l, jd_str *line, jd_err *e) JD_NODISCARD;
void    jd_lines_close(jd_lines *l);

#endif
