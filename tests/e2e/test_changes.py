"""--changes FILE: each thing that changed in a held issue is told once, however runs end."""
import json
import shutil
import sqlite3

import pytest

import rig
from test_kill import storm, timed

KILLS = rig.long_or_short({"files": 400, "pack": 400}, {"files": 30, "pack": 20})
SIGNED = {"JIRA_USERNAME": "me@example.org", "JIRA_API_TOKEN": "token"}


def lines(path):
    if not path.exists():
        return []
    text = path.read_text()
    assert text == "" or text.endswith("\n"), "the last line is cut short"
    return [json.loads(line) for line in text.splitlines()]


def short(line):
    """What a line tells, without ids of the stand-in's own making."""
    return (line["key"], line["kind"], line["field"], line["fromString"], line["toString"], line["source"])


def told(path, since=0):
    return sorted(map(repr, map(short, lines(path)[since:])))


def expected(*rows):
    return sorted(map(repr, rows))


class House:
    """A stand-in of either flavour and a mirror of it that tells what changes."""

    def __init__(self, start_sim, product, cloud=False, layout="files", projects=("HADOOP", "SPARK"), signed=False):
        args = [a for p in projects for a in ("--generate", f"{p}:60")]
        user = ("--user", "me@example.org:token") if cloud or signed else ()
        self.sim = start_sim(*args, *user, *(("--flavour", "cloud") if cloud else ()), context="/" if cloud else "/jira")
        self.jd = product(self.sim)
        if cloud or signed:
            self.jd.env |= SIGNED
        self.file = self.jd.box / "data/changes.jsonl"
        self.args = ("--projects", *projects, "--raw-layout", layout, "--changes", self.file)
        self.scrape()

    def scrape(self, **how):
        return self.jd.scrape(*self.args, **how)

    def issue(self, key):
        return json.loads(self.sim.dump_lines()[key])

    def child(self, key, field, nth=-1):
        return self.issue(key)["fields"][field][field + "s"][nth]


@pytest.mark.parametrize("layout", ["files", "pack"])
@pytest.mark.parametrize("cloud", [False, True], ids=["dc", "cloud"])
def test_each_change_is_told_once(start_sim, product, cloud, layout):
    h = House(start_sim, product, cloud, layout)
    sim = h.sim
    assert lines(h.file) == [], "a backfill changes nothing"
    sim.advance(3600)
    labels = {}
    sim.comment("HADOOP-2", "A first word.")
    word = h.child("HADOOP-2", "comment")["id"]
    sim.control("worklog", key="HADOOP-3", seconds=600)
    work = h.child("HADOOP-3", "worklog")["id"]
    before = " ".join(h.issue("HADOOP-1")["fields"]["labels"])
    sim.touch("HADOOP-1")
    labels = (before, " ".join(h.issue("HADOOP-1")["fields"]["labels"]))
    summary = h.issue("HADOOP-4")["fields"]["summary"]
    sim.control("set", key="HADOOP-4", field="summary", value="Another summary")
    moved = sim.move("HADOOP-5", "SPARK")
    new = sim.create("SPARK", 2)
    sim.advance(600)
    h.scrape()
    names = {p: h.issue(k)["fields"]["project"]["name"] for p, k in (("HADOOP", "HADOOP-1"), ("SPARK", "SPARK-1"))}
    want = [
        ("HADOOP-1", "field", "labels", *labels, "changelog"),
        ("HADOOP-2", "comment_added", "Comment", None, "A first word.", "compare"),
        ("HADOOP-3", "worklog_added", "WorklogId", None, work, "changelog"),
        ("HADOOP-4", "field", "summary", summary, "Another summary", "changelog"),
        (moved, "moved", "Key", "HADOOP-5", moved, "changelog"),
        (moved, "field", "project", names["HADOOP"], names["SPARK"], "changelog"),
        *((key, "created", None, None, None, "compare") for key in new),
    ]
    got = lines(h.file)
    if cloud:  # documents there
        for row in got:
            if row["kind"] == "comment_added":
                assert "A first word." in row["toString"] and json.loads(row["toString"])["type"] == "doc"
                row["toString"] = "A first word."
    assert sorted(map(repr, map(short, got))) == expected(*want)
    assert all(row["id"] == h.issue(row["key"])["id"] for row in got)
    assert {row["who"] is None for row in got if row["kind"] not in ("created",)} == {False}

    # edits and deletions; one run without anything new in between tells nothing
    count = len(got)
    h.scrape()
    assert len(lines(h.file)) == count
    sim.advance(3600)
    sim.control("edit-comment", key="HADOOP-2", id=word, body="A better word.")
    sim.control("delete-worklog", key="HADOOP-3", id=work)
    sim.advance(600)
    h.scrape()
    got = lines(h.file)[count:]
    assert sorted((r["key"], r["kind"], r["from"], r["to"]) for r in got) == [
        ("HADOOP-2", "comment_edited", word, word), ("HADOOP-3", "worklog_deleted", work, None)]
    count += 2
    sim.advance(3600)
    sim.control("delete-comment", key="HADOOP-2", id=word)
    sim.advance(600)
    h.scrape()
    got = lines(h.file)[count:]
    assert [(r["key"], r["kind"], r["from"], r["source"]) for r in got] == [
        ("HADOOP-2", "comment_deleted", word, "changelog")]
    assert got[0]["who"] is not None


def test_a_quiet_deletion_is_told_with_the_next_update(start_sim, product):
    h = House(start_sim, product)
    h.sim.advance(3600)
    h.sim.comment("HADOOP-7", "gone soon")
    h.sim.advance(600)
    h.scrape()
    count = len(lines(h.file))
    h.sim.advance(3600)
    h.sim.control("delete-comment", key="HADOOP-7", id=h.child("HADOOP-7", "comment")["id"], quiet=True)
    h.sim.advance(600)
    h.scrape()
    assert len(lines(h.file)) == count, "Jira touched nothing, and nobody asked"
    h.sim.touch("HADOOP-7")
    h.sim.advance(600)
    h.scrape()
    assert sorted(r["kind"] for r in lines(h.file)[count:]) == ["comment_deleted", "field"]


def test_custom_fields_are_told_by_id(start_sim, product):
    h = House(start_sim, product)
    h.sim.control("field", id="customfield_77001", name="Story Points", type="number")
    h.sim.advance(3600)
    h.sim.control("set", key="HADOOP-9", field="customfield_77001", value=5)
    h.sim.advance(600)
    h.scrape()
    [row] = lines(h.file)
    assert (row["field"], row["fieldId"], row["fromString"], row["toString"], row["source"]) == (
        "Story Points", "customfield_77001", None, "5", "changelog")


def test_nothing_is_told_unless_asked(start_sim, product):
    h = House(start_sim, product)
    h.sim.advance(3600)
    h.sim.touch("HADOOP-1")
    h.sim.advance(600)
    h.jd.scrape("--projects", "HADOOP", "SPARK")
    assert lines(h.file) == []
    h.scrape()
    assert lines(h.file) == []


def test_the_file_may_be_moved_away_between_runs(start_sim, product):
    h = House(start_sim, product)
    keys = ["HADOOP-1", "HADOOP-2", "HADOOP-3", "HADOOP-4"]
    for nth, key in enumerate(keys):
        h.sim.advance(3600)
        h.sim.touch(key)
        h.sim.advance(600)
        h.scrape()
        if nth == 0:
            h.file.rename(h.file.with_suffix(".1"))
        if nth == 1:
            h.file.write_text('{"somebody":"else"}')  # without its line feed
        if nth == 2:
            h.args = (*h.args[:-1], h.jd.box / "elsewhere/all.jsonl")
    assert [r["key"] for r in lines(h.file.with_suffix(".1"))] == keys[:1]
    got = lines(h.file)
    assert got[0] == {"somebody": "else"} and [r["key"] for r in got[1:]] == keys[2:3]
    assert [r["key"] for r in lines(h.jd.box / "elsewhere/all.jsonl")] == keys[3:]


def test_a_place_that_cannot_be_written_is_told(start_sim, product):
    sim = start_sim("--generate", "HADOOP:5")
    jd = product(sim)
    (jd.box / "file").write_text("")
    done = jd.scrape("--projects", "HADOOP", "--changes", jd.box / "file/changes.jsonl", expect=74)
    assert "changes.jsonl" in done.err or "file" in done.err


def changed(start_sim, product, layout):
    """A mirror, and much that changed since."""
    sim = start_sim("--generate", "HADOOP:300", "--generate", "SPARK:100", "--page-cap", "50")
    first = product(sim)
    first.scrape("--projects", "HADOOP", "SPARK", "--raw-layout", layout)
    sim.advance(86400)
    chance = rig.dice("changes")
    for number in chance.sample(range(1, 300), 140):
        key = f"HADOOP-{number}"
        what = chance.randrange(8)
        if what == 0:
            sim.move(key, "SPARK")
        elif what == 1:
            sim.comment(key, f"A word on {key}.")
        elif what == 2:
            sim.control("worklog", key=key, seconds=60)
        elif what == 3:
            for turn in range(3):
                sim.control("set", key=key, field="summary", value=f"Turn {turn}")
        else:
            sim.touch(key)
        sim.advance(chance.choice([0, 0, 1, 7]))
    sim.create("HADOOP", 3)
    sim.advance(3600)
    return sim, first


def from_copy(first, product, sim):
    jd = product(sim)
    shutil.copytree(first.box / "data", jd.box / "data")
    return jd


def args_of(jd):
    return jd.scrape_args("--projects", "HADOOP", "SPARK", "--changes", jd.box / "data/changes.jsonl")


@pytest.mark.parametrize("layout", ["files", "pack"])
def test_kills_neither_lose_nor_double(start_sim, product, layout):
    sim, first = changed(start_sim, product, layout)
    calm = from_copy(first, product, sim)
    seconds = timed(calm, args_of(calm))
    want = told(calm.box / "data/changes.jsonl")
    assert len(want) > 150

    def check(jd):
        assert told(jd.box / "data/changes.jsonl") == want
        assert rig.tree(jd.raw).keys() == rig.tree(calm.raw).keys()

    storm(lambda n: from_copy(first, product, sim), args_of, check, seconds, KILLS[layout], f"kill with changes, {layout}")


POINTS = {"files": ["raw.written", "raw.synced", "raw.rename", "raw.renamed", "raw.unlinked", "raw.placed", "raw.state",
                    "raw.committed", "changes.piece", "changes.written", "changes.marked"],
          "pack": ["pack.written", "pack.synced", "pack.state", "pack.committed", "changes.piece", "changes.written",
                   "changes.marked"]}


@pytest.mark.parametrize("layout", ["files", "pack"])
def test_a_crash_at_every_step(start_sim, product, layout):
    sim, first = changed(start_sim, product, layout)
    calm = from_copy(first, product, sim)
    calm.run(*args_of(calm), expect=0)
    want = told(calm.box / "data/changes.jsonl")
    for point in POINTS[layout]:
        jd = from_copy(first, product, sim)
        hit = jd.run(*args_of(jd), env={"JD_CRASH": f"{point}:1"})
        assert hit.status == 137, f"{point} was not passed"
        jd.run(*args_of(jd), expect=0)
        assert told(jd.box / "data/changes.jsonl") == want, point
        if layout == "files":
            rig.assert_mirror(jd, sim)


def test_what_is_committed_is_told_though_nobody_asks_any_more(start_sim, product):
    sim, first = changed(start_sim, product, "files")
    jd = from_copy(first, product, sim)
    assert jd.run(*args_of(jd), env={"JD_CRASH": "raw.committed:1"}).status == 137
    file = jd.box / "data/changes.jsonl"
    assert lines(file) == []
    waiting = [row for (row,) in sqlite3.connect(jd.state / "state.db").execute("select line from change order by seq")]
    assert waiting
    jd.run(*jd.scrape_args("--projects", "HADOOP", "SPARK"), expect=0)
    assert file.read_text() == "".join(waiting)
    assert not rig.state_tables(jd)["change"]


@pytest.mark.parametrize("layout", ["files", "pack"])
@pytest.mark.parametrize("cloud", [False, True], ids=["dc", "cloud"])
def test_work_that_goes_quietly_is_noticed(start_sim, product, cloud, layout):
    h = House(start_sim, product, cloud, layout, signed=True)
    sim = h.sim
    sim.advance(3600)
    logs = {}
    for key in ("HADOOP-3", "SPARK-4", "SPARK-5"):
        sim.control("worklog", key=key, seconds=600)
        logs[key] = h.child(key, "worklog")["id"]
    sim.advance(600)
    h.scrape()
    count = len(lines(h.file))
    sim.advance(3600)
    sim.control("delete-worklog", key="HADOOP-3", id=logs["HADOOP-3"], quiet=True)
    sim.control("edit-worklog", key="SPARK-4", id=logs["SPARK-4"], seconds=1200, quiet=True)
    sim.control("delete-worklog", key="SPARK-5", id=logs["SPARK-5"])  # this one the walk finds
    sim.advance(600)
    a_day_goes_by(h.jd)
    sim.control("log")
    h.scrape()
    got = sorted((r["key"], r["kind"], r["from"], r["to"], r["source"]) for r in lines(h.file)[count:])
    assert got == [("HADOOP-3", "worklog_deleted", logs["HADOOP-3"], None, "compare"),
                   ("SPARK-4", "worklog_edited", logs["SPARK-4"], logs["SPARK-4"], "compare"),
                   ("SPARK-5", "worklog_deleted", logs["SPARK-5"], None, "changelog")]
    assert sum("worklog/" in r["path"] for r in sim.requests_seen()) == 3
    if not cloud and layout == "files":
        rig.assert_mirror(h.jd, sim)
    # and that was that
    count = len(lines(h.file))
    for _ in range(2):
        sim.advance(600)
        sim.control("log")
        h.scrape()
        asked = [r["path"] for r in sim.requests_seen()]
        assert len(lines(h.file)) == count
        assert sum("worklog/" in p for p in asked) == 1 and not any("/issue/" in p for p in asked), asked


def a_day_goes_by(jd):
    """Edits of work are asked for once a day, by our own clock: set back to when they last were."""
    with sqlite3.connect(jd.state / "state.db") as db:
        for name, value in db.execute("select name, value from meta where name like 'worklogs:%'").fetchall():
            deleted, edited, asked = value.split()
            db.execute("update meta set value = ? where name = ?", (f"{deleted} {edited} {int(asked) - 86400_000}", name))


def test_a_run_with_everything_costs_few_requests(start_sim, product):
    for cloud in (False, True):
        h = House(start_sim, product, cloud, projects=("HADOOP",), signed=True)
        h.sim.advance(7200)
        for n in range(1, 50):
            h.sim.touch(f"HADOOP-{n}")
        h.sim.advance(7200)
        h.sim.control("log")
        h.jd.scrape("--projects", "HADOOP")
        assert len(h.sim.requests_seen()) <= 5, [r["path"] for r in h.sim.requests_seen()]


def test_a_site_without_feeds_is_left_alone(start_sim, product):
    h = House(start_sim, product, signed=True)
    h.sim.http.post(f"{h.sim.root}/_sim/faults", data=b"path worklog/deleted: 404\n", timeout=rig.PATIENCE)
    h.sim.advance(3600)
    h.sim.control("worklog", key="HADOOP-3", seconds=600)
    h.sim.advance(600)
    h.scrape()
    assert [r["kind"] for r in lines(h.file)] == ["worklog_added"]


def test_removed_issues_are_told(start_sim, product):
    h = House(start_sim, product)
    h.sim.advance(3600)
    h.sim.control("delete", key="HADOOP-3")
    h.sim.create("SPARK", 1)
    h.sim.advance(600)
    done = h.jd.run("census", "--base-url", h.sim.url, "--raw-dir", h.jd.raw, "--state-dir", h.jd.state,
                    "--quarantine-dir", h.jd.quarantine, "--projects", "HADOOP", "SPARK", "--changes", h.file, expect=0)
    got = sorted((r["key"], r["kind"], r["toString"]) for r in lines(h.file))
    assert got == [("HADOOP-3", "removed", "gone"), ("SPARK-61", "created", None)], done.err


def test_a_feed_of_many_pages_is_read_to_its_end(start_sim, product):
    h = House(start_sim, product, signed=True)
    h.sim.control("tune", feed_page=2)
    h.sim.advance(3600)
    keys = [f"HADOOP-{n}" for n in range(1, 8)]
    for key in keys:
        h.sim.control("worklog", key=key, seconds=600)
    h.sim.advance(600)
    h.scrape()
    count = len(lines(h.file))
    h.sim.advance(3600)
    for key in keys:
        h.sim.control("delete-worklog", key=key, id=h.child(key, "worklog")["id"], quiet=True)
        h.sim.advance(1)
    h.sim.advance(600)
    h.scrape()
    assert sorted((r["key"], r["kind"]) for r in lines(h.file)[count:]) == [(k, "worklog_deleted") for k in keys]
