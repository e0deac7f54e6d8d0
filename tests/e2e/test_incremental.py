"""A second run fetches only what changed, and every kind of change arrives."""
import json
import shutil

import pytest

import rig

PROJECTS = ["HADOOP", "SPARK", "KAFKA"]


@pytest.fixture
def mirror(start_sim, product):
    sim = start_sim(*(a for p in PROJECTS for a in ("--generate", f"{p}:300")), "--page-cap", "50")
    jd = product(sim)
    jd.scrape("--projects", *PROJECTS)
    assert rig.assert_mirror(jd, sim) == 900
    return sim, jd



@pytest.mark.smoke
def test_first_run_is_whole_and_says_so(mirror):
    sim, jd = mirror
    verdict = json.dumps(jd.verdict())
    for project in PROJECTS:
        assert project in verdict
    again = jd.scrape("--projects", *PROJECTS)
    assert again.out == "", "data goes to stdout, chatter to stderr: a scrape has no data"
    for project in PROJECTS:
        assert project in again.err


@pytest.mark.smoke
def test_second_run_fetches_only_what_changed(mirror):
    sim, jd = mirror
    before = rig.end_state(jd)
    sim.advance(3600)
    mark = len(sim.requests_seen())
    jd.scrape("--projects", *PROJECTS)
    rows = sim.requests_seen()[mark:]
    assert sim.issues_served(rows) < 90, f"{sim.issues_served(rows)} of 900 issues came again although nothing changed"
    assert len(rows) < 900 / 50, f"{len(rows)} requests although nothing changed: a backfill has 18 pages"
    assert rig.end_state(jd)["raw"] == before["raw"]

    stamps = {k: p.stat().st_mtime_ns for k, p in jd.issue_files().items()}
    sim.touch("HADOOP-10")
    jd.scrape("--projects", *PROJECTS)
    changed = {k for k, p in jd.issue_files().items() if p.stat().st_mtime_ns != stamps.get(k)}
    assert changed == {"HADOOP-10"}, "unchanged files are left alone"
    rig.assert_mirror(jd, sim)


@pytest.mark.smoke
def test_touched_commented_moved_and_new_issues_arrive(mirror):
    sim, jd = mirror
    sim.advance(7200)
    sim.touch("HADOOP-10")
    sim.comment("SPARK-20", "Fixed by the change in review.")
    moved = sim.move("KAFKA-30", "SPARK")
    new, = sim.create("KAFKA")
    jd.scrape("--projects", *PROJECTS)
    rig.assert_mirror(jd, sim)
    files = jd.issue_files()
    assert "KAFKA-30" not in files, "a moved issue leaves one file"
    assert moved in files and new in files
    bodies = [c["body"] for c in json.loads(files["SPARK-20"].read_text())["fields"]["comment"]["comments"]]
    assert "Fixed by the change in review." in bodies
    verdict = jd.run("state", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state)
    assert verdict.status == 0, verdict.err


def test_every_child_of_an_issue_is_there(start_sim, product):
    """Embedded lists come cut; the mirror has them whole."""
    sim = start_sim("--generate", "HADOOP:200", "--embed-comments", "10", "--embed-worklogs", "5", "--embed-changelog", "20")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    rig.assert_mirror(jd, sim)
    longest = {"comments": 0, "worklogs": 0, "histories": 0}
    for path in jd.issue_files().values():
        issue = json.loads(path.read_text())
        fields = issue["fields"]
        for name, holder in (("comments", fields.get("comment")), ("worklogs", fields.get("worklog")),
                             ("histories", issue.get("changelog"))):
            if holder:
                assert len(holder[name]) >= holder["total"], f"{issue['key']}: {name} cut short"
                longest[name] = max(longest[name], len(holder[name]))
    assert longest["comments"] >= 140 and longest["worklogs"] >= 25 and longest["histories"] >= 130, longest


def test_without_its_state_a_run_gives_the_same_tree(mirror):
    sim, jd = mirror
    sim.advance(60)
    moved = sim.move("HADOOP-7", "KAFKA")
    jd.scrape("--projects", *PROJECTS)
    before = rig.tree(jd.raw)
    shutil.rmtree(jd.state)
    jd.scrape("--projects", *PROJECTS)
    assert rig.tree(jd.raw) == before

    # Moved while nobody remembers where it was: still one file.
    again = sim.move(moved, "SPARK")
    shutil.rmtree(jd.state)
    jd.scrape("--projects", *PROJECTS)
    rig.assert_mirror(jd, sim)
    assert again in jd.issue_files()


def test_a_start_date_leaves_out_and_a_later_run_fetches(start_sim, product):
    sim = start_sim("--generate", "HADOOP:200")
    updated = sorted(rig.member(i, "fields", "updated") for i in sim.dump().values())
    day = updated[len(updated) // 2][:10]
    jd = product(sim)
    jd.scrape("--projects", "HADOOP", "--start-date", day)
    some = set(jd.issue_files())
    dump = sim.dump()
    due = {k for k, i in dump.items() if rig.member(i, "fields", "updated")[:10] >= day}
    assert due <= some and len(some) < len(dump)
    jd.scrape("--projects", "HADOOP")
    rig.assert_mirror(jd, sim)


def test_a_limit_is_kept_and_later_runs_go_on(start_sim, product):
    sim = start_sim("--generate", "HADOOP:200", "--page-cap", "20")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP", "--max-issues", "30")
    assert len(jd.issue_files()) == 30
    jd.scrape("--projects", "HADOOP")
    rig.assert_mirror(jd, sim)


def test_jql_selects_and_its_order_is_dropped(start_sim, product):
    sim = start_sim("--generate", "HADOOP:120", "--generate", "SPARK:80")
    jd = product(sim)
    jd.scrape("--jql", "project = SPARK OR key = HADOOP-5 ORDER BY key DESC")
    files = set(jd.issue_files())
    assert {k for k in files if k.startswith("SPARK-")} == {k for k in sim.dump() if k.startswith("SPARK-")}
    assert {k for k in files if k.startswith("HADOOP-")} == {"HADOOP-5"}


def test_dry_run_shows_and_writes_nothing(start_sim, product):
    sim = start_sim("--generate", "HADOOP:120")
    jd = product(sim)
    done = jd.scrape("--projects", "HADOOP", "--dry-run")
    text = done.out + done.err
    assert "HADOOP" in text and "120" in text and "project" in text.lower()
    assert not jd.issue_files()
    assert not (jd.state / "state.db").exists()


def planned(jd, *args):
    """How many issues a run would ask for, by its own word."""
    done = jd.scrape("--projects", "HADOOP", "--dry-run", *args, expect=0)
    return int(done.out.split("HADOOP: ")[1].split(" issues")[0])


def test_dry_run_tells_what_this_run_would_do(start_sim, product):
    sim = start_sim("--generate", "HADOOP:120")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP", "--max-issues", "50", "--concurrency", "1")
    assert 65 <= planned(jd) <= 75, "what is left of the first walk; issues of one second may come again"
    jd.scrape("--projects", "HADOOP")
    before = rig.end_state(jd)
    sim.advance(86400)
    assert planned(jd) <= 5
    sim.advance(86400)
    for number in (3, 40, 77):
        sim.touch(f"HADOOP-{number}")
    assert 3 <= planned(jd) <= 8
    assert planned(jd, "--start-over") == 120
    rig.assert_same_end(rig.end_state(jd), before)
    jd.base_url = start_sim("--generate", "HADOOP:5").url
    jd.scrape("--projects", "HADOOP", "--dry-run", expect=78)  # as the run itself would say


def test_report_metrics_and_hook(start_sim, product):
    sim = start_sim("--generate", "HADOOP:60")
    jd = product(sim)
    metrics, heard = jd.box / "jiraduct.prom", jd.box / "heard"
    hook = jd.box / "hook"
    hook.write_text(f"#!/bin/sh\ncp \"$1\" {heard}\n")
    hook.chmod(0o755)
    jd.scrape("--projects", "HADOOP", "--metrics", metrics, "--on-finish", hook)
    assert json.loads(heard.read_text()) == jd.verdict(), "the command gets the report's path"
    lines = [l for l in metrics.read_text().splitlines() if l and not l.startswith("#")]
    assert lines and all(l.split()[-1].replace(".", "", 1).replace("e+", "").isdigit() for l in lines), lines
    assert any("HADOOP" in l and l.split()[-1] == "60" for l in lines), lines


def test_a_signal_finishes_the_batch_and_says_how_to_go_on(start_sim, product):
    import signal
    import subprocess
    sim = start_sim("--generate", "HADOOP:400", "--page-cap", "20")
    jd = product(sim)
    process = jd.popen(*jd.scrape_args("--projects", "HADOOP", "--delay", "0.2"), stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)
    while len(sim.requests_seen()) < 5 and process.poll() is None:
        pass
    process.send_signal(signal.SIGTERM)
    err = process.communicate(timeout=rig.PATIENCE)[1].decode()
    assert process.returncode == 75, err
    assert "again" in err, err
    jd.scrape("--projects", "HADOOP")
    rig.assert_mirror(jd, sim)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"])
def test_the_accounts_zone_loses_nothing(start_sim, product, zone):
    sim = start_sim("--generate", "HADOOP:150", "--zone", zone)
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    rig.assert_mirror(jd, sim)
    sim.advance(600)
    for number in (3, 77, 149):
        sim.touch(f"HADOOP-{number}")
        sim.advance(61)
    jd.scrape("--projects", "HADOOP")
    rig.assert_mirror(jd, sim)


@pytest.mark.parametrize("context", ["/", "/a/deep/path"])
def test_any_context_path(start_sim, product, context):
    sim = start_sim("--generate", "HADOOP:40", context=context)
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    rig.assert_mirror(jd, sim)
