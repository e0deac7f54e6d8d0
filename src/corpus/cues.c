#include "corpus/cues.h"

#include "corpus/text.h"

#include <assert.h>
#include <pthread.h>

/* A comment's beginning decides; what follows this is a log or a novel. */
enum { READ_MAX = 16384 };

typedef struct phrase {
    jd_str   words; /* lower case, one blank between words */
    unsigned cue;
} phrase;

#define P(text, bit)             \
    {                            \
        JD_STR_INIT(text), (bit) \
    }

/* Sorted, for index_phrases(). Of those at one place the longest speaks. */
static const phrase phrases[] = {
    P("able to repro", JD_CUE_REPORT),
    P("able to reproduce", JD_CUE_REPORT),
    P("added a", JD_CUE_CAUSE),
    P("added support", JD_CUE_CAUSE),
    P("added the", JD_CUE_CAUSE),
    P("any news", JD_CUE_ASK),
    P("any plan", JD_CUE_ASK),
    P("any progress", JD_CUE_ASK),
    P("any update", JD_CUE_ASK),
    P("any updates", JD_CUE_ASK),
    P("as designed", JD_CUE_CAUSE),
    P("assigned to me", JD_CUE_CHATTER),
    P("assigning", JD_CUE_CHATTER),
    P("attached a patch", JD_CUE_COMMIT),
    P("attached patch", JD_CUE_COMMIT),
    P("attaching", JD_CUE_COMMIT),
    P("backported", JD_CUE_COMMIT),
    P("because", JD_CUE_CAUSE),
    P("been updated", JD_CUE_CAUSE),
    P("bulk close", JD_CUE_BULK),
    P("bulk closing", JD_CUE_BULK),
    P("bulk edit", JD_CUE_BULK),
    P("bulk resolve", JD_CUE_BULK),
    P("bulk update", JD_CUE_BULK),
    P("by design", JD_CUE_CAUSE),
    P("can anyone", JD_CUE_ASK),
    P("can i", JD_CUE_ASK),
    P("can not reproduce", JD_CUE_REPORT),
    P("can someone", JD_CUE_ASK),
    P("can we", JD_CUE_ASK),
    P("can you", JD_CUE_ASK),
    P("cannot be reproduced", JD_CUE_REPORT),
    P("cannot reproduce", JD_CUE_REPORT),
    P("caused by", JD_CUE_CAUSE),
    P("changed the", JD_CUE_CAUSE),
    P("cherry picked", JD_CUE_COMMIT),
    P("cleaning up", JD_CUE_BULK),
    P("closed as", JD_CUE_COMMIT),
    P("closed by", JD_CUE_COMMIT),
    P("closing as", JD_CUE_COMMIT),
    P("closing issue", JD_CUE_COMMIT),
    P("closing jira", JD_CUE_COMMIT),
    P("closing the ticket", JD_CUE_COMMIT),
    P("closing this", JD_CUE_COMMIT),
    P("closing ticket", JD_CUE_COMMIT),
    P("code freeze", JD_CUE_BULK),
    P("committed", JD_CUE_COMMIT),
    P("confirmed that", JD_CUE_REPORT),
    P("could not reproduce", JD_CUE_REPORT),
    P("could someone", JD_CUE_ASK),
    P("could you", JD_CUE_ASK),
    P("create a new ticket", JD_CUE_BULK),
    P("created a pull request", JD_CUE_COMMIT),
    P("culprit", JD_CUE_CAUSE),
    P("do you think", JD_CUE_ASK),
    P("does anyone", JD_CUE_ASK),
    P("does not reproduce", JD_CUE_REPORT),
    P("does not reproduces", JD_CUE_REPORT),
    P("due to inactivity", JD_CUE_BULK),
    P("due to the time", JD_CUE_BULK),
    P("due to time", JD_CUE_BULK),
    P("duplicate of", JD_CUE_CAUSE),
    P("duplicated by", JD_CUE_CAUSE),
    P("duplicates", JD_CUE_CAUSE),
    P("feel free to", JD_CUE_CHATTER),
    P("file a new issue", JD_CUE_BULK),
    P("file a new ticket", JD_CUE_BULK),
    P("fix for this", JD_CUE_CAUSE),
    P("fix is", JD_CUE_CAUSE),
    P("fix is available", JD_CUE_COMMIT),
    P("fix is in", JD_CUE_COMMIT),
    P("fix is merged", JD_CUE_COMMIT),
    P("fix is now", JD_CUE_COMMIT),
    P("fix merged", JD_CUE_COMMIT),
    P("fix was", JD_CUE_CAUSE),
    P("fix was merged", JD_CUE_COMMIT),
    P("fixed by", JD_CUE_CAUSE),
    P("fixed by http", JD_CUE_COMMIT),
    P("fixed by https", JD_CUE_COMMIT),
    P("fixed by pr", JD_CUE_COMMIT),
    P("fixed by pull request", JD_CUE_COMMIT),
    P("fixed in", JD_CUE_COMMIT),
    P("fixed it by", JD_CUE_CAUSE),
    P("fixed the", JD_CUE_CAUSE),
    P("fixed this by", JD_CUE_CAUSE),
    P("fixes the", JD_CUE_CAUSE),
    P("functional test", JD_CUE_REPORT),
    P("functional testing", JD_CUE_REPORT),
    P("functional tests", JD_CUE_REPORT),
    P("got fixed", JD_CUE_CAUSE),
    P("has been added", JD_CUE_CAUSE),
    P("has been fixed", JD_CUE_CAUSE),
    P("has been merged", JD_CUE_COMMIT),
    P("has been removed", JD_CUE_CAUSE),
    P("how about", JD_CUE_ASK),
    P("i committed", JD_CUE_COMMIT),
    P("i have the same", JD_CUE_ASK),
    P("i think we should", JD_CUE_ASK),
    P("i wonder", JD_CUE_ASK),
    P("if this is still", JD_CUE_BULK),
    P("implemented", JD_CUE_CAUSE),
    P("in progress", JD_CUE_CHATTER),
    P("integrated in", JD_CUE_COMMIT),
    P("introduced by", JD_CUE_CAUSE),
    P("introduced in", JD_CUE_CAUSE),
    P("is a duplicate", JD_CUE_CAUSE),
    P("is actually expected", JD_CUE_CAUSE),
    P("is expected", JD_CUE_CAUSE),
    P("is it possible", JD_CUE_ASK),
    P("is the expected", JD_CUE_CAUSE),
    P("is there any", JD_CUE_ASK),
    P("issue reproduces", JD_CUE_REPORT),
    P("it has been decided", JD_CUE_BULK),
    P("lack of information", JD_CUE_BULK),
    P("lack of progress", JD_CUE_BULK),
    P("let me know", JD_CUE_ASK),
    P("lgtm", JD_CUE_CHATTER),
    P("link it", JD_CUE_CHATTER),
    P("linked this", JD_CUE_CHATTER),
    P("looking into", JD_CUE_CHATTER),
    P("looks good", JD_CUE_CHATTER),
    P("mass close", JD_CUE_BULK),
    P("mass closing", JD_CUE_BULK),
    P("mass update", JD_CUE_BULK),
    P("may close", JD_CUE_CHATTER),
    P("me too", JD_CUE_ASK),
    P("merged", JD_CUE_COMMIT),
    P("merging", JD_CUE_COMMIT),
    P("more information", JD_CUE_ASK),
    P("moving to", JD_CUE_CHATTER),
    P("need more info", JD_CUE_ASK),
    P("need more information", JD_CUE_ASK),
    P("next step", JD_CUE_ASK),
    P("next steps", JD_CUE_ASK),
    P("no longer an issue", JD_CUE_CAUSE),
    P("no longer relevant", JD_CUE_BULK),
    P("no longer support", JD_CUE_BULK),
    P("no longer supported", JD_CUE_BULK),
    P("no longer valid", JD_CUE_BULK),
    P("not a bug", JD_CUE_CAUSE),
    P("not an issue", JD_CUE_CAUSE),
    P("not recommended", JD_CUE_CAUSE),
    P("not reproduce", JD_CUE_REPORT),
    P("not reproducible", JD_CUE_REPORT),
    P("not sure", JD_CUE_ASK),
    P("now uses", JD_CUE_CAUSE),
    P("older fixed issues", JD_CUE_BULK),
    P("only able to", JD_CUE_REPORT),
    P("open a new issue", JD_CUE_BULK),
    P("open a new ticket", JD_CUE_BULK),
    P("open new ticket", JD_CUE_BULK),
    P("patch attached", JD_CUE_COMMIT),
    P("ping", JD_CUE_CHATTER),
    P("please attach", JD_CUE_ASK),
    P("please close", JD_CUE_CHATTER),
    P("please open a new", JD_CUE_BULK),
    P("please provide", JD_CUE_ASK),
    P("please reopen", JD_CUE_BULK),
    P("please review", JD_CUE_CHATTER),
    P("please take a look", JD_CUE_CHATTER),
    P("pr for", JD_CUE_COMMIT),
    P("pr merged", JD_CUE_COMMIT),
    P("pr sent", JD_CUE_COMMIT),
    P("pull request", JD_CUE_COMMIT),
    P("pull requests", JD_CUE_COMMIT),
    P("pushed", JD_CUE_COMMIT),
    P("qe testing", JD_CUE_REPORT),
    P("ready for review", JD_CUE_COMMIT),
    P("reason for", JD_CUE_CAUSE),
    P("reason is", JD_CUE_CAUSE),
    P("reason was", JD_CUE_CAUSE),
    P("reassigned", JD_CUE_CHATTER),
    P("reassigning", JD_CUE_CHATTER),
    P("rebased", JD_CUE_CHATTER),
    P("regression from", JD_CUE_CAUSE),
    P("regression in", JD_CUE_CAUSE),
    P("removed the", JD_CUE_CAUSE),
    P("renamed", JD_CUE_CAUSE),
    P("reopening", JD_CUE_CHATTER),
    P("replaced", JD_CUE_CAUSE),
    P("repro", JD_CUE_REPORT),
    P("reproduced", JD_CUE_REPORT),
    P("reproduces", JD_CUE_REPORT),
    P("resolved by", JD_CUE_CAUSE),
    P("resolved by pr", JD_CUE_COMMIT),
    P("resolved by pull request", JD_CUE_COMMIT),
    P("resolved by pull requests", JD_CUE_COMMIT),
    P("resolved in", JD_CUE_COMMIT),
    P("resolved it by", JD_CUE_CAUSE),
    P("resolved this by", JD_CUE_CAUSE),
    P("resolving as", JD_CUE_COMMIT),
    P("resolving ticket", JD_CUE_COMMIT),
    P("retarget", JD_CUE_BULK),
    P("root cause", JD_CUE_CAUSE),
    P("same issue", JD_CUE_REPORT),
    P("same problem", JD_CUE_REPORT),
    P("sample code", JD_CUE_REPORT),
    P("should we", JD_CUE_ASK),
    P("solution", JD_CUE_CAUSE),
    P("solved by", JD_CUE_CAUSE),
    P("solved this", JD_CUE_CAUSE),
    P("sorry for", JD_CUE_CHATTER),
    P("stale issue", JD_CUE_BULK),
    P("stale issues", JD_CUE_BULK),
    P("stale ticket", JD_CUE_BULK),
    P("stale tickets", JD_CUE_BULK),
    P("standardizing", JD_CUE_BULK),
    P("steps to reproduce", JD_CUE_REPORT),
    P("still happening", JD_CUE_REPORT),
    P("still occurs", JD_CUE_REPORT),
    P("still reproducible", JD_CUE_REPORT),
    P("submitted a patch", JD_CUE_COMMIT),
    P("superseded by", JD_CUE_CAUSE),
    P("take up", JD_CUE_CHATTER),
    P("test against", JD_CUE_REPORT),
    P("test case", JD_CUE_REPORT),
    P("test cases", JD_CUE_REPORT),
    P("test code", JD_CUE_REPORT),
    P("test steps", JD_CUE_REPORT),
    P("tested against", JD_CUE_REPORT),
    P("tested and verified", JD_CUE_REPORT | JD_CUE_CONFIRM),
    P("tested in", JD_CUE_REPORT),
    P("tested on", JD_CUE_REPORT | JD_CUE_CONFIRM),
    P("tested this", JD_CUE_REPORT),
    P("tested using", JD_CUE_REPORT),
    P("tested with", JD_CUE_REPORT | JD_CUE_CONFIRM),
    P("testing", JD_CUE_REPORT),
    P("thank you", JD_CUE_CHATTER),
    P("thanks", JD_CUE_CHATTER),
    P("the cause", JD_CUE_CAUSE),
    P("the change", JD_CUE_CAUSE),
    P("the correct way", JD_CUE_CAUSE),
    P("the issue is", JD_CUE_CAUSE),
    P("the issue was", JD_CUE_CAUSE),
    P("the problem is", JD_CUE_CAUSE),
    P("the problem was", JD_CUE_CAUSE),
    P("this fix", JD_CUE_CAUSE),
    P("time passed", JD_CUE_BULK),
    P("to test", JD_CUE_REPORT),
    P("turned out", JD_CUE_CAUSE),
    P("turns out", JD_CUE_CAUSE),
    P("unable to reproduce", JD_CUE_REPORT),
    P("unassigned", JD_CUE_CHATTER),
    P("unassigning", JD_CUE_CHATTER),
    P("up for review", JD_CUE_COMMIT),
    P("uploaded", JD_CUE_COMMIT),
    P("uploading", JD_CUE_COMMIT),
    P("verified", JD_CUE_REPORT | JD_CUE_CONFIRM),
    P("was added", JD_CUE_CAUSE),
    P("was fixed", JD_CUE_CAUSE),
    P("was introduced", JD_CUE_CAUSE),
    P("was merged", JD_CUE_COMMIT),
    P("was removed", JD_CUE_CAUSE),
    P("was updated", JD_CUE_CAUSE),
    P("we will need to", JD_CUE_ASK),
    P("what do you think", JD_CUE_ASK),
    P("will do", JD_CUE_CHATTER),
    P("will look", JD_CUE_CHATTER),
    P("will take a look", JD_CUE_CHATTER),
    P("with this change", JD_CUE_CAUSE),
    P("work around", JD_CUE_CAUSE),
    P("workaround", JD_CUE_CAUSE),
    P("working as designed", JD_CUE_CAUSE),
    P("working as expected", JD_CUE_REPORT),
    P("working as intended", JD_CUE_CAUSE),
    P("working on", JD_CUE_CHATTER),
    P("works as designed", JD_CUE_CAUSE),
    P("works as expected", JD_CUE_REPORT),
    P("works as intended", JD_CUE_CAUSE),
    P("works fine now", JD_CUE_CONFIRM),
    P("works for me", JD_CUE_REPORT),
    P("works now", JD_CUE_CONFIRM),
    P("would be great", JD_CUE_ASK),
    P("would be nice", JD_CUE_ASK),
    P("would you", JD_CUE_ASK),
    P("you need to", JD_CUE_CAUSE),
};
#undef P

enum { N_PHRASES = sizeof phrases / sizeof *phrases, SHORTEST = 3 /* bytes of one, at least */ };

typedef struct reading {
    jd_str  s;
    size_t  at;
    jd_cues cues;
    bool    in_code, in_quote;
} reading;

/* Where the phrases of each two first characters begin in the table, and where they end. Never
 * changes once it is made. */
enum { LETTERS = 26, SECONDS = LETTERS + 1, PAIRS = LETTERS * SECONDS };
static uint16_t       pair_from[PAIRS + 1];
static uint32_t       pair_thirds[PAIRS]; /* a bit for each third letter there is */
static pthread_once_t pairs_once = PTHREAD_ONCE_INIT;

static unsigned letter_of(char c)
{
    return (unsigned)(unsigned char)jd_text_fold(c) - 'a'; /* 0..25, or more */
}

/* 1..26, and 0 for what is no letter: the end of the first word. */
static unsigned second_of(char c)
{
    unsigned letter = letter_of(c);
    return letter < LETTERS ? letter + 1 : 0;
}

/* A phrase may begin with these characters. Behind a word of one letter there may be more than one
 * blank, so that the third says nothing. */
static bool may_begin(unsigned pair, char third)
{
    return pair_thirds[pair] >> second_of(third) & 1 || pair % SECONDS == 0;
}

static void index_phrases(void)
{
    unsigned at = 0;
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        pair_from[pair] = (uint16_t)at;
        for (; at < N_PHRASES; at++) {
            const char *p = phrases[at].words.p;
            if (letter_of(p[0]) * SECONDS + second_of(p[1]) != pair)
                break;
            pair_thirds[pair] |= 1U << second_of(p[2]);
        }
    }
    pair_from[PAIRS] = (uint16_t)at;
    assert(at == N_PHRASES); /* they are sorted */
}

/* The phrase, whose first character is known to fit, stands at s, whatever the white space and
 * dashes between its words. */
static bool stands_at(jd_str s, jd_str words)
{
    size_t i = 1;
    for (size_t w = 1; w < words.n; w++) {
        if (words.p[w] != ' ') {
            if (i >= s.n || jd_text_fold(s.p[i]) != words.p[w])
                return false;
            i++;
            continue;
        }
        size_t from = i;
        while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\t' || s.p[i] == '-'))
            i++;
        if (i == from)
            return false;
    }
    return i == s.n || !jd_text_in_word(s.p[i]);
}

static void match_phrases(reading *r)
{
    jd_str   here  = {r->s.p + r->at, r->s.n - r->at};
    unsigned first = letter_of(here.p[0]);
    if (first >= LETTERS || here.n < SHORTEST)
        return;
    unsigned pair = first * SECONDS + second_of(here.p[1]);
    if (!may_begin(pair, here.p[2]))
        return;
    const phrase *longest = NULL; /* "fixed by pull request" is no "fixed by" */
    for (unsigned i = pair_from[pair]; i < pair_from[pair + 1]; i++) {
        const phrase *p = &phrases[i];
        if (!stands_at(here, p->words))
            continue;
        /* "Caused by: java.io…" is a stack trace, not an explanation */
        if (here.n > p->words.n && here.p[p->words.n] == ':' && jd_str_is(p->words, "caused by"))
            continue;
        longest = !longest || p->words.n > longest->words.n ? p : longest;
    }
    if (longest)
        r->cues.found |= longest->cue;
}

/* {code}, {noformat} and {quote} switch; true when one stood there and was passed over. */
static bool pass_macro(reading *r)
{
    jd_str here = jd_str_cut(r->s, r->at, r->s.n);
    bool code  = jd_text_begins(here, JD_STR("{code")) || jd_text_begins(here, JD_STR("{noformat"));
    bool quote = jd_text_begins(here, JD_STR("{quote"));
    if ((!code && !quote) || (quote && r->in_code))
        return false;
    size_t end = jd_str_find(here, '}');
    if (end == here.n)
        return false;
    if (code)
        r->in_code = !r->in_code;
    else
        r->in_quote = !r->in_quote;
    r->at += end + 1;
    return true;
}

static void note_address(reading *r, jd_str address)
{
    static const jd_str marks[] = {JD_STR_INIT("/pull/"),           JD_STR_INIT("/commit/"),
                                   JD_STR_INIT("/commits/"),        JD_STR_INIT("/rev/"),
                                   JD_STR_INIT("/merge_requests/"), JD_STR_INIT("/changeset"),
                                   JD_STR_INIT("/compare/")};
    for (;;) {
        size_t slash = jd_str_find(address, '/');
        address      = (jd_str){address.p + slash, address.n - slash};
        if (address.n == 0)
            return;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (jd_str_starts(address, marks[i]))
                r->cues.found |= JD_CUE_LINK;
        address = (jd_str){address.p + 1, address.n - 1};
    }
}

static void pass_address(reading *r)
{
    size_t from = r->at;
    while (r->at < r->s.n && (unsigned char)r->s.p[r->at] > ' ' && r->s.p[r->at] != ']' &&
           r->s.p[r->at] != '|')
        r->at++;
    note_address(r, jd_str_cut(r->s, from, r->at - from));
}

/* An HTML tag, or a macro such as {html} or {color:red}; true when it was passed over. */
static bool pass_tag(reading *r)
{
    enum { LONGEST = 600 };
    jd_str here  = jd_str_cut(r->s, r->at, LONGEST);
    bool   macro = here.p[0] == '{';
    char   next  = here.n > 1 ? here.p[1] : ' ';
    if (letter_of(next) >= 26 && (macro || next != '/'))
        return false;
    size_t end = jd_str_find(here, macro ? '}' : '>');
    if (end == here.n || (macro && jd_str_find(here, '\n') < end))
        return false;
    note_address(r, jd_str_cut(here, 0, end));
    r->at += end + 1;
    return true;
}

/* A line that is no prose: quoted, or a frame of a stack trace. */
static bool is_mute(jd_str line)
{
    jd_str s = jd_str_trim(line);
    return jd_str_starts(s, JD_STR("bq.")) || jd_str_starts(s, JD_STR(">")) ||
           (jd_str_starts(s, JD_STR("at ")) && jd_str_find(s, '(') < s.n &&
            jd_str_ends(s, JD_STR(")")));
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

static bool pass_mute_line(reading *r)
{
    const char *p = r->s.p;
    size_t      k = r->at;
    while (k < r->s.n && is_blank(p[k]))
        k++;
    if (k == r->s.n ||
        (p[k] != 'b' && p[k] != '>' && p[k] != 'a')) /* most lines are told by their first byte */
        return false;
    jd_str rest = jd_str_cut(r->s, r->at, r->s.n), line;
    if (!jd_text_line(&rest, &line) || !is_mute(line))
        return false;
    r->at = r->s.n - rest.n;
    return true;
}

static void pass_word(reading *r)
{
    const char   *p  = r->s.p;
    size_t        at = r->at, wide = 0;
    unsigned char seen  = 0;
    bool          quiet = r->in_code || r->in_quote;
    if (!quiet)
        match_phrases(r);
    for (; at < r->s.n && (jd_text_in_word(p[at]) || p[at] == '\''); at++)
        seen |= (unsigned char)p[at];
    if (!quiet && seen >= 0x80)
        for (size_t i = r->at; i < at; i++)
            wide += (unsigned char)p[i] >> 7;
    /* scripts without blanks: about two characters of three bytes a word */
    if (!quiet)
        r->cues.words += wide >= 12 && wide * 2 > at - r->at ? (unsigned)(wide / 6) : 1;
    r->at = at < r->s.n && p[at] == ' ' ? at + 1 : at;
}

static bool is_address(const reading *r)
{
    jd_str here = {r->s.p + r->at, r->s.n - r->at};
    return jd_str_starts(here, JD_STR("http://")) || jd_str_starts(here, JD_STR("https://"));
}

/* A vote, "+1" or "-1", that is no part of a word. */
static bool is_vote(const reading *r)
{
    const char *p = r->s.p + r->at;
    return r->at + 1 < r->s.n && p[1] == '1' && (r->at == 0 || !jd_text_in_word(p[-1])) &&
           (r->at + 2 >= r->s.n || !jd_text_in_word(p[2]));
}

static void pass_mark(reading *r)
{
    switch (r->s.p[r->at]) {
    case '{':
        if (pass_macro(r) || pass_tag(r))
            return;
        break;
    case '<':
        if (pass_tag(r))
            return;
        break;
    case '[':
        if (r->at + 1 < r->s.n && r->s.p[r->at + 1] == '~') { /* [~login] */
            r->at += jd_str_find(jd_str_cut(r->s, r->at, r->s.n), ']');
            return;
        }
        break;
    case '+':
    case '-':
        if (!r->in_code && !r->in_quote && is_vote(r))
            r->cues.found |= JD_CUE_CHATTER;
        break;
    default:
        break;
    }
    r->at++;
}

jd_cues jd_cues_of(jd_str body)
{
    reading r = {.s = jd_str_trim(jd_str_cut(body, 0, READ_MAX))};
    (void)pthread_once(&pairs_once, index_phrases);
    for (bool line_start = true; r.at < r.s.n;) {
        if (line_start && !r.in_code && pass_mute_line(&r))
            continue;
        char c     = r.s.p[r.at];
        line_start = c == '\n';
        if (!jd_text_in_word(c))
            pass_mark(&r);
        else if (c == 'h' && is_address(&r))
            pass_address(&r);
        else
            pass_word(&r);
    }
    if (jd_str_ends(r.s, JD_STR("?")))
        r.cues.found |= JD_CUE_ASK;
    return r.cues;
}
