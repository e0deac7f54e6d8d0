"""Bodies of attachments: each once, whole, under its hash; and nothing lost on the way."""
import hashlib
import json
import sqlite3

import pytest

import rig

FLAVOURS = {"cloud": ("--flavour", "cloud", "--user", "me@example.org:tok-en-1"), "data center": ()}
ME = {"JIRA_USERNAME": "me@example.org", "JIRA_API_TOKEN": "tok-en-1"}


@pytest.fixture(params=FLAVOURS)
def site(request, start_sim, product):
    cloud = request.param == "cloud"

    def start(*args):
        sim = start_sim(*FLAVOURS[request.param], *args, context="/" if cloud else "/jira")
        sim.cloud = cloud
        jd = product(sim)
        jd.env.update(ME if cloud else {})
        return sim, jd

    return start


def folder(product):
    return product.box / "data" / "attachments"


def fetch(product, *args, expect=0, env=None):
    return product.scrape("--projects", "APP", "--attachments", *args, expect=expect, env=env)


def wanted(product):
    """id -> size, as the issues that are held say."""
    return {int(a["id"]): a["size"] for p in product.issue_files().values()
            for a in json.loads(p.read_bytes())["fields"].get("attachment", [])}


def index(product):
    db = sqlite3.connect(f"file:{product.state / 'state.db'}?mode=ro", uri=True)
    try:
        return {i: (state, size, sha) for i, state, size, sha in db.execute("select id, state, size, sha256 from attachment")}
    finally:
        db.close()


def served(sim, number):
    """The bytes as the server gives them."""
    path = f"/rest/api/3/attachment/content/{number}?redirect=false" if sim.cloud else f"/secure/attachment/{number}/x"
    reply = sim.http.get(sim.url.rstrip("/") + path, auth=tuple(ME.values()) if sim.cloud else None, timeout=60)
    assert reply.status_code == 200
    return reply.content


def assert_bodies(sim, product, but=()):
    rows, want = index(product), wanted(product)
    assert set(rows) == set(want) and len(want) > len(but)
    for number, size in want.items():
        state, held, sha = rows[number]
        if number in but:
            assert (state, sha) != (1, None) and sha is None
            continue
        assert (state, held) == (1, size)
        body = (folder(product) / sha[:2] / sha[2:]).read_bytes()
        assert hashlib.sha256(body).hexdigest() == sha and body == served(sim, number)
    assert list((folder(product) / ".part").iterdir()) == []


def asked(sim, mark):
    return [r for r in sim.requests_seen()[mark:] if "attachment" in r["path"]]


@pytest.mark.smoke
def test_every_body_once(site):
    sim, jd = site("--generate", "APP:80")
    jd.scrape("--projects", "APP")
    assert not folder(jd).exists(), "only when asked for"
    fetch(jd)
    assert_bodies(sim, jd)
    told = jd.verdict()["attachments"]
    assert told["held"] == told["new"] == len(wanted(jd)) and told["bytes"] == sum(wanted(jd).values())
    before, mark = rig.tree(folder(jd)), len(sim.requests_seen())
    fetch(jd)
    assert asked(sim, mark) == [] and rig.tree(folder(jd)) == before
    assert (jd.verdict()["attachments"]["new"], jd.verdict()["attachments"]["held"]) == (0, told["held"])
    sim.advance(3600)
    sim.create("APP", 60)
    more = set(wanted(jd))
    fetch(jd)
    assert set(wanted(jd)) > more
    assert_bodies(sim, jd)


def test_what_cannot_be_had_is_counted_and_told(site):
    sim, jd = site("--generate", "APP:80")
    jd.scrape("--projects", "APP")
    sizes = wanted(jd)
    gone, shut, *_ = small = sorted(sizes)
    large = max(sizes, key=sizes.get)
    assert large not in (gone, shut)
    sim.http.post(f"{sim.root}/_sim/faults", data=f"path /{gone}: 404\npath /{shut}: 403\n", timeout=60).raise_for_status()
    limit = sizes[large] - 1
    fetch(jd, "--attachment-limit", limit)
    over = {i for i, s in sizes.items() if s > limit}
    told = jd.verdict()["attachments"]
    assert (told["missing"], told["forbidden"], told["over_limit"], told["failed"]) == (1, 1, len(over), 0)
    assert any(str(gone) in w for w in jd.verdict()["warnings"]) and any(str(shut) in w for w in jd.verdict()["warnings"])
    assert_bodies(sim, jd, {gone, shut} | over)
    mark = len(sim.requests_seen())
    fetch(jd, "--attachment-limit", 0)
    assert len({r["path"] for r in asked(sim, mark)}) == len(over), "what is larger comes when it may; what is lost is not asked again"
    assert_bodies(sim, jd, {gone, shut})
    assert len(small) == len(sizes)


def test_it_goes_on_where_it_broke_off(start_sim, product):
    sim = start_sim("--generate", "APP:80")
    sim.cloud = False
    jd = product(sim)
    jd.scrape("--projects", "APP")
    sizes = wanted(jd)
    first = min(sizes)
    sim.http.post(f"{sim.root}/_sim/faults", data=f"path /{first}/ times 3: cut 60%\n", timeout=60).raise_for_status()
    fetch(jd, expect=69)
    (part,) = (folder(jd) / ".part").iterdir()
    assert part.name == str(first) and 0 < part.stat().st_size < sizes[first]
    held, mark = part.stat().st_size, len(sim.requests_seen())
    fetch(jd)
    (again,) = [r for r in asked(sim, mark) if f"/{first}/" in r["path"]]
    assert again["status"] == 206
    if "bytes" in again:
        assert again["bytes"] <= sizes[first] - held + 1000
    assert_bodies(sim, jd)


@pytest.mark.parametrize("point", ["attachment.whole:2", "attachment.placed:3"])
def test_a_kill_leaves_nothing_half(site, point):
    sim, jd = site("--generate", "APP:60")
    jd.run(*jd.scrape_args("--projects", "APP", "--attachments"), env={"JD_CRASH": point}, expect=137)
    fetch(jd)
    assert_bodies(sim, jd)


def test_credentials_stay_at_home(start_sim, product):
    """The media host refuses requests with Authorization, and sees none."""
    sim = start_sim("--flavour", "cloud", "--generate", "APP:40", "--user", "me@example.org:tok-en-1", context="/")
    sim.cloud = True
    jd = product(sim)
    jd.env.update(ME)
    done = fetch(jd, "--log-level", "debug")
    assert jd.verdict()["attachments"]["failed"] == 0 and jd.verdict()["attachments"]["held"] > 0
    assert "/file/" in done.err, "bodies came from the other host"
    assert "token=" not in done.err, "a signed address is not told"


def test_a_wrong_size_is_not_taken(start_sim, product):
    sim = start_sim("--generate", "APP:40")
    sim.cloud = False
    jd = product(sim)
    jd.scrape("--projects", "APP")
    first = min(wanted(jd))
    sim.http.post(f"{sim.root}/_sim/faults", data=f"path /{first}/: truncate 50%\n", timeout=60).raise_for_status()
    fetch(jd, expect=3)
    assert jd.verdict()["attachments"]["failed"] == 1
    assert any(str(first) in w for w in jd.verdict()["warnings"])
    sim.http.post(f"{sim.root}/_sim/faults", data="", timeout=60).raise_for_status()
    fetch(jd)
    assert_bodies(sim, jd)
