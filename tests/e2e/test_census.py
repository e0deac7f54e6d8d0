"""jiraduct census: what is gone goes, what is lacking comes, and nothing else happens."""
import contextlib
import json
import shutil
import sqlite3

import pytest

import peak
import rig
import test_kill

FLAVOURS = pytest.mark.parametrize("flavour", ["datacenter", "cloud"])
LAYOUTS = pytest.mark.parametrize("layout", ["files", "pack"])
CEILING = 64 * 1024  # KiB
IMPORTED = 1_434_000_000_000  # 2015


@pytest.fixture
def serve(start_sim):
    def start(flavour, *args):
        return start_sim(*(("--flavour", "cloud") if flavour == "cloud" else ()), *args, context="/" if flavour == "cloud" else "/jira")
    return start


def census_args(jd, *args):
    return ("census", *jd.scrape_args(*args)[1:])


def census(jd, *args, expect=0, env=None):
    jd.report.unlink(missing_ok=True)
    return jd.run(*census_args(jd, *args), expect=expect, env=env)


def counted(jd, project=0):
    return jd.verdict()["projects"][project]["census"]


def removed(jd, project=0):
    """cause -> how many, of those that there are."""
    return {cause: n for cause, n in counted(jd, project)["removed"].items() if n}


@contextlib.contextmanager
def state(jd):
    db = sqlite3.connect(f"file:{jd.state / 'state.db'}?mode=ro", uri=True)
    try:
        yield db
    finally:
        db.close()


def held(jd):
    """key -> id, of everything that is held."""
    with state(jd) as db:
        return dict(db.execute("select key, id from issue"))


def tombstones(jd):
    """key -> (cause, key elsewhere)."""
    with state(jd) as db:
        return {key: (cause, now) for key, cause, now in db.execute("select key, cause, now from tombstone")}


def faults(sim, script):
    reply = sim.http.post(f"{sim.root}/_sim/faults", data=script.encode(), timeout=rig.PATIENCE)
    assert reply.status_code == 200, reply.text


def verify(jd, expect=0):
    return jd.run("state", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state, expect=expect).out


def show(jd, key, expect):
    done = jd.run("show", "--raw-dir", jd.raw, "--state-dir", jd.state, key, expect=expect)
    return done.out if expect == 0 else done.err


def number(key):
    return int(key.rsplit("-", 1)[1])


def everything(jd):
    """All that a census may touch, to see that it did not."""
    return rig.tree(jd.raw), {t: rows for t, rows in rig.state_tables(jd).items() if t not in ("meta", "scope")}


# -- the whole of it -------------------------------------------------------------------------------
@LAYOUTS
@FLAVOURS
def test_deleted_moved_hidden_and_imported(serve, product, flavour, layout):
    many = rig.long_or_short(100_000, 5_000)
    sim = serve(flavour, "--generate", f"APP:{many}", "--generate", "OTHER:1", "--calm", "90")
    jd = product(sim)
    jd.scrape("--projects", "APP", "--raw-layout", layout)
    before = held(jd)
    chance = rig.dice("census")
    doomed = chance.sample(sorted(before), 1000)
    deleted, moved, hidden = doomed[:500], doomed[500:800], doomed[800:]
    for key in deleted:
        sim.control("delete", key=key)
    elsewhere = {key: sim.move(key, "OTHER") for key in moved}
    sim.control("hide", keys=hidden)
    imported = sim.control("create", project="APP", count=100, at=IMPORTED)["keys"]
    jd.scrape("--projects", "APP", expect=None)  # an incremental sees nothing of it
    assert held(jd) == before

    if many < 20_000:  # 1,000 are more than 5 %
        done = census(jd, "--projects", "APP", expect=75)
        assert "--accept-deletions" in done.err and removed(jd) == {} and tombstones(jd) == {}
        assert set(before) <= set(held(jd))
    jd.report.unlink(missing_ok=True)
    status, kib = peak.of(jd.command(*census_args(jd, "--projects", "APP", *(["--accept-deletions"] if many < 20_000 else []))),
                          cwd=jd.box, env=rig.clean_env(**jd.env))
    assert status == 0
    assert rig.SANITIZED or kib <= CEILING, f"{kib} KiB"
    assert removed(jd) == {"gone": 700, "moved": 300}
    if many >= 20_000:
        assert counted(jd)["fetched"] == 100
    (row,) = jd.verdict()["projects"]
    assert (row["server"], row["held"], row["missing"], row["extra"]) == (many - 900, many - 900, 0, 0)
    assert set(held(jd)) == (set(before) - set(doomed)) | set(imported)
    assert tombstones(jd) == {**{key: ("gone", None) for key in deleted + hidden}, **{key: ("moved", now) for key, now in elsewhere.items()}}
    assert "0 missing, 0 wrong, 0 strays, 0 pending, 1000 removed" in verify(jd)
    if layout == "files":
        assert set(jd.issue_files()) == set(held(jd))

    assert "removed on" in show(jd, deleted[0], 66) and "as gone" in show(jd, hidden[0], 66)
    assert elsewhere[moved[0]] in show(jd, moved[0], 66)
    jd.transform("--projects", "APP", "--include-restricted")
    assert {r["metadata"]["issue_key"] for r in rig.records(jd.corpus)} == set(held(jd))
    assert json.loads(jd.run("stats", "--json", jd.corpus, expect=0).out)["records"] == many - 900

    census(jd, "--projects", "APP")
    assert removed(jd) == {} and counted(jd)["fetched"] == 0 and counted(jd)["listed"] == many - 900


@FLAVOURS
def test_an_older_state_and_a_renamed_project_are_fetched(serve, product, flavour):
    sim = serve(flavour, "--generate", "APP:300")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    touched = [f"APP-{n}" for n in (7, 70, 250)]
    for key in touched:
        sim.touch(key)
    census(jd, "--projects", "APP")
    assert counted(jd)["fetched"] == 3 and removed(jd) == {}
    assert rig.assert_mirror(jd, sim) == 300 if flavour == "datacenter" else len(jd.issue_files()) == 300
    sim.control("rename-project", project="APP", key="NEW")
    census(jd, "--projects", "NEW")
    assert counted(jd)["fetched"] == 300 and removed(jd) == {}
    assert set(held(jd)) == {f"NEW-{n}" for n in range(1, 301)} == set(jd.issue_files())
    assert "NEW-12" in show(jd, "APP-12", 0)


@LAYOUTS
@FLAVOURS
def test_archived_and_back(serve, product, flavour, layout):
    sim = serve(flavour, "--generate", "APP:120")
    jd = product(sim)
    jd.scrape("--projects", "APP", "--raw-layout", layout)
    before = held(jd)
    sim.control("archive", keys=["APP-5", "APP-6"])
    sim.control("hide", keys=["APP-7"])
    census(jd, "--projects", "APP")
    assert removed(jd) == {"archived": 2, "gone": 1}
    assert "as archived" in show(jd, "APP-5", 66) and set(held(jd)) == set(before) - {"APP-5", "APP-6", "APP-7"}
    sim.control("archive", keys=["APP-5"], on=False)
    sim.control("hide", keys=["APP-7"], on=False)
    sim.advance(10)
    census(jd, "--projects", "APP")
    assert removed(jd) == {} and counted(jd)["fetched"] == 2
    assert set(tombstones(jd)) == {"APP-6"} and held(jd) == {k: v for k, v in before.items() if k != "APP-6"}
    assert show(jd, "APP-7", 0).startswith("# APP-7 ")
    assert "0 missing, 0 wrong, 0 strays" in verify(jd)


def test_one_that_came_back_under_another_key_answers_to_the_old_one(serve, product):
    sim = serve("datacenter", "--generate", "APP:60", "--generate", "OTHER:10")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    now = sim.move("APP-9", "OTHER")
    census(jd, "--projects", "APP")
    assert removed(jd) == {"moved": 1} and now in show(jd, "APP-9", 66)
    jd.scrape("--projects", "APP", "OTHER", "--census")
    assert tombstones(jd) == {} and show(jd, "APP-9", 0).startswith(f"# {now} ")
    rig.assert_mirror(jd, sim)


@FLAVOURS
def test_a_scrape_may_end_with_a_census(serve, product, flavour):
    sim = serve(flavour, "--generate", "APP:200", "--generate", "OTHER:50")
    jd = product(sim)
    jd.scrape("--projects", "APP", "OTHER", "--census")
    assert [counted(jd, i)["listed"] for i in (0, 1)] == [200, 50]
    sim.control("delete", key="APP-3")
    for n in range(1, 41):  # it takes a while to come to the one that moved: the census of its old project waits
        sim.touch(f"OTHER-{n}")
    sim.advance(60)
    moved = sim.move("APP-8", "OTHER")
    sim.control("create", project="OTHER", count=2, at=IMPORTED)
    jd.scrape("--projects", "APP", "OTHER", "--census", "--page-size", "2")
    assert removed(jd, 0) == {"gone": 1} and removed(jd, 1) == {} and counted(jd, 1)["fetched"] == 2
    assert moved in held(jd) and len(held(jd)) == 251 and set(tombstones(jd)) == {"APP-3"}
    assert set(jd.issue_files()) == set(held(jd))


def test_what_was_walked_is_complete_though_its_census_never_came(serve, product):
    sim = serve("datacenter", "--generate", "APP:20", "--generate", "OTHER:10")
    jd = product(sim)
    jd.scrape("--projects", "APP", "OTHER")
    sim.touch("OTHER-1")
    sim.advance(60)
    faults(sim, "search has OTHER-1 : 401")
    jd.scrape("--projects", "APP", "OTHER", "--census", "--concurrency", "1", expect=77)
    app, other = jd.verdict()["projects"]
    assert app["complete"] and app["held"] == 20 and not other["complete"]
    assert app["census"] is None


# -- scopes ----------------------------------------------------------------------------------------
@LAYOUTS
@FLAVOURS
def test_what_another_scope_holds_stays(serve, product, flavour, layout):
    sim = serve(flavour, "--generate", "APP:80", "--generate", "OTHER:20")
    jd = product(sim)
    both = ("--jql", "project in (APP, OTHER)")
    jd.scrape("--projects", "APP", "--raw-layout", layout)
    jd.scrape(*both)
    before = held(jd)
    sim.control("delete", key="APP-2")
    moved = sim.move("APP-1", "OTHER")
    census(jd, "--projects", "APP")
    assert removed(jd) == {"gone": 1, "moved": 1}
    assert held(jd) == before and tombstones(jd) == {}, "the query's scope still has them"
    census(jd, *both)
    assert removed(jd) == {"gone": 1} and set(tombstones(jd)) == {"APP-2"}
    assert set(held(jd)) == set(before) - {"APP-1", "APP-2"} | {moved}
    assert "0 missing, 0 wrong, 0 strays" in verify(jd)


@FLAVOURS
def test_what_a_query_selects_no_longer_leaves(serve, product, flavour):
    sim = serve(flavour, "--generate", "APP:200")
    jd = product(sim)
    query = ("--jql", "project = APP AND priority = Major ORDER BY key")
    jd.scrape(*query)
    before = sorted(held(jd), key=number)
    assert len(before) > 30
    for key in before[:3]:
        sim.control("set", key=key, field="priority", value={"id": "5", "name": "Trivial"})
    jd.scrape(*query, expect=None)
    assert set(held(jd)) == set(before)
    census(jd, *query)
    assert removed(jd) == {"left": 3} and set(held(jd)) == set(before[3:])


@LAYOUTS
def test_a_state_that_was_made_anew_is_cleared_of_what_is_gone(serve, product, layout):
    sim = serve("datacenter", "--generate", "APP:90", "--generate", "APPLE:10")
    jd = product(sim)
    jd.scrape("--projects", "APP", "APPLE", "--raw-layout", layout)
    sim.control("delete", key="APP-5")
    census(jd, "--projects", "APP")
    assert removed(jd) == {"gone": 1}
    for n in (3, 33):
        sim.control("delete", key=f"APP-{n}")
    sim.control("delete", key="APPLE-3")
    shutil.rmtree(jd.state)
    jd.scrape("--projects", "APP")
    old = 1 if layout == "pack" else 0  # its bytes are there until a compaction
    assert len(held(jd)) == 99 + old, "rebuilt from the raw store"
    census(jd, "--projects", "APP")
    assert removed(jd) == {"gone": 2 + old} and "APPLE-3" in held(jd) and len(held(jd)) == 97
    if layout == "files":
        assert not (jd.raw / "APP/APP-3.json").exists() and (jd.raw / "APPLE/APPLE-3.json").exists()


@LAYOUTS
def test_tombstones_go_along_with_an_export(serve, product, layout):
    sim = serve("datacenter", "--generate", "APP:40")
    jd = product(sim)
    jd.scrape("--projects", "APP", "--raw-layout", layout)
    sim.control("delete", key="APP-5")
    census(jd, "--projects", "APP")
    other = product(sim)
    out = other.box / "data"
    jd.run("state", "export", "--raw-dir", jd.raw, "--state-dir", jd.state, "--layout", "pack" if layout == "files" else "files",
           "--output", out, expect=0)
    assert "as gone" in show(other, "APP-5", 66) and "1 removed" in verify(other)
    census(other, "--projects", "APP")
    assert removed(other) == {} and len(held(other)) == 39


def test_a_compaction_gives_back_what_was_removed(serve, product):
    sim = serve("datacenter", "--generate", "APP:200")
    jd = product(sim)
    jd.scrape("--projects", "APP", "--raw-layout", "pack")
    sim.control("hide", keys=[f"APP-{n}" for n in range(1, 141)])
    census(jd, "--projects", "APP", "--accept-deletions")
    size = sum(p.stat().st_size for p in jd.raw.glob("*/*.pack"))
    jd.run("state", "compact", "--raw-dir", jd.raw, "--state-dir", jd.state, expect=0)
    assert sum(p.stat().st_size for p in jd.raw.glob("*/*.pack")) < 0.6 * size
    assert len(held(jd)) == 60 and "0 missing, 0 wrong, 0 strays, 0 pending, 140 removed" in verify(jd)


def test_the_last_issue_takes_its_folder_along(serve, product):
    sim = serve("datacenter", "--generate", "APP:5", "--generate", "OTHER:5")
    jd = product(sim)
    jd.scrape("--projects", "APP", "OTHER")
    for n in range(1, 6):
        sim.control("delete", key=f"APP-{n}")
    census(jd, "--projects", "APP", "OTHER")
    assert removed(jd) == {"gone": 5} and not (jd.raw / "APP").exists() and len(jd.issue_files()) == 5


# -- the brake -------------------------------------------------------------------------------------
def test_the_brake_is_at_twenty_issues(serve, product):
    sim = serve("datacenter", "--generate", "APP:100", "--generate", "OTHER:30")
    jd = product(sim)
    jd.scrape("--projects", "APP", "OTHER")
    sim.control("hide", keys=[f"APP-{n}" for n in range(1, 22)])
    sim.control("delete", key="OTHER-1")
    before = held(jd)
    done = census(jd, "--projects", "APP", "OTHER", expect=75)
    assert "21 or more of 100" in done.err and "--accept-deletions" in done.err
    assert removed(jd, 0) == {} and removed(jd, 1) == {"gone": 1}, "the others go on"
    assert set(held(jd)) == set(before) - {"OTHER-1"}
    sim.control("hide", keys=["APP-1"], on=False)
    census(jd, "--projects", "APP")
    assert removed(jd) == {"gone": 20} and len(held(jd)) == 109


def test_the_brake_is_at_five_percent(serve, product):
    sim = serve("datacenter", "--generate", "APP:1000", "--calm", "90")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    sim.control("hide", keys=[f"APP-{n}" for n in range(1, 52)])
    created = sim.control("create", project="APP", count=3, at=IMPORTED)["keys"]
    done = census(jd, "--projects", "APP", expect=75)
    assert "51 or more of 1000" in done.err and removed(jd) == {} and tombstones(jd) == {}
    assert set(created) <= set(held(jd)) and len(held(jd)) == 1003, "what is lacking comes all the same"
    sim.control("hide", keys=["APP-1"], on=False)
    census(jd, "--projects", "APP")
    assert removed(jd) == {"gone": 50}
    sim.control("hide", keys=[f"APP-{n}" for n in range(100, 300)])
    jd.scrape("--projects", "APP", "--census", expect=75)
    assert removed(jd) == {} and len(held(jd)) == 953
    jd.scrape("--projects", "APP", "--census", "--accept-deletions")
    assert removed(jd) == {"gone": 200} and len(held(jd)) == 753


# -- who asks --------------------------------------------------------------------------------------
def signed_in(flavour):
    """Options of jirasim, and the environment of each account."""
    if flavour == "cloud":
        return ("--user", "ann@example.org:a", "--user", "bob@example.org:b"), {
            who: {"JIRA_USERNAME": f"{who}@example.org", "JIRA_API_TOKEN": who[0]} for who in ("ann", "bob")}, "ann@example.org"
    return ("--pat", "pat-ann:ann", "--pat", "pat-bob:bob"), {who: {"JIRA_PAT": f"pat-{who}"} for who in ("ann", "bob")}, "ann"


@LAYOUTS
@FLAVOURS
def test_nobody_else_removes_anything(serve, product, flavour, layout):
    options, env, ann = signed_in(flavour)
    sim = serve(flavour, "--generate", "APP:60", "--tune", "expired=0", *options)
    jd = product(sim)
    jd.scrape("--projects", "APP", "--raw-layout", layout, env=env["ann"])
    before = everything(jd)
    sim.control("hide", keys=[f"APP-{n}" for n in range(1, 6)])  # a few: the brake would let them go
    for who, status in (({}, 75), (env["bob"], 75)):
        for more in ((), ("--accept-deletions",)):
            done = census(jd, "--projects", "APP", *more, env=who, expect=status)
            assert "built by" in done.err, done.err
            assert everything(jd) == before
    done = jd.scrape("--projects", "APP", "--census", env=env["bob"], expect=75)
    assert "built by" in done.err and everything(jd)[0] == before[0] and tombstones(jd) == {}
    sim.control("account", name=ann, expires=1)
    census(jd, "--projects", "APP", "--accept-deletions", env=env["ann"], expect=77)
    assert everything(jd)[0] == before[0] and tombstones(jd) == {}
    sim.control("account", name=ann, expires=None)
    census(jd, "--projects", "APP", env=env["ann"])
    assert removed(jd) == {"gone": 5}


@pytest.mark.parametrize("who", ["ann", "nobody"])
def test_a_refusal_for_one_issue_is_no_failed_login(serve, product, who):
    """Some Data Centers answer 401 or 403 for an issue that the reader may not see."""
    options, env, ann = signed_in("datacenter")
    env = env.get(who, {})
    sim = serve("datacenter", "--generate", "APP:60", "--tune", "hidden=0", *options)
    jd = product(sim)
    jd.scrape("--projects", "APP", env=env)
    sim.control("hide", keys=["APP-8"])
    sim.control("delete", key="APP-9")
    before = everything(jd)
    if who == "ann":
        sim.control("account", name=ann, expires=1)
        census(jd, "--projects", "APP", env=env, expect=77)
        sim.control("account", name=ann, expires=None)
        assert everything(jd) == before
    census(jd, "--projects", "APP", env=env)
    assert removed(jd) == {"gone": 2} and "gone" in show(jd, "APP-8", 66)


@FLAVOURS
def test_a_token_that_expires_meanwhile_removes_nothing(serve, product, flavour):
    """Everything but one issue is hidden from those who are nobody; whenever it expires, nothing is gone."""
    options, env, ann = signed_in(flavour)
    sim = serve(flavour, "--generate", "APP:900", "--tune", "expired=0", *options, "--page-cap", "50")
    jd = product(sim)
    jd.scrape("--projects", "APP", env=env["ann"])
    before = everything(jd)
    sim.control("hide", keys=[f"APP-{n}" for n in range(2, 901)], **{"from": "anonymous"})
    sim.control("latency", ms=20)
    for searches in (1, 3, 6):
        sim.control("account", name=ann, expires=None)
        seen = len(sim.requests_seen())
        process = jd.popen(*census_args(jd, "--projects", "APP", "--accept-deletions", "--concurrency", "1"), env=env["ann"],
                           stdout=rig.subprocess.DEVNULL, stderr=rig.subprocess.DEVNULL)
        while process.poll() is None:
            if sum("created,updated" in row.get("fields", "") for row in sim.requests_seen()[seen:]) >= searches:
                sim.control("account", name=ann, expires=1)
                break
        process.wait(timeout=rig.PATIENCE)
        assert everything(jd) == before


# -- trouble ---------------------------------------------------------------------------------------
def test_without_a_mirror_there_is_no_census(serve, product):
    sim = serve("datacenter", "--generate", "APP:300", "--generate", "OTHER:5")
    jd = product(sim)
    assert "scrape" in census(jd, "--projects", "APP", expect=66).err and not jd.state.exists()
    jd.scrape("--projects", "APP", "--max-issues", "10")
    done = census(jd, "--projects", "APP", "OTHER", expect=66)
    assert "APP was not mirrored to the end" in done.err and len(held(jd)) == 10


def test_what_bulk_answers_leave_out_is_not_gone(serve, product):
    sim = serve("cloud", "--generate", "APP:150", "--tune", "issue_errors=3")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    # a list that lacks what is there: changes reach the searches an hour later
    with state(jd) as db:
        assert db.execute("select count(*) from member").fetchone() == (150,)
    sim.control("tune", index_lag_ms=3_600_000)
    created = sim.control("create", project="APP", count=9)["keys"]
    raw = {k: p.read_bytes() for k, p in jd.issue_files().items()}
    sim.advance(4000)
    jd.scrape("--projects", "APP")
    assert set(created) <= set(held(jd))
    sim.control("hide", keys=["APP-11", "APP-12"])
    census(jd, "--projects", "APP")
    assert removed(jd) == {"gone": 2}
    assert all(p.read_bytes() == raw[k] for k, p in jd.issue_files().items() if k in raw)


@FLAVOURS
def test_a_server_that_fails_at_single_issues_keeps_them(serve, product, flavour):
    sim = serve(flavour, "--generate", "APP:100")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    sim.control("hide", keys=["APP-4", "APP-5"])
    faults(sim, "issue : 500")
    before = held(jd)
    census(jd, "--projects", "APP")
    assert removed(jd) == {} and counted(jd)["kept"] == 2 and held(jd) == before
    faults(sim, "issue : 404 html")  # a proxy's, and no word of Jira's
    census(jd, "--projects", "APP")
    assert removed(jd) == {} and counted(jd)["kept"] == 2 and held(jd) == before
    faults(sim, "")
    census(jd, "--projects", "APP")
    assert removed(jd) == {"gone": 2}


FAULTS = """seed {seed}
search chance 15%: 503
search chance 15%: empty
search chance 10%: cut
search chance 10%: truncate
search chance 10%: duplicate 3
search chance 10%: total -2
issue chance 20%: 503
issue chance 10%: login
chance 3%: reset
"""


@pytest.mark.parametrize("lot", range(rig.long_or_short(12, 2)))
@FLAVOURS
def test_faults_make_nothing_gone(serve, product, flavour, lot):
    chance = rig.dice(f"census among faults {lot}")
    sim = serve(flavour, "--generate", "APP:700", "--generate", "OTHER:1", "--calm", "90", "--page-cap", "60")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    before = held(jd)
    keys = chance.sample(sorted(before), 30)
    for key in keys[:10]:
        sim.control("delete", key=key)
    for key in keys[10:20]:
        sim.move(key, "OTHER")
    sim.control("hide", keys=keys[20:])
    created = sim.control("create", project="APP", count=20, at=IMPORTED)["keys"]
    faults(sim, FAULTS.format(seed=chance.randrange(1 << 30)))
    for _ in range(4):
        census(jd, "--projects", "APP", expect=None)
        assert set(before) - set(keys) <= set(held(jd)) <= set(before) | set(created)
    faults(sim, "")
    census(jd, "--projects", "APP", expect=None)
    assert set(held(jd)) == set(before) - set(keys) | set(created)
    assert {cause for cause, _ in tombstones(jd).values()} == {"gone", "moved"} and len(tombstones(jd)) == 30


def test_what_the_server_counts_and_never_lists_is_told(serve, product):
    sim = serve("datacenter", "--generate", "APP:100")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    faults(sim, "search : total +4")
    done = census(jd, "--projects", "APP", expect=3)
    assert "APP: the server counts 4 more than could be fetched" in done.err
    assert jd.verdict()["projects"][0]["missing"] == 4


@LAYOUTS
@FLAVOURS
def test_killed_at_any_instant(serve, product, flavour, layout):
    sim = serve(flavour, "--generate", "APP:2500", "--generate", "OTHER:1", "--calm", "90", "--page-cap", "200")
    first = product(sim)
    first.scrape("--projects", "APP", "--raw-layout", layout)
    for n in range(1, 41):
        sim.control("delete", key=f"APP-{n}")
    for n in range(50, 71):
        sim.move(f"APP-{n}", "OTHER")
    sim.control("hide", keys=[f"APP-{n}" for n in range(100, 140)])
    sim.control("create", project="APP", count=60, at=IMPORTED)

    def begin(_):
        jd = product(sim)
        shutil.copytree(first.box / "data", jd.box / "data")
        return jd

    def args(jd):
        return census_args(jd, "--projects", "APP")

    def end(jd):
        tables = rig.state_tables(jd)
        out = {t: tables[t] for t in ("issue", "member", "alias", "tombstone")}
        out["verify"] = verify(jd).split(":")[-1]
        if layout == "files":
            out["raw"] = rig.tree(jd.raw)
        return out

    calm = begin(0)
    seconds = test_kill.timed(calm, args(calm))
    assert removed(calm) == {"gone": 80, "moved": 21} and counted(calm)["fetched"] == 60
    want = end(calm)
    test_kill.storm(begin, args, lambda jd: rig.assert_same_end(end(jd), want), seconds, rig.long_or_short(60, 6), "kill in census")
