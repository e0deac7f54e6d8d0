/* A packed segment: frames are measured and decoded under a ceiling, and their text is cut into
 * issues, all of whose bytes stand in it once and in order. The whole is also taken for a frame,
 * and gets the seal that no chance would find. */
#include "sink/packread.h"
#include "sys/seal.h"
#include "sys/zip.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1 << 20 };

static void cut_text(jd_str text)
{
    jd_str      rest = text, issue;
    const char *last = text.p;
    while (jd_pack_cut(&rest, &issue)) {
        if (!issue.p)
            continue;
        if (issue.p < last || issue.n < 2 || issue.p + issue.n > text.p + text.n ||
            issue.p[0] != '{' || issue.p[issue.n - 1] != '}')
            abort();
        last = issue.p + issue.n;
    }
}

static void seal_and_decode(jd_unframer *u, jd_str frame, jd_buf *text)
{
    jd_buf b = JD_BUF_INIT(SIZE_MAX / 2);
    char   seal[JD_SEAL_BYTES];
    jd_err e;
    jd_seal_write(frame, seal);
    jd_buf_adds(&b, frame);
    jd_buf_add(&b, seal, sizeof seal);
    jd_buf_reset(text);
    if (!jd_unframe(u, jd_buf_view(&b), text, &e))
        cut_text(jd_buf_view(text));
    jd_buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_str       bytes = {(const char *)data, size};
    jd_buf       text  = JD_BUF_INIT(TEXT_MAX);
    jd_unframer *u     = jd_unframer_new();
    jd_frame     f;
    bool         cut;
    jd_err       e;
    cut_text(bytes);
    seal_and_decode(u, bytes, &text);
    while (bytes.n && !jd_frame_measure(bytes, &f, &cut, &e)) {
        if (!f.packed || f.packed > bytes.n)
            abort();
        jd_buf_reset(&text);
        if (!jd_unframe(u, bytes, &text, &e)) {
            if (text.n != f.content)
                abort();
            cut_text(jd_buf_view(&text));
        }
        bytes = jd_str_cut(bytes, f.packed, bytes.n);
    }
    jd_unframer_free(u);
    jd_buf_release(&text);
    return 0;
}
