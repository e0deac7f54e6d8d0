"""Jira Cloud: the same issues as Data Center's, through tokens, cut lists, bulk answers and every way to sign in."""
import concurrent.futures
import json
import os
import random
import re

import pytest

import rig

EACH = rig.long_or_short(5000, 800)
CHILDREN = (("fields", "comment", "comments"), ("fields", "worklog", "worklogs"), ("changelog", "histories"))
CUT = ("--embed-comments", "3", "--embed-worklogs", "2", "--embed-changelog", "5")


def family(issue):
    """An issue's identity and the ids of everything that hangs on it."""
    out = [issue["id"], issue["key"]]
    for path in CHILDREN:
        value = issue
        for name in path:
            value = value[name]
        out.append(frozenset(child["id"] for child in value))
    return tuple(out)


def families(product):
    return {family(json.loads(p.read_bytes())) for p in product.issue_files().values()}


def families_served(sim):
    return {family(json.loads(line)) for line in sim.dump_lines().values()}


def beyond_pages(rows):
    return [row for row in rows if not row["path"].endswith(("/search/jql", "/search"))]


@pytest.fixture
def cloud(start_sim):
    return lambda *args, **how: start_sim("--flavour", "cloud", *args, **{"context": "/", **how})


@pytest.mark.smoke
def test_cloud_and_data_center_give_the_same(cloud, start_sim, product):
    made = ("--generate", f"APP:{EACH}")
    traps = ("--tune", "rich_cap=50", "short_pages=5", "empty_pages=7", "child_page=20", "worklog_page=30")
    one, other = cloud(*made, *CUT, *traps), start_sim(*made, "--page-cap", "50", "--embed-comments", "3", "--embed-worklogs", "2")
    a, b = product(one), product(other)
    a.scrape("--projects", "APP")
    b.scrape("--projects", "APP")
    assert families(a) == families(b) == families_served(one) == families_served(other)
    assert len(families(a)) == EACH
    for jd in (a, b):
        (row,) = jd.verdict()["projects"]
        assert (row["delivered"], row["missing"], row["quarantined"]) == (EACH, 0, 0)


def test_bulk_answers_keep_requests_few(cloud, product):
    """Histories are cut in Cloud's searches at 40; the few issues that have more cost next to nothing."""
    sim = cloud("--generate", "APP:5000", "--calm", "100")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    assert families(jd) == families_served(sim)
    rows = beyond_pages(sim.requests_seen())
    assert len(rows) < 0.05 * 5000, f"{len(rows)} requests beside the pages of 5,000 issues"


def test_tokens_that_expire_or_come_again_lose_nothing(cloud, product):
    sim = cloud("--generate", "APP:600", "--tune", "rich_cap=20", "empty_pages=3", "repeat_tokens=11", "page_token_s=1")
    jd = product(sim)
    sim.control("every-request", touch="APP-1")
    jd.scrape("--projects", "APP")
    assert {f[0] for f in families(jd)} == {f[0] for f in families_served(sim)}


@pytest.mark.parametrize("spread_ms", [0, 59_000], ids=["in one second", "in one minute"])
def test_a_bulk_change_is_delivered(cloud, start_sim, product, spread_ms):
    count = rig.long_or_short(10_000, 1500)
    for sim in (cloud("--generate", f"APP:{count}", "--calm", "100"), start_sim("--generate", f"APP:{count}", "--calm", "100", "--page-cap", "100")):
        jd = product(sim)
        jd.scrape("--projects", "APP")
        sim.advance(3600)
        keys = sorted(sim.dump_lines())
        for i, part in enumerate(keys[n:n + 100] for n in range(0, count, 100)):
            if i and spread_ms:
                sim.control("clock", advance=spread_ms * 100 // count)
            for key in part:
                sim.touch(key)
        sim.advance(120)
        jd.scrape("--projects", "APP")
        served = {i["key"]: i["fields"]["updated"] for i in map(json.loads, sim.dump_lines().values())}
        held = {k: json.loads(p.read_bytes())["fields"]["updated"] for k, p in jd.issue_files().items()}
        assert held == served


def test_a_second_run_costs_few_requests(cloud, start_sim, product):
    for sim in (cloud("--generate", "APP:2000", "--calm", "100"), start_sim("--generate", "APP:2000", "--calm", "100", "--page-cap", "100")):
        jd = product(sim)
        jd.scrape("--projects", "APP")
        sim.advance(7200)
        for key in random.Random(3).sample(sorted(sim.dump_lines()), 100):
            sim.advance(20)
            sim.touch(key)
        sim.advance(7200)
        mark = len(sim.requests_seen())
        jd.scrape("--projects", "APP")
        rows = sim.requests_seen()[mark:]
        assert len(rows) <= 5, [r["path"] for r in rows]
        assert families(jd) == families_served(sim)
        mark = len(sim.requests_seen())
        jd.scrape("--projects", "APP")
        assert len(sim.requests_seen()) - mark <= 3


# -- signing in ------------------------------------------------------------------------------------

ME = ("--user", "me@example.org:tok-en-1")
BASIC = {"JIRA_USERNAME": "me@example.org", "JIRA_API_TOKEN": "tok-en-1"}


def test_wrong_or_expired_credentials_end_with_77(cloud, start_sim, product):
    sim = cloud("--generate", "APP:50", *ME)
    assert product(sim).scrape("--projects", "APP", env=BASIC).status == 0
    done = product(sim).scrape("--projects", "APP", env={**BASIC, "JIRA_API_TOKEN": "wrong-1"}, expect=77)
    assert "wrong-1" not in done.err and "JIRA" in done.err or "credentials" in done.err
    assert not [r for r in sim.requests_seen() if r["path"].endswith("/search/jql") and r["status"] == 401][1:]
    old = start_sim("--generate", "APP:50", "--pat", "pat-1:mia", "--tune", "expired=0")
    jd = product(old)
    jd.scrape("--projects", "APP", env={"JIRA_PAT": "pat-1"})
    before = rig.tree(jd.raw)
    old.control("account", name="mia", expires=1)
    done = jd.scrape("--projects", "APP", env={"JIRA_PAT": "pat-1"}, expect=77)
    assert "pat-1" not in done.err
    assert rig.tree(jd.raw) == before


SITE = "https://jira.example.org"  # what the stand-in calls itself; only its gateway is reached


def bundle(sim, folder, refresh="r-first", **more):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "oauth.json"
    path.write_text(json.dumps({"client_id": "app", "client_secret": "hush-hush", "refresh_token": refresh,
                                "base_url": SITE, "token_url": f"{sim.root}/oauth/token", "api_url": sim.root, **more}))
    path.chmod(0o600)
    return path


OAUTH = (*ME, "--oauth", "app:hush-hush", "--oauth-refresh", "r-first")


def test_oauth_goes_by_the_gateway_and_rotates(cloud, product, box):
    sim = cloud("--generate", "APP:300", *OAUTH, "--tune", "access_s=2", "rich_cap=10", "leeway_ms=0", clock="real")
    jd, file = product(sim), bundle(sim, box / "secret")
    for _ in range(3):
        jd.scrape("--projects", "APP", "--delay", "0.05", env={"JIRA_OAUTH_FILE": str(file)})
    assert families(jd) == families_served(sim)
    held = json.loads(file.read_text())
    assert held["refresh_token"] != "r-first" and held["cloud_id"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert all("/ex/jira/" in r["path"] for r in sim.requests_seen() if "/rest/api/3/" in r["path"])
    assert sim.ask("oauth").json()["issued"] > 1


def test_oauth_by_four_processes_with_kills(cloud, product, box):
    """Tokens live two seconds; processes are killed; who survives never fails, and the newest token stays good."""
    sim = cloud("--generate", "APP:200", *OAUTH, "--tune", "access_s=2", "rich_cap=10", clock="real")
    file = bundle(sim, box / "secret")
    chance = random.Random(int(os.environ.get("JD_SEED", "11")))
    rounds = rig.long_or_short(25, 3)

    def worker(n):
        survived = 0
        for i in range(rounds):
            jd = product(sim)
            run = jd.popen(*jd.scrape_args("--projects", "APP", "--delay", "0.02"), env={"JIRA_OAUTH_FILE": str(file)},
                           stdout=-3, stderr=-1)
            if (n + i) % 4 == 0 and rig.kill_at(run, chance.uniform(0.05, 1.5)):
                continue
            err = run.communicate(timeout=rig.PATIENCE)[1].decode()
            assert run.returncode == 0, err[-1500:]
            survived += 1
        return survived

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(worker, range(4))) >= 2 * rounds
    token = json.loads(file.read_text())["refresh_token"]
    assert sim.control("oauth", check=token)["state"] == "live"
    assert len(sim.requests_seen()) > rig.long_or_short(1000, 150)


def test_login_comes_back_from_the_browser(cloud, product, box):
    sim = cloud("--generate", "APP:20", *ME, "--oauth", "app:hush-hush")
    jd, file = product(sim), box / "new.json"
    args = ("auth", "login", "--base-url", SITE, "--oauth-file", file, "--client-id", "app", "--port", "0",
            "--authorize-url", f"{sim.root}/authorize", "--token-url", f"{sim.root}/oauth/token", "--api-url", sim.root)
    run = jd.popen(*args, env={"JIRA_OAUTH_CLIENT_SECRET": "hush-hush"}, stdout=-1, stderr=-1)
    address = None
    while address is None:
        line = run.stderr.readline().decode()
        assert line, "it ended without an address"
        address = re.search(r"http\S+", line)
    reply = sim.http.get(address.group(0), timeout=rig.PATIENCE)
    assert reply.status_code == 200 and "Signed in" in reply.text
    out, err = run.communicate(timeout=rig.PATIENCE)
    assert run.returncode == 0, err
    assert b"me@example.org" in out or b"account" in out
    assert file.stat().st_mode & 0o777 == 0o600
    env = {"JIRA_OAUTH_FILE": str(file)}
    status = jd.run("auth", "status", env=env, expect=0)
    assert SITE in status.out and "hush-hush" not in status.out + status.err
    jd.scrape("--projects", "APP", env=env)
    assert len(families(jd)) == 20
    jd.run("auth", "logout", env=env, expect=0)
    assert not file.exists()


def test_quota_and_burst(cloud, product):
    sim = cloud("--generate", "APP:400", *ME, "--tune", "burst=20", "rich_cap=10", "quota_all=1", clock="real")
    jd = product(sim)
    jd.scrape("--projects", "APP", env={**BASIC, "RETRY_MAX_TIMES": "50"})
    assert len(families(jd)) == 400
    sim.control("tune", burst=0, quota=10)
    done = product(sim).scrape("--projects", "APP", "--max-wait", "5", env=BASIC, expect=75)
    assert "pause" in done.err
