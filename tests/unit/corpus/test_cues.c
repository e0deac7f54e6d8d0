#include "corpus/cues.h"
#include "corpus_test.h"

static void found(void **state)
{
    static const struct {
        const char *text;
        unsigned    cues; /* exactly these */
    } cases[] = {
        {"The root cause was a stale index.", JD_CUE_CAUSE},
        {"Root\n cause: the cache", JD_CUE_CAUSE},
        {"This was caused by a race", JD_CUE_CAUSE},
        {"Caused by: java.io.IOException", 0},
        {"{code}fixed by magic{code} nothing here", 0},
        {"{noformat:title=x}root cause{noformat}", 0},
        {"{quote}Root cause is X{quote}", 0},
        {"bq. the problem is here\nso what", 0},
        {"    at org.x.Because.because(Because.java:7)", 0},
        {"Issue resolved by pull request 12", JD_CUE_COMMIT},
        {"Fixed by https://github.com/a/b/pull/7", JD_CUE_COMMIT | JD_CUE_LINK},
        {"Fixed by closing the stream", JD_CUE_CAUSE},
        {"rooted causes, becauses and solutional", 0},
        {"LGTM, +1", JD_CUE_CHATTER},
        {"+1", JD_CUE_CHATTER},
        {"a+1 and +10", 0},
        {"Could you attach the log", JD_CUE_ASK},
        {"Is it so?", JD_CUE_ASK},
        {"I verified this, works now", JD_CUE_CONFIRM | JD_CUE_REPORT},
        {"Closing ticket due to time passed.", JD_CUE_COMMIT | JD_CUE_BULK},
        {"see https://github.com/a/b/commit/abc123", JD_CUE_LINK},
        {"see https://example.com/page", 0},
        {"[~fixed.by] hello", 0},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned got = jd_cues_of(jd_str_of(cases[i].text)).found;
        if (got != cases[i].cues)
            fail_msg("%s: %x, not %x", cases[i].text, got, cases[i].cues);
    }
}

static void counted(void **state)
{
    static const struct {
        const char *text;
        unsigned    words;
    } cases[] = {
        {"one two three", 3},
        {"one {code}two three{code} four", 2},
        {"don't count twice", 3},
        {"https://example.com/a-b-c only this", 2},
        {"[~some.user] hi", 1},
        {"<p class=\"x y\">one</p> {color:red}two{color}", 2},
        {"{unclosed one", 2},
        {"{code}never closed one two", 0},
        {"\xe6\x9c\xac\xe6\x96\x87\xe6\x9c\xac\xe6\x96\x87\xe6\x9c\xac\xe6\x96\x87", 3},
        {"[~", 0},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned got = jd_cues_of(jd_str_of(cases[i].text)).words;
        if (got != cases[i].words)
            fail_msg("%s: %u words, not %u", cases[i].text, got, cases[i].words);
    }
}

/* Every prefix of a text with all that is special in it. */
static void cut_anywhere(void **state)
{
    static const char text[] =
        "{code:java}x{code} <a href=\"/commit/1\">y</a> [~a] https://x/pull/1 "
        "{quote}q{quote} +1 at a(b)\nbq. z\n> w\nroot cause {html} \xc3\xa9?";
    (void)state;
    for (size_t n = 0; n <= strlen(text); n++) {
        char *copy = malloc(n + 1); /* so that a sanitizer sees a step too far */
        memcpy(copy, text, n);
        assert_true(jd_cues_of((jd_str){copy, n}).words < 30);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found),
        cmocka_unit_test(counted),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests_name("corpus/cues", tests, NULL, NULL);
}
