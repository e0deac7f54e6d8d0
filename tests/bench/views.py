#!/usr/bin/python3
"""Each view asked for one project of a large warehouse, in PostgreSQL and in SQLite, with its plan.

    tests/bench/views.py [ISSUES]       (1000000, in 20 projects, with ten changelog items each)
    tests/bench/views.py fill|ask FOLDER [ISSUES]     one half of it; JD_TEST_PG: the address of a server that stays

The rows are made by SQL, the same in both; the issues of all projects stand side by side, as sites grow. Each
view is asked three times, by the project's key and by its id: the first and the best are told, and the best has
LIMIT to keep, or the exit status is 1. What is asked for has to be read, not to be sent. PostgreSQL is as VACUUM
ANALYZE leaves it and as it comes (JIT and all) but for 64 MB of shared buffers; SQLite, as most files of it are,
without ANALYZE, and each question comes through a connection of its own.
"""
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import pg  # noqa: E402
import rig  # noqa: E402

LIMIT = 2.0
SECONDS = 2800 * 86400  # from 2018-01-01 on
SPAN = "({0}) * {step}"  # when issue number {0} was created, in seconds from then

# Classes of issues, by the last digit of a twentieth of their number: 0-5 done, 6 and 7 reopened, 8 and 9 in work.
ITEMS = {  # the place of an item among the ten of its issue -> field, from id, from text, to id, to text
    0: ("'status'", "'1'", "'Status 1'", "'3'", "'Status 3'"),
    1: ("'assignee'", "NULL", "NULL", "'user' || i % 900", "'User ' || i % 900"),
    2: ("'priority'", "'3'", "'Priority 3'", "'2'", "'Priority 2'"),
    3: ("'Sprint'", "''", "''", "1 + i % 500", "'Sprint ' || (1 + i % 500)"),
    4: ("'status'", "'3'", "'Status 3'", "CASE WHEN i / 20 % 10 < 8 THEN '5' ELSE '2' END",
        "CASE WHEN i / 20 % 10 < 8 THEN 'Status 5' ELSE 'Status 2' END"),
    5: ("'resolution'", "NULL", "NULL", "'1'", "'Resolution 1'"),
    6: ("'assignee'", "'user' || i % 900", "'User ' || i % 900", "'user' || i % 899", "'User ' || i % 899"),
    7: ("'Story Points'", "NULL", "'3'", "NULL", "'5'"),
    8: ("'status'", "CASE WHEN i / 20 % 10 < 8 THEN '5' ELSE '2' END", "CASE WHEN i / 20 % 10 < 8 THEN 'Status 5' ELSE 'Status 2' END",
        "CASE WHEN i / 20 % 10 < 6 THEN '6' WHEN i / 20 % 10 < 8 THEN '3' ELSE '4' END",
        "CASE WHEN i / 20 % 10 < 6 THEN 'Status 6' WHEN i / 20 % 10 < 8 THEN 'Status 3' ELSE 'Status 4' END"),
    9: ("'Fix Version'", "NULL", "NULL", "1 + i % 400", "'v' || (1 + i % 400)"),
}


def item(part):
    cases = " ".join(f"WHEN {place} THEN CAST({of[part]} AS text)" for place, of in ITEMS.items())
    return f"CASE (n - 1) % 10 {cases} END"


def tables(issues):
    """(table, how many rows, column -> expression of n; i: the issue's number)"""
    created = SPAN.replace("{0}", "i")
    nth = "((n - 1) % 4)"  # stay
    status = (f"CASE {nth} WHEN 0 THEN 1 WHEN 1 THEN 3 WHEN 2 THEN CASE WHEN i / 20 % 10 < 8 THEN 5 ELSE 2 END"
              " ELSE CASE WHEN i / 20 % 10 < 6 THEN 6 WHEN i / 20 % 10 < 8 THEN 3 ELSE 4 END END")
    return [
        ("site", 1, {"id": "n", "name": "'jira.example.org'"}),
        ("project", 20, {"id": "n", "key": "'P' || n", "name": "'Project ' || n", "seen": "{now}"}),
        ("status_category", 3, {"id": "n + 1", "key": "CASE n WHEN 1 THEN 'new' WHEN 2 THEN 'done' ELSE 'indeterminate' END", "seen": "{now}"}),
        ("status", 6, {"id": "n", "name": "'Status ' || n", "category_id": "CASE WHEN n < 3 THEN 2 WHEN n < 5 THEN 4 ELSE 3 END", "seen": "{now}"}),
        ("issue_type", 5, {"id": "n", "name": "'Type ' || n", "seen": "{now}"}),
        ("priority", 5, {"id": "n", "name": "'Priority ' || n", "seen": "{now}"}),
        ("resolution", 3, {"id": "n", "name": "'Resolution ' || n", "seen": "{now}"}),
        ("version", 400, {"id": "n", "project_id": "1 + n % 20", "name": "'v' || n", "released": "n % 3 > 0", "seen": "{now}"}),
        ("issue", issues, {
            "id": "n", "key": "'P' || (1 + n * 7 % 20) || '-' || n", "project_id": "1 + n * 7 % 20", "issue_type_id": "1 + n % 5",
            "status_id": "CASE WHEN n / 20 % 10 < 6 THEN 6 WHEN n / 20 % 10 < 8 THEN 3 ELSE 4 END", "priority_id": "2",
            "resolution_id": "CASE WHEN n / 20 % 10 < 6 THEN 1 END", "summary": "'Something that does not work as it should, number ' || n",
            "description": "{words}", "reporter_id": "'user' || n % 898", "assignee_id": "'user' || n % 899",
            "created": "{at:" + created + "}", "updated": "{at:" + created + " + 2160000}",
            "resolved": "CASE WHEN n / 20 % 10 < 6 THEN {at:" + created + " + 1296000} END",
            "fetched": "{now}", "content_hash": "n", "plan_hash": "1"}),
        ("changelog", 5 * issues, {"id": "n", "issue_id": "i", "author_id": "'user' || n % 900",
                                   "created": "{at:" + created + " + 432000 * (1 + (n - 1) % 5)}"}),
        ("changelog_item", 10 * issues, {
            "changelog_id": "1 + (n - 1) / 2", "position": "(n - 1) % 2", "issue_id": "i",
            "created": "{at:" + created + " + 432000 * (1 + (n - 1) % 10 / 2)}", "field": item(0),
            "field_type": "CASE (n - 1) % 10 WHEN 3 THEN 'custom' WHEN 7 THEN 'custom' ELSE 'jira' END",
            "from_value": item(1), "from_text": item(2), "to_value": item(3), "to_text": item(4)}),
        ("issue_status", 4 * issues, {  # as the changes have it
            "issue_id": "i", "position": nth, "status_id": status, "status": f"'Status ' || ({status})",
            "began": "{at:" + f"{created} + 432000 * CASE {nth} WHEN 0 THEN 0 ELSE 2 * {nth} - 1 END" + "}",
            "ended": f"CASE WHEN {nth} < 3 THEN " + "{at:" + f"{created} + 432000 * (2 * {nth} + 1)" + "} END",
            "changelog_id": f"CASE WHEN {nth} > 0 THEN 5 * (i - 1) + 2 * {nth} - 1 END"}),
        ("issue_fix_version", issues, {"issue_id": "n", "version_id": "1 + n % 400"}),
        ("field", 1, {"id": "'customfield_10002'", "name": "'Story Points'", "changelog_name": "'Story Points'", "custom": "{true}",
                      "kind": "'number'", "value_type": "'number'", "seen": "{now}"}),
        ("sprint", 500, {"id": "n", "name": "'Sprint ' || n", "state": "'closed'", "start_date": "{at:n * 480000 + 0 * {step}}",
                         "complete_date": "{at:n * 480000 + 1209600 + 0 * {step}}", "seen": "{now}"}),
        ("issue_sprint", issues, {"issue_id": "n", "sprint_id": "1 + n * 3 % 500", "position": "0",
                                  "from_time": "{at:" + created + " + 864000}"}),
        ("field_value", issues, {"issue_id": "n", "field_id": "'customfield_10002'", "position": "0", "kind": "'number'",
                                 "is_list": "{false}", "number_value": "5"}),
    ]


def fill_sql(issues, lite):
    step = SECONDS // issues or 1
    say = {"{now}": "'2026-01-01 00:00:00.000'" if lite else "timestamptz '2026-01-01Z'", "{false}": "0" if lite else "false",
           "{true}": "1" if lite else "true",
           "{words}": "'" + "The server answers, and then it does not; nobody knows why. " * 10 + "'"}
    at = ("strftime('%Y-%m-%d %H:%M:%f', 1514764800 + {}, 'unixepoch')" if lite else
          "timestamptz '2018-01-01Z' + ({}) * interval '1 second'")
    for table, count, columns in tables(issues):
        each = max(1, count // issues)
        text = ", ".join(columns.values())
        text = re.sub(r"\{at:([^}]*\{step\}[^}]*)\}", lambda m: at.format(m[1].replace("{step}", str(step))), text)
        for word, means in say.items():
            text = text.replace(word, means)
        series = (f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)" if lite
                  else f"generate_series(1, {count}) AS s(n)")
        site = "" if table == "site" else "site_id, "
        yield (f"INSERT INTO {table} ({site}{', '.join(columns)}) SELECT {site and '1, '}{text} FROM"
               f" (SELECT n, 1 + (n - 1) / {each} AS i FROM {series}) AS x")


# view -> what is asked of it, of one project
ASKED = {
    "status_interval": "count(*), sum(seconds)",
    "time_in_status": "count(*), sum(seconds)",
    "cycle_time": "count(*), sum(seconds)",
    "lead_time": "count(*), sum(seconds)",
    "throughput": "count(*), sum(resolved)",
    "cumulative_flow": "count(*), sum(issues)",
    "open_age": "count(*), min(created)",
    "reopened": "count(*), max(reopened)",
    "resolved_by_version": "count(*), sum(resolved)",
    "field_interval": "count(*), count(value_id)",
    "sprint_issue": "count(*), count(added)",
    "sprint_scope": "count(*), sum(completed)",
}
AND = {"field_interval": " AND field = 'assignee'"}  # a value as of a date is asked for by its field


def questions():
    for view, what in ASKED.items():
        for where in ("project_key = 'P7'", "project_id = 7"):
            yield view, f"SELECT {what} FROM {view} WHERE {where}{AND.get(view, '')}"


class Post:
    name = "PostgreSQL"

    def __init__(self, url, psql):
        self.url, self.psql = url, psql

    def run(self, sql):
        done = subprocess.run([self.psql, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url], input=sql, text=True,
                              capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{done.stderr}: {sql[:500]}")
        return done.stdout

    def ask(self, sql):
        out = self.run(f"\\timing on\n{sql};\n")
        *rows, clock = out.strip().split("\n")
        return float(clock.split()[1]) / 1000, rows

    def plan(self, sql):
        return self.run(f"EXPLAIN {sql}").rstrip("\n").split("\n")

    def fill(self, issues):
        for sql in fill_sql(issues, False):
            self.run(sql)
        self.run("VACUUM ANALYZE")


class Lite:
    name = "SQLite"

    def __init__(self, path):
        self.path = path

    def ask(self, sql):
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        began = time.monotonic()
        rows = ["|".join(map(str, row)) for row in db.execute(sql)]
        took = time.monotonic() - began
        db.close()
        return took, rows

    def plan(self, sql):
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        depth, out = {0: 0}, []
        for number, above, _, text in db.execute(f"EXPLAIN QUERY PLAN {sql}"):
            depth[number] = depth[above] + 1
            out.append("  " * depth[number] + text)
        db.close()
        return out

    def fill(self, issues):
        db = sqlite3.connect(self.path)
        db.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000")
        for sql in fill_sql(issues, True):
            db.execute(sql)
            db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()


def ask(kinds):
    slow = []
    for kind in kinds:
        for view, sql in questions():
            times, answer = [], None
            for _ in range(3):
                took, answer = kind.ask(sql)
                times.append(took)
            print(f"{kind.name:11} {view:20} {times[0]:6.2f} s, best {min(times):6.2f} s   {sql}   -> {' / '.join(answer)}", flush=True)
            slow += [f"{kind.name}: {sql}"] if min(times) > LIMIT else []
        print()
    for kind in kinds:
        for view, sql in questions():
            if "project_key" in sql:
                print(f"-- {kind.name}: {sql}")
                print("\n".join("   " + line for line in kind.plan(sql)))
    print(f"\nlonger than {LIMIT} s: {'; '.join(slow) or 'none'}")
    return 1 if slow else 0


def open_kinds(folder, make):
    url = os.environ.get("JD_TEST_PG")
    server = None if url else pg.Postgres(where=folder)
    post = Post(url or server.url(), pg.programs() / "psql")
    lite = Lite(folder / "warehouse.db")
    if make:
        for target in (post.url, f"sqlite:///{lite.path}"):
            subprocess.run([rig.JIRADUCT, "warehouse", "init"], env={**os.environ, "DATABASE_URL": target}, check=True, cwd=folder)
    return server, [post, lite]


def main(what=None, folder=None, issues="1000000"):
    if what not in ("fill", "ask"):
        what, folder, issues = None, None, what or issues
    box = pathlib.Path(folder or tempfile.mkdtemp(prefix="jd-views-", dir=rig.BUILD))
    box.mkdir(exist_ok=True)
    box.chmod(0o755)
    server, kinds = open_kinds(box, what != "ask")
    try:
        if what != "ask":
            for kind in kinds:
                began = time.monotonic()
                kind.fill(int(issues))
                print(f"{kind.name}: {int(issues):,} issues, {10 * int(issues):,} changelog items in {time.monotonic() - began:.0f} s", flush=True)
        return ask(kinds) if what != "fill" else 0
    finally:
        if server:
            server.stop()
        if not folder:
            subprocess.run(["rm", "-rf", str(box)], check=False)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
