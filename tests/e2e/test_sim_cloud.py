"""jirasim as Jira Cloud, asked as any client would ask it: the traps that jiraduct must survive are really there."""
import hashlib
import json
import threading
import urllib.parse

import pytest
import requests

GATE = "/ex/jira/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
ME = ("me@example.org", "tok")


class Cloud:
    def __init__(self, sim, auth=ME):
        self.sim, self.auth = sim, auth
        self.http = requests.Session()
        self.http.trust_env = False

    def ask(self, method, path, auth="mine", api="/rest/api/3/", **how):
        auth = self.auth if auth == "mine" else auth
        url = self.sim.url + api + path if not path.startswith("/") else self.sim.root + path
        return self.http.request(method, url, auth=auth, allow_redirects=False, timeout=60, **how)

    def get(self, path, **how):
        return self.ask("GET", path, **how)

    def post(self, path, body, **how):
        return self.ask("POST", path, json=body, **how)

    def json(self, path, **how):
        reply = self.get(path, **how)
        assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text[:200]}"
        return reply.json()

    def search(self, jql, **more):
        reply = self.post("search/jql", {"jql": jql, **more})
        assert reply.status_code == 200, reply.text[:300]
        return reply.json()

    def walk(self, jql, **more):
        """All issues, and how many each page had."""
        issues, pages, token = [], [], None
        while True:
            page = self.search(jql, **({"nextPageToken": token} if token else {}), **more)
            issues += page["issues"]
            pages.append(len(page["issues"]))
            assert "total" not in page and "startAt" not in page
            assert page["isLast"] == ("nextPageToken" not in page)
            token = page.get("nextPageToken")
            if token is None:
                return issues, pages


@pytest.fixture
def cloud(start_sim):
    def start(*args, auth=ME, **how):
        sim = start_sim("--flavour", "cloud", "--generate", "APP:240", "--user", "me@example.org:tok",
                        "--user", "ann:pw", *args, context=how.pop("context", "/"), **how)
        return Cloud(sim, auth)

    return start


def letters(text):
    return "".join(c for c in text if c.isalnum())


def document_text(node):
    if node.get("type") == "text":
        assert node["text"], "an empty text node is no document"
        return node["text"]
    if node.get("type") == "mention":
        return node["attrs"]["text"]
    return "".join(document_text(child) for child in node.get("content", []))


def test_both_flavours_serve_the_same_issues(cloud, start_sim):
    both = start_sim("--generate", "APP:240")
    c = cloud("--embed-comments", "100000", "--embed-worklogs", "0", "--embed-changelog", "100000")
    issues, _ = c.walk("project = APP ORDER BY created", fields=["*all"], expand="changelog")
    dc = {i["id"]: i for i in map(json.loads, both.dump_lines().values())}
    assert {i["id"] for i in issues} == set(dc)
    words = 0
    for issue in issues:
        other, fields = dc[issue["id"]], issue["fields"]
        assert issue["key"] == other["key"] and fields["summary"] == other["fields"]["summary"]
        assert "/rest/api/3/" in issue["self"]
        for name, key in (("comment", "comments"), ("worklog", "worklogs")):
            ours, theirs = fields[name][key], other["fields"][name][key]
            assert [x["id"] for x in ours] == [x["id"] for x in theirs]
            assert [x["created"] for x in ours] == [x["created"] for x in theirs]
        assert [h["id"] for h in issue["changelog"]["histories"]] == \
            [h["id"] for h in reversed(other["changelog"]["histories"])]
        for body, wiki in zip(fields["comment"]["comments"], other["fields"]["comment"]["comments"]):
            assert body["body"]["type"] == "doc"
            said = letters(document_text(body["body"]))
            words += len(said)
            plain = wiki["body"]
            if not any(mark in plain for mark in "{[|*_"):
                assert said == letters(plain)
        text = json.dumps(issue)
        assert '"accountId"' in text and "emailAddress" not in text
        for person in (fields["assignee"], fields["reporter"], fields["creator"]):
            assert person is None or ("name" not in person and "key" not in person and person["accountId"])
    assert words > 10000


def test_fields_are_ids_alone_unless_asked_for(cloud):
    c = cloud()
    assert set(c.search("project = APP")["issues"][0]) == {"id"}
    assert set(c.search("project = APP", fields=["summary"])["issues"][0]["fields"]) == {"summary"}
    navigable = c.search("project = APP", fields=["-description"])["issues"][0]["fields"]
    assert "summary" in navigable and not {"description", "comment", "attachment", "worklog"} & set(navigable)
    everything = c.search("project = APP", fields=["*all", "-comment"], expand="names,schema")
    assert "worklog" in everything["issues"][0]["fields"] and "comment" not in everything["issues"][0]["fields"]
    assert everything["names"]["summary"] == "Summary" and "summary" in everything["schema"]
    got = c.get("search/jql", params={"jql": "project = APP", "fields": "summary,status", "maxResults": 3}).json()
    assert set(got["issues"][0]["fields"]) == {"summary", "status"} and len(got["issues"]) == 3


def test_pages_by_token(cloud):
    c = cloud("--tune", "rich_cap=20")
    issues, pages = c.walk("project = APP ORDER BY updated ASC, key ASC", fields=["summary"], maxResults=5000)
    assert len({i["id"] for i in issues}) == len(issues) == 240
    assert pages == [20] * 12
    assert len(c.search("project = APP", maxResults=5000)["issues"]) == 240  # ids alone come in thousands
    c.sim.control("tune", short_pages=3, empty_pages=4)
    issues, pages = c.walk("project = APP ORDER BY updated ASC", fields=["summary"], maxResults=50)
    assert len({i["id"] for i in issues}) == len(issues) == 240
    assert 0 in pages[:-1] and 10 in pages[:-1]
    c.sim.control("tune", short_pages=0, empty_pages=0, repeat_tokens=1)
    first = c.search("project = APP", fields=["summary"])
    again = c.search("project = APP", fields=["summary"], nextPageToken=first["nextPageToken"])
    assert again["nextPageToken"] == first["nextPageToken"]


def test_tokens_are_bound_to_their_query_and_expire(cloud):
    c = cloud()
    token = c.search("project = APP", fields=["summary"])["nextPageToken"]
    other = c.post("search/jql", {"jql": "project = APP ORDER BY key", "nextPageToken": token})
    assert other.status_code == 400 and "next page token is invalid or expired" in other.text
    assert c.post("search/jql", {"jql": "project = APP", "nextPageToken": "x"}).status_code == 400
    c.sim.advance(7 * 86400 + 1)
    assert c.post("search/jql", {"jql": "project = APP", "nextPageToken": token}).status_code == 400
    token = c.search("project = APP", fields=["summary"])["nextPageToken"]
    c.sim.control("page-tokens")
    assert c.post("search/jql", {"jql": "project = APP", "nextPageToken": token}).status_code == 400


def test_what_is_refused(cloud):
    c = cloud()
    for jql in ("", "ORDER BY key DESC"):
        reply = c.post("search/jql", {"jql": jql})
        assert reply.status_code == 400 and reply.json()["errorMessages"] == [
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."]
        assert c.post("search/approximate-count", {"jql": jql}).status_code == 400
    for body in ({"maxResults": 0}, {"maxResults": 5001}, {"expand": ["changelog"]}, {"fields": "summary"},
                 {"reconcileIssues": list(range(1, 52))}):
        assert c.post("search/jql", {"jql": "project = APP", **body}).status_code == 400, body
    assert c.post("search/jql", {"jql": 'summary ~ "open'}).status_code == 400
    assert c.post("search/jql", {"jql": "project = NOPE"}).status_code == 400
    nobody = c.post("search/jql", {"jql": "project = NOPE"}, auth=None)  # anonymous: as if it were empty
    assert nobody.status_code == 200 and nobody.json() == {"issues": [], "isLast": True}
    for api in ("/rest/api/3/", "/rest/api/2/"):
        gone = c.get("search?jql=project=APP", api=api)
        assert gone.status_code == 410 and "/rest/api/3/search/jql" in gone.json()["errorMessages"][0]
    assert c.post("search/approximate-count", {"jql": "project = APP"}).json() == {"count": 240}
    parsed = c.post("jql/parse?validation=strict", {"queries": ["project = APP", "bogus = 1"]}).json()["queries"]
    assert "errors" not in parsed[0] and "bogus" in parsed[1]["errors"][0]


def test_embedded_lists_are_cut_and_their_own_calls_complete_them(cloud):
    c = cloud("--tune", "child_page=7", "--tune", "issue_changelog=50")
    issues, _ = c.walk("project = APP", fields=["comment", "worklog"], expand="changelog")
    most = {kind: max(issues, key=lambda i: size(i)) for kind, size in (
        ("comments", lambda i: i["fields"]["comment"]["total"]), ("worklogs", lambda i: i["fields"]["worklog"]["total"]),
        ("histories", lambda i: i["changelog"]["total"]))}
    comment, log = most["comments"]["fields"]["comment"], most["histories"]["changelog"]
    assert comment["total"] == 140 and len(comment["comments"]) == 20
    assert most["worklogs"]["fields"]["worklog"]["total"] == 25
    assert len(most["worklogs"]["fields"]["worklog"]["worklogs"]) == 20
    assert log["total"] == 130 and len(log["histories"]) == 40
    dates = [h["created"] for h in log["histories"]]
    assert dates == sorted(dates, reverse=True)

    def pages(path, name):
        rows, total = [], None
        while total is None or len(rows) < total:
            page = c.json(path + f"?startAt={len(rows)}")
            assert 0 < len(page[name]) <= 7
            rows, total = rows + page[name], page["total"]
        return rows

    assert len({x["id"] for x in pages(f"issue/{most['comments']['id']}/comment", "comments")}) == 140
    history = pages(f"issue/{most['histories']['id']}/changelog", "values")
    assert [h["created"] for h in history] == sorted(h["created"] for h in history)
    assert [h["id"] for h in history[-40:]] == [h["id"] for h in reversed(log["histories"])]
    assert len(c.json(f"issue/{most['worklogs']['id']}/worklog")["worklogs"]) == 25
    own = c.json(f"issue/{most['histories']['id']}?expand=changelog")["changelog"]
    assert len(own["histories"]) == 50 and own["total"] == 130
    assert own["histories"][0]["id"] == log["histories"][0]["id"]


def test_bulk_calls(cloud):
    c = cloud()
    got = c.post("issue/bulkfetch", {"issueIdsOrKeys": ["app-9", "APP-2", "APP-2", "APP-9999"], "fields": ["summary"],
                                     "expand": ["changelog"]}).json()
    assert [i["key"] for i in got["issues"]] == ["APP-2", "APP-9"] and got["issueErrors"] == []
    for keys in ([], [f"APP-{n}" for n in range(1, 102)]):
        assert c.post("issue/bulkfetch", {"issueIdsOrKeys": keys}).status_code == 400
    c.sim.control("tune", issue_errors=2)
    got = c.post("issue/bulkfetch", {"issueIdsOrKeys": ["APP-1", "APP-2", "APP-3"]}).json()
    assert len(got["issues"]) == 2 and len(got["issueErrors"]) == 1
    ask = {"issueIdsOrKeys": [f"APP-{n}" for n in range(1, 200)], "maxResults": 50}
    assert c.post("changelog/bulkfetch", ask, auth=None).status_code == 401
    seen, when, token = {}, [], None
    while True:
        page = c.post("changelog/bulkfetch", {**ask, "nextPageToken": token}).json()
        rows = [(h["created"], g["issueId"], h["id"]) for g in page["issueChangeLogs"] for h in g["changeHistories"]]
        assert all(isinstance(w, int) for w, _, _ in rows) and len(rows) <= 50
        when.append((min(rows)[0], max(rows)[0]))
        for _, issue, history in rows:
            assert history not in seen.setdefault(issue, set())
            seen[issue].add(history)
        token = page["nextPageToken"]
        if token is None:
            break
    assert all(a[1] <= b[0] for a, b in zip(when, when[1:]))
    for key in ("APP-7", "APP-77"):
        issue = c.json(f"issue/{key}?expand=changelog&fields=summary")
        assert len(seen.get(issue["id"], ())) == issue["changelog"]["total"]
    only = c.post("changelog/bulkfetch", {**ask, "fieldIds": ["status"], "maxResults": 10000}).json()
    assert {i["fieldId"] for g in only["issueChangeLogs"] for h in g["changeHistories"] for i in h["items"]} == {"status"}


def test_worklog_feeds_hold_the_last_minute_back(cloud):
    c = cloud("--tune", "feed_page=50")
    assert c.get("worklog/updated?since=0", auth=None).status_code == 401
    ids, since = set(), 0
    while True:
        page = c.json(f"worklog/updated?since={since}")
        ids |= {v["worklogId"] for v in page["values"]}
        if page["lastPage"]:
            break
        assert page["until"] > since
        since = page["until"]
    issues, _ = c.walk("project = APP", fields=["worklog"])
    assert len(ids) == sum(i["fields"]["worklog"]["total"] for i in issues) > 25
    now = 1780315200000
    c.sim.control("worklog", key="APP-3", seconds=600)
    assert c.json(f"worklog/updated?since={now}")["values"] == []
    c.sim.advance(61)
    (new,) = c.json(f"worklog/updated?since={now}")["values"]
    assert new["updatedTime"] == now
    (log,) = c.post("worklog/list", {"ids": [new["worklogId"], 1]}).json()
    assert log["comment"]["type"] == "doc" and log["timeSpentSeconds"] == 600
    c.sim.control("delete-worklog", key="APP-3", id=new["worklogId"])
    c.sim.advance(61)
    (gone,) = c.json(f"worklog/deleted?since={now}")["values"]
    assert gone["worklogId"] == new["worklogId"]
    assert c.post("worklog/list", {"ids": [new["worklogId"]]}).json() == []


def test_searches_lag_and_reconcile(cloud):
    c = cloud("--tune", "index_lag_ms=30000")
    key = c.sim.create("APP", 1)[0]
    issue = c.json(f"issue/{key}?fields=summary")["id"]
    fresh = "created >= 1780315200000"
    assert c.search(fresh)["issues"] == []
    assert [i["id"] for i in c.search(fresh, reconcileIssues=[int(issue)])["issues"]] == [issue]
    c.sim.touch("APP-5")
    assert len(c.search("updated >= 1780315200000")["issues"]) == 1
    c.sim.advance(30)
    assert len(c.search("updated >= 1780315200000")["issues"]) == 2


def test_hidden_archived_moved_renamed(cloud):
    c = cloud("--generate", "OPS:30")
    c.sim.control("hide", key="APP-1", **{"from": "anonymous"})
    assert c.get("issue/APP-1", auth=None).json()["errorMessages"] == [
        "Issue does not exist or you do not have permission to see it."]
    assert c.get("issue/APP-1").status_code == 200
    assert c.post("search/approximate-count", {"jql": "project = APP"}, auth=None).json()["count"] == 239
    c.sim.control("hide", key="APP-2")
    assert c.get("issue/APP-2").status_code == 404
    c.sim.control("hide", key="APP-2", on=False)
    assert c.get("issue/APP-2").status_code == 200
    c.sim.control("archive", key="APP-3")
    assert c.search("key = APP-3")["issues"] == [] and c.get("issue/APP-3").status_code == 200
    c.sim.control("hide", project="OPS")
    assert [p["key"] for p in c.json("project/search", auth=None)["values"]] == ["APP"]
    assert [p["key"] for p in c.json("project/search")["values"]] == ["APP", "OPS"]
    assert c.post("search/jql", {"jql": "project = OPS"}, auth=None).json()["issues"] == []
    new = c.sim.move("APP-4", "OPS")
    assert c.json("issue/APP-4?fields=summary")["key"] == new
    before = c.json("issue/APP-6?fields=updated,project")["fields"]
    assert c.sim.control("rename-project", project="APP", key="APQ")["count"] == 239
    after = c.json("issue/APP-6?fields=updated,project")
    assert after["key"] == "APQ-6" and after["fields"]["updated"] == before["updated"]
    assert after["fields"]["project"]["id"] == before["project"]["id"]
    assert c.search("project = APP", fields=["key"])["issues"][0]["key"].startswith("APQ-")  # the old key still leads there


def test_comments_fields_and_mass_changes(cloud):
    c = cloud()
    made = c.sim.comment("APP-1", "h1. Head\n*bold*")
    comments = c.json("issue/APP-1/comment?maxResults=1&orderBy=-created")
    body = comments["comments"][0]["body"]["content"]
    assert body[0]["type"] == "heading" and body[1]["content"][0]["marks"] == [{"type": "strong"}]
    number = comments["comments"][0]["id"]
    c.sim.control("edit-comment", key="APP-1", id=number, body="other")
    assert c.json("issue/APP-1/comment?maxResults=1&orderBy=-created")["comments"][0]["body"]["content"][0]["content"][0]["text"] == "other"
    c.sim.control("delete-comment", key="APP-1", id=number)
    assert c.json("issue/APP-1/comment")["total"] == comments["total"] - 1
    assert c.json("issue/APP-1?fields=updated")["fields"]["updated"] > made["updated"]
    c.sim.control("field", id="customfield_10900", name="Mood", type="string")
    c.sim.control("set", key="APP-2", field="customfield_10900", value="fine")
    assert c.json("issue/APP-2?fields=customfield_10900")["fields"] == {"customfield_10900": "fine"}
    newest = c.json("issue/APP-2?expand=changelog")["changelog"]["histories"][0]["items"][0]
    assert (newest["field"], newest["fieldtype"], newest["fieldId"]) == ("Mood", "custom", "customfield_10900")
    c.sim.control("field", id="customfield_10900", name="Temper", type="option")
    (field,) = [f for f in c.json("field") if f["id"] == "customfield_10900"]
    assert field["name"] == "Temper" and field["schema"]["type"] == "option"
    at = 1780315260000
    assert c.sim.control("bulk", project="APP", count=200, at=at)["count"] == 200
    same, _ = c.walk(f"updated >= {at}", fields=["updated"])
    assert len(same) == 200 and {i["fields"]["updated"] for i in same} == {"2026-06-01T12:01:00.000+0000"}


def test_catalogues_and_boards(cloud):
    c = cloud()
    assert c.json("serverInfo", auth=None)["deploymentType"] == "Cloud"
    assert c.json("serverInfo", auth=None, api="/rest/api/2/")["deploymentType"] == "Cloud"
    project = c.json("project/APP")
    assert project["versions"] and project["components"] and c.json("project/APP/versions") == project["versions"]
    sprint = [f for f in c.json("field") if f["schema"].get("custom", "").endswith(":gh-sprint")][0]
    assert sprint["schema"]["items"] == "json"
    issues, _ = c.walk("project = APP", fields=["*all"])
    held = [i["fields"][sprint["id"]] for i in issues if i["fields"][sprint["id"]]]
    assert held and held[0][0]["state"] == "closed" and held[0][0]["startDate"] == "2017-03-10T16:17:23.728Z"
    epic = [f for f in c.json("field") if f["schema"].get("custom", "").endswith(":gh-epic-link")][0]["id"]
    parents = [i for i in issues if "parent" in i["fields"] and not i["fields"]["issuetype"]["subtask"]]
    assert parents and all(i["fields"][epic] is None for i in issues)
    boards = c.json("board", api="/rest/agile/1.0/")["values"]
    assert {b["type"] for b in boards} == {"scrum", "kanban"}
    sprints = c.json(f"board/{boards[0]['id']}/sprint", api="/rest/agile/1.0/")["values"]
    (same,) = [s for s in sprints if s["id"] == held[0][0]["id"]]
    assert same["name"] == held[0][0]["name"]
    assert c.get(f"board/{boards[1]['id']}/sprint", api="/rest/agile/1.0/").status_code == 400
    watchers = c.json("issue/APP-1/watchers")
    assert len(watchers["watchers"]) == watchers["watchCount"] and "accountId" in watchers["watchers"][0]
    assert c.json("issue/APP-1/votes")["votes"] == len(c.json("issue/APP-1/votes")["voters"])
    linked = [i["id"] for i in issues if any(
        x["field"] == "RemoteIssueLink" for h in c.json(f"issue/{i['id']}/changelog")["values"] for x in h["items"])][0]
    assert c.json(f"issue/{linked}/remotelink")[0]["object"]["title"].startswith("GitHub Pull Request #")
    assert "accountId" in c.json("users/search")[0] and c.get("users/search", auth=None).status_code == 401


def test_attachments_come_from_another_host(cloud):
    c = cloud(clock="2026-06-01T12:00:00Z")
    issues, _ = c.walk("project = APP", fields=["attachment"])
    file = [a for i in issues for a in i["fields"]["attachment"]][0]
    path = "attachment/content/" + file["id"]
    reply = c.get(path)
    assert reply.status_code == 303
    there = reply.headers["Location"]
    assert urllib.parse.urlsplit(there).port != c.sim.port
    body = c.http.get(there)
    assert body.status_code == 200 and len(body.content) == file["size"]
    assert c.http.get(there, auth=ME).status_code == 400
    part = c.http.get(there, headers={"Range": "bytes=100-149"})
    assert part.status_code == 206 and part.content == body.content[100:150]
    assert part.headers["Content-Range"] == f"bytes 100-149/{file['size']}"
    assert c.http.get(there, headers={"Range": "bytes=-5"}).content == body.content[-5:]
    assert c.http.get(there, headers={"Range": f"bytes={file['size']}-"}).status_code == 416
    assert c.http.get(there, headers={"Range": "lines=1"}).status_code == 400
    assert hashlib.sha256(c.get(path + "?redirect=false").content).digest() == hashlib.sha256(body.content).digest()
    assert c.json("attachment/" + file["id"])["id"] == int(file["id"])
    c.sim.advance(61)
    assert c.http.get(there).status_code == 403
    assert c.get("attachment/content/1").status_code == 404


def test_accounts(cloud, tmp_path):
    accounts = tmp_path / "accounts.json"
    accounts.write_text(json.dumps([
        {"name": "robot@example.org", "secret": "scoped", "kind": "scoped", "scopes": "read:jira-work"},
        {"name": "late@example.org", "secret": "old", "expires": "2026-06-01T12:00:10Z"}]))
    c = cloud("--accounts", str(accounts), context="/wiki")
    assert c.json("myself")["emailAddress"] == "me@example.org"
    assert c.get("myself", auth=None).status_code == 401
    wrong = c.get("issue/APP-1", auth=("me@example.org", "no"))
    assert wrong.status_code == 200 and wrong.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert c.get("myself", auth=("me@example.org", "no")).status_code == 401
    robot = ("robot@example.org", "scoped")
    assert c.get("issue/APP-1", auth=robot).status_code == 401  # at the site
    assert c.get(GATE + "/rest/api/3/issue/APP-1", auth=robot).status_code == 200
    lacks = c.get(GATE + "/rest/api/3/myself", auth=robot)
    assert lacks.status_code == 401 and lacks.json() == {"code": 401, "message": "Unauthorized; scope does not match"}
    assert c.get("/ex/jira/other/rest/api/3/myself", auth=robot).status_code == 404
    assert c.get(GATE + "/rest/api/3/issue/APP-1", auth=None).status_code == 401
    assert c.get("/_edge/tenant_info", auth=None).json()["cloudId"] in GATE
    late = ("late@example.org", "old")
    assert c.get("myself", auth=late).status_code == 200
    c.sim.advance(10)
    assert c.get("issue/APP-1", auth=late).status_code == 401
    c.sim.control("tune", expired=0)
    assert c.get("issue/APP-1", auth=late).headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    c.sim.control("tune", captcha_after=3)
    for _ in range(3):
        c.get("myself", auth=("ann", "no"))
    barred = c.get("myself", auth=("ann", "pw"))  # the right password does not help any more
    assert barred.status_code == 403 and barred.content == b""
    assert barred.headers["X-Seraph-LoginReason"] == "AUTHENTICATION_DENIED"
    assert "CAPTCHA_CHALLENGE" in barred.headers["X-Authentication-Denied-Reason"]
    c.sim.control("account", name="ann", captcha=False)
    assert c.get("myself", auth=("ann", "pw")).status_code == 200
    token = c.get("issue/APP-1", auth=None, headers={"Authorization": "Bearer x"})
    assert token.status_code == 403 and "Connect Session Auth Token" in token.text


def test_oauth_with_rotation(cloud):
    c = cloud("--oauth", "cid:secret", "--tune", "access_s=2", "--tune", "leeway_ms=10000", auth=None)
    redirect = "http://127.0.0.1:9/callback"
    go = c.get("/authorize?" + urllib.parse.urlencode({
        "client_id": "cid", "redirect_uri": redirect, "state": "a&b", "response_type": "code",
        "scope": "read:jira-work offline_access"}))
    assert go.status_code == 302 and go.headers["Location"].startswith(redirect)
    back = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(go.headers["Location"]).query))
    assert back["state"] == "a&b"
    app = {"client_id": "cid", "client_secret": "secret"}

    def token(**body):
        return c.post("/oauth/token", {**app, **body})

    by_code = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": redirect}
    assert token(**{**by_code, "redirect_uri": "http://127.0.0.1:9/other"}).status_code == 403
    pair = token(**by_code).json()
    assert pair["expires_in"] == 2 and pair["token_type"] == "Bearer"
    assert token(**by_code).status_code == 403  # a code is good once
    wrong = c.post("/oauth/token", {**app, "client_secret": "no", "grant_type": "refresh_token"})
    assert wrong.status_code == 401 and wrong.json()["error"] == "access_denied"

    def read(access, path="/rest/api/3/issue/APP-1"):
        return c.get(GATE + path, headers={"Authorization": "Bearer " + access})

    assert read(pair["access_token"]).status_code == 200
    assert read(pair["access_token"], "/rest/api/3/myself").json()["message"] == "Unauthorized; scope does not match"
    resources = c.get("/oauth/token/accessible-resources", headers={"Authorization": "Bearer " + pair["access_token"]}).json()
    assert [r["id"] for r in resources] == [GATE.rsplit("/", 1)[1]] and resources[0]["scopes"] == ["read:jira-work"]
    c.sim.advance(2)
    assert read(pair["access_token"]).status_code == 401

    def refresh(old):
        return token(grant_type="refresh_token", refresh_token=old)

    second = refresh(pair["refresh_token"]).json()
    assert second["refresh_token"] != pair["refresh_token"] and read(second["access_token"]).status_code == 200
    again = refresh(pair["refresh_token"])  # within the leeway
    assert again.status_code == 200
    c.sim.advance(11)
    refused = refresh(pair["refresh_token"])
    assert refused.status_code == 403 and refused.json() == {
        "error": "invalid_grant", "error_description": "Unknown or invalid refresh token."}
    assert refresh(second["refresh_token"]).status_code == 200
    counts = c.sim.ask("oauth").json()
    assert counts == {"codes": 1, "issued": 4, "refreshed": 3, "reused": 1, "refused": 3}
    assert c.sim.control("oauth", check=again.json()["refresh_token"])["state"] == "live"
    c.sim.control("oauth", revoke=True)
    assert refresh(again.json()["refresh_token"]).status_code == 403
    c.sim.control("tune", deny=1)
    denied = c.get("/authorize?" + urllib.parse.urlencode({
        "client_id": "cid", "redirect_uri": redirect, "state": "s", "response_type": "code"}))
    assert "error=access_denied" in denied.headers["Location"]


def test_refreshing_side_by_side_never_gives_a_token_twice(cloud):
    c = cloud("--oauth", "cid:secret", "--oauth-refresh", "seed", "--threads", "4", auth=None)
    got, refused = [], []

    def work():
        http = requests.Session()
        http.trust_env = False
        for _ in range(50):
            reply = http.post(c.sim.root + "/oauth/token", json={
                "client_id": "cid", "client_secret": "secret", "grant_type": "refresh_token", "refresh_token": "seed"})
            (got if reply.status_code == 200 else refused).append(reply.json())

    threads = [threading.Thread(target=work) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not refused  # the clock stands: all within the leeway
    assert len({g["access_token"] for g in got}) == len({g["refresh_token"] for g in got}) == 200
    assert c.sim.ask("oauth").json() == {"codes": 0, "issued": 200, "refreshed": 200, "reused": 199, "refused": 0}


def test_rate_limits(cloud):
    c = cloud("--tune", "burst=3", "--oauth", "cid:secret", "--oauth-refresh", "seed")
    replies = [c.get("issue/APP-1") for _ in range(4)]
    assert [r.status_code for r in replies] == [200, 200, 200, 429]
    last = replies[-1].headers
    assert last["RateLimit-Reason"] == "jira-burst-based" and last["Retry-After"] == "1"
    assert (last["X-RateLimit-Limit"], last["X-RateLimit-Remaining"]) == ("3", "0")
    assert last["X-RateLimit-Reset"] == "2026-06-01T12:00:01Z"
    assert c.get("project/APP").status_code == 200  # another endpoint has its own
    c.sim.advance(1)
    assert c.get("issue/APP-1").status_code == 200
    c.sim.control("tune", burst=0, quota=12)
    pair = c.post("/oauth/token", {"client_id": "cid", "client_secret": "secret", "grant_type": "refresh_token",
                                   "refresh_token": "seed"}).json()

    def read():
        return c.get(GATE + "/rest/api/3/issue/APP-1", auth=None, headers={"Authorization": "Bearer " + pair["access_token"]})

    seen = [read() for _ in range(7)]
    assert [r.status_code for r in seen] == [200] * 6 + [429]  # two points each
    assert "X-RateLimit-NearLimit" not in seen[0].headers and seen[4].headers["X-RateLimit-NearLimit"] == "true"
    assert seen[6].headers["RateLimit-Reason"] == "jira-quota-tenant-based"
    assert seen[6].headers["X-RateLimit-Reset"] == "2026-06-01T13:00:00Z" and seen[6].headers["Retry-After"] == "3599"
    assert all(c.get("issue/APP-1").status_code == 200 for _ in range(8))  # API tokens are not metered
    c.sim.control("tune", quota_global=1, retry_form=1)
    refused = read()
    assert refused.headers["RateLimit-Reason"] == "jira-quota-global-based"
    assert refused.headers["Retry-After"] == "Mon, 01 Jun 2026 13:00:00 GMT"
    c.sim.control("tune", retry_form=2)
    assert "Retry-After" not in read().headers
    script = "path approximate-count: 429 retry 9 reason write"
    assert c.http.post(c.sim.root + "/_sim/faults", data=script).status_code == 200
    limited = c.post("search/approximate-count", {"jql": "project = APP"})
    assert (limited.headers["RateLimit-Reason"], limited.headers["Retry-After"]) == ("jira-per-issue-on-write", "9")
    c.sim.advance(3600)
    pair.update(c.post("/oauth/token", {"client_id": "cid", "client_secret": "secret", "grant_type": "refresh_token",
                                        "refresh_token": pair["refresh_token"]}).json())
    assert read().status_code == 200


def test_data_center_has_its_own_side(start_sim):
    sim = start_sim("--generate", "APP:240", "--pat", "pat:bot")
    c = Cloud(sim, auth=None)
    v2 = {"api": "/rest/api/2/"}
    reply = c.get("myself", api="/rest/api/3/")
    assert reply.status_code == 302 and "/login.jsp" in reply.headers["Location"]
    pat = {"Authorization": "Bearer pat"}
    assert c.get("myself", headers=pat, **v2).headers["X-AUSERNAME"] == "bot"
    sim.control("account", name="bot", expires=1)
    assert c.get("project", headers=pat, **v2).status_code == 401
    sim.control("tune", expired=0)
    reply = c.get("project", headers=pat, **v2)
    assert reply.status_code == 200 and reply.headers["X-AUSERNAME"] == "anonymous"
    assert c.json("project/APP", **v2)["versions"] == c.json("project/APP/versions", **v2)
    assert "name" in c.json("issue/APP-1/watchers", **v2)["watchers"][0]
    assert c.json("board/350/sprint?maxResults=2", api="/rest/agile/1.0/")["isLast"] is False
    file = [a for line in sim.dump_lines().values() for a in json.loads(line)["fields"]["attachment"]][0]
    path = urllib.parse.urlsplit(file["content"]).path
    reply = c.get(path)
    assert reply.status_code == 200 and len(reply.content) == file["size"]
    sim.control("tune", index_lag_ms=5000)
    sim.touch("APP-2")
    jql = {"jql": "updated >= 1780315200000", "maxResults": 0}
    assert c.post("search", jql, **v2).json()["total"] == 0
    sim.advance(5)
    assert c.post("search", jql, **v2).json()["total"] == 1
