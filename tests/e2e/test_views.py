"""The views that analysts ask for, over a small history made by hand: what each gives is worked out here, and
both databases have to give it."""
import datetime
import functools
import re
import sqlite3

import pytest

import rig

CATEGORY = {"new": (2, "To Do"), "indeterminate": (4, "In Progress"), "done": (3, "Done")}
STATUS = {1: ("Open", "new"), 3: ("In Progress", "indeterminate"), 4: ("Reopened", "new"), 5: ("Resolved", "done"),
          6: ("Closed", "done"), 10: ("QA", None)}  # 10 was deleted: only changelogs know it
USERS = {"ann": "Ann", "bob": "Bob"}
PROJECT = {"APP": 10900, "OPS": 10901}


def when(text):
    """"02 12:00": of January 2024, UTC; whole dates stay as they are."""
    return text if len(text) > 8 else f"2024-01-{text[:2]}T{text[3:] or '00:00'}:00.000+0000"


def status(before, after):
    return {"field": "status", "fieldtype": "jira", "from": str(before), "fromString": STATUS[before][0], "to": str(after),
            "toString": STATUS[after][0]}


def item(field, before, before_text, after, after_text, kind="jira"):
    return {"field": field, "fieldtype": kind, "from": before, "fromString": before_text, "to": after, "toString": after_text}


def user(name):
    return name and {"name": name, "key": name, "displayName": USERS[name], "active": True}


def issue(number, is_now, changes=(), project="APP", created="01", updated="20", resolved=None, **fields):
    made = rig.plain_issue(number, project, when(created), when(updated), PROJECT[project])
    made["id"] = str(1000 + number)
    name, category = STATUS[is_now]
    key = {"id": CATEGORY[category][0], "key": category, "name": CATEGORY[category][1]}
    made["fields"].update(status={"id": str(is_now), "name": name, "statusCategory": key}, resolutiondate=resolved and when(resolved),
                          resolution={"id": "1", "name": "Fixed"} if resolved else None, issuetype={"id": "1", "name": "Bug", "subtask": False})
    made["fields"].update(fields)
    histories = [{"id": str(100 * number + place), "created": when(at), "items": list(items), "author": user("ann")}
                 for place, (at, *items) in enumerate(changes)]
    made["changelog"] = {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}
    return made


def sprint(number, state, name, start, complete="<null>"):
    return (f"com.atlassian.greenhopper.service.sprint.Sprint@1f[id={number},rapidViewId=3,state={state},name={name},"
            f"startDate={when(start)},endDate={when('09')},completeDate={complete if complete == '<null>' else when(complete)},goal=<null>]")


def sprints(before, after, *names):
    return item("Sprint", before, names[0], after, names[1], "custom")


def points(before, after):
    return item("Story Points", None, before, None, after, "custom")


ONE, TWO = sprint(21, "CLOSED", "One", "02", "09"), sprint(22, "ACTIVE", "Two", "10")
VERSION = {"id": "77", "name": "1.0", "released": True, "archived": False, "releaseDate": "2024-02-01"}


def history():
    yield issue(1, 1, created="2024-01-01T09:00:00.000+0100", priority={"id": "3", "name": "Major"}, assignee=user("bob"))
    # the plain way; into another done status a day after the first. In sprint One before it started
    yield issue(2, 6, [("01 12:00", sprints("", "21", "", "One")), ("02", status(1, 3), item("assignee", None, None, "ann", "Ann")),
                       ("03", item("assignee", "ann", "Ann", "bob", "Bob")), ("04 12:00", status(3, 5)), ("05", status(5, 6), points("3", "5"))],
                resolved="04 12:00", assignee=user("bob"), customfield_9=[ONE], fixVersions=[VERSION], customfield_12314422=5.0)
    # reopened, and done again; put into sprint One after it had started
    yield issue(3, 5, [("02", status(1, 3)), ("03", status(3, 5), sprints("", "21", "", "One")), ("05", status(5, 4)),
                       ("06", status(4, 3)), ("08", status(3, 5))], resolved="08", customfield_9=[ONE], fixVersions=[VERSION])
    # reopened, and still so; left over in sprint One, and put into sprint Two when that was closed
    yield issue(4, 4, [("01 06:00", sprints("", "21", "", "One")), ("02", status(1, 3)), ("03", status(3, 5)), ("04", status(5, 4)),
                       ("09 00:01", sprints("21", "21, 22", "One", "One, Two"))], customfield_9=[ONE, TWO], fixVersions=[VERSION])
    # through a status that was deleted; taken out of sprint One
    yield issue(5, 6, [("01 06:00", sprints("", "21", "", "One")), ("02", status(1, 10)), ("04", status(10, 6), sprints("21", "", "One", ""))],
                resolved="04")
    # two changes within the same millisecond: their ids say which was first
    yield issue(6, 5, [("02 10:00", status(1, 3)), ("02 10:00", status(3, 5))], resolved="02 10:00")
    # moved from APP: it counts for OPS all its life
    yield issue(7, 3, [("02", status(1, 3)), ("03", item("Key", None, "APP-7", None, "OPS-7"),
                                              item("project", "10900", "Project APP", "10901", "Project OPS"))], "OPS")
    # no changelog at all; story points, which never changed therefore
    bare = issue(8, 6, resolved="03", customfield_12314422=8)
    del bare["changelog"]
    yield bare
    # cut at both ends: it begins with Reopened, and leads to another status than the one that it has
    yield issue(9, 5, [("02", status(4, 3))], updated="10 06:00", resolved="10 06:00")
    # created in the future, as far as anybody here can tell
    yield issue(10, 1, created="2999-01-01T00:00:00.000+0000", updated="2999-01-01T00:00:00.000+0000")
    # a changelog of names alone
    yield issue(11, 3, [("03", item("status", None, "Open", None, "In Progress"))])
    # zones: a Monday where it was resolved, a Sunday in UTC
    yield issue(12, 5, [("2024-01-15T00:30:00.000+0530", status(1, 5))], created="2024-01-07T23:30:00.000-0800",
                resolved="2024-01-15T00:30:00.000+0530", updated="15", summary="Zones")
    yield issue(13, 3, [("02", status(1, 3))])  # removed before the end
    # changes that are older than the issue, as an import leaves them; the summary was another
    yield issue(14, 3, [("05", status(1, 3)), ("11", item("summary", None, "Before", None, "After"), points("2", None))], created="10", summary="After")
    yield issue(15, 1)


def rebuild(jd, warehouse):
    return jd.run("warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state, env=warehouse.env, expect=0)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory, postgres):
    """The history in both databases; APP-13 is removed again."""
    box = tmp_path_factory.mktemp("views")
    (box / "sim").mkdir()
    sim = rig.Sim(box / "sim", "--data", rig.write_lines(box / "issues.jsonl", history()))
    try:
        jd = rig.Product(box / "jd", sim.url)
        jd.scrape("--projects", "APP", "OPS")
    finally:
        sim.stop()
    both = [rig.Warehouse(box / "warehouse.db"), rig.Warehouse(None, postgres)]
    for turn in range(2):
        for warehouse in both:
            rebuild(jd, warehouse)
            warehouse.product = jd
        if turn == 0:
            jd.issue_files()["APP-13"].unlink()
    return both


def asked(warehouse, view, columns, where="1 = 1", order=None):
    """Rows of texts, alike for both databases: '*time' an instant ("02 12:00" of January 2024), '?flag' y or n, '#number'."""
    select = []
    for column in columns.split():
        name = column.lstrip("*?#")
        select.append(warehouse.utc(name) if column[0] == "*" else
                      f"CASE WHEN {name} THEN 'y' WHEN NOT {name} THEN 'n' ELSE '' END" if column[0] == "?" else
                      f"CAST(CAST(round(CAST({name} * 1000 AS numeric)) AS bigint) AS text)" if column[0] == "#" and warehouse.server else
                      f"CAST(CAST(round({name} * 1000) AS INTEGER) AS TEXT)" if column[0] == "#" else f"coalesce(CAST({name} AS text), '')")
    rows = warehouse.query(f"SELECT {', '.join(select)} FROM {view} WHERE {where} ORDER BY {order or ', '.join(c.lstrip('*?#') for c in columns.split())}")
    return [tuple(short(cell) for cell in row) for row in rows]


def short(cell):
    if cell.startswith("2024-01-") and cell.endswith(":00"):
        return cell[8:10] if cell.endswith(" 00:00:00") else cell[8:16]
    return cell


def same(loaded, view, columns, want, where="1 = 1", order=None):
    for warehouse in loaded:
        kind = "PostgreSQL" if warehouse.server else "SQLite"
        assert asked(warehouse, view, columns, where, order) == want, kind


def days(n):
    return str(round(n * 86400 * 1000))


def test_status_intervals(loaded):
    want = {
        "APP-1": [("1", "Open", "new", "01 08:00", "")],  # never changed: one row
        "APP-2": [("1", "Open", "new", "01", "02"), ("3", "In Progress", "indeterminate", "02", "04 12:00"),
                  ("5", "Resolved", "done", "04 12:00", "05"), ("6", "Closed", "done", "05", "")],
        "APP-4": [("1", "Open", "new", "01", "02"), ("3", "In Progress", "indeterminate", "02", "03"), ("5", "Resolved", "done", "03", "04"),
                  ("4", "Reopened", "new", "04", "")],
        "APP-5": [("1", "Open", "new", "01", "02"), ("10", "QA", "", "02", "04"), ("6", "Closed", "done", "04", "")],
        "APP-6": [("1", "Open", "new", "01", "02 10:00"), ("3", "In Progress", "indeterminate", "02 10:00", "02 10:00"),
                  ("5", "Resolved", "done", "02 10:00", "")],
        "OPS-7": [("1", "Open", "new", "01", "02"), ("3", "In Progress", "indeterminate", "02", "")],
        "APP-8": [("6", "Closed", "done", "01", "")],
        # nothing says when it came out of progress: at its last change, at the latest
        "APP-9": [("4", "Reopened", "new", "01", "02"), ("3", "In Progress", "indeterminate", "02", "10 06:00"),
                  ("5", "Resolved", "done", "10 06:00", "")],
        "APP-10": [("1", "Open", "new", "2999-01-01 00:00:00", "")],
        "APP-11": [("1", "Open", "new", "01", "03"), ("3", "In Progress", "indeterminate", "03", "")],  # ids by name
        "APP-12": [("1", "Open", "new", "08 07:30", "14 19:00"), ("5", "Resolved", "done", "14 19:00", "")],
        "APP-13": [],  # a tombstone
        "APP-14": [("1", "Open", "new", "05", "05"), ("3", "In Progress", "indeterminate", "05", "")],
    }
    for key, rows in want.items():
        same(loaded, "status_interval", "status_id status status_category *began *ended", rows, f"issue_key = '{key}'",
             "began, ended IS NULL, changelog_id IS NOT NULL, changelog_id")
    for warehouse in loaded:  # each issue is in one status at any time, and in one now
        assert warehouse.number("SELECT count(*) FROM status_interval WHERE ended IS NULL") == 14
        assert warehouse.number("SELECT count(*) FROM status_interval AS a WHERE a.ended IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
                                " status_interval AS b WHERE b.issue_id = a.issue_id AND b.began = a.ended)") == 0


def test_time_in_status(loaded):
    same(loaded, "time_in_status", "status #seconds visits *first_entered *last_entered ?is_current",
         [("In Progress", days(1 + 2), "2", "02", "06", "n"), ("Open", days(1), "1", "01", "01", "n"),
          ("Reopened", days(1), "1", "05", "05", "n")], "issue_key = 'APP-3' AND status <> 'Resolved'")
    same(loaded, "time_in_status", "visits *first_entered *last_entered ?is_current", [("2", "03", "08", "y")],
         "issue_key = 'APP-3' AND status = 'Resolved'")
    same(loaded, "time_in_status", "status #seconds visits", [("In Progress", "0", "1"), ("Open", days(1 + 10 / 24), "1")],
         "issue_key = 'APP-6' AND status <> 'Resolved'")  # the same millisecond
    same(loaded, "time_in_status", "#seconds", [("0",)], "issue_key = 'APP-10'")  # nothing lasts less than nothing
    same(loaded, "time_in_status", "status #seconds status_category", [("QA", days(2), "")], "status_id = 10")


def test_what_lasts_lasts_until_now(loaded):
    for warehouse in loaded:
        before = datetime.datetime.now(datetime.timezone.utc)
        took = float(warehouse.query("SELECT seconds FROM status_interval WHERE issue_key = 'APP-1'")[0][0])
        old = float(warehouse.query("SELECT seconds FROM open_age WHERE issue_key = 'APP-1'")[0][0])
        after = datetime.datetime.now(datetime.timezone.utc)
        since = datetime.datetime(2024, 1, 1, 8, tzinfo=datetime.timezone.utc)
        for seconds in (took, old):
            assert (before - since).total_seconds() - 0.01 <= seconds <= (after - since).total_seconds() + 0.01


def test_cycle_time(loaded):
    same(loaded, "cycle_time", "issue_key issue_type *started *finished #seconds ?is_done", [
        ("APP-1", "Bug", "", "", "", "n"),
        ("APP-10", "Bug", "", "", "", "n"),
        ("APP-11", "Bug", "03", "", "", "n"),
        ("APP-12", "Bug", "", "14 19:00", "", "y"),               # done without having been begun
        ("APP-14", "Bug", "05", "", "", "n"),
        ("APP-15", "Bug", "", "", "", "n"),
        ("APP-2", "Bug", "02", "04 12:00", days(2.5), "y"),       # until Resolved; Closed comes from a done one
        ("APP-3", "Bug", "02", "08", days(6), "y"),               # reopened: from the first start to the last end
        ("APP-4", "Bug", "02", "", "", "n"),                      # reopened, and not done again
        ("APP-5", "Bug", "", "04", "", "y"),                      # nobody knows what kind of status QA was
        ("APP-6", "Bug", "02 10:00", "02 10:00", "0", "y"),
        ("APP-8", "Bug", "", "01", "", "y"),                      # done as far back as anybody knows
        ("APP-9", "Bug", "02", "10 06:00", days(8.25), "y"),
        ("OPS-7", "Bug", "02", "", "", "n")])


def test_lead_time_and_throughput(loaded):
    same(loaded, "lead_time", "issue_key #seconds resolution", [
        ("APP-12", days(6 + 11.5 / 24), "Fixed"), ("APP-2", days(3.5), "Fixed"), ("APP-3", days(7), "Fixed"), ("APP-5", days(3), "Fixed"),
        ("APP-6", days(1 + 10 / 24), "Fixed"), ("APP-8", days(2), "Fixed"), ("APP-9", days(9.25), "Fixed")])
    # the first of January 2024 was a Monday; APP-12 was resolved on Sunday the 14th by UTC
    same(loaded, "throughput", "project_key day week issue_type resolved", [
        ("APP", "2024-01-02", "2024-01-01", "Bug", "1"), ("APP", "2024-01-03", "2024-01-01", "Bug", "1"),
        ("APP", "2024-01-04", "2024-01-01", "Bug", "2"), ("APP", "2024-01-08", "2024-01-08", "Bug", "1"),
        ("APP", "2024-01-10", "2024-01-08", "Bug", "1"), ("APP", "2024-01-14", "2024-01-08", "Bug", "1")])


def test_cumulative_flow(loaded):
    # at the end of the day. The first: 1 to 6, 11 and 15 are Open, 8 is Closed, 9 Reopened; the third: 2, 9 and 11 are in progress, 3, 4 and 6
    # Resolved, 1 and 15 Open, 5 in QA. A status has no row before the project had it
    for day, want in {"2023-12-31": [],
                      "2024-01-01": [("6", "Closed", "1"), ("1", "Open", "8"), ("4", "Reopened", "1")],
                      "2024-01-03": [("6", "Closed", "1"), ("3", "In Progress", "3"), ("1", "Open", "2"), ("10", "QA", "1"),
                                     ("4", "Reopened", "0"), ("5", "Resolved", "3")]}.items():
        same(loaded, "cumulative_flow", "status_id status issues", want, f"project_key = 'APP' AND day = '{day}'", "status")
    same(loaded, "cumulative_flow", "status_category issues", [("indeterminate", "1"), ("new", "0")],
         "project_key = 'OPS' AND day = '2024-06-01'", "status_category")
    for warehouse in loaded:
        today = datetime.datetime.now(datetime.timezone.utc).date()
        first, last, n, all_of = warehouse.query("SELECT min(day), max(day), count(*), count(DISTINCT day) FROM cumulative_flow WHERE"
                                                 " project_key = 'OPS' AND status = 'Open'")[0]
        assert first == "2024-01-01" and last in (str(today), str(today + datetime.timedelta(1)))
        assert int(n) == int(all_of) == (datetime.date.fromisoformat(last) - datetime.date(2024, 1, 1)).days + 1
        # APP-10 is yet to come
        assert warehouse.number(f"SELECT sum(issues) FROM cumulative_flow WHERE project_key = 'APP' AND day = '{last}'") == 12


def test_open_age_and_reopened(loaded):
    same(loaded, "open_age", "issue_key status status_category priority *created", [
        ("APP-1", "Open", "new", "Major", "01 08:00"), ("APP-10", "Open", "new", "Major", "2999-01-01 00:00:00"),
        ("APP-11", "In Progress", "indeterminate", "Major", "01"), ("APP-14", "In Progress", "indeterminate", "Major", "10"),
        ("APP-15", "Open", "new", "Major", "01"), ("APP-4", "Reopened", "new", "Major", "01"),
        ("OPS-7", "In Progress", "indeterminate", "Major", "01")])
    same(loaded, "reopened", "issue_key *reopened from_status to_status author_id",
         [("APP-3", "05", "Resolved", "Reopened", "ann"), ("APP-4", "04", "Resolved", "Reopened", "ann")])


def test_resolved_by_version(loaded):
    same(loaded, "resolved_by_version", "project_key version ?released release_date issue_type issues resolved",
         [("APP", "1.0", "y", "2024-02-01", "Bug", "3", "2")])


def test_fields_as_of_a_date(loaded):
    ask = functools.partial(same, loaded, "field_interval", "value_id value_text *began *ended", order="began, ended IS NULL")
    ask([("bob", "Bob", "01 08:00", "")], "issue_key = 'APP-1' AND field = 'assignee'")  # never changed
    ask([("", "", "01", "02"), ("ann", "Ann", "02", "03"), ("bob", "Bob", "03", "")], "issue_key = 'APP-2' AND field = 'assignee'")
    ask([("", "", "01", "")], "issue_key = 'APP-8' AND field = 'assignee'")  # nobody, ever, as far as is known
    ask([("3", "Major", "01", "")], "issue_key = 'APP-8' AND field = 'priority'")
    ask([("", "Before", "10", "11"), ("", "After", "11", "")], "issue_key = 'APP-14' AND field = 'summary'")
    ask([("10900", "Project APP", "01", "03"), ("10901", "Project OPS", "03", "")], "issue_key = 'OPS-7' AND field = 'project'")
    story_points = "field = 'customfield_12314422' AND issue_key = "
    ask([("", "3", "01", "05"), ("", "5", "05", "")], story_points + "'APP-2'")
    ask([("", "8", "01", "")], story_points + "'APP-8'")
    ask([("", "2", "10", "11"), ("", "", "11", "")], story_points + "'APP-14'")  # taken away
    ask([], story_points + "'APP-1'")  # an empty field that nobody ever filled
    ask([], "issue_key = 'APP-13'")
    for warehouse in loaded:  # who had which issue at noon of the second
        noon = "'2024-01-02 12:00:00+00'" if warehouse.server else "'2024-01-02 12:00:00'"
        assert warehouse.query("SELECT issue_key FROM field_interval WHERE field = 'assignee' AND value_id = 'ann' AND began <="
                               f" {noon} AND (ended > {noon} OR ended IS NULL)") == [("APP-2",)]
        # every issue has a row for every field, and one that lasts
        assert warehouse.query("SELECT DISTINCT n FROM (SELECT count(*) AS n FROM field_interval WHERE ended IS NULL AND field NOT LIKE 'custom%'"
                               " GROUP BY issue_id) AS x") == [("13",)]


def test_sprints(loaded):
    # One was from the second to the ninth
    same(loaded, "sprint_issue", "sprint issue_key ?at_start *added *removed ?completed ?carried_over", [
        ("One", "APP-2", "y", "", "", "y", "n"), ("One", "APP-3", "n", "03", "", "y", "n"), ("One", "APP-4", "y", "", "", "n", "y"),
        ("One", "APP-5", "y", "", "04", "n", "n"), ("Two", "APP-4", "y", "", "", "n", "n")])
    same(loaded, "sprint_scope", "sprint *started *closed at_start added removed completed carried_over at_close",
         [("One", "02", "09", "3", "1", "1", "2", "1", "3"), ("Two", "10", "", "1", "0", "0", "0", "0", "1")])


def test_a_condition_reaches_the_tables(loaded):
    """Asked for one project, or one issue, no view reads all issues, or all of what issues have: SQLite's plan is the same for a large file."""
    lite = loaded[0]
    views = [row[0] for row in lite.query("SELECT name FROM sqlite_master WHERE type = 'view'")]
    seen = set()
    for view in views:
        columns = [row[0] for row in lite.query(f"SELECT name FROM pragma_table_info('{view}')")]
        for where in ("project_key = 'APP'", "project_id = 10900", "issue_key = 'APP-1'", "issue_id = 1001"):
            if where.split()[0] not in columns:
                continue
            plan = [row[3] for row in lite.query(f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE {where}")]
            seen.update(line.split()[1] for line in plan if line.startswith("SEARCH"))
            assert [line for line in plan if re.fullmatch("SCAN (i|t|v|x|l)( USING .*)?", line)] == [], (view, where)
    assert {"i", "t", "v", "x", "l"} <= seen, "issues, changes of fields, values of fields or versions, sprints and changes go by these names"


def test_both_databases_have_the_same_columns(loaded):
    lite, post = loaded
    views = [row[0] for row in lite.query("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY 1")]
    assert views == [row[0] for row in post.query("SELECT viewname FROM pg_views WHERE schemaname = 'public' ORDER BY viewname COLLATE \"C\"")]
    for view in views:
        columns = [row[0] for row in lite.query(f"SELECT name FROM pragma_table_info('{view}') ORDER BY cid")]
        told = post.query("SELECT attname, coalesce(col_description(attrelid, attnum), '') FROM pg_attribute WHERE attrelid ="
                          f" '{view}'::regclass AND attnum > 0 ORDER BY attnum")
        assert columns == [name for name, _ in told]
        assert all(comment for _, comment in told), f"{view}: a column without a comment"
    uncommented = post.query("SELECT viewname FROM pg_views WHERE schemaname = 'public' AND obj_description(viewname::regclass) IS NULL")
    assert uncommented == []


def write(warehouse, sql):
    if warehouse.server:
        warehouse.server.psql(sql, warehouse.url)
    else:
        with sqlite3.connect(warehouse.file) as db:
            db.executescript(sql)
        db.close()


def test_the_views_are_made_anew(loaded):
    """By whatever opens a warehouse whose views are another program's, and by migrate in any case; what stands on them stays."""
    for warehouse in loaded:
        jd = warehouse.product
        lead = warehouse.query("SELECT issue_key FROM lead_time ORDER BY 1")
        write(warehouse, "CREATE VIEW of_ours AS SELECT * FROM throughput; DROP VIEW lead_time")
        rebuild(jd, warehouse)  # the views are said to be this program's: nobody looks
        with pytest.raises((RuntimeError, sqlite3.OperationalError)):
            warehouse.query("SELECT * FROM lead_time")
        write(warehouse, "UPDATE sync_fact SET value = 'another' WHERE site_id = 0 AND name = 'views'")
        rebuild(jd, warehouse)
        assert warehouse.query("SELECT issue_key FROM lead_time ORDER BY 1") == lead
        write(warehouse, "DROP VIEW lead_time")
        jd.run("warehouse", "migrate", env=warehouse.env, expect=0)
        assert warehouse.query("SELECT issue_key FROM lead_time ORDER BY 1") == lead
        assert warehouse.number("SELECT count(*) FROM of_ours") == 6
        write(warehouse, "DROP VIEW of_ours")


def test_a_view_that_is_in_the_way_is_named(loaded):
    post = loaded[1]
    write(post, "DROP VIEW lead_time; CREATE VIEW lead_time AS SELECT 1 AS one; CREATE VIEW of_ours AS SELECT * FROM lead_time")
    said = post.product.run("warehouse", "migrate", env=post.env, expect=78).err
    assert "cannot drop view lead_time" in said and "view of_ours depends on" in said and "drop what depends on it" in said, said
    write(post, "DROP VIEW of_ours")
    post.product.run("warehouse", "migrate", env=post.env, expect=0)
    assert post.number("SELECT count(*) FROM lead_time") == 7
