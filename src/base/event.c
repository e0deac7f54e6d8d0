#include "base/event.h"

#include <stdio.h>

const jd_log jd_log_none = {.least = JD_ERROR + 1, .emit = NULL};

void jd_event(const jd_log *log, jd_level level, const char *event, const char *fmt, ...)
{
    if (level < log->least || !log->emit)
        return;
    char    text[1000];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    log->emit(log->self, level, event, text);
}
