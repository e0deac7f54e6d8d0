"""jirasim takes writes as Jira does: all or nothing, by state machine, at most so many to one issue."""
import pytest

from test_sim_cloud import Cloud

V2 = {"api": "/rest/api/2/"}


def doc(text):
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}


@pytest.fixture(params=["cloud", "dc"])
def flavour(request):
    return request.param


class Site(Cloud):
    """Either flavour behind one face."""

    def __init__(self, sim, flavour):
        super().__init__(sim)
        self.flavour, self.v = flavour, {} if flavour == "cloud" else V2

    def text(self, words):
        return doc(words) if self.flavour == "cloud" else words

    def issue(self, key="APP-1"):
        return self.json(f"issue/{key}?expand=changelog", **self.v)

    def put(self, key, **body):
        return self.ask("PUT", f"issue/{key}", json=body, **self.v)

    def comment(self, key, words):
        return self.post(f"issue/{key}/comment", {"body": self.text(words)}, **self.v)

    def newest(self, key):
        histories = self.issue(key)["changelog"]["histories"]
        return histories[0 if self.flavour == "cloud" else -1]


@pytest.fixture
def site(start_sim, flavour):
    return Site(start_sim("--flavour", flavour, "--generate", "APP:60", "--user", "me@example.org:tok", context="/"), flavour)


def test_comments(site):
    before = site.issue()["fields"]
    made = site.comment("APP-1", "it *runs*")
    assert made.status_code == 201 and made.json()["body"] == site.text("it *runs*") or site.flavour == "cloud"
    after = site.issue()["fields"]
    assert after["comment"]["total"] == before["comment"]["total"] + 1 and after["updated"] > before["updated"]
    last = site.json("issue/APP-1/comment", **site.v)["comments"][-1]
    assert last["id"] == made.json()["id"]
    assert site.comment("APP-999", "x").status_code == 404
    assert site.post("issue/APP-1/comment", {"body": site.text("x")}, auth=None, **site.v).status_code == 401
    assert site.ask("POST", "issue/APP-1/comment", data="{}", **site.v).status_code == 415
    assert "32,767" in site.comment("APP-1", "x" * 32768).text
    for bad in ({}, {"body": 5}, {"body": ""}, {"body": doc("")}, {"body": {**doc("x"), "version": 2}}, {"body": {"type": "doc"}},
                {"body": {**doc("x"), "content": [{"content": []}]}}):
        assert site.post("issue/APP-1/comment", bad, **site.v).status_code == 400, bad
    if site.flavour == "cloud":
        assert site.post("issue/APP-1/comment", {"body": "wiki"}).json()["errorMessages"] == ["INVALID_INPUT"]
    assert site.issue()["fields"]["comment"]["total"] == after["comment"]["total"]


def test_documents_keep_their_shape(start_sim):
    site = Site(start_sim("--flavour", "cloud", "--generate", "APP:5", "--user", "me@example.org:tok", context="/"), "cloud")
    sent = {"type": "doc", "version": 1, "content": [
        {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Head"}]},
        {"type": "bulletList", "content": [{"type": "listItem", "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "one", "marks": [{"type": "strong"}]}]}]}]}]}
    assert site.post("issue/APP-1/comment", {"body": sent}).status_code == 201
    got = site.json("issue/APP-1/comment?maxResults=1&orderBy=-created")["comments"][0]["body"]["content"]
    assert [node["type"] for node in got] == ["heading", "bulletList"] and got[0]["attrs"]["level"] == 2
    text = got[1]["content"][0]["content"][0]["content"][0]
    assert (text["text"], text["marks"]) == ("one", [{"type": "strong"}])


def test_fields_are_set_all_or_none(site):
    field = next(f for f in site.json("field", **site.v) if f["custom"] and f["schema"]["type"] == "number")["id"]
    reply = site.put("APP-1", fields={"summary": "New", "description": site.text("why"), "labels": ["a", "b"], "priority": {"name": "Minor"},
                                      field: 4.5, "assignee": None})
    assert reply.status_code == 204 and reply.content == b""
    fields = site.issue()["fields"]
    assert (fields["summary"], fields["labels"], fields["priority"]["name"], fields[field]) == ("New", ["a", "b"], "Minor", 4.5)
    assert fields["description"] == site.text("why") and fields["assignee"] is None
    changed = site.newest("APP-1")
    assert {i["field"] for i in changed["items"]} >= {"summary", "description", "labels", "priority"}
    assert changed["author"]["displayName"]
    refused = site.put("APP-1", fields={"summary": "Never", "customfield_1": 1, "labels": ["with blank"], "status": {"id": "3"},
                                        "priority": {"name": "Odd"}, "assignee": {"name": "ghost", "accountId": "ghost"}})
    assert refused.status_code == 400
    errors = refused.json()["errors"]
    assert set(errors) == {"customfield_1", "labels", "status", "priority", "assignee"} and "cannot be set" in errors["customfield_1"]
    assert site.issue()["fields"] == fields
    assert site.put("APP-1", update={"labels": [{"add": "c"}, {"remove": "a"}]}).status_code == 204
    assert site.issue()["fields"]["labels"] == ["b", "c"]
    assert site.put("APP-1", fields={"labels": []}, update={"labels": [{"add": "x"}]}).status_code == 400
    assert site.put("APP-1", fields={"summary": ""}).json()["errors"]["summary"].startswith("You must")


def test_transitions_go_by_the_workflow(site):
    key = next(i["key"] for i in map(site.issue, (f"APP-{n}" for n in range(1, 60))) if i["fields"]["status"]["name"] == "Open")

    def names():
        return {t["name"]: t for t in site.json(f"issue/{key}/transitions", **site.v)["transitions"]}

    def go(number, **more):
        return site.post(f"issue/{key}/transitions", {"transition": {"id": number}, **more}, **site.v)

    assert set(names()) == {"Start Progress", "Resolve Issue", "Close Issue"}
    assert names()["Start Progress"]["to"]["name"] == "In Progress"
    assert go(names()["Start Progress"]["id"]).status_code == 204
    assert site.issue(key)["fields"]["status"]["name"] == "In Progress"
    item = site.newest(key)["items"][0]
    assert (item["field"], item["fromString"], item["toString"], item["to"]) == ("status", "Open", "In Progress", "3")
    assert go("4").status_code == 400 and go("").status_code == 400  # not from here
    before = site.issue(key)["fields"]["comment"]["total"]
    done = go("5", fields={"resolution": {"name": "Won't Fix"}}, update={"comment": [{"add": {"body": site.text("bye")}}]})
    assert done.status_code == 204, done.text
    fields = site.issue(key)["fields"]
    assert fields["resolution"]["name"] == "Won't Fix" and fields["resolutiondate"] and fields["comment"]["total"] == before + 1
    assert go("3").status_code == 204
    fields = site.issue(key)["fields"]
    assert fields["status"]["name"] == "Reopened" and fields["resolution"] is None and fields["resolutiondate"] is None
    assert go("5").status_code == 204 and site.issue(key)["fields"]["resolution"]["name"] == "Fixed"
    assert site.json(f"issue/{key}/transitions", auth=None, **site.v)["transitions"] == []


def test_conflicts_on_demand(site):
    site.sim.control("tune", conflicts=1)
    assert site.comment("APP-1", "x").status_code == 409
    assert site.comment("APP-1", "x").status_code == 201


def test_writes_to_one_issue_are_limited(start_sim):
    site = Site(start_sim("--flavour", "cloud", "--generate", "APP:60", "--user", "me@example.org:tok", context="/"), "cloud")
    total = site.issue()["fields"]["comment"]["total"]
    assert [site.comment("APP-1", "x").status_code for _ in range(20)] == [201] * 20
    refused = site.put("APP-1", fields={"summary": "no"})
    assert refused.status_code == 429
    assert (refused.headers["RateLimit-Reason"], refused.headers["Retry-After"]) == ("jira-per-issue-on-write", "2")
    assert (refused.headers["X-RateLimit-Limit"], refused.headers["X-RateLimit-Remaining"]) == ("20", "0")
    assert refused.headers["X-RateLimit-Reset"] == "2026-06-01T12:00:02Z"
    assert site.issue()["fields"]["comment"]["total"] == total + 20
    assert site.comment("APP-2", "x").status_code == 201  # another issue has its own
    made = 20
    for _ in range(4):  # a second 20 every two seconds, until 100 in 30 s are reached
        site.sim.advance(2)
        while site.comment("APP-1", "x").status_code == 201:
            made += 1
    assert made == 100
    site.sim.advance(2)
    last = site.comment("APP-1", "x")
    assert last.status_code == 429 and last.headers["Retry-After"] == "20" and last.headers["X-RateLimit-Limit"] == "100"
    site.sim.advance(20)
    assert site.comment("APP-1", "x").status_code == 201
    site.sim.control("tune", write_burst=0, write_rate=0)
    assert {site.comment("APP-1", "x").status_code for _ in range(30)} == {201}


def test_data_center_does_not_count_writes(start_sim):
    site = Site(start_sim("--generate", "APP:5", "--user", "me@example.org:tok", context="/"), "dc")
    assert {site.comment("APP-1", "x").status_code for _ in range(25)} == {201}
