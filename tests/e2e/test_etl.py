"""backfill and sync: what a configuration's scopes select, through the mirror into either warehouse."""
import json
import subprocess

import pytest

import pg
import rig

SCOPES = """
scopes:
  - project: HADOOP
  - project: SPARK
    issue_types:
      - name: Bug
        fields: [summary, status]
      - Improvement
"""


def configure(jd, sim, scopes=SCOPES, more=""):
    (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscrape:\n  page_size: 20\n{more}{scopes}")


def run(jd, warehouse, command, *args, expect=0):
    return jd.run(command, "--config", "etl.yml", *args, env=warehouse.env, expect=expect)


def wanted(sim):
    """Keys that SCOPES select."""
    out = set()
    for key, line in sim.dump_lines().items():
        kind = json.loads(line)["fields"]["issuetype"]["name"]
        if key.startswith("HADOOP-") or key.startswith("SPARK-") and kind in ("Bug", "Improvement"):
            out.add(key)
    return out


def keys(warehouse):
    return {row[0] for row in warehouse.query("SELECT key FROM issue")}


def verify(jd, warehouse):
    jd.run("warehouse", "verify", env=warehouse.env, expect=0)


@pytest.mark.smoke
def test_backfill_then_sync(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:80", "SPARK:60", "--seed", "7")
    jd = product(sim)
    configure(jd, sim)
    run(jd, warehouse, "backfill")
    assert keys(warehouse) == wanted(sim)
    assert 80 < len(keys(warehouse)) < 140, "some of SPARK are selected, not all"
    scopes = json.loads(jd.run("warehouse", "status", env=warehouse.env, expect=0).out)["scopes"]
    assert {s["scope"]: s["backfilled"] for s in scopes} == {"HADOOP": True, "SPARK: Bug": True, "SPARK: Improvement": True}

    stamp = warehouse.stamp()
    done = run(jd, warehouse, "sync")
    assert " 0 written, 0 removed" in done.err
    assert warehouse.stamp() == stamp, "nothing changed, and rows were written"

    sim.advance(3600)
    sim.comment("HADOOP-3", "a new comment")
    new = sim.create("HADOOP", 2)
    moved = sim.move("HADOOP-5", "SPARK")
    run(jd, warehouse, "sync")
    assert set(new) <= keys(warehouse)
    assert warehouse.number("SELECT count(*) FROM comment WHERE body = 'a new comment'") == 1
    assert "HADOOP-5" not in keys(warehouse) or moved in keys(warehouse)
    verify(jd, warehouse)


def test_what_is_gone_goes_with_a_census(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:50", "SPARK:1", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, "scopes:\n  - project: HADOOP\n")
    run(jd, warehouse, "backfill")
    sim.control("delete", key="HADOOP-7")
    now = sim.move("HADOOP-9", "SPARK")
    run(jd, warehouse, "sync", "--census")
    assert keys(warehouse) == {key for key in wanted(sim) if key.startswith("HADOOP-")}
    assert warehouse.query("SELECT key, cause, coalesce(key_elsewhere, '') FROM tombstone ORDER BY key") == [
        ("HADOOP-7", "gone", ""), ("HADOOP-9", "moved", now)]


def test_kills_and_changes(start_sim, product, warehouse):
    """Runs that are killed at random instants while issues change leave what an undisturbed one does."""
    sim = start_sim("--generate", "HADOOP:150", "SPARK:60", "--seed", "7")
    jd = product(sim)
    configure(jd, sim)
    dice, killed = rig.dice("etl"), 0
    took = 1.0
    for turn in range(rig.long_or_short(200, 40)):
        if killed == rig.long_or_short(30, 4):
            break
        process = jd.popen("backfill" if turn % 2 else "sync", "--config", "etl.yml", env=warehouse.env,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        late = not rig.kill_at(process, dice.uniform(0, took))
        killed += not late
        took /= 1 + late  # kills are to fall within runs, however fast the machine
        sim.advance(60)
        for key in dice.sample(sorted(sim.dump_lines()), 5):
            sim.touch(key)
        if turn % 3 == 0:
            sim.create("HADOOP")
    sim.advance(3600)
    run(jd, warehouse, "sync")
    assert killed, "no run was killed"
    assert keys(warehouse) == wanted(sim)
    verify(jd, warehouse)
    calm = rig.Warehouse(warehouse.file and warehouse.file.with_name("calm.db"), warehouse.server)
    run(jd, calm, "sync")
    want, got = calm.dump(), warehouse.dump()
    for table in want:
        assert got[table] == want[table], f"{table} differs"


def test_a_server_that_stopped(start_sim, product):
    server = pg.Postgres()
    try:
        warehouse = rig.Warehouse(None, server)
        sim = start_sim("--generate", "HADOOP:40", "--seed", "7")
        jd = product(sim)
        configure(jd, sim, "scopes:\n  - project: HADOOP\n")
        run(jd, warehouse, "backfill")
        server.halt()
        sim.advance(60)
        sim.touch("HADOOP-1")
        done = run(jd, warehouse, "sync", expect=69)
        assert "127.0.0.1" in done.err
        server.start()
        run(jd, warehouse, "sync")
        assert keys(warehouse) == wanted(sim)
        verify(jd, warehouse)
    finally:
        server.stop()


@pytest.mark.parametrize("scopes, says", [
    ("scopes:\n  - projekt: A\n", "etl.yml:6: 'scopes[0].projekt' is not a setting of a scope"),
    ("scopes:\n  - project: a b\n", "etl.yml:6: 'a b' is no project key"),
    ("scopes:\n  - issue_types: [Bug]\n", "etl.yml:6: scopes: give each a project, or jql"),
    ("scopes:\n  - project: A\n    jql: x = 1\n", "give each a project, or jql"),
    ("scopes:\n", "etl.yml: no scopes: write what is to be loaded, as in `scopes: ["),
    ("warehouse:\n  database: postgresql://me:word@db/jira\nscopes:\n  - project: A\n",
     "etl.yml:6: warehouse.database holds a password: put the address into DATABASE_URL"),
    ("scope:\n  - project: A\n", "etl.yml:6: "),
])
def test_a_mistake_is_named_with_its_line(start_sim, product, warehouse, scopes, says):
    sim = start_sim("--generate", "HADOOP:1", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, scopes)
    done = run(jd, warehouse, "sync", expect=78)
    assert says in done.err, done.err
    assert not sim.requests_seen(), "Jira was asked though the configuration is wrong"


def test_the_sample_is_loaded(start_sim, product, warehouse):
    """As it stands, but for the address; in the Jira of a team that has those types."""
    sim = start_sim("--generate", "ABC:12", "OPS:12", "--seed", "7")
    jd = product(sim)
    opened = {"id": "1", "name": "Open", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}}
    closed = {"id": "6", "name": "Closed", "statusCategory": {"id": 3, "key": "done", "name": "Done"}}
    kinds = {"OPS-1": "Incident", "OPS-2": "Incident", "OPS-3": "Service Request", "OPS-4": "Change"}
    for key, kind in kinds.items():
        sim.control("set", key=key, field="issuetype", value={"id": str(20 + len(kind)), "name": kind, "subtask": False})
    for key in ("ABC-1", "ABC-2", "OPS-5", "OPS-6"):
        sim.control("set", key=key, field="labels", value=["docs", "more"])
        sim.control("set", key=key, field="status", value=closed if key in ("ABC-2", "OPS-6") else opened)
    (jd.box / "etl.yml").write_text((rig.ROOT / "config/etl.yml").read_text().replace("https://jira.example.org", sim.url))
    run(jd, warehouse, "backfill")
    assert keys(warehouse) == {f"ABC-{n}" for n in range(1, 13)} | set(kinds) | {"OPS-5"}
    scopes = json.loads(jd.run("warehouse", "status", env=warehouse.env, expect=0).out)["scopes"]
    assert {s["scope"]: s["issues"] for s in scopes} == {
        "ABC": 12, "OPS: Incident": 2, "OPS: Service Request": 1, "OPS: Change": 1, "open docs": 2}
    verify(jd, warehouse)
