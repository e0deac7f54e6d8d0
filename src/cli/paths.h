/* paths.h: the rows of the folders that several commands take, written once: name, key and default
 * are the same everywhere, the words are the command's. `args` is the struct that the table fills.
 */
#ifndef JD_CLI_PATHS_H
#define JD_CLI_PATHS_H

#include "sys/opt.h"

#include <stddef.h>

/* clang-format off */
#define JD_PATH_ROW(args, member, flag, yaml, folder, words)                                       \
    {.name = flag, .key = yaml, .arg = "DIR", .dflt = folder, .kind = JD_OPT_PATH,                 \
     .at = offsetof(args, member), .help = words}
/* clang-format on */

#define JD_OPT_RAW_DIR(args, words) \
    JD_PATH_ROW(args, raw_dir, "raw-dir", "paths.raw", "data/raw", words)
#define JD_OPT_STATE_DIR(args, words) \
    JD_PATH_ROW(args, state_dir, "state-dir", "paths.state", "data/state", words)
#define JD_OPT_QUARANTINE_DIR(args, words)                                                     \
    JD_PATH_ROW(args, quarantine_dir, "quarantine-dir", "paths.quarantine", "data/quarantine", \
                words)

#endif
