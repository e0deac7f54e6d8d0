/* What PostgreSQL says, in any language, as codes and remedies. No server is needed. */
#include "db/pg_error.h"
#include "unit/check.h"

#include <stdio.h>
#include <string.h>

static void a_refused_connection_is_known_by_its_state(void **state)
{
    (void)state;
    static const struct {
        const char   *said; /* behind "connection to server … failed: " */
        jd_code       code;
        int           exit;
        jd_pg_trouble why;
        const char   *remedy;
    } cases[] = {
        {"FATAL:  28P01: Passwort-Authentifizierung für Benutzer »keeper« fehlgeschlagen\n"
         "LOCATION:  auth_failed, auth.c:335\n",
         JD_E_AUTH, 77, JD_PG_FATAL, "check user and password"},
        {"FATAL:  28000: Rolle »nobody« existiert nicht\n", JD_E_AUTH, 77, JD_PG_FATAL,
         "check user and password"},
        {"致命的エラー:  28000: ホスト\"127.0.0.1\"に対応するエントリが pg_hba.conf にありません\n",
         JD_E_AUTH, 77, JD_PG_FATAL, "allowed in its pg_hba.conf"},
        {"FATAL:  3D000: la base de données « rien » n'existe pas\n", JD_E_CONFIG, 78, JD_PG_FATAL,
         "create the database first"},
        {"FATAL:  42501: permission refusée : base de données « w »\n", JD_E_AUTH, 77, JD_PG_FATAL,
         "grant this user"},
        {"FATAL:  53300: tut mir leid, schon zu viele Verbindungen\n", JD_E_BUSY, 75, JD_PG_FATAL,
         "connections are taken"},
        {"FATAL:  53200: Speicher aufgebraucht\n", JD_E_BUSY, 75, JD_PG_FATAL, "short of memory"},
        {"FATAL:  57P03: das Datenbanksystem startet\n", JD_E_NET, 69, JD_PG_LOST, "when it is up"},
        {"FATAL:  57P01: password authentication failed, or so it seems\n", JD_E_NET, 69,
         JD_PG_LOST, "run again"},
        {"FATAL:  0A000: nicht unterstütztes Protokoll: 28P01: x\n", JD_E_DB, 74, JD_PG_FATAL,
         "(SQLSTATE 0A000)"},
        /* what libpq says itself, in English and without a state */
        {"fe_sendauth: no password supplied\n", JD_E_AUTH, 77, JD_PG_FATAL, "check user"},
        {"Connection refused\n\tIs the server running on that host?\n", JD_E_NET, 69, JD_PG_LOST,
         "can be reached"},
        {"FATAL:  the words of a server without states\n", JD_E_NET, 69, JD_PG_LOST,
         "can be reached"},
        {"SSL error: certificate verify failed\n", JD_E_CONFIG, 78, JD_PG_FATAL, "sslrootcert="},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char          text[400];
        jd_pg_trouble why = JD_PG_TAKEN;
        jd_err        e;
        (void)snprintf(text, sizeof text, "connection to server at \"db\", port 5432 failed: %s",
                       cases[i].said);
        assert_int_equal(jd_pg_fail_connect("database w", text, &why, &e), cases[i].code);
        assert_int_equal(jd_code_exit(e.code), cases[i].exit);
        assert_int_equal(why, cases[i].why);
        assert_non_null(strstr(e.msg, cases[i].remedy));
        assert_null(strstr(e.msg, "LOCATION"));
        assert_null(strpbrk(e.msg, "\n\t"));
        assert_int_equal(strncmp(e.msg, "database w: connection to server at \"db\"", 40), 0);
    }
}

static void of_several_addresses_the_one_that_answered_counts(void **state)
{
    (void)state;
    jd_pg_trouble why;
    jd_err        e;
    assert_int_equal(
        jd_pg_fail_connect("database w",
                           "connection to server at \"localhost\" (::1), port 5432 failed: "
                           "Connection refused\n\tIs the server running?\n"
                           "connection to server at \"localhost\" (127.0.0.1), port 5432 failed: "
                           "FATAL:  28P01: Falsch\nLOCATION:  auth_failed, auth.c:335\n",
                           &why, &e),
        JD_E_AUTH);
    assert_string_equal(e.msg,
                        "database w: connection to server at \"localhost\" (127.0.0.1), port 5432 "
                        "failed: FATAL: Falsch (SQLSTATE 28P01): check user and password (.pgpass, "
                        "PGPASSWORD, DATABASE_URL)");
}

static void only_names_of_objects_are_shown_of_a_detail(void **state)
{
    (void)state;
    jd_pg_trouble why;
    jd_err        e;
    char          many[2000] = "view mine depends on view open_age\n";
    jd_pg_said    taken = {"23505", "duplicate key", "Key (summary)=(a secret) already exists."};
    assert_int_equal(jd_pg_fail("database w", &taken, &why, &e), JD_E_DB);
    assert_int_equal(why, JD_PG_TAKEN);
    assert_null(strstr(e.msg, "secret"));
    for (size_t n = strlen(many); n + 3 < sizeof many; n += 2)
        memcpy(many + n, "é", 3);
    jd_pg_said blocked = {"2BP01", "cannot drop view open_age", many};
    assert_int_equal(jd_pg_fail("database w", &blocked, &why, &e), JD_E_CONFIG);
    assert_non_null(strstr(e.msg, "open_age: view mine depends on view open_age;éé"));
    assert_non_null(strstr(e.msg, "é (SQLSTATE 2BP01): drop what depends on it"));
    memset(many, 0xA9, sizeof many - 1); /* no character begins anywhere */
    assert_int_equal(jd_pg_fail("database w", &blocked, &why, &e), JD_E_CONFIG);
    assert_string_equal(e.msg, "database w: cannot drop view open_age (SQLSTATE 2BP01): drop what "
                               "depends on it, run again, and make it anew behind that");
}

static void a_server_that_cannot_go_on(void **state)
{
    (void)state;
    static const struct {
        const char *state;
        int         exit;
        const char *remedy;
    } cases[] = {{"53100", 74, "make room and run again"},
                 {"53200", 75, "run again later"},
                 {"53300", 75, "run again later"},
                 {"53400", 78, "that limit"},
                 {"25006", 78, "read-only"},
                 {"58030", 74, "look into its log"},
                 {"XX000", 74, "the room on its disk"},
                 {NULL, 74, "(SQLSTATE unknown)"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jd_pg_trouble why;
        jd_err        e;
        jd_pg_said    said = {cases[i].state, "Datei konnte nicht erweitert werden", NULL};
        assert_int_equal(jd_code_exit(jd_pg_fail("database w", &said, &why, &e)), cases[i].exit);
        assert_int_equal(why, JD_PG_FATAL);
        assert_non_null(strstr(e.msg, cases[i].remedy));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_connection_is_known_by_its_state),
        cmocka_unit_test(of_several_addresses_the_one_that_answered_counts),
        cmocka_unit_test(only_names_of_objects_are_shown_of_a_detail),
        cmocka_unit_test(a_server_that_cannot_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
