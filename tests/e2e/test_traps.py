"""Every trap that a Jira sets for who reads it: jirasim sets it too, and the mirror stays whole in it.

A row says how jirasim is started and what a client sees of the trap; where it changes what is read, a mirror is made in it. What goes wrong on the way
(test_each_fault.py), how long tokens live and how often one may ask (test_cloud.py, test_sim_cloud.py), writes (test_sim_writes.py) and
webhooks (test_webhooks.py) have tests of their own.
"""
import collections
import json
import time

import pytest

import rig
from test_faults import passing_time, spoil
from test_sim_cloud import GATE, ME, Cloud

EACH = rig.long_or_short(600, 60)
V2 = {"api": "/rest/api/2/"}
NOW = 1780315200000  # where the clock stands

Trap = collections.namedtuple("Trap", "flavour args shows mirror how", defaults=(True, {}))
TRAPS = {}


def trap(name, flavour, *args, mirror=True, **how):
    """The function shows, to a client `c` of a server of issues of APP and OPS, that the trap is there."""
    def keep(shows):
        assert name not in TRAPS
        TRAPS[name] = Trap(flavour, args, shows, mirror, how)
        return shows
    return keep


def tuned(*numbers):
    return ("--tune", *numbers)


def dc_search(c, **body):
    reply = c.post("search", body, **V2)
    assert reply.status_code == 200, reply.text[:300]
    return reply.json()


def busiest(c, kind):
    """The issue with the most comments, worklogs or histories."""
    def total(issue):
        return len(issue["changelog"]["histories"] if kind == "changelog" else issue["fields"][kind][kind + "s"])
    return max(map(json.loads, c.sim.dump_lines().values()), key=total)


# -- Cloud: pages ----------------------------------------------------------------------------------

@trap("a page holds fewer than were asked for", "cloud", *tuned("rich_cap=7"))
def _(c):
    page = c.search("project = APP", fields=["summary"], maxResults=100)
    assert len(page["issues"]) == 7 and not page["isLast"] and not {"total", "startAt", "maxResults"} & set(page)


@trap("a page is short and not the last", "cloud", *tuned("rich_cap=20", "short_pages=2"))
def _(c):
    assert 10 in c.walk("project = APP", fields=["summary"])[1][:-1]


@trap("a page is empty and not the last", "cloud", *tuned("rich_cap=20", "empty_pages=2"))
def _(c):
    assert 0 in c.walk("project = APP", fields=["summary"])[1][:-1]


@trap("a token comes again", "cloud", *tuned("rich_cap=10", "repeat_tokens=4"))
def _(c):
    tokens, token = [], None
    for _ in range(5):
        token = c.search("project = APP", fields=["summary"], **({"nextPageToken": token} if token else {}))["nextPageToken"]
        tokens.append(token)
    assert len(set(tokens)) < len(tokens)


@trap("a token dies of age", "cloud", *tuned("rich_cap=10", "page_token_s=1"), clock="real")
def _(c):
    token = c.search("project = APP", fields=["summary"])["nextPageToken"]
    time.sleep(2.1)  # ages are whole seconds
    reply = c.post("search/jql", {"jql": "project = APP", "fields": ["summary"], "nextPageToken": token})
    assert reply.status_code == 400 and "expired" in reply.text


@trap("a token is its query's alone", "cloud", *tuned("rich_cap=10"))
def _(c):
    token = c.search("project = APP", fields=["summary"])["nextPageToken"]
    assert c.post("search/jql", {"jql": "project = OPS", "nextPageToken": token}).status_code == 400


@trap("nothing but ids comes unasked", "cloud")
def _(c):
    assert {frozenset(i) for i in c.search("project = APP")["issues"]} == {frozenset({"id"})}


@trap("JQL has to be bounded", "cloud")
def _(c):
    for path in ("search/jql", "search/approximate-count"):
        assert "Unbounded" in c.post(path, {"jql": "ORDER BY created"}).text


@trap("what is asked for is counted strictly", "cloud")
def _(c):
    for wrong in ({"maxResults": 0}, {"maxResults": 5001}, {"expand": ["changelog"]}, {"reconcileIssues": list(range(1, 52))}):
        assert c.post("search/jql", {"jql": "project = APP", **wrong}).status_code == 400


@trap("an unknown name is no error to nobody", "cloud")
def _(c):
    assert c.post("search/jql", {"jql": "project = NOPE"}, auth=None).json()["issues"] == []
    assert c.post("search/jql", {"jql": "project = NOPE"}).status_code == 400


@trap("the old search is gone", "cloud")
def _(c):
    assert c.get("search?jql=project=APP", **V2).status_code == 410


@trap("searches lag behind", "cloud", *tuned("index_lag_ms=30000"))
def _(c):
    key = c.sim.create("APP")[0]
    number = int(c.json(f"issue/{key}?fields=summary")["id"])
    assert c.search(f"created >= {NOW}")["issues"] == []
    assert len(c.search(f"created >= {NOW}", reconcileIssues=[number])["issues"]) == 1


@trap("the count is an estimate", "cloud", *tuned("index_lag_ms=30000"))
def _(c):
    c.sim.create("APP", 3)
    assert c.post("search/approximate-count", {"jql": "project = APP"}).json() == {"count": EACH}


# -- Cloud: what hangs on an issue -----------------------------------------------------------------

@trap("histories are cut, and come newest first", "cloud", "--embed-changelog", "3", *tuned("issue_changelog=4", "child_page=5"))
def _(c):
    issue = busiest(c, "changelog")
    total = len(issue["changelog"]["histories"])
    found = c.search(f"key = {issue['key']}", fields=["summary"], expand="changelog")["issues"][0]["changelog"]
    own = c.json(f"issue/{issue['key']}?expand=changelog&fields=summary")["changelog"]
    paged = c.json(f"issue/{issue['key']}/changelog")
    assert [len(found["histories"]), len(own["histories"]), len(paged["values"])] == [3, 4, 5]
    assert found["total"] == own["total"] == paged["total"] == total > 5
    assert found["histories"][0]["created"] > found["histories"][-1]["created"]
    assert paged["values"][0]["created"] < paged["values"][-1]["created"]


@trap("histories in bulk have numbers for dates", "cloud", "--embed-changelog", "1")
def _(c):
    keys = [f"APP-{n}" for n in range(1, 40)]
    assert c.post("changelog/bulkfetch", {"issueIdsOrKeys": keys}, auth=None).status_code == 401
    page = c.post("changelog/bulkfetch", {"issueIdsOrKeys": keys, "maxResults": 5}).json()
    rows = [h["created"] for g in page["issueChangeLogs"] for h in g["changeHistories"]]
    assert len(rows) == 5 and all(isinstance(when, int) for when in rows) and page["nextPageToken"]


@trap("comments and worklogs are cut, and come in pages", "cloud", "--embed-comments", "1", "--embed-worklogs", "1",
      *tuned("child_page=2", "worklog_page=2"))
def _(c):
    for kind in ("comment", "worklog"):
        issue = busiest(c, kind)
        embedded = c.search(f"key = {issue['key']}", fields=[kind])["issues"][0]["fields"][kind]
        page = c.json(f"issue/{issue['key']}/{kind}?maxResults=1000")
        assert len(embedded[kind + "s"]) == 1 and len(page[kind + "s"]) == 2 < page["total"] == embedded["total"]


@trap("bulk answers leave issues out", "cloud", *tuned("issue_errors=3"))
def _(c):
    got = c.post("issue/bulkfetch", {"issueIdsOrKeys": ["APP-9", "APP-1", "APP-99999", "app-4"], "fields": ["summary"]}).json()
    assert [i["key"] for i in got["issues"]] == ["APP-1", "APP-4"] and len(got["issueErrors"]) == 1  # the third; one is nowhere


@trap("worklog feeds keep the last minute back", "cloud")
def _(c):
    c.sim.control("worklog", key="APP-1", seconds=60)
    assert c.json(f"worklog/updated?since={NOW}")["values"] == []
    c.sim.advance(61)
    assert len(c.json(f"worklog/updated?since={NOW}")["values"]) == 1


@trap("attachments lie at another host, which takes no credentials", "cloud")
def _(c):
    file = next(a for i in map(json.loads, c.sim.dump_lines().values()) for a in i["fields"]["attachment"])
    there = c.get(f"attachment/content/{file['id']}")
    assert there.status_code == 303
    assert c.http.get(there.headers["Location"]).status_code == 200
    assert c.http.get(there.headers["Location"], auth=ME).status_code == 400


@trap("rich text is a document, people are account ids", "cloud")
def _(c):
    fields = c.json("issue/APP-1")["fields"]
    assert fields["reporter"]["accountId"] and "name" not in fields["reporter"]
    texts = [c.json(f"issue/APP-{n}?fields=description")["fields"]["description"] for n in range(1, 9)]
    assert all(t is None or t["type"] == "doc" for t in texts) and any(texts)


# -- Cloud: who asks -------------------------------------------------------------------------------

@trap("wrong credentials read as nobody's", "cloud", mirror=False)
def _(c):
    wrong = c.get("issue/APP-1", auth=("me@example.org", "no"))
    assert wrong.status_code == 200 and wrong.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert c.get("myself", auth=None).status_code == 401


@trap("a wrong cloud id is not found", "cloud", mirror=False)
def _(c):
    assert c.get("/ex/jira/other/rest/api/3/myself").status_code == 404
    assert c.get(GATE + "/rest/api/3/myself").status_code == 200


# -- Data Center -----------------------------------------------------------------------------------

@trap("maxResults is lowered without a word", "dc", "--page-cap", "15")
def _(c):
    page = dc_search(c, jql="project = APP", maxResults=1000)
    assert page["maxResults"] == len(page["issues"]) == 15 and page["total"] == EACH


@trap("the total lives", "dc", "--page-cap", "15")
def _(c):
    before = dc_search(c, jql="project = APP", maxResults=0)["total"]
    c.sim.control("delete", key="APP-3")
    assert dc_search(c, jql="project = APP", maxResults=0)["total"] == before - 1


@trap("worklogs and comments are cut, histories are not", "dc", "--embed-worklogs", "2", "--embed-comments", "2")
def _(c):
    for kind in ("worklog", "comment"):
        issue = busiest(c, kind)
        got = dc_search(c, jql=f"key = {issue['key']}", fields=[kind])["issues"][0]["fields"][kind]
        assert len(got[kind + "s"]) == 2 < got["total"] == len(c.json(f"issue/{issue['key']}/{kind}", **V2)[kind + "s"])
    issue = busiest(c, "changelog")
    log = dc_search(c, jql=f"key = {issue['key']}", fields=["summary"], expand=["changelog"])["issues"][0]["changelog"]
    assert len(log["histories"]) == log["total"] == log["maxResults"]


@trap("id is a word for the key", "dc", "--page-cap", "20")
def _(c):
    keys = [i["key"] for i in dc_search(c, jql="project in (APP, OPS) ORDER BY id ASC", fields=["summary"], maxResults=1000)["issues"]]
    assert keys == [f"APP-{n}" for n in range(1, 21)]


@trap("dates are the account's, in JQL and in answers", "dc", "--zone", "America/St_Johns")
def _(c):
    issue = c.json("issue/APP-1?fields=created", auth=None, **V2)
    assert issue["fields"]["created"][-5:] in ("-0330", "-0230")
    minute = issue["fields"]["created"][:16].replace("T", " ")
    found = c.post("search", {"jql": f'key = APP-1 AND created >= "{minute}"', "maxResults": 0}, auth=None, **V2).json()["total"]
    assert found == 1


@trap("numbers are no dates", "dc", "--no-epoch", "--zone", "Asia/Kolkata")
def _(c):
    assert c.post("search", {"jql": "created >= 1000"}, **V2).status_code == 400


@trap("numbers are dates to the minute", "dc", "--floor-epoch")
def _(c):
    first = dc_search(c, jql="project = APP ORDER BY created ASC", fields=["created"], maxResults=1)["issues"][0]
    at = rig.epoch_ms(first["fields"]["created"])
    assert dc_search(c, jql=f"key = {first['key']} AND created >= {at + 1}", maxResults=0)["total"] == (at // 60000 == (at + 1) // 60000)


@trap("names that are none are refused, or warned of", "dc")
def _(c):
    refused = c.post("search", {"jql": "project = NOPE"}, **V2)
    assert refused.status_code == 400 and "does not exist for the field 'project'" in refused.text
    lenient = dc_search(c, jql="project = NOPE", validateQuery=False)
    assert lenient["issues"] == [] and lenient["warningMessages"]


@trap("an expired token reads as anonymous", "dc", "--pat", "pat:bot", *tuned("expired=0"), mirror=False)
def _(c):
    c.sim.control("account", name="bot", expires=1)
    reply = c.get("project", auth=None, headers={"Authorization": "Bearer pat"}, **V2)
    assert reply.status_code == 200 and reply.headers["X-AUSERNAME"] == "anonymous"


@trap("a captcha bars the way", "dc", *tuned("captcha_after=2"))
def _(c):
    for _ in range(2):
        c.get("myself", auth=("ann", "no"), **V2)
    barred = c.get("myself", auth=("ann", "pw"), **V2)
    assert barred.status_code == 403 and "CAPTCHA" in barred.headers["X-Authentication-Denied-Reason"]


@trap("what it does not know is a login page", "dc")
def _(c):
    assert "/login.jsp" in c.get("serverInfo").headers["Location"]


@trap("429 is JSON to who accepts that alone", "dc", "--rate", "1:1:1")
def _(c):
    asks = {kind: [c.get("project", headers={"Accept": kind}, **V2) for _ in range(3)][-1] for kind in ("application/json", "text/html")}
    assert asks["application/json"].json() == {"message": "Rate limit exceeded."}
    assert asks["text/html"].status_code == 429 and "<html" in asks["text/html"].text.lower()
    assert asks["application/json"].headers["X-ANODEID"]
    c.sim.control("rate", rate=None)


@trap("it stands below a path, with a slash too many", "dc", context="/deep/jira")
def _(c):
    assert c.json("serverInfo", **V2)["deploymentType"] == "Server"
    assert c.http.get(c.sim.root + "/rest/api/2/serverInfo").status_code == 404
    c.sim.url += "/"


# -- both ------------------------------------------------------------------------------------------

@trap("Cloud, below a path", "cloud", context="/deep/jira")
def _(c):
    assert c.json("serverInfo")["deploymentType"] == "Cloud"
    c.sim.url += "/"


def test_no_trap_is_forgotten():
    assert {t.flavour for t in TRAPS.values()} == {"cloud", "dc"} and len(TRAPS) > 35


def start(start_sim, t):
    dc = t.flavour == "dc"
    sim = start_sim("--flavour", t.flavour, "--generate", f"APP:{EACH}", "--generate", "OPS:30", "--user", "me@example.org:tok",
                    "--user", "ann:pw", *t.args, **{"context": "/", **t.how})
    assert dc == (t.flavour == "dc")
    return Cloud(sim)


@pytest.mark.parametrize("name", TRAPS)
def test_jirasim_sets_it(start_sim, name):
    TRAPS[name].shows(start(start_sim, TRAPS[name]))


def mirrored(jd, c, flavour):
    if flavour == "cloud":
        rig.assert_cloud_mirror(jd, c.sim, without=("parent",))  # of another issue: as that one was when this was read
    else:
        rig.assert_mirror(jd, c.sim)


def scrape(jd, c, *args, **how):
    env = {"JIRA_USERNAME": ME[0], "JIRA_API_TOKEN": ME[1]} if not c.anonymous else {}
    return jd.scrape("--projects", "APP", "OPS", "--page-size", "25", *args, env=env, **how)


@pytest.mark.parametrize("name", [name for name, t in TRAPS.items() if t.mirror and (t.args or t.how or rig.LONG)])
def test_the_mirror_stays_whole_in_it(start_sim, product, name):
    """Backfill, changes, an incremental run, and what a webhook tells of."""
    t = TRAPS[name]
    c = start(start_sim, t)
    c.anonymous = "--zone" in t.args  # accounts have a zone of their own
    t.shows(c)
    jd = product(c.sim)
    scrape(jd, c)
    stands = "clock" not in t.how
    if stands:
        c.sim.advance(3600)
        scrape(jd, c)
    mirrored(jd, c, t.flavour)
    for key in ("APP-7", "OPS-9"):
        c.sim.touch(key)
        c.sim.comment(key, "more")
    new = c.sim.create("APP", 3)
    moved = c.sim.move("APP-8", "OPS")
    if stands:
        c.sim.advance(3600)
    scrape(jd, c)
    mirrored(jd, c, t.flavour)
    c.sim.touch(new[0])
    c.sim.control("delete", key=moved)
    scrape(jd, c, "--issue", new[0], moved)
    if stands:
        c.sim.advance(3600)
    mirrored(jd, c, t.flavour)


# -- what moves meanwhile --------------------------------------------------------------------------

CHANGES = ["search every 2: touch seen 2", "search every 2: touch unseen 2", "search every 3: comment seen 1", "search every 3: move seen 1 to OPS",
           "search every 3: move unseen 1", "search every 4: delete seen 1", "search every 3: delete unseen 1", "search every 2: create 2 in APP",
           "search every 3: archive seen 1", "search every 3: archive unseen 1",
           "search every 2: touch seen 1\nsearch every 3: delete unseen 1\nsearch every 2: move seen 1\nsearch every 4: archive seen 1"]


@pytest.mark.parametrize("flavour", ["cloud", "dc"])
@pytest.mark.parametrize("script", rig.long_or_short(CHANGES, [CHANGES[3], CHANGES[8], CHANGES[-1]]))
def test_issues_that_change_between_pages(start_sim, product, flavour, script):
    """What is archived meanwhile is found to be so by a census."""
    sim = start_sim("--flavour", flavour, "--generate", f"APP:{2 * EACH}", "--generate", "OPS:30", "--page-cap", "8", "--tune", "rich_cap=8",
                    "empty_pages=7", context="/")
    c = Cloud(sim, auth=None)
    c.anonymous = True
    jd = product(sim)
    spoil(sim, script)
    with passing_time(sim):
        scrape(jd, c, "--concurrency", "3", expect=None)
    fired = sum(rule["fired"] for rule in sim.ask("faults").json()["rules"])
    assert fired > 0
    spoil(sim, "")
    sim.advance(7200)
    scrape(jd, c, "--census", "--accept-deletions")
    if "archive" not in script:
        mirrored(jd, c, flavour)
        return
    query = "project in (APP, OPS) ORDER BY key"  # what is archived is in the dump, and in no search
    found = c.walk(query, fields=["summary"])[0] if flavour == "cloud" else dc_all(c, query)
    shown = {issue["key"] for issue in found}
    assert set(jd.issue_files()) == shown < set(sim.dump())


def dc_all(c, query):
    issues = []
    while True:
        page = dc_search(c, jql=query, fields=["summary"], maxResults=100, startAt=len(issues))
        issues += page["issues"]
        if len(issues) >= page["total"]:
            return issues
