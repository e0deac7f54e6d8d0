#include "corpus/task.h"

const jd_task jd_tasks[JD_NTASKS] = {
#define X(name) {#name, jd_task_##name},
    JD_TASKS(X)
#undef X
};

const char *jd_skip_name(jd_skip s)
{
    static const char *const names[JD_NSKIPS] = {
#define X(id, name, text) [JD_##id] = name,
        JD_SKIPS(X)
#undef X
    };
    return names[s];
}

const char *jd_skip_text(jd_skip s)
{
    static const char *const texts[JD_NSKIPS] = {
#define X(id, name, text) [JD_##id] = text,
        JD_SKIPS(X)
#undef X
    };
    return texts[s];
}

void jd_task_room_release(jd_task_room *room)
{
    jd_buf_release(&room->text);
    jd_buf_release(&room->words);
    jd_buf_release(&room->more);
    jd_vec_release(&room->said);
}
