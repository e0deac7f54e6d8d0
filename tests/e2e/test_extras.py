"""Remote links, watchers and votes: beside the issue, which stays Jira's own JSON."""
import json

import pytest

import rig

ALL = ("--with", "remotelinks", "watchers", "votes")


@pytest.fixture(params=["cloud", "data center"])
def site(request, start_sim):
    cloud = request.param == "cloud"

    def start(*args):
        sim = start_sim(*(("--flavour", "cloud") if cloud else ()), *args, context="/" if cloud else "/jira")
        sim.api = sim.url.rstrip("/") + ("/rest/api/3" if cloud else "/rest/api/2")
        return sim

    return start


def extras(product):
    return {p.name.removesuffix(".extra.json"): json.loads(p.read_bytes()) for p in product.raw.glob("*/*.extra.json")}


def beside(sim, mark=0):
    return [r["path"] for r in sim.requests_seen()[mark:] if r["path"].endswith(("/remotelink", "/watchers", "/votes"))]


@pytest.mark.parametrize("layout", [(), ("--raw-layout", "pack")], ids=["files", "pack"])
def test_they_lie_beside_the_issue(site, product, layout):
    sim = site("--generate", "APP:60")
    jd = product(sim)
    jd.scrape("--projects", "APP", *layout)
    assert extras(jd) == {} and beside(sim) == []
    jd.scrape("--projects", "APP", *ALL)
    held = extras(jd)
    assert set(held) == set(sim.dump_lines()) and jd.verdict()["extras"] == {"read": 60, "failed": 0}
    links = people = 0
    for key, extra in held.items():
        for name, path in (("remotelinks", "remotelink"), ("watchers", "watchers"), ("votes", "votes")):
            # asked by id, so the answers' own addresses may differ: what they say does not
            served = sim.http.get(f"{sim.api}/issue/{extra['id']}/{path}", timeout=60).json()
            assert extra[name] == served
        links += len(extra["remotelinks"])
        people += len(extra["watchers"]["watchers"])
    assert links and people
    mark = len(sim.requests_seen())
    jd.scrape("--projects", "APP", *ALL)
    assert beside(sim, mark) == []
    sim.advance(3600)
    sim.touch("APP-5")
    jd.scrape("--projects", "APP", *ALL)
    assert len(beside(sim, mark)) == 3, "of the issue that changed"
    jd.run("state", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state, expect=0)
    jd.run("state", "export", "--layout", "files", "--raw-dir", jd.raw, "--state-dir", jd.state, "--output", jd.box / "out", expect=0)
    assert len(list((jd.box / "out" / "raw" / "APP").glob("*.extra.json"))) == 60
    assert (jd.box / "out" / "raw" / "_site" / "fields.json").exists()
    if not layout:
        done = jd.transform()
        assert "ignored" not in done.err and len(rig.records(jd.corpus)) == 60


def test_only_what_is_asked_for_and_more_later(site, product):
    sim = site("--generate", "APP:20")
    jd = product(sim)
    jd.scrape("--projects", "APP", "--with", "votes")
    assert all(set(e) == {"id", "key", "votes"} for e in extras(jd).values())
    jd.scrape("--projects", "APP", "--with", "votes,watchers")
    assert all(set(e) == {"id", "key", "watchers", "votes"} for e in extras(jd).values())
    done = jd.scrape("--projects", "APP", "--with", "likes", expect=64)
    assert "'likes'" in done.err


def test_they_follow_an_issue_that_moves_or_goes(start_sim, product):
    sim = start_sim("--generate", "APP:30", "LIB:10")
    jd = product(sim)
    jd.scrape("--projects", "APP", "LIB", *ALL)
    sim.advance(3600)
    moved = sim.move("APP-7", "LIB")
    sim.control("delete", key="APP-8")
    jd.scrape("--projects", "APP", "LIB", "--census", *ALL)
    held = extras(jd)
    assert held[moved]["key"] == moved and "APP-7" not in held and "APP-8" not in held
    assert set(held) == set(jd.issue_files()) == set(sim.dump_lines())


def test_what_jira_does_not_give_is_null(site, product):
    sim = site("--generate", "APP:10")
    sim.http.post(f"{sim.root}/_sim/faults", data="path /votes: 404\npath /watchers: 403\n", timeout=60).raise_for_status()
    jd = product(sim)
    jd.scrape("--projects", "APP", *ALL)
    assert all(e["votes"] is None and e["watchers"] is None and isinstance(e["remotelinks"], list) for e in extras(jd).values())
    assert len(extras(jd)) == 10


def test_one_that_fails_is_told_and_comes_the_next_time(start_sim, product):
    sim = start_sim("--generate", "APP:10")
    fault = lambda text: sim.http.post(f"{sim.root}/_sim/faults", data=text, timeout=60).raise_for_status()
    first = min(int(json.loads(line)["id"]) for line in sim.dump_lines().values())
    fault(f"path /issue/{first}/votes: 500\n")
    jd = product(sim)
    jd.scrape("--projects", "APP", *ALL, expect=3)
    assert jd.verdict()["extras"] == {"read": 9, "failed": 1} and len(extras(jd)) == 9
    fault("")
    jd.scrape("--projects", "APP", *ALL)
    assert jd.verdict()["extras"] == {"read": 1, "failed": 0} and len(extras(jd)) == 10


def test_a_kill_loses_nothing(start_sim, product):
    sim = start_sim("--generate", "APP:20")
    jd = product(sim)
    jd.run(*jd.scrape_args("--projects", "APP", *ALL), env={"JD_CRASH": "extra.written:7"}, expect=137)
    jd.scrape("--projects", "APP", *ALL)
    assert jd.verdict()["extras"]["read"] == 14 and len(extras(jd)) == 20
