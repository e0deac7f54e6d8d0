"""`scrape --issue`: what a webhook just told of is fetched now, whatever the index and the cursor say."""
import json

import pytest

import rig
import signin

GATE = signin.GATE


@pytest.fixture(params=["cloud", "dc"])
def sim(request, start_sim):
    flavour = request.param
    sim = start_sim("--flavour", flavour, "--generate", "APP:120", "--generate", "OPS:30", "--page-cap", "50", "--embed-comments", "3",
                    "--tune", "rich_cap=50", context="/")
    sim.flavour = flavour
    return sim


def held(jd):
    return {key: json.loads(file.read_bytes()) for key, file in jd.issue_files().items()}


def mirrored(jd, sim):
    rig.assert_mirror(jd, sim) if sim.flavour == "dc" else rig.assert_cloud_mirror(jd, sim)


def scrape(jd, *args, **how):
    return jd.scrape("--projects", "APP", "OPS", *args, **how)


def named(jd, *names, **how):
    return scrape(jd, "--issue", *names, **how)


def removed(jd):
    rows = jd.verdict()["projects"]
    return sum(n for row in rows if row["census"] for cause, n in row["census"]["removed"].items())


@pytest.fixture
def jd(sim, product):
    jd = product(sim)
    scrape(jd)
    return jd


def test_what_changed_just_now_comes_though_no_search_shows_it(sim, jd):
    sim.advance(3600)
    sim.control("tune", index_lag_ms=60_000)
    sim.touch("APP-7")
    sim.comment("OPS-3", "hello")
    created = sim.create("APP")[0]
    scrape(jd)  # the index is behind
    before = held(jd)
    assert created not in before
    mark = len(sim.requests_seen())
    number = json.loads(sim.dump_lines()["OPS-3"])["id"]
    named(jd, "APP-7", number, created)
    assert all(row["missing"] == 0 and row["complete"] for row in jd.verdict()["projects"])
    asked = sim.requests_seen()[mark:]
    sim.advance(61)  # what is compared is what searches show
    mirrored(jd, sim)
    assert len(asked) <= (12 if sim.flavour == "cloud" else 20), [r["path"] for r in asked]
    if sim.flavour == "cloud":  # the search was told which issues it must know of
        assert [r for r in asked if r["path"].endswith("/search/jql")]


def test_a_reconciled_search_is_what_tells_of_a_query(start_sim, product):
    """An issue that belongs to a JQL since a moment ago: only a search that reconciles it says so."""
    sim = start_sim("--flavour", "cloud", "--generate", "APP:60", context="/")
    jd = product(sim)
    query = ("--jql", "project = APP AND priority = Trivial")
    jd.scrape(*query)
    before = set(held(jd))
    key = next(key for key in sorted(sim.dump_lines()) if key not in before)
    sim.control("tune", index_lag_ms=600_000)
    sim.advance(3600)
    sim.control("set", key=key, field="priority", value={"id": "5", "name": "Trivial"})
    jd.scrape(*query)
    assert set(held(jd)) == before
    jd.scrape(*query, "--issue", key)
    assert set(held(jd)) == before | {key}
    assert held(jd)[key]["fields"]["priority"]["name"] == "Trivial"


def cursors(jd):
    """Where each scope stands; how often it was written does not count."""
    rows = json.loads(jd.run("state", "show", "--state-dir", jd.state, "--json", expect=0).out)["scopes"]
    return {row["label"]: {k: v for k, v in row["cursor"].items() if k != "seq"} for row in rows}


def test_the_cursor_stays(sim, jd):
    before = cursors(jd)
    sim.advance(3600)
    sim.touch("APP-1")
    sim.advance(60)
    sim.touch("APP-2")
    named(jd, "APP-2")
    assert cursors(jd) == before
    scrape(jd)  # the one that was told of second did not hide the first
    mirrored(jd, sim)


def test_what_is_gone_goes(sim, jd):
    sim.control("delete", key="APP-5")
    moved = sim.move("APP-6", "OPS")
    named(jd, "APP-5", "APP-6")
    files = held(jd)
    assert "APP-5" not in files and "APP-6" not in files and moved in files
    mirrored(jd, sim)
    assert removed(jd) >= 1
    again = named(jd, "APP-5", expect=66)
    assert "APP-5" in again.err
    scrape(jd)
    mirrored(jd, sim)


def test_names_that_are_none(sim, jd):
    before = held(jd)
    assert "APP-999" in named(jd, "APP-999", expect=66).err
    for name in ("app 1", "../APP-1", "APP-", "-1", "0"):
        assert jd.run(*jd.scrape_args("--projects", "APP", f"--issue={name}")).status == 64
    other = jd.scrape("--projects", "OPS", "--issue", sim.create("APP")[0], expect=66)
    assert "--projects" in other.err
    assert jd.run(*jd.scrape_args("--projects", "APP", "--issue", "APP-1", "--start-over")).status == 64
    assert held(jd) == before


def test_a_first_run_may_be_of_named_issues(sim, product):
    """They stand there alone, and the next whole run brings the rest."""
    jd = product(sim)
    named(jd, "APP-3", "OPS-4")
    assert set(held(jd)) == {"APP-3", "OPS-4"}
    scrape(jd)
    mirrored(jd, sim)


def test_another_account_removes_nothing(start_sim, product, box):
    me = signin.SignIn("dc basic", box)
    sim = start_sim("--generate", "APP:30", *me.sim_args()[:-1])
    jd = me.product(product, sim)
    jd.scrape("--projects", "APP")
    sim.control("hide", key="APP-4", **{"from": "anonymous"})
    jd.env = {k: v for k, v in jd.env.items() if not k.startswith("JIRA_")}
    jd.scrape("--projects", "APP", "--issue", "APP-4")
    assert "APP-4" in held(jd)
