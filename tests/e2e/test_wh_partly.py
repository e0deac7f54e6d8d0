"""A scope that fails keeps no other one of its site out of the warehouse, and loses nothing there."""
import json
import sqlite3

import pytest

import rig
from test_etl import configure, keys, run, verify
from test_wh_migrate import run_sql

TWO = "scopes:\n  - project: HADOOP\n  - project: SPARK\n"
ONE_AT_A_TIME = ("--concurrency", "1", "--page-size", "5")


def status(jd, warehouse):
    return json.loads(jd.run("warehouse", "status", env=warehouse.env, expect=0).out)


def faults(sim, text):
    reply = sim.http.post(f"{sim.root}/_sim/faults", data=text, timeout=rig.PATIENCE)
    assert reply.status_code == 200, reply.text


class House:
    """Two mirrors of one site, each with its warehouse; nothing disturbs the runs of the second."""

    def __init__(self, start_sim, product, warehouse, scopes, *generate, load=True):
        self.sim = start_sim("--generate", *generate, "--seed", "7")
        self.warehouse, self.jd = warehouse, product(self.sim)
        self.calm = product(self.sim), rig.Warehouse(warehouse.file and warehouse.file.with_name("calm.db"), warehouse.server)
        for jd in (self.jd, self.calm[0]):
            configure(jd, self.sim, scopes)
        if load:
            self.both("backfill")

    def both(self, *command):
        run(self.jd, self.warehouse, *command)
        run(*self.calm, *command)

    def mended(self):
        """A run that goes through brings in what lacked, and leaves what there would be without a failure."""
        faults(self.sim, "")
        self.both("sync", "--census", "--accept-deletions")
        verify(self.jd, self.warehouse)
        want, got = self.calm[1].dump(), self.warehouse.dump()
        for table in want:
            assert got[table] == want[table], f"{table} differs"
        assert status(self.jd, self.warehouse)["runs"][0]["verdict"]["verdict"] == "complete"
        assert members(self.warehouse) == members_of_mirror(self.jd)


def members(warehouse):
    return {(label, int(issue)) for label, issue in warehouse.query(
        "SELECT s.label, m.issue_id FROM sync_member AS m JOIN sync_scope AS s ON s.site_id = m.site_id AND s.id = m.scope_id")}


def members_of_mirror(jd):
    db = sqlite3.connect(jd.state / "state.db")
    try:
        return set(db.execute("SELECT scope.label, member.id FROM member JOIN scope ON scope.id = member.scope"))
    finally:
        db.close()


def buried(warehouse):
    return dict(warehouse.query("SELECT key, cause FROM tombstone"))


def rows_of(warehouse, scope, prefix):
    """What is held of a scope: its cursor, its members, and all there is of the issues whose keys begin so."""
    which = f"IN (SELECT id FROM issue WHERE key LIKE '{prefix}-%')"
    return warehouse.queries([f"SELECT cursor FROM sync_scope WHERE label = '{scope}'",
                              f"SELECT issue_id FROM sync_member AS m JOIN sync_scope AS s ON s.site_id = m.site_id AND s.id = m.scope_id"
                              f" WHERE s.label = '{scope}' ORDER BY 1", f"SELECT * FROM issue WHERE id {which} ORDER BY id"] +
                             [f"SELECT * FROM {t} WHERE issue_id {which} ORDER BY issue_id, id" for t in ("comment", "worklog", "changelog")])


@pytest.mark.smoke
def test_one_scope_fails_in_backfill(start_sim, product, warehouse):
    house = House(start_sim, product, warehouse, TWO, "HADOOP:40", "SPARK:40", load=False)
    sim, jd = house.sim, house.jd
    faults(sim, "search has SPARK-13 : 400")
    done = run(jd, warehouse, "backfill", *ONE_AT_A_TIME, expect=65)
    assert "1 of 2 scopes are loaded (HADOOP); as it was stays what failed: SPARK; when that is mended" in done.err
    assert any(key.startswith("SPARK-") for key in jd.issue_files()), "what came of it is in the mirror"
    assert keys(warehouse) == {f"HADOOP-{n}" for n in range(1, 41)}
    seen = status(jd, warehouse)
    assert [(s["scope"], s["issues"], s["backfilled"]) for s in seen["scopes"]] == [("HADOOP", 40, True)]
    verdict = seen["runs"][0]["verdict"]
    assert (verdict["verdict"], verdict["exit"], verdict["left_out"]) == ("partial", 65, ["SPARK"])
    assert "400 Bad Request" in verdict["error"] and (verdict["written"], verdict["issues"]) == (40, 40)

    stamp = warehouse.stamp()
    assert " 0 written, 0 removed" in run(jd, warehouse, "backfill", *ONE_AT_A_TIME, expect=65).err
    assert warehouse.stamp() == stamp, "nothing changed, and rows were written"
    house.mended()
    assert len(keys(warehouse)) == 80
    run_sql(warehouse, "DELETE FROM comment WHERE issue_id = (SELECT min(issue_id) FROM comment);")
    told = jd.run("warehouse", "verify", env=warehouse.env, expect=65).err
    assert "`jiraduct warehouse rebuild` makes it so" in told and "partial" not in told


def test_one_scope_fails_in_sync(start_sim, product, warehouse):
    house = House(start_sim, product, warehouse, TWO, "HADOOP:40", "SPARK:40", "OTHER:1")
    sim, jd = house.sim, house.jd
    held = rows_of(warehouse, "SPARK", "SPARK")
    sim.advance(3600)
    sim.comment("HADOOP-3", "of the scope that is read")
    for number in range(2, 7):
        sim.comment(f"SPARK-{number}", "of the other one")
    sim.control("delete", key="SPARK-7")
    sim.control("delete", key="HADOOP-7")
    outside, inside = sim.move("HADOOP-8", "OTHER"), sim.move("HADOOP-9", "SPARK")
    sim.advance(600)
    sim.touch("SPARK-13")
    faults(sim, "search has SPARK-13 : 400")
    for _ in range(2):
        done = run(jd, warehouse, "sync", "--census", *ONE_AT_A_TIME, expect=65)
        assert "as it was stays what failed: SPARK" in done.err
        assert warehouse.query("SELECT i.key FROM comment AS c JOIN issue AS i ON i.id = c.issue_id WHERE body LIKE 'of the %'") == [("HADOOP-3",)]
        assert b"of the other one" in jd.issue_files()["SPARK-2"].read_bytes(), "what came of it is in the mirror"
        assert buried(warehouse) == {"HADOOP-7": "gone", "HADOOP-8": "moved"}
        assert rows_of(warehouse, "SPARK", "SPARK") == held
        assert "HADOOP-9" in keys(warehouse) and inside not in keys(warehouse), "the scope that it is in was not read to its end"
        sim.comment("HADOOP-3", "and again")
    told = jd.run("warehouse", "verify", env=warehouse.env, expect=65).err
    assert "the last run (sync) was partial and left as it was what failed: SPARK\n" in told
    assert "the next one that can read what failed brings that in" in told
    house.mended()
    assert inside in keys(warehouse) and outside not in keys(warehouse)
    assert buried(warehouse) == {"HADOOP-7": "gone", "HADOOP-8": "moved", "SPARK-7": "gone"}


class Ranked(House):
    """Of two queries that overlap, over priorities."""

    def __init__(self, start_sim, product, warehouse):
        scopes = ("scopes:\n  - {jql: 'project = HADOOP AND priority in (Major, Minor)', name: upper}\n"
                  "  - {jql: 'project = HADOOP AND priority in (Minor, Trivial)', name: lower}\n")
        super().__init__(start_sim, product, warehouse, scopes, "HADOOP:25", load=False)
        for number in range(1, 26):
            self.rank(number, "Major" if number < 13 else "Minor" if number < 15 else "Trivial" if number < 21 else "Blocker")
        self.both("backfill")
        assert keys(warehouse) == {f"HADOOP-{n}" for n in range(1, 21)}
        self.sim.advance(3600)

    def rank(self, number, name):
        self.sim.control("set", key=f"HADOOP-{number}", field="priority",
                         value={"id": str(1 + ["Blocker", "Critical", "Major", "Minor", "Trivial"].index(name)), "name": name})

    def lower_fails(self):
        self.sim.advance(600)
        self.sim.touch("HADOOP-20")
        faults(self.sim, "search has HADOOP-20 : 400")
        run(self.jd, self.warehouse, "sync", "--census", "--accept-deletions", *ONE_AT_A_TIME, expect=65)


def test_what_left_a_query_may_be_in_one_that_failed(start_sim, product, warehouse):
    house = Ranked(start_sim, product, warehouse)
    sim, rank = house.sim, house.rank
    for number in (1, 14):  # from the first query alone, and from both
        rank(number, "Trivial")
    rank(3, "Blocker")
    rank(16, "Major")
    sim.control("delete", key="HADOOP-2")
    sim.control("delete", key="HADOOP-13")
    house.lower_fails()
    assert "HADOOP-16" in {k for (k,) in warehouse.query(
        "SELECT key FROM issue AS i JOIN sync_member AS m ON m.issue_id = i.id JOIN sync_scope AS s ON s.id = m.scope_id WHERE s.label = 'upper'")}
    gone = set(buried(warehouse).items())
    assert ("HADOOP-2", "gone") in gone and gone <= {("HADOOP-2", "gone"), ("HADOOP-13", "gone")}, "what may be in the other query stays"
    house.mended()
    assert buried(warehouse) == {"HADOOP-2": "gone", "HADOOP-3": "left", "HADOOP-13": "gone"}


def test_one_takes_the_place_of_another_in_a_query_that_failed(start_sim, product, warehouse):
    house = Ranked(start_sim, product, warehouse)
    house.rank(2, "Minor")
    house.rank(14, "Major")
    house.lower_fails()
    faults(house.sim, "")
    run(house.jd, warehouse, "sync", "--census", "--accept-deletions")
    verify(house.jd, warehouse)
    assert members(warehouse) == members_of_mirror(house.jd)
    stamp = warehouse.stamp()
    run(house.jd, warehouse, "sync")
    assert warehouse.stamp() == stamp, "nothing changed, and rows were written"


@pytest.mark.parametrize("types", ["", "\n    issue_types: [Bug, Improvement]"], ids=["whole", "types"])
def test_a_project_that_went_away(start_sim, product, warehouse, types):
    scopes = f"scopes:\n  - project: SPARK{types}\n  - project: HADOOP\n"
    house = House(start_sim, product, warehouse, scopes, "HADOOP:20", "SPARK:20")
    sim, jd = house.sim, house.jd
    before = keys(warehouse)
    sim.advance(3600)
    new = sim.create("HADOOP", 2)
    sim.control("hide", project="SPARK")
    done = run(jd, warehouse, "sync", "--census", "--accept-deletions", expect=66)
    assert "unknown project 'SPARK' (404)" in done.err and "scopes are loaded (HADOOP); as it was stays what failed: SPARK" in done.err
    assert keys(warehouse) == before | set(new) and not buried(warehouse)
    assert status(jd, warehouse)["runs"][0]["verdict"]["verdict"] == "partial"
    sim.control("hide", project="SPARK", on=False)
    house.mended()


def test_a_service_that_fails_half_way(start_sim, product, warehouse):
    scopes = "scopes:\n  - project: HADOOP\n  - project: SPARK\n    fields: [summary, status]\n"
    house = House(start_sim, product, warehouse, scopes, "HADOOP:20", "SPARK:20", load=False)
    sim, jd = house.sim, house.jd
    configure(jd, sim, "scopes:\n  - project: HADOOP\n")
    jd.run("scrape", "--projects", "HADOOP", "--base-url", sim.url, "--raw-dir", "calm/raw", "--state-dir", "calm/state", *ONE_AT_A_TIME, expect=0)
    searches = sum(r["path"].endswith("/search") for r in sim.requests_seen())
    configure(jd, sim, scopes)
    faults(sim, f"search from {searches + 2} : 503")
    done = run(jd, warehouse, "backfill", *ONE_AT_A_TIME, "--retries", "1", expect=69)
    assert "1 of 2 scopes are loaded (HADOOP)" in done.err and keys(warehouse) == {f"HADOOP-{n}" for n in range(1, 21)}
    verdict = status(jd, warehouse)["runs"][0]["verdict"]
    assert (verdict["verdict"], verdict["exit"], verdict["left_out"]) == ("partial", 69, ["SPARK"])
    house.mended()


def test_a_run_that_brings_no_scope_leaves_all(start_sim, product, warehouse):
    house = House(start_sim, product, warehouse, TWO, "HADOOP:10", "SPARK:10")
    sim, jd = house.sim, house.jd
    before = warehouse.dump()
    sim.advance(3600)
    sim.touch("HADOOP-1")
    sim.touch("SPARK-1")
    faults(sim, "search : 400")
    done = run(jd, warehouse, "sync", expect=65)
    assert "is left as it was" in done.err and "scopes are loaded" not in done.err
    assert warehouse.dump() == before and status(jd, warehouse)["runs"][0]["verdict"]["verdict"] == "failed"
