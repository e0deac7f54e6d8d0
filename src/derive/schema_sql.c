#include "derive/schema_sql.h"

#include <string.h>

static const char *type_name(jd_col_type type, jd_dialect d)
{
    static const char *const names[][2] = {
        [JD_COL_INT] = {"bigint", "INTEGER"},   [JD_COL_NUM] = {"double precision", "REAL"},
        [JD_COL_TEXT] = {"text", "TEXT"},       [JD_COL_NAME] = {"text", "TEXT"},
        [JD_COL_BOOL] = {"boolean", "INTEGER"}, [JD_COL_TIME] = {"timestamptz", "TEXT"},
        [JD_COL_DATE] = {"date", "TEXT"},
    };
    return names[type][d == JD_SQL_SQLITE];
}

void jd_sql_columns(jd_buf *out, const jd_table *t, unsigned from, const char *before)
{
    for (unsigned i = from; i < t->ncol; i++)
        jd_buf_addf(out, "%s%s%s", i > from ? ", " : "", before, t->col[i].name);
}

static void add_key(jd_buf *out, const jd_table *t)
{
    jd_buf_addz(out, "PRIMARY KEY (");
    for (unsigned i = 0; i < t->nkey; i++)
        jd_buf_addf(out, "%s%s", i ? ", " : "", t->col[i].name);
    jd_buf_addz(out, ")");
}

static bool in_order(const jd_table *t)
{
    return t->nkey == t->ncol || jd_str_is(jd_str_of(t->indexes), JD_IN_ORDER);
}

/* In SQLite the comments stand in the definition, which the database keeps as it is. */
static void create_table(jd_buf *out, const jd_table *t, jd_dialect d)
{
    bool lite = d == JD_SQL_SQLITE;
    if (lite)
        jd_buf_addf(out, "-- %s\n", t->comment);
    jd_buf_addf(out, "CREATE TABLE %s (\n", t->name);
    for (unsigned i = 0; i < t->ncol; i++) {
        const jd_column *c = &t->col[i];
        jd_buf_addf(out, "    %s %s%s,%s%s\n", c->name, type_name(c->type, d),
                    c->flags & (JD_C_KEY | JD_C_REQ) ? " NOT NULL" : "", lite ? " -- " : "",
                    lite ? c->comment : "");
    }
    jd_buf_addz(out, "    ");
    add_key(out, t);
    jd_buf_addz(out, !lite         ? "\n);\n"
                     : in_order(t) ? "\n) STRICT, WITHOUT ROWID;\n"
                                   : "\n) STRICT;\n");
}

static void add_comment(jd_buf *out, const char *text)
{
    jd_buf_addc(out, '\'');
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            jd_buf_addc(out, '\'');
        jd_buf_addc(out, *p);
    }
    jd_buf_addz(out, "';\n");
}

static void comment_on(jd_buf *out, const jd_table *t)
{
    jd_buf_addf(out, "COMMENT ON TABLE %s IS ", t->name);
    add_comment(out, t->comment);
    for (unsigned i = 0; i < t->ncol; i++) {
        jd_buf_addf(out, "COMMENT ON COLUMN %s.%s IS ", t->name, t->col[i].name);
        add_comment(out, t->col[i].comment);
    }
}

/* issue_by_project_id_created: the site goes without saying. */
static void name_index(jd_buf *out, const jd_table *t, jd_str columns)
{
    jd_str column;
    jd_buf_addf(out, "CREATE INDEX %s_by", t->name);
    while (jd_str_split(&columns, ',', &column))
        if (!jd_str_is(jd_str_trim(column), "site_id"))
            jd_buf_addf(out, "_%.*s", JD_FMT(jd_str_trim(column)));
}

static void create_indexes(jd_buf *out, const jd_table *t)
{
    jd_str rest = jd_str_of(t->indexes), one;
    while (jd_str_split(&rest, ';', &one)) {
        jd_str columns = one, name;
        bool   named   = jd_str_find(one, ':') < one.n && jd_str_split(&columns, ':', &name);
        if (!jd_str_trim(columns).n || jd_str_is(columns, JD_IN_ORDER))
            continue;
        if (named)
            jd_buf_addf(out, "CREATE INDEX %s_%.*s", t->name, JD_FMT(jd_str_trim(name)));
        else
            name_index(out, t, columns);
        jd_buf_addf(out, " ON %s (%.*s);\n", t->name, JD_FMT(jd_str_trim(columns)));
    }
}

void jd_schema_sql(jd_buf *out, jd_dialect d)
{
    for (unsigned i = 0; i < JD_NTABLES; i++) {
        const jd_table *t = &jd_tables[i];
        if (i)
            jd_buf_addc(out, '\n');
        create_table(out, t, d);
        create_indexes(out, t);
        if (d == JD_SQL_POSTGRESQL)
            comment_on(out, t);
    }
}
