#include "derive/schema_sql.h"
#include "unit/check.h"

static bool has_column(const jd_table *t, jd_str name)
{
    for (unsigned i = 0; i < t->ncol; i++)
        if (jd_str_is(name, t->col[i].name))
            return true;
    return false;
}

static void every_table_is_keyed_by_its_site_first(void **state)
{
    (void)state;
    for (unsigned i = 0; i < JD_NTABLES; i++) {
        const jd_table *t = &jd_tables[i];
        assert_int_equal(t->id, i);
        assert_in_range(t->ncol, 2, JD_COLS_MAX);
        assert_true(t->nkey > 0);
        for (unsigned c = 0; c < t->ncol; c++) {
            assert_int_equal(!!(t->col[c].flags & JD_C_KEY), c < t->nkey);
            assert_true(strlen(t->col[c].comment) > 4);
            if (c < t->nkey)
                assert_true(t->col[c].type == JD_COL_INT || t->col[c].type == JD_COL_NAME ||
                            t->col[c].type == JD_COL_BOOL || t->kind == JD_TAB_OWN);
        }
        if (i != JD_T_site && i != JD_T_schema_version) {
            assert_string_equal(t->col[0].name, "site_id");
            assert_true(t->nkey >= 2);
        }
        if (t->kind == JD_TAB_CHILD)
            assert_string_equal(t->col[t->issue].name, "issue_id");
    }
}

static void indexes_name_columns_that_are_there(void **state)
{
    (void)state;
    for (unsigned i = 0; i < JD_NTABLES; i++) {
        jd_str rest = jd_str_of(jd_tables[i].indexes), one, column;
        while (jd_str_split(&rest, ';', &one)) {
            size_t name = jd_str_find(one, ':');
            one         = jd_str_cut(one, name < one.n ? name + 1 : 0, one.n);
            if (jd_str_is(one, JD_IN_ORDER))
                continue;
            while (jd_tables[i].indexes[0] && jd_str_split(&one, ',', &column))
                assert_true(has_column(&jd_tables[i], jd_str_trim(column)));
        }
    }
}

/* How an issue's children are found when they are replaced. */
static void children_are_found_by_their_issue(void **state)
{
    (void)state;
    for (unsigned i = 0; i < JD_NTABLES; i++) {
        const jd_table *t = &jd_tables[i];
        if (t->kind == JD_TAB_CHILD)
            assert_true(t->issue == 1 || strstr(t->indexes, "site_id, issue_id"));
    }
}

static void a_table_in_both_dialects(void **state)
{
    (void)state;
    jd_buf b = JD_BUF_INIT(1 << 20);
    jd_schema_sql(&b, JD_SQL_POSTGRESQL);
    const char *sql = jd_buf_cstr(&b);
    assert_non_null(strstr(sql, "CREATE TABLE issue_alias (\n"
                                "    site_id bigint NOT NULL,\n"
                                "    key text NOT NULL,\n"
                                "    issue_id bigint NOT NULL,\n"
                                "    PRIMARY KEY (site_id, key)\n"
                                ");\n"
                                "CREATE INDEX issue_alias_by_issue_id ON issue_alias (site_id, "
                                "issue_id);\n"
                                "COMMENT ON TABLE issue_alias IS "));
    assert_non_null(strstr(sql, "COMMENT ON TABLE attachment IS "));
    assert_non_null(strstr(sql, "    created timestamptz,\n"));
    assert_non_null(strstr(sql, "Jira''s numeric id"));
    jd_buf_reset(&b);
    jd_schema_sql(&b, JD_SQL_SQLITE);
    sql = jd_buf_cstr(&b);
    assert_non_null(strstr(sql, "CREATE TABLE label (\n"
                                "    site_id INTEGER NOT NULL, -- Site: site.id.\n"
                                "    name TEXT NOT NULL, -- Label.\n"
                                "    PRIMARY KEY (site_id, name)\n"
                                ") STRICT, WITHOUT ROWID;\n"));
    assert_non_null(strstr(sql, "    PRIMARY KEY (site_id, issue_id, position)\n"
                                ") STRICT, WITHOUT ROWID;\n\n")); /* issue_status: in order */
    assert_null(strstr(sql, "COMMENT ON"));
    assert_null(strstr(sql, "boolean"));
    jd_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_keyed_by_its_site_first),
        cmocka_unit_test(indexes_name_columns_that_are_there),
        cmocka_unit_test(children_are_found_by_their_issue),
        cmocka_unit_test(a_table_in_both_dialects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
