"""jirasim's webhooks, heard by a receiver of our own: who is told what, signatures, tries, and what goes wrong on the way."""
import collections
import hashlib
import hmac
import http.server
import json
import threading
import time

import pytest

import rig
from test_sim_cloud import GATE, Cloud

SECRET = "It's a Secret to Everybody"
EVENTS = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated", "comment_deleted",
          "worklog_created", "worklog_deleted", "issuelink_created", "issuelink_deleted"]
Heard = collections.namedtuple("Heard", "path headers raw body")


class Receiver:
    """Keeps what it is sent; answers 200, or what `answers` says for the calls to come."""

    def __init__(self):
        self.heard, self.answers, self.lock = [], collections.deque(), threading.Lock()
        self.go = threading.Event()  # for who is told to wait
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.lock:
                    receiver.heard.append(Heard(self.path, dict(self.headers), raw, json.loads(raw)))
                    answer = receiver.answers.popleft() if receiver.answers else 200
                if answer == "wait":
                    receiver.go.wait(rig.PATIENCE)
                    answer = 200
                if answer == "hang":
                    time.sleep(1.5)
                elif answer != "drop":
                    self.send_response(answer)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                self.close_connection = True

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    r = Receiver()
    yield r
    r.stop()


@pytest.fixture
def cloud(start_sim):
    def start(*args, **how):
        sim = start_sim("--flavour", "cloud", "--generate", "APP:20", "--generate", "OPS:10", "--user", "me@example.org:tok",
                        "--oauth", "app:hush", "--oauth-refresh", "seed", "--tune", "hook_pause_ms=20", *args, **{"context": "/", **how})
        return Cloud(sim)

    return start


def deliveries(sim, at_least=0):
    """Every attempt so far, once nothing waits any more."""
    end = time.monotonic() + rig.PATIENCE
    while time.monotonic() < end:
        told = sim.ask("hooks").json()
        if told["pending"] == 0 and len(told["deliveries"]) >= at_least:
            return told["deliveries"]
        time.sleep(0.01)
    raise AssertionError(f"still waiting: {told}")


def events(receiver):
    return [h.body["webhookEvent"] for h in receiver.heard]


def signature(raw, secret=SECRET):
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def bearer(c):
    pair = c.post("/oauth/token", {"client_id": "app", "client_secret": "hush", "grant_type": "refresh_token", "refresh_token": "seed"}).json()
    return {"Authorization": "Bearer " + pair["access_token"]}


@pytest.mark.parametrize("flavour", ["cloud", "dc"])
def test_every_event_once_and_signed(start_sim, receiver, flavour):
    sim = start_sim("--flavour", flavour, "--generate", "APP:20", "--generate", "OPS:10", context="/jira")
    made = sim.control("hook", url=receiver.url + "/jira?a=b", secret=SECRET)
    assert made["id"] >= 1000
    key = sim.create("APP")[0]
    sim.touch("APP-1")
    sim.comment("APP-1", "hello *there*")
    deliveries(sim, 4)
    number = [h for h in receiver.heard if h.body["webhookEvent"] == "comment_created"][0].body["comment"]["id"]
    sim.control("edit-comment", key="APP-1", id=number, body="other")
    sim.control("delete-comment", key="APP-1", id=number)
    sim.control("worklog", key="APP-2", seconds=600)
    log = [h.body["worklog"] for h in deliveries(sim, 9) and receiver.heard if h.body["webhookEvent"] == "worklog_created"][0]
    sim.control("delete-worklog", key="APP-2", id=log["id"])
    link = sim.control("link", key="APP-3", to="OPS-1")["id"]
    sim.control("unlink", key="APP-3", to="OPS-1", id=link)
    moved = sim.move("APP-4", "OPS")
    sim.control("delete", key="APP-5")
    deliveries(sim, 20)
    assert set(events(receiver)) == set(EVENTS)
    for h in receiver.heard:
        assert h.path == "/jira?a=b" and h.headers["X-Hub-Signature"] == signature(h.raw)
        assert h.headers["Content-Type"] == "application/json; charset=utf-8"
        assert "X-Atlassian-Webhook-Retry" not in h.headers
        assert h.headers.get("X-Atlassian-Webhook-Flow") == ("Primary" if flavour == "cloud" else None)
        assert "/rest/api/3/" not in h.raw.decode()
        assert isinstance(h.body["timestamp"], int)
    ids = [h.headers["X-Atlassian-Webhook-Identifier"] for h in receiver.heard]
    assert len(set(ids)) == len(ids)
    of = collections.defaultdict(list)
    for h in receiver.heard:
        of[h.body["webhookEvent"]].append(h.body)
    assert of["jira:issue_created"][0]["issue"]["key"] == key
    touched = [b for b in of["jira:issue_updated"] if b["issue"]["key"] == "APP-1" and "changelog" in b][0]
    assert touched["changelog"]["items"][0]["field"] == "labels" and "changelog" not in touched["issue"]
    said = [b for b in of["jira:issue_updated"] if "comment" in b][0]
    assert said["comment"]["body"] == "hello *there*" and said["issue_event_type_name"] == "issue_commented"  # no document
    assert of["comment_created"][0]["issue"]["key"] == "APP-1" and set(of["comment_created"][0]["issue"]["fields"]) >= {"summary", "status"}
    assert of["comment_updated"][0]["comment"]["body"] == "other" and of["comment_deleted"][0]["comment"]["id"] == number
    assert "issue" not in of["worklog_created"][0] and of["worklog_deleted"][0]["worklog"]["id"] == log["id"]
    assert of["issuelink_created"][0]["issueLink"]["id"] == int(link) == of["issuelink_deleted"][0]["issueLink"]["id"]
    move = [b for b in of["jira:issue_updated"] if b["issue"]["key"] == moved][0]
    assert {i["field"] for i in move["changelog"]["items"]} == {"Key", "project"}
    (gone,) = of["jira:issue_deleted"]
    assert gone["issue"]["key"] == "APP-5" and gone["issue"]["fields"]["summary"]
    person = touched["user"]
    assert ("accountId" in person and "name" not in person) if flavour == "cloud" else person["name"]


def test_sent_again_until_it_is_taken(cloud, receiver):
    c = cloud("--tune", "hook_timeout_ms=300")
    c.sim.control("hook", url=receiver.url, events=["jira:issue_updated"], secret=SECRET)
    receiver.answers.extend([503, "drop", 429, "hang", 408, 200])
    c.sim.touch("APP-1")
    rows = deliveries(c.sim, 6)
    assert [r["attempt"] for r in rows] == list(range(6)) and [r["last"] for r in rows] == [False] * 5 + [True]
    assert [r["status"] for r in rows] == [503, 0, 429, 0, 408, 200]
    assert len({h.headers["X-Atlassian-Webhook-Identifier"] for h in receiver.heard}) == 1 == len({h.raw for h in receiver.heard})
    assert [h.headers.get("X-Atlassian-Webhook-Retry") for h in receiver.heard] == [None, "1", "2", "3", "4", "5"]
    assert all(h.headers["X-Hub-Signature"] == signature(h.raw) for h in receiver.heard)


@pytest.mark.parametrize("answer, tries", [(500, 6), (409, 6), (425, 6), (400, 1), (401, 1), (404, 1), (410, 1), (302, 1)])
def test_which_answers_end_it(cloud, receiver, answer, tries):
    c = cloud()
    c.sim.control("hook", url=receiver.url, events=["jira:issue_updated"])
    receiver.answers.extend([answer] * 10)
    c.sim.touch("APP-1")
    assert len(deliveries(c.sim, tries)) == tries == len(receiver.heard)
    assert "X-Hub-Signature" not in receiver.heard[0].headers


def test_nobody_listens(cloud):
    c = cloud("--tune", "hook_retries=2")
    c.sim.control("hook", url="http://127.0.0.1:1/")
    c.sim.touch("APP-1")
    rows = deliveries(c.sim, 3)
    assert [r["status"] for r in rows] == [0, 0, 0] and all(r["error"] for r in rows)
    assert c.get("issue/APP-1").status_code == 200  # and the server goes on


def test_filters(cloud, receiver):
    c = cloud()
    c.sim.control("hook", url=receiver.url + "/ops", jql="project = OPS", events=["jira:issue_updated", "comment_created"])
    c.sim.control("hook", url=receiver.url + "/comments", events=["comment_created"])
    c.sim.touch("APP-1")
    c.sim.touch("OPS-1")
    c.sim.comment("APP-2", "x")
    c.sim.comment("OPS-2", "y")
    deliveries(c.sim, 5)
    heard = collections.Counter((h.path, h.body["webhookEvent"]) for h in receiver.heard)
    assert heard == {("/ops", "jira:issue_updated"): 2, ("/ops", "comment_created"): 1, ("/comments", "comment_created"): 2}
    hook = c.sim.control("hook", url=receiver.url + "/later")["id"]
    c.sim.control("hook", remove=hook)
    mark = len(receiver.heard)
    c.sim.touch("APP-3")
    deliveries(c.sim)
    assert len(receiver.heard) == mark


def test_lost_doubled_and_out_of_order(cloud, receiver):
    c = cloud("--tune", "hook_drop=5", "hook_double=3", "hook_shuffle=1", "hook_timeout_ms=600000")
    c.sim.control("hook", url=receiver.url, events=["jira:issue_updated"])
    receiver.answers.append("wait")
    c.sim.touch("OPS-1")
    while not receiver.heard:
        time.sleep(0.005)
    for n in range(2, 22):  # all of them wait until the first is answered
        c.sim.touch(f"APP-{n - 1}")
    receiver.go.set()
    deliveries(c.sim, 20)
    told = c.sim.ask("hooks").json()
    assert told["events"] == 21 and told["dropped"] == 4
    keys = [h.body["issue"]["key"] for h in receiver.heard[1:]]
    assert set(keys) == {f"APP-{n - 1}" for n in range(2, 22) if n % 5}
    assert {k for k, n in collections.Counter(keys).items() if n == 2} == {f"APP-{n - 1}" for n in range(3, 22, 3) if n % 5}
    numbers = [int(k.split("-")[1]) for k in keys]
    assert numbers != sorted(numbers)
    twice = collections.Counter(h.headers["X-Atlassian-Webhook-Identifier"] for h in receiver.heard)
    assert sorted(twice.values()) == [1] * 11 + [2] * 6


def test_late(cloud, receiver):
    c = cloud("--tune", "hook_delay_ms=200")
    c.sim.control("hook", url=receiver.url)
    c.get("issue/APP-1")
    c.sim.touch("APP-1")
    (row,) = deliveries(c.sim, 1)
    assert row["tick"] >= c.sim.requests_seen()[-1]["tick"] + 200


def test_apps_register_their_own(cloud, receiver):
    c = cloud()
    hooks = GATE + "/rest/api/3/webhook"
    body = {"url": receiver.url + "/app", "webhooks": [
        {"events": ["jira:issue_updated"], "jqlFilter": "project = APP AND status IN (Open, \"In Progress\", Resolved, Closed, Reopened)"},
        {"events": ["comment_created"], "jqlFilter": "watchCount > 3"},
        {"events": ["jira:issue_updated"], "jqlFilter": "project = APP", "fieldIdsFilter": ["summary"]}]}
    assert c.post("webhook", body).status_code == 403  # a user's token is no app
    me = bearer(c)
    told = c.post(hooks, body, auth=None, headers=me).json()["webhookRegistrationResult"]
    first, third = told[0]["createdWebhookId"], told[2]["createdWebhookId"]
    assert told[1] == {"errors": ["The clause watchCount is unsupported"]}
    listed = c.get(hooks, auth=None, headers=me).json()
    assert listed["total"] == 2 and listed["values"][0]["id"] == first and listed["values"][0]["expirationDate"].startswith("2026-07-01")
    c.sim.touch("APP-1")
    c.sim.touch("OPS-1")
    deliveries(c.sim, 1)
    (one,) = receiver.heard
    assert one.body["matchedWebhookIds"] == [first] and one.headers["X-Hub-Signature"] == signature(one.raw, "hush")
    assert c.ask("PUT", "issue/APP-2", json={"fields": {"summary": "other"}}).status_code == 204
    deliveries(c.sim, 3)
    assert {h.body["matchedWebhookIds"][0] for h in receiver.heard[1:]} == {first, third}
    c.sim.advance(29 * 86400)
    me = {"Authorization": "Bearer " + c.post("/oauth/token", {
        "client_id": "app", "client_secret": "hush", "grant_type": "refresh_token",
        "refresh_token": plant(c)}).json()["access_token"]}
    again = c.ask("PUT", hooks + "/refresh", auth=None, headers=me, json={"webhookIds": [third]}).json()
    assert again["expirationDate"].startswith("2026-07-30")
    c.sim.advance(2 * 86400)
    mark = len(receiver.heard)
    assert c.ask("PUT", "issue/APP-3", json={"fields": {"summary": "more"}}).status_code == 204
    deliveries(c.sim)
    assert [h.body["matchedWebhookIds"] for h in receiver.heard[mark:]] == [[third]]  # the other has expired


def plant(c):
    c.sim.control("oauth", plant="later")
    return "later"


@pytest.mark.parametrize("flavour", ["cloud", "dc"])
def test_administrators_register_by_rest(start_sim, receiver, flavour):
    sim = start_sim("--flavour", flavour, "--generate", "APP:20", "--user", "me@example.org:tok", context="/")
    c, api = Cloud(sim), "/rest/webhooks/1.0/"
    body = {"name": "mine", "url": receiver.url, "events": ["jira:issue_updated"], "secret": SECRET,
            "filters": {"issue-related-events-section": "project = APP AND key = APP-7"}, "excludeBody": False}
    assert c.post("webhook", body, auth=None, api=api).status_code == 401
    assert c.post("webhook", {**body, "url": "ftp://x"}, api=api).status_code == 400
    made = c.post("webhook", body, api=api)
    assert made.status_code == 201 and made.json()["isSigned"] is True and SECRET not in made.text
    number = made.json()["self"].rsplit("/", 1)[1]
    assert [h["name"] for h in c.json("webhook", api=api)] == ["mine"] and c.json(f"webhook/{number}", api=api)["url"] == receiver.url
    sim.touch("APP-1")
    sim.touch("APP-7")
    deliveries(sim, 1)
    assert [h.body["issue"]["key"] for h in receiver.heard] == ["APP-7"]
    assert c.ask("DELETE", f"webhook/{number}", api=api).status_code == 204
    assert c.get(f"webhook/{number}", api=api).status_code == 404 and c.json("webhook", api=api) == []


def test_data_center_before_10(start_sim, receiver):
    sim = start_sim("--generate", "APP:20", "--tune", "hook_old=1")
    sim.control("hook", url=receiver.url, secret=SECRET, events=["jira:issue_updated"])
    receiver.answers.append(503)
    sim.touch("APP-1")
    assert len(deliveries(sim, 1)) == 1
    (one,) = receiver.heard
    assert not [name for name in one.headers if name.startswith(("X-Hub", "X-Atlassian"))]


def test_what_a_client_writes_comes_back_with_its_account(cloud, receiver):
    """So that it can leave its own echo alone."""
    c = cloud()
    c.sim.control("hook", url=receiver.url, events=["comment_created", "jira:issue_updated"])
    body = {"body": {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "done"}]}]}}
    assert c.post("issue/APP-1/comment", body).status_code == 201
    deliveries(c.sim, 2)
    mine = c.json("myself")["accountId"]
    for h in receiver.heard:
        person = h.body["user"] if "user" in h.body else h.body["comment"]["author"]
        assert person["accountId"] == mine
