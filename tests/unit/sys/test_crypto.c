#include "sys/crypto.h"
#include "sys/file.h"
#include "sys_test.h"
#include "text/base64.h"

#include <unistd.h>

static void assert_mac(jd_str key, jd_str data, const char *hex)
{
    unsigned char out[JD_SHA256_BYTES];
    jd_err        e   = JD_ERR_NONE;
    jd_buf        got = JD_BUF_INIT(100);
    assert_int_equal(jd_hmac_sha256(key, data, out, &e), JD_OK);
    jd_hex(&got, (jd_str){(const char *)out, sizeof out});
    assert_true(jd_str_is(jd_buf_view(&got), hex));
    jd_buf_release(&got);
}

/* RFC 4231, and the vector that Atlassian publishes for webhooks. */
static void test_published_vectors(void **unused)
{
    char twenty[20], long_key[131];
    (void)unused;
    memset(twenty, 0x0b, sizeof twenty);
    memset(long_key, 0xaa, sizeof long_key);
    assert_mac((jd_str){twenty, sizeof twenty}, JD_STR("Hi There"),
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_mac(JD_STR("Jefe"), JD_STR("what do ya want for nothing?"),
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_mac((jd_str){long_key, sizeof long_key},
               JD_STR("Test Using Larger Than Block-Size Key - Hash Key First"),
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_mac(JD_STR("It's a Secret to Everybody"), JD_STR("Hello World!"),
               "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9");
}

static void test_empty_ones(void **unused)
{
    (void)unused;
    assert_mac(JD_NOSTR, JD_NOSTR,
               "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* FIPS 180-2's vectors, and one longer than a piece. */
static void test_sums_of_files(void **unused)
{
    static const struct {
        size_t      n;
        const char *hex;
    } rows[]             = {{0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                            {1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
    char          path[] = "/tmp/jd-sum-XXXXXX";
    unsigned char out[JD_SHA256_BYTES];
    jd_err        e = JD_ERR_NONE;
    (void)unused;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        jd_buf got = JD_BUF_INIT(100);
        char  *a   = jd_xmalloc(rows[i].n + 1);
        memset(a, 'a', rows[i].n);
        assert_int_equal(jd_file_replace(path, (jd_str){a, rows[i].n}, &e), JD_OK);
        assert_int_equal(jd_sha256_file(path, out, &e), JD_OK);
        jd_hex(&got, (jd_str){(const char *)out, sizeof out});
        assert_true(jd_str_is(jd_buf_view(&got), rows[i].hex));
        jd_buf_release(&got);
        free(a);
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(jd_sha256_file(path, out, &e), JD_E_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_vectors),
        cmocka_unit_test(test_empty_ones),
        cmocka_unit_test(test_sums_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
