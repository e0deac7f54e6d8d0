/* Given to clang-tidy in front of every source: what it cannot see across files, and so would take
 * for paths that do not exist. A failure never returns JD_OK. */
#include "base/err.h"

#define jd_fail(e, c, ...) (jd_fail((e), (c), __VA_ARGS__), (c) ? (c) : JD_E_INTERNAL)
#define jd_fail_sys(e, c, s, ...) \
    (jd_fail_sys((e), (c), (s), __VA_ARGS__), (c) ? (c) : JD_E_INTERNAL)
#define jd_wrap(e, ...) (jd_wrap((e), __VA_ARGS__), JD_E_INTERNAL)
