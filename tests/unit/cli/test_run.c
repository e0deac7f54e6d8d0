#include "cli/cli.h"
#include "cli_test.h"
#include "sys/file.h"
#include "text/json.h"

#include <fcntl.h>
#include <sys/wait.h>

static char out[200000], err[200000];

static int setup(void **state)
{
    char path[] = "/tmp/jd-unit.XXXXXX";
    if (!mkdtemp(path) || chdir(path) != 0)
        return -1;
    *state = strdup(path);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    jd_err e  = JD_ERR_NONE;
    int    rc = chdir("/") != 0 || jd_dir_remove(*state, &e) ? -1 : 0;
    free(*state);
    return rc;
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void slurp(FILE *f, char *text, size_t max)
{
    ssize_t n = pread(fileno(f), text, max - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    (void)fclose(f);
}

/* Runs "jiraduct LINE"; its status, and what it wrote in out and err. */
static int run_with(const char *line, const char *const *env)
{
    char *argv[32] = {(char[]){"jiraduct"}};
    int   argc     = 1;
    char *copy = strdup(line), *save = NULL;
    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    FILE *o = tmpfile(), *r = tmpfile();
    assert_true(o && r);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fileno(o), STDOUT_FILENO);
        dup2(fileno(r), STDERR_FILENO);
        _exit(jd_cli_main(argc, argv, env));
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    slurp(o, out, sizeof out);
    slurp(r, err, sizeof err);
    free(copy);
    return WEXITSTATUS(status);
}

static int run(const char *line)
{
    return run_with(line, NULL);
}

static void one_error_line(int status, int want, const char *part, const char *remedy)
{
    assert_int_equal(status, want);
    assert_string_equal(out, "");
    assert_true(strncmp(err, "jiraduct: ", 10) == 0);
    assert_ptr_equal(strchr(err, '\n'), err + strlen(err) - 1);
    assert_has(err, part);
    assert_has(err, remedy);
}

static void overview_version_and_help(void **state)
{
    (void)state;
    assert_int_equal(run(""), 0);
    for (size_t i = 0; jd_commands[i]; i++)
        assert_has(out, jd_commands[i]->brief);
    assert_string_equal(err, "");
    static const char *const versions[] = {"--version", "-V", "version", "config --version"};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(run(versions[i]), 0);
        assert_string_equal(out, "jiraduct " JD_VERSION "\n");
    }
    static const char *const helps[] = {"help config", "config --help", "config -h", "-h config",
                                        "config --nonsense --help"};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(run(helps[i]), 0);
        assert_has(out, "Usage: jiraduct config");
        assert_has(out, "--json");
        assert_has(out, "--env-file FILE");
    }
}

static void usage_errors(void **state)
{
    (void)state;
    one_error_line(run("confgi"), 64, "'confgi'", "did you mean config?");
    one_error_line(run("qqqqqqqq"), 64, "'qqqqqqqq'", "jiraduct help");
    one_error_line(run("config --jsno"), 64, "--jsno", "did you mean --json?");
    one_error_line(run("--quite"), 64, "--quite", "did you mean --quiet?");
    one_error_line(run("help nothing"), 64, "'nothing'", "jiraduct help");
    one_error_line(run("config nothing"), 64, "'nothing'", "jiraduct help");
    one_error_line(run("config --log-level=loud"), 64, "--log-level: 'loud'", "debug, info");
    one_error_line(run("version \x1b[2J"), 64, "\\x1b[2J", "not expected");
}

static void configuration_errors_name_their_place(void **state)
{
    (void)state;
    static const char *const env[] = {"LOG_LEVEL=loud", NULL};
    one_error_line(run_with("config", env), 78, "LOG_LEVEL (environment)", "debug, info");
    put_file("jiraduct.yml", "log_levle: info\n");
    one_error_line(run("config"), 78, "jiraduct.yml:1: 'log_levle'", "did you mean log_level?");
    assert_int_equal(run("help config"), 0); /* help is there when it is needed */
    assert_int_equal(run("config --help"), 0);
    assert_int_equal(run("version"), 0);
    one_error_line(run("config --config none.yml"), 78, "none.yml", "no such file");
    one_error_line(run("config --env-file none.env"), 78, "none.env", "no such file");
}

/* Where LOG_LEVEL comes from, as `config` tells it. */
static void config_tells(const char *line, const char *const *env, const char *value,
                         const char *origin, const char *where)
{
    assert_int_equal(run_with(line, env), 0);
    jd_arena      *a = jd_arena_new(0);
    const jd_json *all;
    jd_err         e     = JD_ERR_NONE;
    bool           found = false;
    assert_int_equal(jd_json_read(a, jd_str_of(out), &all, &e), JD_OK);
    for (jd_json_iter it = jd_json_walk(all); jd_json_next(&it);) {
        if (!jd_str_is(jd_json_str(jd_json_get(it.value, "flag")), "log-level"))
            continue;
        assert_false(found); /* every setting once */
        found = true;
        assert_true(jd_str_is(jd_json_str(jd_json_get(it.value, "value")), value));
        assert_true(jd_str_is(jd_json_str(jd_json_get(it.value, "origin")), origin));
        assert_true(jd_str_is(jd_json_str(jd_json_get(it.value, "where")), where));
    }
    assert_true(found);
    jd_arena_free(a);
}

static void config_shows_values_and_origins(void **state)
{
    (void)state;
    static const char *const env[] = {"LOG_LEVEL=WARN", NULL};
    config_tells("config --json", NULL, "info", "default", "");
    config_tells("config help --json", NULL, "info", "default", "");
    put_file("mine.yml", "log_level: error\n");
    config_tells("config --json --config mine.yml", NULL, "error", "yaml", "mine.yml:1");
    put_file(".env", "\nLOG_LEVEL=DEBUG\n");
    config_tells("config --json --config=mine.yml", NULL, "debug", "dotenv", ".env:2");
    put_file("other.env", "LOG_LEVEL=warn\n");
    config_tells("--env-file other.env config --json", NULL, "warn", "dotenv", "other.env:1");
    config_tells("config --json", env, "warn", "env", "LOG_LEVEL");
    assert_int_equal(run_with("config", env), 0);
    assert_has(out, "SETTING");
    assert_has(out, "--log-level");
    assert_has(out, "environment LOG_LEVEL\n");
}

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full < 0)
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        char *argv[] = {(char[]){"jiraduct"}, NULL};
        dup2(full, STDOUT_FILENO);
        (void)freopen("/dev/null", "w", stderr);
        _exit(jd_cli_main(1, argv, NULL));
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 74);
    close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(overview_version_and_help, setup, teardown),
        cmocka_unit_test_setup_teardown(usage_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(configuration_errors_name_their_place, setup, teardown),
        cmocka_unit_test_setup_teardown(config_shows_values_and_origins, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_is_reported, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
