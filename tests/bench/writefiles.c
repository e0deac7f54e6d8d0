/* writefiles SOURCE TARGET: makes the files of a raw folder once more, as the raw sink makes them,
 * and does nothing else: no search, no JSON, no state.
 *
 * All KEY.json of SOURCE's project folders are read into memory first. Then, timed: each is opened
 * under a temporary name, written and closed; after a batch (as the engine cuts it: 2,000 files or
 * 16 MiB) one syncfs, each file's rename into its project's folder, fsync of the folders. What is
 * on the disk afterwards is as durable as what a scrape leaves. Prints the seconds, files, bytes
 * and batches. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_FILES = 2000, BATCH_BYTES = 16 << 20, NAME = 256 };

typedef struct file {
    char   name[NAME]; /* PROJECT/KEY.json */
    char  *text;
    size_t n;
    long   number;
} file;

typedef struct list {
    file  *v;
    size_t n, cap;
} list;

static void check(int good, const char *what)
{
    if (!good) {
        perror(what);
        exit(1);
    }
}

static void read_file(int dir, file *f)
{
    struct stat st;
    int         fd = openat(dir, f->name, O_RDONLY | O_CLOEXEC);
    check(fd >= 0 && fstat(fd, &st) == 0, f->name);
    f->text = malloc((size_t)st.st_size + 1);
    check(f->text != NULL, f->name);
    for (ssize_t got = 1; got > 0; f->n += (size_t)got) {
        got = read(fd, f->text + f->n, (size_t)st.st_size - f->n);
        check(got >= 0, f->name);
    }
    (void)close(fd);
}

static void read_project(int root, const char *project, list *all)
{
    int  fd  = openat(root, project, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    check(dir != NULL, project);
    for (const struct dirent *d; (d = readdir(dir));) {
        const char *dot = strchr(d->d_name, '.'), *dash = strrchr(d->d_name, '-');
        if (!dot || !dash || strcmp(dot, ".json") != 0)
            continue;
        if (all->n == all->cap) {
            all->cap = all->cap * 2 + 1024;
            all->v   = realloc(all->v, all->cap * sizeof *all->v);
            check(all->v != NULL, "memory");
        }
        file *f = &all->v[all->n++];
        *f      = (file){.number = strtol(dash + 1, NULL, 10)};
        check(snprintf(f->name, NAME, "%s/%s", project, d->d_name) < NAME, d->d_name);
        read_file(root, f);
    }
    (void)closedir(dir);
}

static int by_number(const void *a, const void *b)
{
    const file *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* The folders of SOURCE, made below TARGET too; how many there are. */
static size_t make_folders(const char *source, int target, int *fd, size_t most, list *all)
{
    int    root = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR   *dir  = root < 0 ? NULL : opendir(source);
    size_t n    = 0;
    check(dir != NULL, source);
    for (const struct dirent *d; (d = readdir(dir));) {
        if (d->d_type != DT_DIR || d->d_name[0] == '.' || d->d_name[0] == '_' || n == most)
            continue;
        read_project(root, d->d_name, all);
        check(mkdirat(target, d->d_name, 0755) == 0, d->d_name);
        fd[n] = openat(target, d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        check(fd[n++] >= 0, d->d_name);
    }
    (void)closedir(dir);
    (void)close(root);
    return n;
}

static void write_temp(int batch, size_t i, const file *f)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%zu.json", i);
    int fd = openat(batch, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    check(fd >= 0, name);
    for (size_t at = 0; at < f->n;) {
        ssize_t put = write(fd, f->text + at, f->n - at);
        check(put > 0, name);
        at += (size_t)put;
    }
    check(close(fd) == 0, name);
}

static void place(int batch, int target, const file *f, size_t n)
{
    check(syncfs(batch) == 0, "syncfs");
    for (size_t i = 0; i < n; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%zu.json", i);
        check(renameat(batch, name, target, f[i].name) == 0, f[i].name);
    }
}

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    enum { FOLDERS = 64 };
    list   all = {0};
    int    folder[FOLDERS];
    size_t bytes = 0, batches = 0;
    if (argc != 3) {
        (void)fprintf(stderr, "usage: writefiles SOURCE TARGET\n");
        return 64;
    }
    check(mkdir(argv[2], 0755) == 0, argv[2]);
    int target = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(target >= 0 && mkdirat(target, ".batch", 0755) == 0, argv[2]);
    int    batch   = openat(target, ".batch", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    size_t folders = make_folders(argv[1], target, folder, FOLDERS, &all);
    check(batch >= 0, argv[2]);
    qsort(all.v, all.n, sizeof *all.v, by_number);

    double began = now();
    for (size_t i = 0, first = 0, held = 0; i < all.n; i++) {
        write_temp(batch, i - first, &all.v[i]);
        held += all.v[i].n;
        if (i + 1 < all.n && i + 1 - first < BATCH_FILES && held < BATCH_BYTES)
            continue;
        place(batch, target, &all.v[first], i + 1 - first);
        check(fsync(target) == 0, argv[2]);
        for (size_t k = 0; k < folders; k++)
            check(fsync(folder[k]) == 0, argv[2]);
        bytes += held;
        batches++;
        first = i + 1;
        held  = 0;
    }
    (void)printf("%.4f %zu %zu %zu\n", now() - began, all.n, bytes, batches);
    return 0;
}
