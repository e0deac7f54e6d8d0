"""jiraduct show: an issue of the mirror for a person, from files, packed, Data Center and Cloud."""
import fcntl
import json
import re

import pytest

import rig

LAYOUTS = pytest.mark.parametrize("layout", ["files", "pack"])


def person(name):
    return {"name": name, "key": name, "displayName": name.title() + " Doe", "active": True}


def full_issue():
    """One issue that has everything, so that each part can be looked for."""
    issue = rig.plain_issue(1, project="APP")
    change = lambda n, at, who, *items: {"id": str(n), "author": person(who), "created": at, "items": [
        {"field": f, "fieldtype": "jira", "from": a, "fromString": b, "to": c, "toString": d} for f, a, b, c, d in items]}
    remark = lambda n, at, who, body, **more: {"id": str(n), "author": person(who), "updateAuthor": person(who), "body": body,
                                               "created": at, "updated": at, **more}
    work = lambda n, who, seconds: {"id": str(n), "author": person(who), "timeSpentSeconds": seconds, "comment": "",
                                    "started": "2024-03-06T09:00:00.000+0000", "created": "2024-03-06T09:00:00.000+0000",
                                    "updated": "2024-03-06T09:00:00.000+0000"}
    issue["names"] = {"customfield_10002": "Team colour"}
    other = lambda key, summary: {"id": "77", "key": key, "fields": {"summary": summary, "status": {"id": "1", "name": "Open"}}}
    issue["fields"].update({
        "summary": "Pages go missing \u001b[31mred\u202e", "description": "h2. Steps\n* *open* it\n* ask [~ann]",
        "environment": "{{linux}} 6.1", "reporter": person("ann"), "creator": person("ann"), "labels": ["first", "second"],
        "status": {"id": "5", "name": "Resolved"}, "resolution": {"id": "1", "name": "Fixed"},
        "components": [{"id": "1", "name": "core"}], "versions": [{"id": "1", "name": "1.0"}], "fixVersions": [{"id": "2", "name": "1.1"}],
        "issuelinks": [{"id": "1", "type": {"id": "1", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
                        "inwardIssue": other("APP-8", "The cause")}],
        "subtasks": [other("APP-9", "A part")],
        "attachment": [{"id": "5", "filename": "trace\n.log", "size": 2048, "author": person("bob"), "created": "2024-03-05T11:00:00.000+0000"}],
        "customfield_10001": [{"id": "1", "value": "Reviewed"}, {"id": "2", "value": "Patch"}], "customfield_10002": {"value": "blue", "child": {"value": "navy"}},
        "customfield_10003": None, "customfield_10004": [], "customfield_10005": "x" * 500,
        "customfield_10006": ["com.atlassian.greenhopper.service.sprint.Sprint@7e[id=2,rapidViewId=2,state=FUTURE,name=Sprint, two,goal=<null>,sequence=2]"],
        "comment": {"startAt": 0, "maxResults": 2, "total": 2, "comments": [
            remark(12, "2024-03-07T10:00:00.000+0200", "bob", "{code}b();{code}", visibility={"type": "role", "value": "Developers"}),
            remark(11, "2024-03-06T10:00:00.000+0000", "ann", "It is _urgent_.")]},
        "worklog": {"startAt": 0, "maxResults": 3, "total": 3, "worklogs": [work(1, "bob", 3600), work(2, "ann", 1800), work(3, "bob", 7200)]},
    })
    issue["changelog"] = {"startAt": 0, "maxResults": 2, "total": 2, "histories": [
        change(22, "2024-03-09T10:00:00.000+0000", "bob", ("status", "1", "Open", "5", "Resolved"), ("resolution", None, None, "1", "Fixed")),
        change(21, "2024-03-08T10:00:00.000+0000", "ann", ("description", None, "one\r\ntwo " + "y" * 400, None, "h2. Steps"))]}
    return issue


@pytest.fixture
def held(start_sim, product, box):
    """held(layout): a mirror of one full issue and some generated ones; the server is gone."""
    def make(layout="files"):
        data = rig.write_lines(box / "issues.jsonl", [full_issue()])
        sim = start_sim("--data", data, "--generate", "GEN:40")
        jd = product(sim)
        jd.scrape("--projects", "APP", "GEN", "--raw-layout", layout)
        jd.site, jd.dump = sim.url, sim.dump_lines()
        sim.stop()
        return jd
    return make


def show(jd, *args, expect=0):
    return jd.run("show", "--raw-dir", jd.raw, "--state-dir", jd.state, *args, expect=expect)


def part(text, title):
    """The lines of a section."""
    found = re.search(rf"^## {re.escape(title)}.*?\n(.*?)(?=^## |\Z)", text, re.S | re.M)
    assert found, f"no section {title} in:\n{text}"
    return found[1].strip("\n").split("\n")


def row(text, label):
    found = re.search(rf"^{label}: +(.*)$", text, re.M)
    return found and found[1]


@pytest.mark.smoke
@LAYOUTS
def test_everything_about_an_issue(held, layout):
    jd = held(layout)
    out = show(jd, "APP-1").out
    lines = out.split("\n")
    assert lines[0].startswith("# APP-1 Pages go missing ")
    assert lines[1] == f"{jd.site}/browse/APP-1"
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", out), "a control character came through"
    want = {"Type": "Bug", "Status": "Resolved", "Priority": "Major", "Resolution": "Fixed", "Reporter": "Ann Doe (ann)",
            "Assignee": "Unassigned", "Created": "2024-03-05T10:00:00Z", "Labels": "first, second", "Components": "core",
            "Affects": "1.0", "Fixed in": "1.1", "Creator": None}
    assert {label: row(out, label) for label in want} == want
    assert part(out, "Links") == ["- is blocked by APP-8 [Open] The cause"]
    assert part(out, "Sub-tasks") == ["- APP-9 [Open] A part"]
    assert "\n## Description\n\n## Steps\n" in out
    assert "- **open** it" in out and "- ask @Ann Doe" in out and "`linux` 6.1" in out
    assert part(out, "Attachments") == ["- trace\\n.log, 2.0 KiB, 2024-03-05T11:00:00Z, Bob Doe"]


def test_custom_fields_comments_work_and_history(held):
    out = show(held(), "APP-1").out
    custom = part(out, "Custom fields")
    assert custom[:2] == ["- Custom field 10001 (customfield_10001): Reviewed, Patch", "- Team colour (customfield_10002): blue > navy"]
    assert custom[2].startswith("- Custom field 10005 (customfield_10005): xxx") and custom[2].endswith("x…") and len(custom[2]) < 250
    assert custom[3:] == ["- Custom field 10006 (customfield_10006): Sprint, two"]
    comments = "\n".join(part(out, "Comments (2)"))
    first, second = comments.index("### 2024-03-06T10:00:00Z Ann Doe (ann)\n\nIt is *urgent*."), comments.index("### 2024-03-07T08:00:00Z Bob Doe (bob), restricted to Developers")
    assert first < second < comments.index("```\nb();\n```")
    work = part(out, "Work logged (3)")
    assert work[0] == "Total: 3 h 30 min"
    assert sorted(work[1:]) == ["- Ann Doe: 30 min 00 s (1)", "- Bob Doe: 3 h 00 min (2)"]
    history = part(out, "History (2)")
    assert history[0].startswith("2024-03-08T10:00:00Z  Ann Doe  description: one two yyy") and history[0].endswith("y… -> h2. Steps")
    assert history[1:] == ["2024-03-09T10:00:00Z  Bob Doe  status: Open -> Resolved", "2024-03-09T10:00:00Z  Bob Doe  resolution: (none) -> Fixed"]


@LAYOUTS
def test_json_is_what_is_held(held, layout):
    jd = held(layout)
    for key, line in jd.dump.items():
        out = show(jd, "--json", key).out
        assert rig.exact(out) == rig.exact(line)
        assert out.startswith('{\n  "')
        if layout == "files":
            assert rig.exact(out) == rig.exact(jd.issue_files()[key].read_bytes())


@LAYOUTS
def test_old_keys_of_moved_issues_answer(start_sim, product, layout):
    sim = start_sim("--generate", "HADOOP:20", "--generate", "KAFKA:20")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP", "KAFKA", "--raw-layout", layout)
    was = json.loads(show(jd, "--json", "HADOOP-7").out)
    sim.advance(86400)
    once = sim.move("HADOOP-7", "KAFKA")
    jd.scrape("--projects", "HADOOP", "KAFKA")
    sim.advance(86400)
    twice = sim.move(once, "HADOOP")
    jd.scrape("--projects", "HADOOP", "KAFKA")
    assert len({"HADOOP-7", once, twice}) == 3
    for old in ("HADOOP-7", once, twice):
        now = json.loads(show(jd, "--json", old).out)
        assert (now["id"], now["key"]) == (was["id"], twice)
        text = show(jd, old).out
        assert text.startswith(f"# {twice} ") and f"/browse/{twice}\n" in text
        assert (f"(it was {old} before it moved)" in text) == (old != twice)


def test_cloud(start_sim, product):
    sim = start_sim("--flavour", "cloud", "--generate", "APP:60", context="/")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    sim.stop()
    issues = {key: json.loads(path.read_bytes()) for key, path in jd.issue_files().items()}
    assert len(issues) == 60
    documents = 0
    for key, issue in issues.items():
        out, fields = show(jd, key).out, issue["fields"]
        assert out.startswith(f"# {key} {fields['summary']}\n{sim.url}/browse/{key}\n")
        assert row(out, "Reporter") == fields["reporter"]["displayName"]
        assert '"type":"doc"' not in out.replace(" ", "")
        comments = sorted(fields["comment"]["comments"], key=lambda c: (shown_time(c["created"]), int(c["id"])))
        heads = re.findall(r"^### (\S+Z) (.*)$", out.split("\n## Comments", 1)[-1].split("\n## Work logged", 1)[0], re.M)
        assert len(heads) == len(comments)
        for (at, who), comment in zip(heads, comments):
            assert at == shown_time(comment["created"])
            assert who.startswith(comment["author"]["displayName"] if "author" in comment else "somebody")
        items = [(shown_time(h["created"]), i["field"]) for h in issue["changelog"]["histories"] for i in h["items"]]
        if items:
            lines = part(out, "History")
            assert [line[:20] for line in lines] == sorted(at for at, _ in items)
            assert sorted(re.match(r"\S+  .*?  (.*?): ", line)[1] for line in lines) == sorted(field for _, field in items)
        if fields["description"]:
            documents += 1
            words = next(leaf["text"] for leaf in leaves(fields["description"]))
            assert words.split()[0] in "\n".join(part(out, "Description"))
    assert documents > 10


def shown_time(text):
    """Cloud's generated dates are UTC; the second is what is shown."""
    assert text.endswith("+0000")
    return text[:19] + "Z"


def leaves(node):
    if node.get("type") == "text":
        yield node
    for child in node.get("content", ()):
        yield from leaves(child)


@LAYOUTS
def test_unknown_keys(held, layout):
    jd = held(layout)
    done = show(jd, "GEN-1", "GEN-999", "gen-2", expect=66)
    assert re.findall(r"^# (\S+)", done.out, re.M)[0] == "GEN-1" and "\n# GEN-2 " in done.out
    assert len(done.err.strip().split("\n")) == 1
    assert "GEN-999" in done.err and str(jd.raw) in done.err
    assert "is no issue key" in show(jd, "../GEN-1", expect=64).err
    show(jd, expect=64)
    nowhere = jd.run("show", "--raw-dir", jd.box / "none", "--state-dir", jd.state, "GEN-1", expect=66)
    assert str(jd.box / "none") in nowhere.err


def test_without_the_state_and_beside_a_run(held):
    """Files need no state; and whoever holds the lock is not waited for."""
    jd = held()
    with open(jd.state / "lock", "a") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        assert show(jd, "APP-1").out.startswith("# APP-1 ")
    before = rig.tree(jd.box / "data")
    alone = jd.run("show", "--raw-dir", jd.raw, "--state-dir", jd.box / "none", "APP-1", expect=0)
    assert alone.out.startswith("# APP-1 ") and not (jd.box / "none").exists()
    jd.run("show", "--raw-dir", jd.raw, "--state-dir", jd.box / "none", "APP-2", expect=66)
    assert rig.tree(jd.raw) == {n[4:]: h for n, h in before.items() if n.startswith("raw/")}


def test_a_file_that_is_no_issue(held):
    jd = held()
    bad = jd.issue_files()["GEN-3"]
    for content in ("{", "[]", '{"id":"1","key":"GEN-3"}'):
        bad.write_text(content)
        done = show(jd, "GEN-3", expect=65)
        assert str(bad) in done.err and not done.out
    bad.write_text(json.dumps({"key": "GEN-3", "self": 7, "fields": {
        "summary": ["x"], "labels": {"a": 1}, "comment": {"comments": {"a": 3}, "total": "x"}, "worklog": [], "issuelinks": [None, 3],
        "attachment": [[]], "created": "never", "customfield_1": {"type": "doc", "content": 7}, "reporter": 9, "subtasks": "no"},
        "changelog": {"histories": [{"items": {"field": 1}}, {"items": [4]}]}}))
    assert show(jd, "GEN-3").out.startswith("# GEN-3 ")


@pytest.mark.skipif(not rig.REALDATA.exists(), reason="no real data here")
def test_real_issues(start_sim, product):
    sim = start_sim("--data", rig.REALDATA / "apache-kafka-spark-hadoop.dc.jsonl.gz")
    jd = product(sim)
    keys = sorted(sim.dump_lines())
    jd.scrape("--projects", *sorted({k.rsplit("-", 1)[0] for k in keys}), "--raw-layout", "pack")
    out = show(jd, *keys).out
    assert [k for k in re.findall(r"^# ([A-Z]+-\d+) ", out, re.M) if k in set(keys)] == keys
