"""The reporting warehouse, filled from the raw store: the same tests for SQLite and PostgreSQL."""
import collections
import gzip
import json
import re
import subprocess

import pytest

import rig

REAL = sorted(rig.REALDATA.glob("*.dc.jsonl.gz")) if rig.REALDATA.is_dir() else []


def mirror(start_sim, product, *generate, layout="files", **how):
    sim = start_sim(*generate, **how)
    jd = product(sim)
    jd.scrape("--projects", *projects(sim), "--raw-layout", layout)
    return sim, jd


def projects(sim):
    return sorted({key.rsplit("-", 1)[0] for key in sim.dump_lines()})


def rebuild(jd, warehouse, expect=0, env=None):
    return jd.run("warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state,
                  env={**warehouse.env, **(env or {})}, expect=expect)


def verify(jd, warehouse, expect=0):
    return jd.run("warehouse", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state, env=warehouse.env, expect=expect)


def things(items, *names):
    """Distinct ids (or texts) of a list within an issue."""
    for name in names:
        items = (items or {}).get(name)
    return {json.dumps(i.get("id") if isinstance(i, dict) else i) for i in items or []}


def sprints(fields):
    """Ids of the sprints that an issue's fields name, as Data Center, Cloud and Jira Software's own API do."""
    agile = [*(fields.get("closedSprints") or []), fields.get("sprint")]
    lists = [v for k, v in fields.items() if k.startswith("customfield_") and isinstance(v, list)]
    found = {s["id"] for s in agile if s}
    for value in (v for values in lists for v in values):
        if isinstance(value, str) and "service.sprint.Sprint@" in value:
            found.add(int(re.search(r"[\[,]id=(\d+)", value).group(1)))
        elif isinstance(value, dict) and isinstance(value.get("state"), str):
            found.add(value["id"])
    return found


def counted(lines):
    """table -> how many rows the raw issues give, counted from their JSON alone."""
    sums = collections.Counter()
    for line in lines:
        issue = json.loads(line)
        fields = issue["fields"]
        histories = {h["id"]: h for h in (issue.get("changelog") or {}).get("histories", [])}
        sums["issue"] += 1
        sums["comment"] += len(things(fields, "comment", "comments"))
        sums["worklog"] += len(things(fields, "worklog", "worklogs"))
        sums["attachment"] += len(things(fields, "attachment"))
        sums["issue_label"] += len(things(fields, "labels"))
        sums["issue_component"] += len(things(fields, "components"))
        sums["issue_fix_version"] += len(things(fields, "fixVersions"))
        sums["issue_affected_version"] += len(things(fields, "versions"))
        sums["issue_link"] += len({(i["id"], "outwardIssue" in i) for i in fields.get("issuelinks") or []})
        sums["issue_sprint"] += len(sprints(fields))  # no history is of sprints here
        sums["changelog"] += len(histories)
        sums["changelog_item"] += sum(len(h["items"]) for h in histories.values())
    return sums


def held(warehouse, tables):
    return {t: warehouse.number(f"SELECT count(*) FROM {t}") for t in tables}


@pytest.mark.smoke
@pytest.mark.parametrize("layout", ["files", "pack"])
def test_rebuild_holds_what_the_store_does(start_sim, product, warehouse, layout):
    sim, jd = mirror(start_sim, product, "--generate", "HADOOP:150", "SPARK:60", "--seed", "5", layout=layout)
    rebuild(jd, warehouse)
    want = counted(sim.dump_lines().values())
    assert held(warehouse, want) == dict(want)
    assert all(want[t] for t in ("comment", "changelog_item", "issue_label", "issue_sprint")), "the issues have what is counted"
    assert "0 missing, 0 differ, 0 strays" in verify(jd, warehouse).out
    for key, line in list(sim.dump_lines().items())[:20]:
        fields = json.loads(line)["fields"]
        row = warehouse.query("SELECT i.summary, s.name, p.key, coalesce(u.display_name, '') FROM issue AS i JOIN status AS s"
                              " ON s.site_id = i.site_id AND s.id = i.status_id JOIN project AS p ON p.site_id = i.site_id AND"
                              " p.id = i.project_id LEFT JOIN jira_user AS u ON u.site_id = i.site_id AND u.id = i.assignee_id"
                              f" WHERE i.key = '{key}'")
        assert row == [(fields["summary"], fields["status"]["name"], fields["project"]["key"],
                        (fields["assignee"] or {}).get("displayName", ""))]


def test_again_changes_nothing(start_sim, product, warehouse):
    _, jd = mirror(start_sim, product, "--generate", "HADOOP:120", "--seed", "5")
    rebuild(jd, warehouse)
    before = warehouse.dump(but=())
    warehouse.watch()
    rebuild(jd, warehouse)
    assert warehouse.written() == [], "rows were written again that are as they were"
    after = warehouse.dump(but=())
    assert {t: after[t] for t in before} == before


def test_what_left_the_store_leaves_the_warehouse(start_sim, product, warehouse):
    sim, jd = mirror(start_sim, product, "--generate", "HADOOP:40", "--seed", "5")
    rebuild(jd, warehouse)
    gone = sorted(jd.issue_files())[7]
    number = json.loads(jd.issue_files()[gone].read_text())["id"]
    jd.issue_files()[gone].unlink()
    assert verify(jd, warehouse, expect=65).err.count("held, and not in the store") == 1
    rebuild(jd, warehouse)
    assert warehouse.number("SELECT count(*) FROM issue") == 39
    assert warehouse.number(f"SELECT count(*) FROM changelog_item WHERE issue_id = {number}") == 0
    assert warehouse.query("SELECT key, cause FROM tombstone") == [(gone, "gone")]
    verify(jd, warehouse)


def test_a_rebuild_that_is_killed_is_done_again(start_sim, product, warehouse):
    _, jd = mirror(start_sim, product, "--generate", "HADOOP:300", "--seed", "5")
    took = rebuild(jd, warehouse).seconds
    want = warehouse.dump()
    dice, killed = rig.dice("warehouse"), 0
    other = rig.Warehouse(warehouse.file and warehouse.file.with_name("killed.db"), warehouse.server)
    for _ in range(rig.long_or_short(30, 6)):
        process = jd.popen("warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state, env=other.env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        killed += rig.kill_at(process, dice.uniform(0, took))
    rebuild(jd, other)
    assert killed, "no run was killed"
    assert other.dump() == want


@pytest.mark.parametrize("path", REAL, ids=lambda p: p.name.split(".")[0])
def test_real_issues(start_sim, product, warehouse, path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        names = sorted({json.loads(line)["key"].rsplit("-", 1)[0] for line in lines})
    sim = start_sim("--data", path, "--with-changelogs", "11")
    jd = product(sim)
    jd.scrape("--projects", *names, "--raw-layout", "pack")
    rebuild(jd, warehouse)
    want = counted(sim.dump_lines().values())
    assert held(warehouse, want) == dict(want)
    stamp = warehouse.stamp()
    rebuild(jd, warehouse)
    assert warehouse.stamp() == stamp
    verify(jd, warehouse)


def test_the_schema_by_hand(start_sim, product, warehouse):
    _, jd = mirror(start_sim, product, "--generate", "HADOOP:30", "--seed", "5")
    if warehouse.server:
        warehouse.server.psql(None, warehouse.url, file=rig.ROOT / "sql/schema.sql")
    else:
        with open(rig.ROOT / "sql/schema.sqlite.sql", "rb") as sql:
            subprocess.run(["sqlite3", "-bail", warehouse.file], stdin=sql, check=True)
    done = jd.run("warehouse", "migrate", env=warehouse.env, expect=0)
    assert "nothing to do" in done.err
    rebuild(jd, warehouse)
    other = rig.Warehouse(warehouse.file and warehouse.file.with_name("other.db"), warehouse.server)
    jd.run("warehouse", "init", env=other.env, expect=0)
    assert other.tables() == warehouse.tables()
    assert {t: other.columns(t) for t in other.tables()} == {t: warehouse.columns(t) for t in other.tables()}


def test_init_status_and_a_newer_schema(product, warehouse):
    jd = product()
    missing = jd.run("warehouse", "status", env=warehouse.env)
    assert missing.status == (0 if warehouse.server else 66)
    jd.run("warehouse", "migrate", env=warehouse.env, expect=66)
    jd.run("warehouse", "init", env=warehouse.env, expect=0)
    status = json.loads(jd.run("warehouse", "status", env=warehouse.env, expect=0).out)
    assert status["version"] == status["program_version"] > 0
    assert status["rows"]["issue"] == 0
    newer = "INSERT INTO schema_version (version, applied) VALUES (999, '2030-01-01')"
    if warehouse.server:
        warehouse.server.psql(newer, warehouse.url)
    else:
        subprocess.run(["sqlite3", warehouse.file, newer], check=True)
    for command in ("init", "migrate"):
        assert "use a newer jiraduct" in jd.run("warehouse", command, env=warehouse.env, expect=78).err


def test_a_password_is_never_shown(product, postgres):
    jd = product()
    done = jd.run("warehouse", "init", "--database", "postgresql://me:hidden@127.0.0.1/x", expect=64)
    assert "hidden" not in done.err
    where = f"postgresql://nobody:hidden@127.0.0.1:{postgres.port}/postgres"
    done = jd.run("warehouse", "init", env={"DATABASE_URL": where})
    assert done.status == 77 and "hidden" not in done.err + done.out, done.err
    done = jd.run("config", env={"DATABASE_URL": where})
    assert "hidden" not in done.err + done.out


def test_a_connection_that_is_cut_comes_back(start_sim, product, postgres):
    _, jd = mirror(start_sim, product, "--generate", "HADOOP:400", "--seed", "5")
    calm, cut = rig.Warehouse(None, postgres), rig.Warehouse(None, postgres)
    rebuild(jd, calm)
    jd.run("warehouse", "init", env=cut.env, expect=0)
    # every batch's transaction ends its own session once, in the middle
    postgres.psql("CREATE SEQUENCE cuts; CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                  " IF nextval('cuts') IN (3, 50, 200) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
                  " RETURN NEW; END $$; CREATE TRIGGER cut BEFORE INSERT ON issue FOR EACH ROW EXECUTE FUNCTION cut()", cut.url)
    rebuild(jd, cut)
    assert cut.number("SELECT last_value FROM cuts") > 400, "nothing was cut"
    assert {**cut.dump(), "cuts": None} == {**calm.dump(), "cuts": None}
