/* Dates of any bytes: what is read lies in the years 0001 to 9999, and reads the same when written
 * again in each of the forms. */
#include "text/date.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void writes_back(int64_t ms, int offset)
{
    char    out[JD_TIME_MAX];
    int64_t back, local = ms + (int64_t)offset * 60000;
    int     got = 7;
    must(ms >= -62135596800000 && ms <= 253402300799999);
    must(jd_civil_ms(jd_civil_of(ms)) == ms);
    must(jd_time_parse(jd_str_of(jd_time_jira(ms, 0, out)), &back, &got) && back == ms && got == 0);
    if (local >= -62135596800000 && local <= 253402300799999)
        must(jd_time_parse(jd_str_of(jd_time_jira(ms, offset, out)), &back, &got) && back == ms &&
             got == offset);
    must(jd_time_parse(jd_str_of(jd_time_utc(ms, out)), &back, NULL));
    must(back == jd_floor_ms(ms, 1000));
    must(jd_httpdate_parse(jd_str_of(jd_time_http(ms, out)), &back));
    must(back == jd_floor_ms(ms, 1000));
    must(jd_time_parse(jd_str_of(jd_time_minute(ms, 0, out)), &back, NULL));
    must(back == jd_floor_ms(ms, 60000));
    must(jd_date_parse(jd_str_of(jd_time_day(ms, out)), &back));
    must(back == jd_floor_ms(ms, 86400000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jd_str  s  = {(const char *)data, size};
    int64_t ms = 7, day = 7;
    int     offset = 7;
    if (jd_time_parse(s, &ms, &offset)) {
        must(offset >= -1080 && offset <= 1080);
        writes_back(ms, offset);
    } else {
        must(ms == 7 && offset == 7);
    }
    if (jd_date_parse(s, &day))
        must(day == ms && offset == 0);
    if (jd_httpdate_parse(s, &ms))
        writes_back(ms, 0);
    return 0;
}
