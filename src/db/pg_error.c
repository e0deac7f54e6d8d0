#include "db/pg_error.h"

#include <stdio.h>
#include <string.h>

enum { DETAIL_MAX = 160 };

/* What a SQLSTATE (or its class) means here: the code, and what a person can do about it. The first
 * that fits. */
static const struct {
    char          state[6];
    bool          objects; /* its detail names objects */
    jd_code       code;
    jd_pg_trouble why;
    const char   *remedy;
} meanings[] = {
    {"40001", false, JD_E_BUSY, JD_PG_CONFLICT, "run again"},
    {"40P01", false, JD_E_BUSY, JD_PG_CONFLICT, "run again"},
    {"23505", false, JD_E_DB, JD_PG_TAKEN, NULL},
    {"55P03", false, JD_E_LOCKED, JD_PG_FATAL,
     "another session holds a lock: let it end, then run again"},
    {"57014", false, JD_E_BUSY, JD_PG_FATAL,
     "somebody cancelled it, or its time was up: run again"},
    {"57P03", false, JD_E_NET, JD_PG_LOST,
     "the server is starting or being shut down: run again when it is up"},
    {"57P", false, JD_E_NET, JD_PG_LOST, "the server ended the connection: run again"},
    {"08", false, JD_E_NET, JD_PG_LOST, "check that the server runs and can be reached"},
    {"28", false, JD_E_AUTH, JD_PG_FATAL,
     "check user and password (.pgpass, PGPASSWORD, DATABASE_URL)"},
    {"2BP01", true, JD_E_CONFIG, JD_PG_FATAL,
     "drop what depends on it, run again, and make it anew behind that"},
    {"3D", false, JD_E_CONFIG, JD_PG_FATAL, "create the database first"},
    {"42501", false, JD_E_AUTH, JD_PG_FATAL, "grant this user what it needs"},
    {"42P01", false, JD_E_DB, JD_PG_FATAL, "`jiraduct warehouse status` tells what is there"},
    {"53100", false, JD_E_IO, JD_PG_FATAL, "the server's disk is full: make room and run again"},
    {"53200", false, JD_E_BUSY, JD_PG_FATAL,
     "the server is short of memory: run again later, or give it more"},
    {"53300", false, JD_E_BUSY, JD_PG_FATAL,
     "all its connections are taken: run again later, or have their limit raised"},
    {"53400", false, JD_E_CONFIG, JD_PG_FATAL, "have that limit of the server raised"},
    {"53", false, JD_E_BUSY, JD_PG_FATAL, "the server is short of resources: run again later"},
    {"58", false, JD_E_IO, JD_PG_FATAL, "the server's files fail it: look into its log"},
    {"XX", false, JD_E_DB, JD_PG_FATAL, "look into the server's log, and at the room on its disk"},
    {"3F000", false, JD_E_CONFIG, JD_PG_FATAL,
     "its search_path names no schema that is there: create it, or set another search_path"},
    {"25006", false, JD_E_CONFIG, JD_PG_FATAL,
     "the server is read-only: use the primary one, or have it take writes again"},
};

/* Lines become a list; what is long is cut, between two characters. */
static void one_line(const char *text, char out[DETAIL_MAX])
{
    size_t n = strnlen(text, DETAIL_MAX - 1);
    while (n && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    for (size_t i = 0; i < n; i++)
        out[i] = text[i] == '\n' ? ';' : text[i];
    out[n] = '\0';
}

/* The same of a message, whose further lines are indented: blanks of any kind become one. */
static jd_str unbroken(const char *text, char out[JD_ERR_MAX])
{
    jd_str from = jd_str_trim(jd_str_of(text));
    size_t n    = 0;
    for (size_t i = 0; i < from.n && n < JD_ERR_MAX; i++) {
        bool blank = memchr(" \t\r\n", from.p[i], 4) != NULL;
        if (!blank || (n && out[n - 1] != ' '))
            out[n++] = blank ? ' ' : from.p[i];
    }
    return (jd_str){out, n};
}

jd_code jd_pg_fail(const char *name, const jd_pg_said *said, jd_pg_trouble *why, jd_err *e)
{
    char   line[JD_ERR_MAX];
    jd_str text               = unbroken(said->text, line);
    char   detail[DETAIL_MAX] = "";
    *why                      = JD_PG_FATAL;
    for (size_t i = 0; said->state && i < sizeof meanings / sizeof *meanings; i++) {
        const char *remedy = meanings[i].remedy;
        if (strncmp(said->state, meanings[i].state, strlen(meanings[i].state)) != 0)
            continue;
        if (meanings[i].objects && said->detail)
            one_line(said->detail, detail);
        *why = meanings[i].why;
        return jd_fail(e, meanings[i].code, "%s: %.*s%s%s (SQLSTATE %s)%s%s", name, JD_FMT(text),
                       *detail ? ": " : "", detail, said->state, remedy ? ": " : "",
                       remedy ? remedy : "");
    }
    return jd_fail(e, JD_E_DB, "%s: %.*s (SQLSTATE %s)", name, JD_FMT(text),
                   said->state ? said->state : "unknown");
}

/* -- connections that did not come about ------------------------------------------------------ */

/* The first that fits: a word in it, and another. */
static const struct {
    const char *word, *too;
    const char *state; /* NULL: what follows */
    jd_code     code;
    const char *remedy;
} refusals[] = {
    {"certificate verify failed", "", NULL, JD_E_CONFIG,
     "the server's certificate is of an authority that is not trusted: name its file with "
     "sslrootcert=… in the address, or in PGSSLROOTCERT"},
    {"server certificate for", "does not match host name", NULL, JD_E_CONFIG,
     "the certificate is another host's: connect under a name that it holds, or let "
     "sslmode=verify-ca do"},
    {"root certificate file", "", NULL, JD_E_CONFIG,
     "name the file of the authority that signed the server's certificate with sslrootcert=… in "
     "the address, or in PGSSLROOTCERT"},
    {"does not support SSL", "", NULL, JD_E_CONFIG,
     "the server does not offer TLS: switch it on there, or do without (sslmode=disable)"},
    {"invalid ", " value: ", NULL, JD_E_CONFIG,
     "the address, or a PG… variable of the environment, says something that is not known"},
    {"authentication", "", "28000", JD_OK, NULL},
    {"password", "", "28000", JD_OK, NULL},
    {"", "", "08001", JD_OK, NULL},
};

static bool is_state(const char *p)
{
    return strspn(p, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5;
}

/* "…FATAL:  28P01: password authentication failed…": where the five stand, or NULL. Who speaks
 * first is the server; what a name in its text looks like comes behind. */
static const char *find_state(const char *text)
{
    const char *at = text;
    while ((at = strstr(at, ":  ")) && !(is_state(at + 3) && strncmp(at + 8, ": ", 2) == 0))
        at += 3;
    return at ? at + 3 : NULL;
}

static jd_code fail_by_words(const char *name, const char *text, jd_pg_trouble *why, jd_err *e)
{
    size_t i = 0;
    while (!strstr(text, refusals[i].word) || !strstr(text, refusals[i].too))
        i++;
    if (refusals[i].state)
        return jd_pg_fail(name, &(jd_pg_said){refusals[i].state, text, NULL}, why, e);
    char line[JD_ERR_MAX];
    *why = JD_PG_FATAL;
    return jd_fail(e, refusals[i].code, "%s: %.*s: %s", name, JD_FMT(unbroken(text, line)),
                   refusals[i].remedy);
}

jd_code jd_pg_fail_connect(const char *name, const char *text, jd_pg_trouble *why, jd_err *e)
{
    const char *at = find_state(text);
    char        state[6], line[JD_ERR_MAX];
    if (!at)
        return fail_by_words(name, text, why, e);
    /* its line without the state, which is told behind it, and without what follows (LOCATION) */
    const char *from = at, *to = at + 7 + strcspn(at + 7, "\n");
    while (from > text && from[-1] != '\n')
        from--;
    jd_str before = jd_str_trim((jd_str){from, (size_t)(at - from)});
    memcpy(state, at, 5);
    state[5] = '\0';
    (void)snprintf(line, sizeof line, "%.*s %.*s", JD_FMT(before), (int)(to - at - 7), at + 7);
    if (strcmp(state, "28000") == 0 && strstr(line, "pg_hba.conf")) {
        *why = JD_PG_FATAL;
        return jd_fail(e, JD_E_AUTH,
                       "%s: %s (SQLSTATE 28000): the server does not let this user in so: have it "
                       "allowed in its pg_hba.conf, or say sslmode=require where it asks for TLS",
                       name, line);
    }
    return jd_pg_fail(name, &(jd_pg_said){state, line, NULL}, why, e);
}
