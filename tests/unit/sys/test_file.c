#include "sys_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void reads_back_what_was_replaced(void **state)
{
    (void)state;
    jd_err e   = JD_ERR_NONE;
    jd_buf out = JD_BUF_INIT(100);
    assert_int_equal(jd_file_replace("a", JD_STR("one"), &e), JD_OK);
    assert_int_equal(chmod("a", 0640), 0);
    assert_int_equal(jd_file_replace("a", JD_STR("two\0x"), &e), JD_OK);
    assert_int_equal(jd_file_read("a", &out, &e), JD_OK);
    assert_true(jd_str_eq(jd_buf_view(&out), JD_STR("two\0x")));
    struct stat st;
    assert_int_equal(stat("a", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    jd_buf_release(&out);

    jd_arena *a = jd_arena_new(0);
    jd_names  names;
    assert_int_equal(jd_dir_list(a, ".", &names, &e), JD_OK);
    assert_int_equal(names.n, 1); /* no temporary file is left */
    jd_arena_free(a);
}

static void a_long_name_can_be_replaced(void **state)
{
    (void)state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    jd_err e  = JD_ERR_NONE;
    assert_int_equal(jd_file_replace(name, JD_STR("x"), &e), JD_OK);
    assert_true(jd_path_exists(name));
}

static void a_failed_replace_leaves_the_old_file_and_no_litter(void **state)
{
    (void)state;
    jd_err e = JD_ERR_NONE;
    assert_int_equal(jd_dir_make("d/full", &e), JD_OK);
    put_file("d/full/x", "x");
    assert_int_equal(jd_file_replace("d/full", JD_STR("no"), &e), JD_E_IO); /* a folder */
    assert_has(e.msg, "d/full");
    jd_arena *a = jd_arena_new(0);
    jd_names  names;
    assert_int_equal(jd_dir_list(a, "d", &names, &e), JD_OK);
    assert_int_equal(names.n, 1);
    jd_arena_free(a);
}

static const char self[] = "/proc/self/exe"; /* starts again, to be killed */

static int replace_twice(void)
{
    jd_err e = JD_ERR_NONE;
    return jd_file_replace("f", JD_STR("first"), &e) || jd_file_replace("f", JD_STR("second"), &e);
}

/* Replaces a file twice in a process that dies at the point; returns its status. */
static int replace_and_die(const char *crash)
{
    pid_t pid = fork();
    if (pid == 0) {
        setenv("JD_CRASH", crash, 1);
        execl(self, self, "replace", (char *)NULL);
        _exit(99);
    }
    int status;
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_file(const char *path, const char *text)
{
    jd_err e   = JD_ERR_NONE;
    jd_buf out = JD_BUF_INIT(100);
    assert_int_equal(jd_file_read(path, &out, &e), JD_OK);
    assert_string_equal(jd_buf_cstr(&out), text);
    jd_buf_release(&out);
}

static void a_crash_leaves_the_old_or_the_new_file_whole(void **state)
{
    (void)state;
    assert_int_equal(replace_and_die("replace.written:1"), 137);
    assert_false(jd_path_exists("f"));
    assert_int_equal(replace_and_die("replace.written:2"), 137);
    assert_file("f", "first");
    assert_int_equal(replace_and_die("replace.renamed:2"), 137);
    assert_file("f", "second");
    assert_int_equal(replace_and_die("replace.renamed:3"), 0);
    assert_int_equal(replace_and_die("elsewhere:1"), 0);
    assert_int_equal(replace_and_die("replace.renamed:x"), 0);
}

static void errors_name_the_path_and_the_remedy(void **state)
{
    (void)state;
    jd_err e   = JD_ERR_NONE;
    jd_buf out = JD_BUF_INIT(4);
    assert_int_equal(jd_file_read("none", &out, &e), JD_E_NOTFOUND);
    assert_has(e.msg, "none: ");
    assert_int_equal(e.sys, ENOENT);
    assert_int_equal(jd_file_replace("no/where", JD_STR("x"), &e), JD_E_IO);
    assert_has(e.msg, "create it first");
    assert_int_equal(jd_file_read(".", &out, &e), JD_E_IO);
    assert_has(e.msg, "this is a folder");
    put_file("plain", "12345");
    assert_int_equal(jd_file_read("plain", &out, &e), JD_E_TOOBIG);
    jd_buf_release(&out);
    jd_buf exact = JD_BUF_INIT(5);
    assert_int_equal(jd_file_read("plain", &exact, &e), JD_OK);
    jd_buf_release(&exact);
    assert_int_equal(jd_dir_make("plain/sub", &e), JD_E_IO);
    assert_int_equal(jd_dir_make("plain", &e), JD_E_IO);
    assert_has(e.msg, "a file is in its place");
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full >= 0) {
        assert_int_equal(jd_file_write(full, JD_STR("x"), "out", &e), JD_E_IO);
        assert_has(e.msg, "out: ");
        assert_has(e.msg, "free some space");
        close(full);
    }
    assert_int_equal(jd_file_fail(&e, EROFS, "write", "p"), JD_E_IO);
    assert_has(e.msg, "read-only");
    assert_int_equal(jd_file_fail(&e, EACCES, "write", "p"), JD_E_IO);
    assert_has(e.msg, "writable");
}

static void folders_are_made_listed_and_removed(void **state)
{
    (void)state;
    jd_err    e = JD_ERR_NONE;
    jd_arena *a = jd_arena_new(0);
    jd_names  names;
    assert_int_equal(jd_dir_make("a/b//c/", &e), JD_OK);
    assert_int_equal(jd_dir_make("a/b/c", &e), JD_OK);
    assert_true(jd_path_is_dir("a/b/c"));
    put_file("a/z", "");
    put_file("a/B", "");
    put_file("a/.hidden", "");
    put_file("kept", "");
    assert_int_equal(symlink("../kept", "a/link"), 0);
    assert_int_equal(jd_dir_list(a, "a", &names, &e), JD_OK);
    assert_int_equal(names.n, 5);
    assert_string_equal(names.name[0], ".hidden");
    assert_string_equal(names.name[1], "B");
    assert_string_equal(names.name[2], "b");
    assert_string_equal(names.name[4], "z");
    assert_int_equal(jd_dir_remove("a", &e), JD_OK);
    assert_false(jd_path_exists("a"));
    assert_true(jd_path_exists("kept")); /* links are not followed */
    assert_int_equal(jd_dir_remove("a", &e), JD_OK);
    assert_int_equal(jd_dir_list(a, "a", &names, &e), JD_OK);
    assert_int_equal(names.n, 0);
    jd_arena_free(a);
}

static void a_lock_has_one_holder_and_names_it(void **state)
{
    (void)state;
    jd_err  e   = JD_ERR_NONE;
    jd_lock one = JD_LOCK_NONE, two = JD_LOCK_NONE;
    char    pid[32];
    (void)snprintf(pid, sizeof pid, "process %ld ", (long)getpid());
    assert_int_equal(jd_lock_take(&one, "lock", "state reset", &e), JD_OK);
    assert_int_equal(jd_lock_take(&two, "lock", "other", &e), JD_E_LOCKED);
    assert_has(e.msg, pid);
    assert_has(e.msg, "(state reset, since 20");
    assert_has(e.msg, "run again");
    assert_int_equal(two.fd, -1);
    jd_lock_drop(&two);
    jd_lock_drop(&one);
    assert_true(jd_path_exists("lock"));
    assert_int_equal(jd_lock_take(&two, "lock", "other", &e), JD_OK);
    jd_lock_drop(&two);
    assert_int_equal(jd_lock_take(&one, "no/lock", "x", &e), JD_E_IO);
}

static void a_lock_outlives_no_process(void **state)
{
    (void)state;
    jd_err  e = JD_ERR_NONE;
    jd_lock l;
    pid_t   pid = fork();
    if (pid == 0)
        _exit(jd_lock_take(&l, "lock", "child", &e) ? 1 : 0);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(jd_lock_take(&l, "lock", "parent", &e), JD_OK);
    jd_lock_drop(&l);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return strcmp(argv[1], "replace") == 0 ? replace_twice() : 98;
    const struct CMUnitTest tests[] = {
        IN_TEMP(reads_back_what_was_replaced),
        IN_TEMP(a_long_name_can_be_replaced),
        IN_TEMP(a_failed_replace_leaves_the_old_file_and_no_litter),
        IN_TEMP(a_crash_leaves_the_old_or_the_new_file_whole),
        IN_TEMP(errors_name_the_path_and_the_remedy),
        IN_TEMP(folders_are_made_listed_and_removed),
        IN_TEMP(a_lock_has_one_holder_and_names_it),
        IN_TEMP(a_lock_outlives_no_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
