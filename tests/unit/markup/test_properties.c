/* What holds for any document: what is written is text, has no newline at its ends, and takes work
 * and room that grow no faster than the document. */
#include "markup/markup.h"
#include "text/utf8.h"
#include "unit/check.h"
#include "unit/markup/randomdoc.h"

#include <stdio.h>

typedef void writer(jd_buf *, jd_mk_doc *);

static writer *const writers[] = {jd_write_markdown, jd_write_text, jd_write_adf, jd_write_wiki};

static size_t size_of(const jd_mk_doc *d)
{
    size_t n = d->n;
    for (uint32_t i = 0; i < d->n; i++)
        n += d->ev[i].text.n;
    for (uint32_t i = 0; i < d->n; i++)
        if (d->ev[i].edge == JD_MK_LEAF && d->ev[i].link)
            n += d->links[d->ev[i].link].dest.n + d->links[d->ev[i].link].title.n;
    return n;
}

static bool is_text(jd_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
            return false;
    }
    return jd_utf8_valid(s) == s.n;
}

static void check(jd_mk_doc *d, uint64_t seed)
{
    size_t size = size_of(d);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        jd_buf out = JD_BUF_INIT(256 << 20);
        d->steps   = 0;
        writers[i](&out, d);
        jd_str s  = jd_buf_view(&out);
        bool   ok = jd_buf_ok(&out) && is_text(s) && d->steps <= 64 * size + 4096;
        ok        = ok && (s.n == 0 || (s.p[0] != '\n' && s.p[s.n - 1] != '\n'));
        if (!ok)
            fail_msg("JD_SEED=%llu writer %zu: %llu steps, %zu bytes for %zu:\n%.*s",
                     (unsigned long long)seed, i, (unsigned long long)d->steps, s.n, size,
                     JD_FMT(s));
        jd_buf_release(&out);
    }
}

static void any_document(void **state)
{
    (void)state;
    jd_arena *a = jd_arena_new(0);
    jd_mk_doc d = JD_MK_DOC_INIT(a);
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        jd_arena_reset(a);
        randomdoc(&d, seed, 10 + (unsigned)(seed % 150),
                  seed % 3 ? RANDOMDOC_WILD : RANDOMDOC_TAME);
        check(&d, seed);
    }
    jd_mk_release(&d);
    jd_arena_free(a);
}

/* Shapes that made others slow, at n and 2n. */
typedef void shape(jd_mk_doc *, unsigned n);

static void leaf(jd_mk_doc *d, const char *s, unsigned marks)
{
    jd_mk_text(d, jd_str_of(s), marks, 0);
}

static void alternating_marks(jd_mk_doc *d, unsigned n)
{
    static const unsigned all[] = {JD_MK_STRONG, JD_MK_EM, JD_MK_STRIKE, JD_MK_SUB,
                                   JD_MK_UNDERLINE};
    jd_mk_open(d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    for (unsigned i = 0; i < n; i++)
        leaf(d, i & 1 ? "a" : "b ", all[i % 5] | all[i / 3 % 5] | all[i / 7 % 5]);
}

static void one_long_mark(jd_mk_doc *d, unsigned n)
{
    jd_mk_open(d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    for (unsigned i = 0; i < n; i++)
        leaf(d, i & 1 ? "a" : "b ", JD_MK_STRONG | (i & 1 ? JD_MK_EM : 0));
}

static void empty_items(jd_mk_doc *d, unsigned n)
{
    jd_mk_open(d, JD_MK_BULLETS, 0, JD_NOSTR);
    for (unsigned i = 0; i < n; i++) {
        jd_mk_open(d, JD_MK_ITEM, 0, JD_NOSTR);
        jd_mk_close(d);
    }
}

static void deep_lists(jd_mk_doc *d, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        jd_mk_open(d, JD_MK_BULLETS, 0, JD_NOSTR);
        jd_mk_open(d, JD_MK_ITEM, 0, JD_NOSTR);
    }
    leaf(d, "deep", 0);
}

static void wide_table(jd_mk_doc *d, unsigned n)
{
    jd_mk_open(d, JD_MK_TABLE, 0, JD_NOSTR);
    for (unsigned i = 0; i <= n; i++) {
        jd_mk_open(d, JD_MK_ROW, 0, JD_NOSTR);
        for (unsigned k = i ? 1 : n; k; k--) {
            jd_mk_open(d, JD_MK_CELL, jd_mk_cell(false, 1, 1), JD_NOSTR);
            leaf(d, "x", 0);
            jd_mk_close(d);
        }
        jd_mk_close(d);
    }
}

static void greedy_spans(jd_mk_doc *d, unsigned n)
{
    jd_mk_open(d, JD_MK_TABLE, 0, JD_NOSTR);
    for (unsigned i = 0; i < n; i++) {
        jd_mk_open(d, JD_MK_ROW, 0, JD_NOSTR);
        jd_mk_open(d, JD_MK_CELL, jd_mk_cell(false, 4095, 4095), JD_NOSTR);
        leaf(d, "x", 0);
        jd_mk_close(d);
        jd_mk_close(d);
    }
}

static void backticks(jd_mk_doc *d, unsigned n)
{
    jd_mk_open(d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    for (unsigned i = 0; i < n; i++)
        leaf(d, i & 1 ? "`` ` ```" : "a", i & 1 ? JD_MK_MONO : 0);
}

static void traps(jd_mk_doc *d, unsigned n)
{
    jd_mk_open(d, JD_MK_PARAGRAPH, 0, JD_NOSTR);
    for (unsigned i = 0; i < n; i++) {
        leaf(d, "https:&&&#&#x", 0);
        leaf(d, "---", JD_MK_EM);
    }
}

static void grows_with_size(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        shape      *make;
    } shapes[]  = {{"alternating marks", alternating_marks},
                   {"one long mark", one_long_mark},
                   {"empty items", empty_items},
                   {"deep lists", deep_lists},
                   {"wide table", wide_table},
                   {"greedy spans", greedy_spans},
                   {"backticks", backticks},
                   {"traps", traps}};
    jd_arena *a = jd_arena_new(0);
    jd_mk_doc d = JD_MK_DOC_INIT(a);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t k = 0; k < sizeof writers / sizeof *writers; k++) {
            uint64_t steps[2];
            size_t   room[2];
            for (unsigned twice = 0; twice < 2; twice++) {
                jd_buf out = JD_BUF_INIT(256 << 20);
                jd_arena_reset(a);
                jd_mk_reset(&d);
                shapes[i].make(&d, 10000u << twice);
                jd_mk_finish(&d);
                d.steps = 0;
                writers[k](&out, &d);
                assert_true(jd_buf_ok(&out));
                steps[twice] = d.steps;
                room[twice]  = out.n;
                jd_buf_release(&out);
            }
            if (steps[1] > steps[0] * 2 + steps[0] / 10 + 1000 ||
                room[1] > room[0] * 2 + room[0] / 10 + 1000)
                fail_msg("%s, writer %zu: %llu then %llu steps, %zu then %zu bytes", shapes[i].name,
                         k, (unsigned long long)steps[0], (unsigned long long)steps[1], room[0],
                         room[1]);
        }
    jd_mk_release(&d);
    jd_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_document),
        cmocka_unit_test(grows_with_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
