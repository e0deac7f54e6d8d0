#include "base/rng.h"
#include "sys/zip.h"
#include "sys_test.h"

static const jd_zip kinds[] = {JD_ZIP_NONE, JD_ZIP_GZIP, JD_ZIP_ZSTD};

static void add_frame(jd_buf *out, jd_zip kind, jd_str text, size_t piece)
{
    jd_err     e = JD_ERR_NONE;
    jd_zipper *z = jd_zipper_new(kind, 0);
    for (size_t at = 0; at < text.n; at += piece)
        assert_int_equal(jd_zipper_add(z, jd_str_cut(text, at, piece), out, &e), JD_OK);
    assert_int_equal(jd_zipper_end(z, out, &e), JD_OK);
    jd_zipper_free(z);
}

static void put_buf(const char *path, const jd_buf *b)
{
    jd_err e = JD_ERR_NONE;
    assert_int_equal(jd_file_replace(path, jd_buf_view(b), &e), JD_OK);
}

static void lines_come_back_from_several_frames(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        jd_buf b = JD_BUF_INIT(1 << 20);
        add_frame(&b, kinds[k], JD_STR("one\n\nthree goes "), 3);
        add_frame(&b, kinds[k], JD_STR("on\r\nfour"), 100);
        assert_int_equal(jd_zip_detect(jd_buf_view(&b)), kinds[k]);
        put_buf("f", &b);
        jd_buf_release(&b);
        static const char *const want[] = {"one", "", "three goes on", "four"};
        jd_lines                *l;
        jd_err                   e = JD_ERR_NONE;
        jd_str                   line;
        assert_int_equal(jd_lines_open("f", 100, &l, &e), JD_OK);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
            assert_non_null(line.p);
            assert_true(jd_str_is(line, want[i]));
        }
        assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
        assert_null(line.p);
        assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
        assert_null(line.p);
        jd_lines_close(l);
    }
}

/* Lines of many lengths, some longer than any inner buffer. */
static void large_input_comes_back_whole(void **state)
{
    (void)state;
    jd_rng rng  = jd_rng_seed(7);
    jd_buf text = JD_BUF_INIT(64 << 20);
    for (int i = 0; i < 300; i++) {
        size_t n = jd_rng_below(&rng, i % 50 ? 3000 : 400000);
        for (size_t k = 0; k < n; k++)
            jd_buf_addc(&text, (char)('a' + jd_rng_below(&rng, 20)));
        jd_buf_addc(&text, '\n');
    }
    for (size_t k = 0; k < 3; k++) {
        jd_buf b = JD_BUF_INIT(64 << 20), got = JD_BUF_INIT(64 << 20);
        add_frame(&b, kinds[k], jd_buf_view(&text), 100000);
        put_buf("f", &b);
        jd_lines *l;
        jd_err    e = JD_ERR_NONE;
        jd_str    line;
        assert_int_equal(jd_lines_open("f", 400000, &l, &e), JD_OK);
        while (!jd_lines_next(l, &line, &e) && line.p) {
            jd_buf_adds(&got, line);
            jd_buf_addc(&got, '\n');
        }
        assert_true(jd_str_eq(jd_buf_view(&got), jd_buf_view(&text)));
        jd_lines_close(l);
        jd_buf_release(&b);
        jd_buf_release(&got);
    }
    jd_buf_release(&text);
}

static void output_is_the_same_every_time(void **state)
{
    (void)state;
    for (size_t k = 1; k < 3; k++) {
        jd_buf     a = JD_BUF_INIT(1 << 20), b = JD_BUF_INIT(1 << 20);
        jd_err     e = JD_ERR_NONE;
        jd_zipper *z = jd_zipper_new(kinds[k], 0);
        for (int i = 0; i < 2; i++) { /* one compressor, two frames */
            assert_int_equal(jd_zipper_add(z, JD_STR("hello hello hello"), i ? &b : &a, &e), JD_OK);
            assert_int_equal(jd_zipper_end(z, i ? &b : &a, &e), JD_OK);
        }
        assert_true(jd_str_eq(jd_buf_view(&a), jd_buf_view(&b)));
        jd_zipper_free(z);
        if (kinds[k] == JD_ZIP_GZIP) /* no time, no name */
            assert_memory_equal(a.p, "\x1f\x8b\x08\0\0\0\0\0", 8);
        jd_buf_release(&a);
        jd_buf_release(&b);
    }
}

static void ceilings_hold(void **state)
{
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        char   zeros[5000] = {0};
        jd_buf b = JD_BUF_INIT(1 << 20), tiny = JD_BUF_INIT(4);
        jd_err e = JD_ERR_NONE;
        memset(zeros, 'x', sizeof zeros);
        zeros[10] = '\n';
        add_frame(&b, kinds[k], (jd_str){zeros, sizeof zeros}, sizeof zeros);
        put_buf("bomb", &b);
        jd_lines *l;
        jd_str    line;
        assert_int_equal(jd_lines_open("bomb", 100, &l, &e), JD_OK);
        assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
        assert_int_equal(line.n, 10);
        assert_int_equal(jd_lines_next(l, &line, &e), JD_E_TOOBIG);
        assert_has(e.msg, "bomb: line 2");
        jd_lines_close(l);
        jd_zipper *z  = jd_zipper_new(kinds[k], 0);
        jd_code    rc = jd_zipper_add(z, JD_STR("some text"), &tiny, &e);
        if (!rc)
            rc = jd_zipper_end(z, &tiny, &e);
        assert_int_equal(rc, JD_E_TOOBIG);
        jd_zipper_free(z);
        jd_buf_release(&b);
        jd_buf_release(&tiny);
    }
}

/* Every cut of a compressed file is noticed, and no damage crashes. */
static void damage_is_an_error(void **state)
{
    (void)state;
    for (size_t k = 1; k < 3; k++) {
        jd_buf b = JD_BUF_INIT(1 << 20);
        jd_err e = JD_ERR_NONE;
        add_frame(&b, kinds[k], JD_STR("first line\nsecond line\n"), 100);
        for (size_t n = 4; n < b.n; n++) {
            assert_int_equal(jd_file_replace("cut", (jd_str){b.p, n}, &e), JD_OK);
            jd_lines *l;
            jd_str    line;
            jd_code   rc;
            assert_int_equal(jd_lines_open("cut", 100, &l, &e), JD_OK);
            while (!(rc = jd_lines_next(l, &line, &e)) && line.p)
                ;
            assert_int_equal(rc, JD_E_DATA);
            assert_has(e.msg, "cut: ");
            jd_lines_close(l);
        }
        b.p[b.n / 2] = (char)~b.p[b.n / 2];
        put_buf("bad", &b);
        jd_lines *l;
        jd_str    line;
        jd_code   rc;
        assert_int_equal(jd_lines_open("bad", 100, &l, &e), JD_OK);
        while (!(rc = jd_lines_next(l, &line, &e)) && line.p)
            ;
        assert_int_equal(rc, JD_E_DATA);
        jd_lines_close(l);
        jd_buf_release(&b);
    }
}

static void an_empty_and_a_missing_file(void **state)
{
    (void)state;
    jd_lines *l;
    jd_str    line;
    jd_err    e = JD_ERR_NONE;
    assert_int_equal(jd_lines_open("none", 100, &l, &e), JD_E_NOTFOUND);
    put_file("empty", "");
    assert_int_equal(jd_lines_open("empty", 100, &l, &e), JD_OK);
    assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
    assert_null(line.p);
    jd_lines_close(l);
}

static void the_ceiling_counts_no_line_end(void **state)
{
    (void)state;
    jd_lines *l;
    jd_str    line;
    jd_err    e = JD_ERR_NONE;
    put_file("f", "12345\r\n12345\n12345");
    assert_int_equal(jd_lines_open("f", 5, &l, &e), JD_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
        assert_true(jd_str_is(line, "12345"));
    }
    jd_lines_close(l);
}

/* -- frames ---------------------------------------------------------------------------------- */

static const char issue[] = "{\"id\":\"1\",\"key\":\"A-1\"}\n";

static void add_sealed(jd_buf *out, jd_str text)
{
    jd_err     e;
    jd_zipper *z = jd_zipper_new(JD_ZIP_ZSTD, 1);
    assert_int_equal(jd_zipper_frame(z, text, out, &e), JD_OK);
    jd_zipper_free(z);
}

static jd_code unframe(jd_str bytes, jd_buf *out)
{
    jd_err       e;
    jd_unframer *u = jd_unframer_new();
    jd_buf_reset(out);
    jd_code rc = jd_unframe(u, bytes, out, &e);
    jd_unframer_free(u);
    return rc;
}

static void frames_come_back_one_by_one(void **state)
{
    (void)state;
    jd_buf   b = JD_BUF_INIT(1 << 20), text = JD_BUF_INIT(1 << 20);
    jd_str   texts[] = {jd_str_of(issue), JD_STR(""), JD_STR("the next")};
    jd_frame f;
    jd_err   e;
    bool     cut;
    for (int i = 0; i < 3; i++)
        add_sealed(&b, texts[i]);
    jd_str rest = jd_buf_view(&b);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(jd_frame_measure(rest, &f, &cut, &e), JD_OK);
        assert_int_equal(f.content, texts[i].n);
        assert_int_equal(unframe(rest, &text), JD_OK);
        assert_true(jd_str_eq(jd_buf_view(&text), texts[i]));
        rest = jd_str_cut(rest, f.packed, rest.n);
    }
    assert_int_equal(rest.n, 0);
    jd_buf_release(&b);
    jd_buf_release(&text);
}

/* Lines, and whatever else reads zstd, pass over the seals. */
static void seals_are_passed_over(void **state)
{
    (void)state;
    jd_buf    b = JD_BUF_INIT(1 << 20);
    jd_lines *l;
    jd_str    line;
    jd_err    e;
    add_sealed(&b, JD_STR("one\ntw"));
    add_sealed(&b, JD_STR("o\n"));
    put_buf("f", &b);
    assert_int_equal(jd_lines_open("f", 100, &l, &e), JD_OK);
    assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
    assert_true(jd_str_is(line, "one"));
    assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
    assert_true(jd_str_is(line, "two"));
    assert_int_equal(jd_lines_next(l, &line, &e), JD_OK);
    assert_null(line.p);
    jd_lines_close(l);
    jd_buf_release(&b);
}

static void no_bit_of_a_frame_changes_unseen(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(1 << 20), text = JD_BUF_INIT(1 << 20);
    add_sealed(&b, jd_str_of(issue));
    for (size_t i = 0; i < b.n * 8; i++) {
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
        assert_int_not_equal(unframe(jd_buf_view(&b), &text), JD_OK);
        b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
    }
    assert_int_equal(unframe(jd_buf_view(&b), &text), JD_OK);
    jd_buf_release(&b);
    jd_buf_release(&text);
}

static void a_frame_cut_anywhere_is_cut(void **state)
{
    (void)state;
    jd_buf   b = JD_BUF_INIT(1 << 20);
    jd_frame f;
    jd_err   e;
    add_sealed(&b, jd_str_of(issue));
    for (size_t n = 1; n < b.n; n++) {
        bool cut = false;
        assert_int_equal(jd_frame_measure(jd_str_cut(jd_buf_view(&b), 0, n), &f, &cut, &e),
                         JD_E_DATA);
        assert_true(cut);
    }
    jd_buf_release(&b);
}

/* As they were written before there were seals, and as nobody should. */
static void frames_that_check_themselves_need_no_seal(void **state)
{
    static const char checked[] = "\x28\xb5\x2f\xfd\x24\x17\xb9\0\0{\"id\":\"1\",\"key\":\"A-1\"}\n"
                                  "\xaa\x57\x3f\x01",
                      unchecked[] = "\x28\xb5\x2f\xfd\x20\x17\xb9\0\0{\"id\":\"1\",\"key\":\"A-1\"}"
                                    "\n\x28\xb5\x2f\xfd\x20\x17\xb9\0\0\0\0\0\0\0\0";
    (void)state;
    jd_buf   text = JD_BUF_INIT(1 << 20);
    jd_str   one = {checked, sizeof checked - 1}, bare = {unchecked, sizeof unchecked - 1};
    jd_frame f;
    jd_err   e;
    bool     cut;
    assert_int_equal(jd_frame_measure(one, &f, &cut, &e), JD_OK);
    assert_int_equal(f.packed, one.n);
    assert_int_equal(unframe(one, &text), JD_OK);
    assert_string_equal(jd_buf_cstr(&text), issue);
    assert_int_equal(jd_frame_measure(bare, &f, &cut, &e), JD_E_DATA);
    assert_false(cut);
    assert_int_equal(unframe(bare, &text), JD_E_DATA);
    jd_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TEMP(lines_come_back_from_several_frames),
        IN_TEMP(large_input_comes_back_whole),
        IN_TEMP(output_is_the_same_every_time),
        IN_TEMP(ceilings_hold),
        IN_TEMP(the_ceiling_counts_no_line_end),
        IN_TEMP(damage_is_an_error),
        IN_TEMP(an_empty_and_a_missing_file),
        IN_TEMP(frames_come_back_one_by_one),
        IN_TEMP(seals_are_passed_over),
        IN_TEMP(no_bit_of_a_frame_changes_unseen),
        IN_TEMP(a_frame_cut_anywhere_is_cut),
        IN_TEMP(frames_that_check_themselves_need_no_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
