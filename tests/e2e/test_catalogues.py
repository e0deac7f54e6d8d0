"""What a site has beside its issues: read once a day, complete, and no reason for a run to fail."""
import json
import sqlite3
import time

import pytest

import rig

LISTS = {"fields", "projects", "statuses", "priorities", "resolutions", "issuetypes", "linktypes", "users"}
PARTS = {"versions", "components", "boards", "sprints"}
FLAVOURS = {"cloud": ("--flavour", "cloud"), "data center": ()}


@pytest.fixture(params=FLAVOURS)
def site(request, start_sim):
    cloud = request.param == "cloud"

    def start(*args):
        sim = start_sim(*FLAVOURS[request.param], *args, context="/" if cloud else "/jira")
        sim.cloud = cloud
        return sim

    return start


def held(product, name):
    return json.loads((product.raw / "_site" / f"{name}.json").read_text())


def part(product, name, key):
    (entry,) = [e for e in held(product, name) if e["key"] == key]
    return entry[name]


def beside(rows):
    """Requests that ask for catalogues."""
    return [r["path"] for r in rows if "/rest/agile/" in r["path"]
            or r["path"].split("/rest/api/")[-1][2:].split("/")[0] in
            ("field", "status", "priority", "resolution", "issuetype", "issueLinkType")
            or r["path"].endswith(("/project", "/project/search", "/versions", "/components"))]


def get(sim, path):
    return sim.http.get(sim.url.rstrip("/") + path, timeout=60).json()


@pytest.mark.smoke
def test_every_catalogue_is_there_and_whole(site, product):
    many = [a for i in range(12) for a in ("--generate", f"P{i}:3")]
    sim = site("--generate", "APP:300", *many, "--tune", "list_page=5")
    jd = product(sim)
    jd.scrape("--projects", "APP", "P3")
    assert {p.stem for p in (jd.raw / "_site").iterdir()} >= LISTS | PARTS
    api = "/rest/api/3" if sim.cloud else "/rest/api/2"
    for name, path in (("fields", "/field"), ("statuses", "/status"), ("issuetypes", "/issuetype")):
        served = {e["id"]: e for e in get(sim, api + path)}
        assert {e["id"]: e for e in held(jd, name)} == served and served
    assert {e["key"] for e in held(jd, "projects")} == {"APP", *(f"P{i}" for i in range(12))}
    assert len(held(jd, "priorities")) == 5 and len(held(jd, "resolutions")) >= 5
    assert {e["outward"] for e in held(jd, "linktypes")} >= {"blocks"}
    assert {s["id"] for s in part(jd, "sprints", "APP")} == set(range(5801, 5833)), "sprints of every page"
    assert {b["type"] for b in part(jd, "boards", "P3")} == {"scrum", "kanban"}
    issues = [json.loads(p.read_bytes()) for p in jd.issue_files().values()]
    for name, field in (("versions", "fixVersions"), ("components", "components")):
        used = {v["id"] for i in issues if i["key"].startswith("APP-") for v in i["fields"][field]}
        assert used and used <= {v["id"] for v in part(jd, name, "APP")}

    # Whoever wrote or is spoken of anywhere.
    people, who = {}, "accountId" if sim.cloud else "key"

    def walk(value):
        if isinstance(value, dict):
            if who in value and "displayName" in value:
                people[value[who]] = value["displayName"]
            value = list(value.values())
        if isinstance(value, list):
            for v in value:
                walk(v)

    walk(issues)
    assert {u["id"]: u["displayName"] for u in held(jd, "users")} == people
    assert len(people) > 20


def test_they_are_read_once_a_day(site, product):
    sim = site("--generate", "APP:20", "LIB:20")
    jd = product(sim)
    jd.scrape("--projects", "APP")

    def asked(*args):
        mark = len(sim.requests_seen())
        jd.scrape(*args)
        return beside(sim.requests_seen()[mark:])

    first = sorted(set(beside(sim.requests_seen())))
    stamps = {p.name: p.stat().st_mtime_ns for p in (jd.raw / "_site").iterdir()}
    assert asked("--projects", "APP") == []
    other = asked("--projects", "APP", "LIB")
    assert other and all("/agile/" in path for path in other), "a project that is new brings its boards alone"
    assert {e["key"] for e in held(jd, "versions")} == {"APP", "LIB"}, "those of other projects stay"
    assert sorted(set(asked("--projects", "APP", "--refresh-catalogues"))) == first
    db = sqlite3.connect(jd.state / "state.db")
    with db:
        for name, ms in db.execute("select name, value from meta where name like 'catalogues%'").fetchall():
            db.execute("update meta set value = ? where name = ?", (str(int(ms) - 86_400_000), name))
    db.close()
    assert sorted(set(asked("--projects", "APP"))) == first
    assert asked("--projects", "APP") == []
    now = {p.name: p.stat().st_mtime_ns for p in (jd.raw / "_site").iterdir()}
    same = {name for name in stamps if now[name] == stamps[name]}
    assert same >= {"fields.json", "statuses.json", "projects.json"}, "what did not change is not written again"


def test_what_is_not_there_is_no_failure(start_sim, product):
    sim = start_sim("--generate", "APP:30")
    sim.http.post(f"{sim.root}/_sim/faults", data="path /agile/: 404\npath /priority: 403\n", timeout=60).raise_for_status()
    jd = product(sim)
    done = jd.scrape("--projects", "APP")
    verdict = jd.verdict()
    assert verdict["exit"] == 0
    assert [w for w in verdict["warnings"] if "priorities" in w] == verdict["warnings"] != []
    assert "priorities" in done.err and "boards" not in done.err
    assert not (jd.raw / "_site" / "boards.json").exists()
    assert len(held(jd, "fields")) > 50
    mark = len(sim.requests_seen())
    jd.scrape("--projects", "APP")
    assert beside(sim.requests_seen()[mark:]) == [], "nor is it asked for again within the day"


def test_an_anonymous_reader_may_not_know_all(start_sim, product):
    """Some sites say 401 to whoever does not sign in; with credentials that is the run's failure."""
    sim = start_sim("--generate", "APP:30", "--user", "me:tok-en-1")
    sim.http.post(f"{sim.root}/_sim/faults", data="path /agile/: 401\npath /priority: 401\n", timeout=60).raise_for_status()
    jd = product(sim)
    jd.scrape("--projects", "APP")
    (warning,) = jd.verdict()["warnings"]
    assert "priorities" in warning and rig.assert_mirror(jd, sim) == 30
    other = product(sim)
    other.scrape("--projects", "APP", expect=77, env={"JIRA_USERNAME": "me", "JIRA_API_TOKEN": "tok-en-1"})
    rig.assert_mirror(other, sim)


def test_a_service_that_fails_meanwhile_is_asked_the_next_time(start_sim, product):
    sim = start_sim("--generate", "APP:30")
    sim.http.post(f"{sim.root}/_sim/faults", data="path /2/status: 503\n", timeout=60).raise_for_status()
    jd = product(sim)
    jd.scrape("--projects", "APP")
    assert any("statuses" in w for w in jd.verdict()["warnings"])
    rig.assert_mirror(jd, sim)
    sim.http.post(f"{sim.root}/_sim/faults", data="", timeout=60).raise_for_status()
    jd.scrape("--projects", "APP")
    assert jd.verdict()["warnings"] == [] and len(held(jd, "statuses")) >= 5


def test_killed_among_the_boards_of_projects(start_sim, product):
    """What a run had read and not written yet, the next one reads again."""
    projects = [f"P{n}" for n in range(10)]
    sim = start_sim("--generate", *[f"{p}:3" for p in projects])
    jd, calm = product(sim), product(sim)
    calm.scrape("--projects", *projects)
    sim.control("log")
    sim.control("latency", ms=20)
    process = jd.popen(*jd.scrape_args("--projects", *projects))
    while sum("/rest/agile/" in r["path"] for r in sim.requests_seen()) < 12:
        assert process.poll() is None
        time.sleep(0.01)
    assert rig.kill_at(process, 0)
    sim.control("latency", ms=0)
    jd.scrape("--projects", *projects)
    assert rig.tree(jd.raw) == rig.tree(calm.raw) and sorted(e["key"] for e in held(jd, "boards")) == projects
    assert all(part(jd, "sprints", p) for p in projects)


def test_users_outlive_the_state(site, product):
    sim = site("--generate", "APP:100")
    jd = product(sim)
    for layout in ((), ("--raw-layout", "pack")):
        jd = product(sim)
        jd.scrape("--projects", "APP", *layout)
        users = held(jd, "users")
        for p in jd.state.iterdir():
            p.unlink()
        jd.scrape("--projects", "APP", *layout)
        assert held(jd, "users") == users
        (jd.raw / "_site" / "users.json").unlink()
        jd.scrape("--projects", "APP", "--refresh-catalogues", *layout)
        assert held(jd, "users") == users, "the state knows them too"


# -- fields ----------------------------------------------------------------------------------------

def names(product):
    return {f["id"]: f for f in held(product, "names")}


def test_fields_have_names_that_stay(site, product):
    """What a field is called by us outlives its new name, its end and the state; changes are told once."""
    sim = site("--generate", "APP:30")
    sim.control("field", id="customfield_90001", name="Crew size", type="number")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    assert jd.verdict()["fields"] == [], "the first look has nothing to compare with"
    first = names(jd)
    assert (first["customfield_90001"]["name"], first["customfield_90001"]["type"]) == ("crew_size", "number")
    assert (first["fixVersions"]["name"], first["fixVersions"]["type"]) == ("fixVersions", "versions")
    assert len({f["name"] for f in first.values()}) == len(first)
    kinds = {f["type"] for f in first.values()}
    assert kinds >= {"sprints", "epic_link", "rank", "rich_text", "users", "option"}

    sim.control("field", id="customfield_90001", name="Head count", type="string")
    sim.control("field", id="customfield_90002", name="Crew size", type="string")
    jd.scrape("--projects", "APP")
    assert jd.verdict()["fields"] == [], "within the day nothing is asked"
    done = jd.scrape("--projects", "APP", "--refresh-catalogues")
    told = jd.verdict()["fields"]
    assert len(told) == 3 and all(line in done.err for line in told)
    assert sum("customfield_90001 (crew_size)" in t for t in told) == 2
    assert any("Head count" in t for t in told) and any("text" in t and "number" in t for t in told)
    assert names(jd)["customfield_90002"]["name"] == "crew_size_90002"
    assert names(jd)["customfield_90001"]["title"] == "Head count"
    jd.scrape("--projects", "APP", "--refresh-catalogues")
    assert jd.verdict()["fields"] == []

    sim.control("field", id="customfield_90001", gone=True)
    for p in jd.state.iterdir():
        p.unlink()
    jd.scrape("--projects", "APP")
    (told,) = jd.verdict()["fields"]
    assert "customfield_90001" in told and names(jd)["customfield_90001"]["gone"]
    sim.control("field", id="customfield_90001", name="Head count", type="string")
    jd.scrape("--projects", "APP", "--refresh-catalogues")
    (told,) = jd.verdict()["fields"]
    assert "again" in told and names(jd)["customfield_90001"]["name"] == "crew_size"


def test_show_calls_fields_by_their_names(site, product):
    sim = site("--generate", "APP:60")
    sim.control("field", id="customfield_90001", name="Crew size", type="number")
    sim.control("set", key="APP-3", field="customfield_90001", value=7)
    (epic,) = [f["id"] for f in get(sim, ("/rest/api/3" if sim.cloud else "/rest/api/2") + "/field")
               if f.get("schema", {}).get("custom", "").endswith("gh-epic-link")]
    sim.control("set", key="APP-3", field=epic, value="APP-1")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    out = jd.run("show", "--raw-dir", jd.raw, "--state-dir", jd.state, "APP-3", expect=0).out
    assert "- Crew size (customfield_90001): 7\n" in out
    assert "\nParent:     APP-1" in out, "an epic is a parent, wherever the site keeps it"
