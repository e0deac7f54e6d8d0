#include "corpus/stats.h"
#include "text/utf8.h"

static const char *const table_names[JD_STATS_NTABLES] = {
#define X(id, name) [JD_STATS_##id] = name,
    JD_STATS_TABLES(X)
#undef X
};
static const char *const size_names[JD_NSIZES] = {
#define X(id, name) [JD_SIZE_##id] = name,
    JD_STATS_SIZES(X)
#undef X
};
static const char *const count_names[JD_NCOUNTS] = {
#define X(id, name, text) [JD_COUNT_##id] = name,
    JD_STATS_COUNTS(X)
#undef X
};
static const char *const count_texts[JD_NCOUNTS] = {
#define X(id, name, text) [JD_COUNT_##id] = text,
    JD_STATS_COUNTS(X)
#undef X
};
static const unsigned percents[] = {50, 90, 99};
enum { N_PERCENTS = sizeof percents / sizeof *percents };

static void kcount(jd_jsonw *w, const char *name, uint64_t v)
{
    jd_jsonw_kint(w, name, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

/* Projects and years in their own order, the rest by count. */
static const jd_tally_row **rows_of(const jd_stats *s, size_t table, jd_arena *a)
{
    const jd_tally *t = &s->table[table];
    if (table != JD_STATS_PROJECTS && table != JD_STATS_YEARS)
        return jd_tally_ranked(t, a);
    const jd_tally_row **rows = JD_NEW_ARRAY(a, const jd_tally_row *, t->rows.n + 1);
    for (size_t i = 0; i < t->rows.n; i++)
        rows[i] = &t->rows.v[i];
    return rows;
}

static void json_sizes(jd_jsonw *w, const jd_sizes *z)
{
    char name[8];
    jd_jsonw_object(w);
    kcount(w, "count", z->n);
    kcount(w, "sum", z->sum);
    for (size_t i = 0; i < N_PERCENTS; i++) {
        name[0] = 'p';
        name[1] = (char)('0' + percents[i] / 10);
        name[2] = (char)('0' + percents[i] % 10);
        name[3] = '\0';
        kcount(w, name, jd_sizes_percentile(z, percents[i]));
    }
    kcount(w, "max", z->max);
    jd_jsonw_end(w);
}

static uint64_t skipped(const jd_stats *s, size_t task)
{
    uint64_t n = s->absent[task];
    for (size_t r = 0; r < JD_NSKIPS; r++)
        n += r == JD_MADE ? 0 : s->skip[task][r];
    return n;
}

static void json_tasks(jd_jsonw *w, const jd_stats *s)
{
    jd_jsonw_object(w);
    for (size_t t = 0; t < JD_NTASKS; t++) {
        jd_jsonw_name(w, jd_tasks[t].name);
        jd_jsonw_object(w);
        kcount(w, "made", s->skip[t][JD_MADE]);
        kcount(w, "skipped", skipped(s, t));
        if (s->of_run) {
            jd_jsonw_name(w, "reasons");
            jd_jsonw_object(w);
            for (size_t r = 0; r < JD_NSKIPS; r++)
                if (r != JD_MADE && s->skip[t][r])
                    kcount(w, jd_skip_name((jd_skip)r), s->skip[t][r]);
            jd_jsonw_end(w);
        }
        jd_jsonw_end(w);
    }
    jd_jsonw_end(w);
}

void jd_stats_json(jd_buf *out, const jd_stats *s)
{
    jd_arena *a = jd_arena_new(0);
    jd_jsonw  w = jd_jsonw_pretty(out);
    jd_jsonw_object(&w);
    jd_jsonw_kstr(&w, "schema", JD_STR("jiraduct.stats/1"));
    kcount(&w, "records", s->records);
    kcount(&w, "comments", s->comments);
    if (s->of_run)
        for (size_t i = 0; i < JD_NCOUNTS; i++)
            kcount(&w, count_names[i], s->count[i]);
    for (size_t t = 0; t < JD_STATS_NTABLES; t++) {
        const jd_tally_row **rows = rows_of(s, t, a);
        jd_jsonw_name(&w, table_names[t]);
        jd_jsonw_object(&w);
        for (size_t i = 0; i < s->table[t].rows.n; i++) {
            jd_jsonw_names(&w, jd_str_of(rows[i]->name));
            jd_jsonw_int(&w, (int64_t)rows[i]->count);
        }
        jd_jsonw_end(&w);
    }
    jd_jsonw_name(&w, "bytes");
    jd_jsonw_object(&w);
    for (size_t z = 0; z < JD_NSIZES; z++) {
        jd_jsonw_name(&w, size_names[z]);
        json_sizes(&w, &s->size[z]);
    }
    jd_jsonw_end(&w);
    jd_jsonw_name(&w, "tasks");
    json_tasks(&w, s);
    jd_jsonw_end(&w);
    jd_buf_addc(out, '\n');
    jd_arena_free(a);
}

static void pad(jd_buf *out, size_t have, size_t want)
{
    for (; have < want; have++)
        jd_buf_addc(out, ' ');
}

/* A number, to the right in `width` columns. */
static void number(jd_buf *out, uint64_t v, size_t width)
{
    size_t digits = 1;
    for (uint64_t rest = v / 10; rest; rest /= 10)
        digits++;
    pad(out, digits, width);
    jd_buf_addu(out, v);
}

static void label(jd_buf *out, jd_str name, size_t width)
{
    while (jd_utf8_width(name) > width && name.n)
        name = jd_utf8_head(name, name.n - 1);
    jd_buf_adds(out, name);
    pad(out, jd_utf8_width(name), width);
}

static void text_table(jd_buf *out, const jd_stats *s, size_t table, size_t columns, jd_arena *a)
{
    enum { NUMBERS = 20, MOST_ROWS = 20 };
    const jd_tally_row **rows = rows_of(s, table, a);
    size_t   n = s->table[table].rows.n, shown = n > MOST_ROWS ? MOST_ROWS : n, wide = 8;
    uint64_t rest  = 0;
    bool     named = table == JD_STATS_PROJECTS || table == JD_STATS_YEARS;
    shown          = named ? n : shown;
    for (size_t i = 0; i < shown; i++) {
        size_t w = jd_utf8_width(jd_str_of(rows[i]->name));
        wide     = w > wide ? w : wide;
    }
    if (columns > NUMBERS + 12 && wide > columns - NUMBERS - 2)
        wide = columns - NUMBERS - 2;
    jd_buf_addf(out, "\n%s\n", table_names[table]);
    for (size_t i = 0; i < n; i++) {
        if (i >= shown) {
            rest += rows[i]->count;
            continue;
        }
        jd_buf_addz(out, "  ");
        label(out, jd_str_of(rows[i]->name), wide);
        number(out, rows[i]->count, 10);
        uint64_t mille = s->records ? rows[i]->count * 1000 / s->records : 0;
        jd_buf_addf(out, "%5u.%u %%\n", (unsigned)(mille / 10), (unsigned)(mille % 10));
    }
    if (n > shown) {
        jd_buf_addz(out, "  ");
        label(out, JD_STR("… others"), wide);
        number(out, rest, 10);
        jd_buf_addc(out, '\n');
    }
}

static void text_sizes(jd_buf *out, const jd_stats *s)
{
    jd_buf_addf(out, "\n%-14s%10s%10s%10s%10s%12s\n", "bytes", "count", "p50", "p90", "p99", "max");
    for (size_t z = 0; z < JD_NSIZES; z++) {
        jd_buf_addz(out, "  ");
        label(out, jd_str_of(size_names[z]), 12);
        number(out, s->size[z].n, 10);
        for (size_t i = 0; i < N_PERCENTS; i++)
            number(out, jd_sizes_percentile(&s->size[z], percents[i]), 10);
        number(out, s->size[z].max, 12);
        jd_buf_addc(out, '\n');
    }
}

static void text_tasks(jd_buf *out, const jd_stats *s)
{
    jd_buf_addf(out, "%-18s%10s%10s\n", "tasks", "made", "skipped");
    for (size_t t = 0; t < JD_NTASKS; t++) {
        jd_buf_addz(out, "  ");
        label(out, jd_str_of(jd_tasks[t].name), 16);
        number(out, s->skip[t][JD_MADE], 10);
        number(out, skipped(s, t), 10);
        jd_buf_addc(out, '\n');
        for (size_t r = 0; r < JD_NSKIPS; r++) {
            if (r == JD_MADE || !s->skip[t][r])
                continue;
            pad(out, 0, 28);
            number(out, s->skip[t][r], 10);
            jd_buf_addf(out, "  %s\n", jd_skip_text((jd_skip)r));
        }
    }
}

static void line(jd_buf *out, uint64_t v, const char *what)
{
    number(out, v, 10);
    jd_buf_addf(out, "  %s\n", what);
}

static void text_counts(jd_buf *out, const jd_stats *s)
{
    if (s->of_run)
        line(out, s->count[JD_COUNT_READ], count_texts[JD_COUNT_READ]);
    line(out, s->records, "records");
    for (size_t i = 0; i < JD_NCOUNTS && s->of_run; i++)
        if (i != JD_COUNT_READ && s->count[i])
            line(out, s->count[i], count_texts[i]);
}

void jd_stats_verdict(jd_buf *out, const jd_stats *s)
{
    text_counts(out, s);
    text_tasks(out, s);
}

void jd_stats_text(jd_buf *out, const jd_stats *s, size_t columns)
{
    jd_arena *a = jd_arena_new(0);
    text_counts(out, s);
    line(out, s->comments, "comments");
    for (size_t t = 0; t < JD_STATS_NTABLES; t++)
        text_table(out, s, t, columns, a);
    text_sizes(out, s);
    jd_buf_addc(out, '\n');
    text_tasks(out, s);
    jd_arena_free(a);
}
