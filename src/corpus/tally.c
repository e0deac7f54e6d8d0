#include "corpus/tally.h"

#include "text/utf8.h"

#include <string.h>

static size_t place_of(const jd_tally *t, jd_str name, bool *found)
{
    size_t low = 0, high = t->rows.n;
    while (low < high) {
        size_t mid   = low + (high - low) / 2;
        int    order = jd_str_cmp(jd_str_of(t->rows.v[mid].name), name);
        if (order == 0) {
            *found = true;
            return mid;
        }
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *found = false;
    return low;
}

void jd_tally_add(jd_tally *t, jd_str name, uint64_t count)
{
    bool   found;
    jd_str kept = name.n ? jd_utf8_head(name, JD_TALLY_NAME_MAX) : JD_STR(JD_TALLY_NONE);
    size_t zero = jd_str_find(kept, '\0');
    kept.n      = zero;
    size_t at   = place_of(t, kept, &found);
    if (!found && t->rows.n >= JD_TALLY_NAMES - 1) {
        kept = JD_STR(JD_TALLY_OTHER);
        at   = place_of(t, kept, &found);
    }
    if (!found) {
        (void)jd_vec_add(&t->rows);
        memmove(t->rows.v + at + 1, t->rows.v + at, (t->rows.n - 1 - at) * sizeof *t->rows.v);
        char *copy = jd_xmalloc(kept.n + 1);
        memcpy(copy, kept.p, kept.n);
        copy[kept.n]  = '\0';
        t->rows.v[at] = (jd_tally_row){.name = copy};
    }
    t->rows.v[at].count += count;
}

void jd_tally_merge(jd_tally *into, const jd_tally *from)
{
    for (size_t i = 0; i < from->rows.n; i++)
        jd_tally_add(into, jd_str_of(from->rows.v[i].name), from->rows.v[i].count);
}

void jd_tally_release(jd_tally *t)
{
    for (size_t i = 0; i < t->rows.n; i++)
        free(t->rows.v[i].name);
    jd_vec_release(&t->rows);
}

static int by_count(const void *a, const void *b)
{
    const jd_tally_row *x = *(const jd_tally_row *const *)a, *y = *(const jd_tally_row *const *)b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->name, y->name);
}

const jd_tally_row **jd_tally_ranked(const jd_tally *t, jd_arena *a)
{
    const jd_tally_row **ranked = JD_NEW_ARRAY(a, const jd_tally_row *, t->rows.n + 1);
    for (size_t i = 0; i < t->rows.n; i++)
        ranked[i] = &t->rows.v[i];
    qsort(ranked, t->rows.n, sizeof(*ranked), by_count);
    return ranked;
}

static size_t step_of(uint64_t size)
{
    if (size < 16)
        return (size_t)size;
    unsigned top = 63U - (unsigned)__builtin_clzll(size); /* 4 .. 63 */
    return 16 + (top - 4) * 8 + (size_t)((size >> (top - 3)) & 7);
}

/* The largest size that belongs to the step. */
static uint64_t step_end(size_t step)
{
    if (step < 16)
        return step;
    unsigned top = 4 + (unsigned)(step - 16) / 8;
    uint64_t low = (UINT64_C(8) + (step - 16) % 8) << (top - 3);
    return low + ((UINT64_C(1) << (top - 3)) - 1);
}

void jd_sizes_add(jd_sizes *s, uint64_t size)
{
    s->n++;
    s->sum += size;
    s->max = size > s->max ? size : s->max;
    s->step[step_of(size)]++;
}

void jd_sizes_merge(jd_sizes *into, const jd_sizes *from)
{
    into->n += from->n;
    into->sum += from->sum;
    into->max = from->max > into->max ? from->max : into->max;
    for (size_t i = 0; i < JD_SIZES_STEPS; i++)
        into->step[i] += from->step[i];
}

uint64_t jd_sizes_percentile(const jd_sizes *s, unsigned percent)
{
    uint64_t want = (s->n / 100) * percent + ((s->n % 100) * percent + 99) / 100, seen = 0;
    for (size_t i = 0; i < JD_SIZES_STEPS; i++) {
        seen += s->step[i];
        if (seen >= want && seen > 0)
            return step_end(i) < s->max ? step_end(i) : s->max;
    }
    return s->max;
}
