/* aside.h: one piece of work at a time on a thread of its own, while its owner goes on.
 *
 * The thread begins with the first piece; where none can be had, work is done at once, by the
 * caller. What the work has done is seen by the owner behind jd_aside_wait. All calls come from one
 * other thread. */
#ifndef JD_SYS_ASIDE_H
#define JD_SYS_ASIDE_H

typedef struct jd_aside jd_aside;
jd_aside               *jd_aside_new(void);
void                    jd_aside_free(jd_aside *s); /* waits; NULL is fine */
/* Waits for the piece before. */
void jd_aside_start(jd_aside *s, void (*work)(void *self), void *self);
void jd_aside_wait(jd_aside *s);

#endif
