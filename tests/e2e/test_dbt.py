"""The views for dbt (sql/dbt.sql): names, types and what the rows mean, on a small history that was worked out by hand."""
import json

import pytest

import rig

INT, TEXT, TIME, DATE, FLOAT, BOOL = "bigint", "text", "timestamp without time zone", "date", "double precision", "boolean"
NAMED = {"id": INT, "name": TEXT, "description": TEXT}
WANT = {
    "issue": {**dict.fromkeys(["id", "project", "issue_type", "work_type", "status", "priority", "resolution", "parent_id"], INT),
              **dict.fromkeys(["key", "summary", "description", "environment", "assignee", "reporter", "creator"], TEXT),
              **dict.fromkeys(["created", "updated", "resolved", "status_category_changed", "last_viewed"], TIME), "due_date": DATE,
              **dict.fromkeys(["original_estimate", "remaining_estimate", "time_spent", "_original_estimate", "_remaining_estimate",
                               "_time_spent", "work_ratio"], FLOAT), "_fivetran_deleted": BOOL},
    "comment": {"id": INT, "issue_id": INT, "body": TEXT, "author_id": TEXT, "update_author_id": TEXT, "created": TIME, "updated": TIME,
                "is_public": BOOL},
    "component": {**NAMED, "project_id": INT},
    "field": {"id": TEXT, "name": TEXT, "is_array": BOOL, "is_custom": BOOL},
    "field_option": {"id": INT, "parent_id": INT, "name": TEXT},
    "issue_field_history": {"field_id": TEXT, "issue_id": INT, "time": TIME, "value": TEXT, "author_id": TEXT, "is_active": BOOL},
    "issue_multiselect_history": {"_fivetran_id": TEXT, "field_id": TEXT, "issue_id": INT, "time": TIME, "value": TEXT, "author_id": TEXT,
                                  "is_active": BOOL},
    "issue_link": {"issue_id": INT, "related_issue_id": INT, "relationship": TEXT},
    "issue_type": {**NAMED, "subtask": BOOL},
    "priority": NAMED,
    "resolution": NAMED,
    "project": {**NAMED, "key": TEXT, "lead_id": TEXT, "permission_scheme_id": INT, "project_category_id": INT, "project_type_key": TEXT},
    "sprint": {"id": INT, "name": TEXT, "board_id": INT, "start_date": TIME, "end_date": TIME, "complete_date": TIME,
               "_fivetran_deleted": BOOL},
    "status": {**NAMED, "status_category_id": INT},
    "status_category": {"id": INT, "name": TEXT},
    "team": {"id": TEXT, "name": TEXT, "title": TEXT, "is_shared": BOOL, "is_visible": BOOL},
    "user": {"id": TEXT, "name": TEXT, "username": TEXT, "email": TEXT, "locale": TEXT, "time_zone": TEXT, "is_active": BOOL},
    "version": {**NAMED, "project_id": INT, "start_date": DATE, "release_date": DATE, "released": BOOL, "archived": BOOL, "overdue": BOOL},
}
SPRINT, POINTS, EPIC = "customfield_12310921", "customfield_12314422", "customfield_12311120"
OPEN, DOING, DONE = ({"id": i, "name": n, "statusCategory": {"id": c, "key": k, "name": m}}
                     for i, n, c, k, m in (("1", "Open", 2, "new", "To Do"), ("3", "In Progress", 4, "indeterminate", "In Progress"),
                                           ("5", "Resolved", 3, "done", "Done")))


def person(number):
    return {"name": f"dev{number}", "key": f"JIRAUSER{number}", "displayName": f"Dev {number}", "active": True}


def history(number, day, who, *items, time="10:00:00.000"):
    """items: (field, from, fromString, to, toString), of a custom field with a capital of its own."""
    names = ("field", "from", "fromString", "to", "toString")
    custom = ("Sprint", "Story Points", "Epic Link")
    return {"id": str(number), "author": person(who), "created": f"2024-03-{day:02}T{time}+0000",
            "items": [{**dict(zip(names, i, strict=True)), "fieldtype": "custom" if i[0] in custom else "jira"} for i in items]}


def sprint(number, state="ACTIVE"):
    return (f"com.atlassian.greenhopper.service.sprint.Sprint@1f[id={number},rapidViewId=3,state={state},name=S{number},"
            "startDate=2024-03-04T09:00:00.000Z,endDate=2024-03-18T09:00:00.000Z,completeDate=<null>,sequence=1,goal=<null>]")


def issue(number, histories=(), **fields):
    out = rig.plain_issue(number, updated="2024-03-25T00:00:00.000+0000")
    out["fields"].update({"creator": person(0), "reporter": person(0), "status": OPEN, **fields})
    out["changelog"].update(histories=list(histories), total=len(histories), maxResults=len(histories))
    return out


def issues():
    c10, c11, c12 = ({"id": str(i), "name": f"C{i}"} for i in (10, 11, 12))
    # everything changes
    yield issue(1, [
        history(901, 6, 1, ("status", "1", "Open", "3", "In Progress"), ("assignee", None, None, "JIRAUSER2", "Dev 2")),
        history(902, 7, 2, ("Component", None, None, "11", "C11"), ("Component", "12", "C12", None, None), ("labels", None, "", None, "a b")),
        history(903, 8, 1, ("Component", "10", "C10", None, None), ("Story Points", None, None, None, "5"), ("Sprint", "", "", "7", "S7")),
        history(904, 9, 2, ("status", "3", "In Progress", "5", "Resolved"), ("resolution", None, None, "1", "Fixed"),
                ("Sprint", "7", "S7", "7, 8", "S7, S8"), ("Epic Link", None, None, "5000002", "TIE-2")),
    ], status=DONE, assignee=person(2), components=[c11], labels=["a", "b"], resolution={"id": "1", "name": "Fixed"},
        resolutiondate="2024-03-09T10:00:00.000+0000", timeoriginalestimate=7200, aggregatetimeoriginalestimate=9000,
        **{POINTS: 5.0, SPRINT: [sprint(7), sprint(8)], EPIC: "TIE-2"})
    # nothing ever changed
    yield issue(2, components=[c10, c12], labels=["z"], priority={"id": "3", "name": "Major"}, duedate="2024-04-01",
                **{POINTS: 3.0, SPRINT: [sprint(8)], EPIC: "TIE-1"})
    # two changes at one instant, by two people, and one at the instant of creation
    yield issue(3, [history(910, 5, 4, ("priority", "3", "Major", "2", "Critical")),
                    history(911, 6, 1, ("status", "1", "Open", "3", "In Progress")),
                    history(912, 6, 2, ("status", "3", "In Progress", "1", "Open"), ("assignee", None, None, "JIRAUSER2", "Dev 2"))],
                priority={"id": "2", "name": "Critical"}, assignee=person(2))
    # resolved, and in a status, as no change tells
    yield issue(4, [history(920, 6, 1, ("status", "1", "Open", "3", "In Progress"))], status=DONE,
                resolution={"id": "1", "name": "Fixed"}, resolutiondate="2024-03-12T08:00:00.000+0000")
    comments = [{"id": str(n), "body": "b", "author": person(1), "created": "2024-03-06T10:00:00.000+0000",
                 "updated": "2024-03-06T10:00:00.000+0000", **more} for n, more in
                ((31, {}), (32, {"visibility": {"type": "role", "value": "Developers"}}), (33, {"jsdPublic": False}))]
    blocks = {"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
    other = {"id": "5000001", "key": "TIE-1", "fields": {"summary": "x"}}
    yield issue(5, comment={"comments": comments, "maxResults": 3, "total": 3, "startAt": 0},
                issuelinks=[{"id": "40", "type": blocks, "outwardIssue": other}, {"id": "41", "type": blocks, "inwardIssue": other}])
    yield issue(6)  # to be removed


@pytest.fixture(scope="module")
def loaded(tmp_path_factory, postgres):
    box = tmp_path_factory.mktemp("dbt")
    sim = rig.Sim(box, "--data", rig.write_lines(box / "issues.jsonl", issues()))
    try:
        jd = rig.Product(box / "jd", sim.url)
        jd.scrape("--projects", "TIE")
    finally:
        sim.stop()
    warehouse = rig.Warehouse(None, postgres)
    rebuild(jd, warehouse)
    jd.issue_files()["TIE-6"].unlink()
    rebuild(jd, warehouse)
    return jd, warehouse


def rebuild(jd, warehouse, *more, env=None):
    return jd.run("warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state, *more, env={**warehouse.env, **(env or {})},
                  expect=0)


def single(warehouse, number, field):
    """(time, value, author, is it now) in order."""
    return warehouse.query(f"SELECT time, value, author_id, is_active FROM jira.issue_field_history WHERE issue_id = {5000000 + number}"
                           f" AND field_id = '{field}' ORDER BY time")


def multi(warehouse, number, field):
    return warehouse.query("SELECT time, string_agg(value, ' ' ORDER BY value), min(author_id), bool_and(is_active)"
                           f" FROM jira.issue_multiselect_history WHERE issue_id = {5000000 + number} AND field_id = '{field}'"
                           " GROUP BY time ORDER BY time")


def day(number, time="10:00:00"):
    return f"2024-03-{number:02} {time}"


def schemas(warehouse):
    return [r[0] for r in warehouse.query("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public)' ORDER BY 1")]


def test_names_and_types(loaded):
    _, warehouse = loaded
    there = {}
    for table, column, kind in warehouse.query("SELECT table_name, column_name, data_type FROM information_schema.columns"
                                               " WHERE table_schema = 'jira' AND table_name NOT LIKE '\\_%'"):
        there.setdefault(table, {})[column] = kind
    assert there == {table: {**columns, "_fivetran_synced": TIME} for table, columns in WANT.items()}


def test_single_values(loaded):
    _, warehouse = loaded
    assert single(warehouse, 1, "status") == [(day(5), "1", "JIRAUSER0", "f"), (day(6), "3", "JIRAUSER1", "f"),
                                              (day(9), "5", "JIRAUSER2", "t")]
    assert single(warehouse, 1, "assignee") == [(day(5), "", "JIRAUSER0", "f"), (day(6), "JIRAUSER2", "JIRAUSER1", "t")]
    assert single(warehouse, 1, "resolutiondate") == [(day(5), "", "JIRAUSER0", "f"),
                                                      (day(9), "2024-03-09T10:00:00.000Z", "JIRAUSER2", "t")]
    assert single(warehouse, 2, "priority") == [(day(5), "3", "JIRAUSER0", "t")], "what never changed has its row"
    assert single(warehouse, 2, "duedate") == [(day(5), "2024-04-01", "JIRAUSER0", "t")]
    assert single(warehouse, 2, "resolution") == [(day(5), "", "JIRAUSER0", "t")]
    assert single(warehouse, 1, "timeoriginalestimate") == [(day(5), "7200", "JIRAUSER0", "t")]


def test_what_packages_count_on(loaded):
    _, warehouse = loaded
    assert warehouse.number("SELECT count(*) FROM (SELECT 1 FROM jira.issue_field_history GROUP BY issue_id, field_id, time HAVING"
                            " count(*) > 1) AS twice") == 0
    assert warehouse.number("SELECT count(*) FROM (SELECT 1 FROM jira.issue_field_history GROUP BY issue_id, field_id HAVING"
                            " count(*) FILTER (WHERE is_active) <> 1) AS unsure") == 0
    assert warehouse.number("SELECT count(*) - count(DISTINCT _fivetran_id) FROM jira.issue_multiselect_history") == 0
    authors = ("SELECT issue_id, time, author_id FROM jira.issue_field_history UNION SELECT issue_id, time, author_id FROM"
               " jira.issue_multiselect_history")
    assert warehouse.query(f"SELECT issue_id, time FROM ({authors}) AS a GROUP BY 1, 2 HAVING count(*) > 1") == []
    assert warehouse.number("SELECT count(*) FROM jira.issue AS i WHERE NOT i._fivetran_deleted AND NOT EXISTS (SELECT FROM"
                            " jira.issue_field_history AS h WHERE h.issue_id = i.id AND h.field_id = 'status' AND h.time = i.created)") == 0


def test_one_instant(loaded):
    _, warehouse = loaded
    assert single(warehouse, 3, "status") == [(day(5), "1", "JIRAUSER0", "f"), (day(6), "1", "JIRAUSER2", "t")], "the last of an instant"
    assert single(warehouse, 3, "priority") == [(day(5), "3", "JIRAUSER0", "f"), (day(5, "10:00:00.001"), "2", "JIRAUSER4", "t")]


def test_what_no_change_tells(loaded):
    _, warehouse = loaded
    assert single(warehouse, 4, "status") == [(day(5), "1", "JIRAUSER0", "f"), (day(6), "3", "JIRAUSER1", "f"),
                                              (day(25, "00:00:00"), "5", "", "t")]
    assert single(warehouse, 4, "resolutiondate") == [(day(5), "", "JIRAUSER0", "f"),
                                                      (day(12, "08:00:00"), "2024-03-12T08:00:00.000Z", "", "t")]


def test_lists(loaded):
    _, warehouse = loaded
    assert multi(warehouse, 1, "components") == [(day(5), "10 12", "JIRAUSER0", "f"), (day(7), "10 11", "JIRAUSER2", "f"),
                                                 (day(8), "11", "JIRAUSER1", "t")]
    assert multi(warehouse, 1, "labels") == [(day(5), "", "JIRAUSER0", "f"), (day(7), "a b", "JIRAUSER2", "t")]
    assert multi(warehouse, 1, "fixVersions") == [(day(5), "", "JIRAUSER0", "t")]
    assert multi(warehouse, 2, "components") == [(day(5), "10 12", "JIRAUSER0", "t")]
    assert multi(warehouse, 2, "labels") == [(day(5), "z", "JIRAUSER0", "t")]


def test_fields_by_name(loaded):
    _, warehouse = loaded
    assert warehouse.query("SELECT id, lower(name), is_array, is_custom FROM jira.field WHERE id IN"
                           f" ('{SPRINT}', '{POINTS}', '{EPIC}', 'status') ORDER BY 2") == [
        (EPIC, "epic link", "f", "t"), (SPRINT, "sprint", "t", "t"), ("status", "status", "f", "f"), (POINTS, "story points", "f", "t")]
    assert multi(warehouse, 1, SPRINT) == [(day(5), "", "JIRAUSER0", "f"), (day(8), "7", "JIRAUSER1", "f"),
                                           (day(9), "7 8", "JIRAUSER2", "t")]
    assert multi(warehouse, 2, SPRINT) == [(day(5), "8", "JIRAUSER0", "t")]
    assert single(warehouse, 1, POINTS) == [(day(5), "", "JIRAUSER0", "f"), (day(8), "5", "JIRAUSER1", "t")]
    assert single(warehouse, 2, POINTS) == [(day(5), "3", "JIRAUSER0", "t")]
    assert single(warehouse, 1, EPIC) == [(day(5), "", "JIRAUSER0", "f"), (day(9), "5000002", "JIRAUSER2", "t")]
    assert single(warehouse, 2, EPIC) == [(day(5), "5000001", "JIRAUSER0", "t")], "an epic by its id"


def test_issues_and_what_hangs_on_them(loaded):
    _, warehouse = loaded
    assert warehouse.query("SELECT key, status, resolution, created, resolved, status_category_changed, original_estimate,"
                           " _original_estimate, _fivetran_deleted FROM jira.issue WHERE id = 5000001") == [
        ("TIE-1", "5", "1", day(5), day(9), day(9), "7200", "9000", "f")]
    assert warehouse.query("SELECT key, created, status FROM jira.issue WHERE _fivetran_deleted") == [("TIE-6", "", "")]
    assert warehouse.query("SELECT id, is_public FROM jira.comment ORDER BY id") == [("31", "t"), ("32", "f"), ("33", "f")]
    assert warehouse.query("SELECT issue_id, related_issue_id, relationship FROM jira.issue_link ORDER BY 3") == [
        ("5000005", "5000001", "blocks"), ("5000005", "5000001", "is blocked by")]
    assert warehouse.query("SELECT s.name, c.name FROM jira.status AS s JOIN jira.status_category AS c ON c.id = s.status_category_id"
                           " WHERE s.id = 5") == [("Resolved", "Done")]
    assert warehouse.query('SELECT name, username, is_active FROM jira."user" WHERE id = \'JIRAUSER2\'') == [("Dev 2", "dev2", "t")]
    assert warehouse.query("SELECT name, board_id, start_date FROM jira.sprint WHERE id = 7") == [("S7", "3", "2024-03-04 09:00:00")]


def test_a_second_site_has_its_own_schema(loaded, product):
    jd, warehouse = loaded
    other = product()
    where = other.raw / "OTHER/OTHER-1.json"
    where.parent.mkdir(parents=True)
    raw = rig.plain_issue(1, "OTHER")
    raw["fields"]["sprint"] = {"id": 9, "name": "Nine", "state": "active"}  # as the agile side tells it; there is no catalogue
    where.write_text(json.dumps({**raw, "self": "https://other.example.org/rest/api/2/issue/5000001"}))
    rebuild(other, warehouse)
    assert schemas(warehouse) == ["jira", "jira_2"]
    assert warehouse.query("SELECT key FROM jira_2.issue") == [("OTHER-1",)]
    assert warehouse.number("SELECT count(*) FROM jira.issue WHERE NOT _fivetran_deleted") == len(jd.issue_files())
    assert warehouse.query("SELECT value FROM jira_2.issue_field_history WHERE field_id = 'summary'") == [("Issue 1 ties",)]
    assert warehouse.query("SELECT f.name, h.value, h.is_active FROM jira_2.issue_multiselect_history AS h JOIN jira_2.field AS f"
                           " ON f.id = h.field_id WHERE h.field_id = 'sprint'") == [("Sprint", "9", "t")]


def test_everything_is_commented(loaded):
    _, warehouse = loaded
    assert warehouse.query("SELECT c.relname, a.attname FROM pg_class AS c"
                           " LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
                           " WHERE c.relnamespace = 'jira'::regnamespace"
                           " AND (obj_description(c.oid) IS NULL OR coalesce(col_description(c.oid, a.attnum), '') = '')") == []
    assert warehouse.query("SELECT col_description('jira.issue'::regclass, attnum) FROM pg_attribute"
                           " WHERE attrelid = 'jira.issue'::regclass AND attname = 'assignee'") == [("Who is at it: user.id; null for nobody.",)]


def test_made_once_and_again_when_gone(loaded):
    jd, warehouse = loaded
    what = "SELECT oid FROM pg_class WHERE oid = 'jira.issue'::regclass"
    before = warehouse.query(what)
    rebuild(jd, warehouse)
    assert warehouse.query(what) == before
    warehouse.server.psql("CREATE VIEW on_top AS SELECT count(*) FROM jira.issue; UPDATE sync_fact SET value = 'old' WHERE name = 'dbt'",
                          warehouse.url)
    rebuild(jd, warehouse)
    assert warehouse.query(what) == before and warehouse.number("SELECT * FROM on_top") > 0, "what was built on a view stays"
    assert warehouse.number("SELECT count(*) FROM sync_fact WHERE name = 'dbt' AND value = 'old' AND site_id = 1") == 0
    warehouse.server.psql("DROP SCHEMA jira CASCADE", warehouse.url)
    rebuild(jd, warehouse)
    assert "jira" in schemas(warehouse)


def test_left_out_when_asked(product, postgres):
    jd, warehouse = product(), rig.Warehouse(None, postgres)
    jd.run("warehouse", "init", env={**warehouse.env, "JIRADUCT_DBT_SCHEMA": "none"}, expect=0)
    assert schemas(warehouse) == []
    assert "no name of a schema" in jd.run("warehouse", "init", "--dbt-schema", "a b", env=warehouse.env, expect=64).err
    jd.run("warehouse", "init", "--dbt-schema", "tickets", env=warehouse.env, expect=0)
    assert schemas(warehouse) == ["tickets"]
    assert "left out: this role looks" in jd.run("warehouse", "init", "--dbt-schema", "public", env=warehouse.env, expect=0).err


def test_somebody_elses_schema_is_left_alone(product, postgres):
    jd, warehouse = product(), rig.Warehouse(None, postgres)
    postgres.psql("CREATE SCHEMA jira; CREATE TABLE jira.issue (mine int)", warehouse.url)
    done = jd.run("warehouse", "init", env=warehouse.env, expect=0)
    assert "schema jira are left out: there is something else in it" in done.err
    assert warehouse.query("SELECT column_name FROM information_schema.columns WHERE table_schema = 'jira'") == [("mine",)]


def test_a_role_that_may_not(loaded, postgres):
    jd, _ = loaded
    warehouse = rig.Warehouse(None, postgres)
    postgres.psql("DROP ROLE IF EXISTS weak; CREATE ROLE weak LOGIN; GRANT ALL ON SCHEMA public TO weak", warehouse.url)
    env = {"DATABASE_URL": warehouse.url.replace("jiraduct@", "weak@")}
    done = rebuild(jd, warehouse, env=env)
    assert "left out: " in done.err and "permission denied" in done.err and "--dbt-schema" in done.err
    assert schemas(warehouse) == [] and warehouse.number("SELECT count(*) FROM issue") == len(jd.issue_files())
    postgres.psql("CREATE SCHEMA given; GRANT ALL ON SCHEMA given TO weak", warehouse.url)
    assert "left out" not in rebuild(jd, warehouse, "--dbt-schema", "given", env=env).err
    assert warehouse.number("SELECT count(*) FROM given.issue") == len(jd.issue_files())
    postgres.psql("REASSIGN OWNED BY weak TO jiraduct; DROP OWNED BY weak; DROP ROLE weak", warehouse.url)
