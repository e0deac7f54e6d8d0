/* Runs a fuzz target over files: each argument is one, or a folder of them. For builds without
 * libFuzzer. Fails when there is nothing to run. */
#include "base/arena.h"
#include "base/buf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t runs;

static bool run_file(const char *path)
{
    jd_buf b = JD_BUF_INIT(64u << 20);
    char   chunk[65536];
    FILE  *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return false;
    }
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        jd_buf_add(&b, chunk, n);
    (void)fclose(f);
    /* a block of exactly this size, so that a sanitizer sees the first byte beyond */
    uint8_t *data = jd_xmalloc(b.n);
    if (b.n)
        memcpy(data, b.p, b.n);
    (void)LLVMFuzzerTestOneInput(data, b.n);
    free(data);
    jd_buf_release(&b);
    runs++;
    return true;
}

static bool run_path(const char *path)
{
    DIR *folder = opendir(path);
    bool ok     = true;
    if (!folder)
        return run_file(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        jd_buf b = JD_BUF_INIT(4096);
        if (entry->d_name[0] != '.') {
            jd_buf_addf(&b, "%s/%s", path, entry->d_name);
            ok &= run_path(jd_buf_cstr(&b));
        }
        jd_buf_release(&b);
    }
    (void)closedir(folder);
    return ok;
}

int main(int argc, char **argv)
{
    bool ok = true;
    for (int i = 1; i < argc; i++)
        ok &= run_path(argv[i]);
    (void)printf("%zu inputs\n", runs);
    return ok && runs ? 0 : 1;
}
