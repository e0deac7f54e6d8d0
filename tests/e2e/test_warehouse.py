"""The reporting warehouse, filled from the raw store: the same tests for SQLite and PostgreSQL."""
import gzip
import json
import subprocess

import pytest

import rig

REAL = sorted(rig.REALDATA.glob("*.jsonl.gz")) if rig.REALDATA.is_dir() else []


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


COUNTS = r"""
def sprints: [(.closedSprints // [])[], .sprint // empty | .id] + [to_entries[] | select(.key | startswith("customfield_")) | .value | arrays | .[]
  | if type == "string" and test("service\\.sprint\\.Sprint@") then capture("[\\[,]id=(?<id>[0-9]+)").id | tonumber
    elif type == "object" and (.state | type) == "string" then .id else empty end] | unique | length;
def ids: map(if type == "object" then .id // tojson else . end) | unique | length;
reduce inputs as $i ({}; .issue += 1
  | .comment += ($i.fields.comment.comments // [] | ids)
  | .worklog += ($i.fields.worklog.worklogs // [] | ids)
  | .attachment += ($i.fields.attachment // [] | ids)
  | .issue_label += ($i.fields.labels // [] | ids)
  | .issue_component += ($i.fields.components // [] | ids)
  | .issue_fix_version += ($i.fields.fixVersions // [] | ids)
  | .issue_affected_version += ($i.fields.versions // [] | ids)
  | .issue_link += ($i.fields.issuelinks // [] | map([.id, has("outwardIssue")]) | unique | length)
  | .issue_sprint += ($i.fields | sprints)  # no history is of sprints here
  | .changelog += ($i.changelog.histories // [] | ids)
  | .changelog_item += ($i.changelog.histories // [] | unique_by(.id) | map(.items | length) | add // 0))
"""


def counted(sim):
    """table -> how many rows the issues give, counted by jq in the JSON that the server has."""
    done = subprocess.run(["jq", "-n", COUNTS], input=sim.ask("dump").content, capture_output=True, check=True)
    return json.loads(done.stdout)


def held(warehouse, tables):
    counts = warehouse.queries([f"SELECT count(*) FROM {t}" for t in tables])
    return {t: int(rows[0][0]) for t, rows in zip(tables, counts)}


@pytest.mark.smoke
@pytest.mark.parametrize("layout", ["files", "pack"])
def test_rebuild_holds_what_the_store_does(start_sim, product, warehouse, layout):
    sim, jd = mirror(start_sim, product, "--generate", "HADOOP:150", "SPARK:60", "--seed", "5", layout=layout)
    rebuild(jd, warehouse)
    want = counted(sim)
    assert held(warehouse, want) == want
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
    for _ in range(rig.long_or_short(30, 3)):
        process = jd.popen("warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state, env=other.env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        killed += rig.kill_at(process, dice.uniform(0, took))
    rebuild(jd, other)
    assert killed, "no run was killed"
    assert other.dump() == want


@pytest.fixture(scope="module", params=REAL, ids=lambda p: p.name.split(".")[0])
def real(request, tmp_path_factory):
    """A mirror of real issues, and what jq counts in them."""
    box, path = tmp_path_factory.mktemp("real"), request.param
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        names = sorted({json.loads(line)["key"].rsplit("-", 1)[0] for line in lines})
    cloud = ("--flavour", "cloud") if ".v3." in path.name else ()
    sim = rig.Sim(box, "--data", path, "--with-changelogs", "11", *cloud, context="/" if cloud else "/jira")
    try:
        jd = rig.Product(box / "jd", sim.url)
        jd.scrape("--projects", *names, "--raw-layout", "pack")
        return jd, counted(sim)
    finally:
        sim.stop()


def test_real_issues(real, warehouse):
    jd, want = real
    rebuild(jd, warehouse)
    assert held(warehouse, want) == want
    assert want["changelog_item"] > want["issue"], "the changelogs were grafted"
    warehouse.watch()
    rebuild(jd, warehouse)
    assert warehouse.written() == []
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
