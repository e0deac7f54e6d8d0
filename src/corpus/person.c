#include "corpus/person.h"

#include "corpus/text.h"

#include <string.h>

/* Names as they are once everything but letters and digits is gone, in lower case: the login and
 * the display name of one account often differ only there ("hadoopqa", "Hadoop QA"). */
static const jd_str known_bots[] = {
    JD_STR_INIT("apachehbase"),
    JD_STR_INIT("apachespark"),
    JD_STR_INIT("asfbot"),
    JD_STR_INIT("asfgithubbot"),
    JD_STR_INIT("asfircbot"),
    JD_STR_INIT("asfsubversionandgitservices"),
    JD_STR_INIT("atlasqa"),
    JD_STR_INIT("automationforjira"),
    JD_STR_INIT("beamjirabot"),
    JD_STR_INIT("buildbot"),
    JD_STR_INIT("committagbot"),
    JD_STR_INIT("flinkjirabot"),
    JD_STR_INIT("flumeqa"),
    JD_STR_INIT("genericqa"),
    JD_STR_INIT("giraphqa"),
    JD_STR_INIT("githubbot"),
    JD_STR_INIT("githubimport"),
    JD_STR_INIT("gitlabbot"),
    JD_STR_INIT("gridgainintegration"),
    JD_STR_INIT("hadoopqa"),
    JD_STR_INIT("hadoopyetus"),
    JD_STR_INIT("hiveqa"),
    JD_STR_INIT("hudson"),
    JD_STR_INIT("ignitetcbot"),
    JD_STR_INIT("jenkins"),
    JD_STR_INIT("jirabot"),
    JD_STR_INIT("knoxqa"),
    JD_STR_INIT("mahoutqa"),
    JD_STR_INIT("qabot"),
    JD_STR_INIT("rangerqa"),
    JD_STR_INIT("sentryqa"),
    JD_STR_INIT("sparkqa"),
    JD_STR_INIT("sqoopqabot"),
    JD_STR_INIT("tajoqa"),
    JD_STR_INIT("tezqa"),
    JD_STR_INIT("trafficserverbot"),
    JD_STR_INIT("yetusqa"),
};

static jd_str text_or_none(const jd_json *v)
{
    jd_str s = jd_json_str(v);
    return s.n ? s : JD_NOSTR;
}

static bool is(jd_str name, const char *of_that_length)
{
    return memcmp(name.p, of_that_length, name.n) == 0;
}

jd_person jd_person_of(const jd_json *user)
{
    jd_person p = {0};
    if (jd_json_kind(user) != JD_JSON_OBJECT)
        return p;
    for (jd_json_iter it = jd_json_walk(user); jd_json_next(&it);) {
        switch (it.name.n) { /* told by the length first: most members are others */
        case sizeof "key" - 1:
            if (is(it.name, "key"))
                p.key = text_or_none(it.value);
            break;
        case sizeof "name" - 1:
            if (is(it.name, "name"))
                p.name = text_or_none(it.value);
            break;
        case sizeof "accountId" - 1:
            if (is(it.name, "accountId"))
                p.account = text_or_none(it.value);
            break;
        case sizeof "displayName" - 1: /* as long as accountType */
            if (is(it.name, "displayName"))
                p.display = text_or_none(it.value);
            else if (is(it.name, "accountType"))
                p.app = jd_str_is(jd_json_str(it.value), "app");
            break;
        default:
            break;
        }
    }
    return p;
}

jd_str jd_person_shown(const jd_person *p)
{
    const jd_str by_rank[] = {p->name, p->display, p->key, p->account};
    for (size_t i = 0; i < sizeof by_rank / sizeof *by_rank; i++)
        if (by_rank[i].n)
            return by_rank[i];
    return JD_NOSTR;
}

static bool same(jd_str a, jd_str b)
{
    return a.n > 0 && jd_str_eq(a, b);
}

bool jd_person_same(const jd_person *a, const jd_person *b)
{
    if (a->account.n && b->account.n)
        return jd_str_eq(a->account, b->account);
    return same(a->name, b->name) || same(a->key, b->key);
}

static bool is_known_bot(jd_str name)
{
    char   plain[32];
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = jd_text_fold(name.p[i]);
        if (!c || (c & 0x80)) /* between words, or beyond ASCII */
            continue;
        if (n == sizeof plain)
            return false;
        plain[n++] = c;
    }
    for (size_t i = 0; i < sizeof known_bots / sizeof *known_bots; i++)
        if (known_bots[i].n == n && memcmp(known_bots[i].p, plain, n) == 0)
            return true;
    return false;
}

static bool is_marked_bot(jd_str login)
{
    static const jd_str marks[] = {JD_STR_INIT("-bot"), JD_STR_INIT("_bot"), JD_STR_INIT(".bot"),
                                   JD_STR_INIT("[bot]")};
    char                last    = login.n ? login.p[login.n - 1] : ' ';
    if (last != 't' && last != 'T' && last != ']')
        return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (login.n > marks[i].n &&
            jd_str_ieq(jd_str_cut(login, login.n - marks[i].n, marks[i].n), marks[i]))
            return true;
    return false;
}

bool jd_person_is_bot(const jd_person *p)
{
    static const jd_str mark = JD_STR_INIT("[bot]");
    return p->app || is_known_bot(p->name) || is_known_bot(p->display) || is_marked_bot(p->name) ||
           (p->display.n > mark.n &&
            jd_str_ieq(jd_str_cut(p->display, p->display.n - mark.n, mark.n), mark));
}
