"""warehouse report: one page that needs nobody, its figures worked out by hand, opened in Chromium."""
import html.parser
import json
import re
import shutil
import subprocess

import pytest

import rig

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'&\x07 ‮קֶבֶר"
STATUS = {"1": ("Open", 2, "new"), "3": ("In Progress", 4, "indeterminate"), "5": ("Done <b>", 3, "done")}
# created, then when it came into which status; and when it was resolved
ISSUES = [
    ("2024-03-04T10:00", [("2024-03-05T10:00", "3"), ("2024-03-06T10:00", "5")]),  # a day
    ("2024-03-04T11:00", [("2024-03-06T11:00", "3"), ("2024-03-09T11:00", "5")]),  # three
    ("2024-03-04T12:00", [("2024-03-05T12:00", "3"), ("2024-03-15T12:00", "5")]),  # ten
    ("2024-03-01T12:00", [("2024-03-12T12:00", "5")]),  # never in progress
    ("2023-01-10T12:00", [("2023-01-11T12:00", "3"), ("2023-02-11T12:00", "5")]),  # before the period
    ("2024-01-10T12:00", []),
    ("2024-02-10T12:00", [("2024-03-20T12:00", "3")]),
]


def status_of(id):
    name, category, key = STATUS[id]
    return {"id": id, "name": name, "statusCategory": {"id": category, "key": key, "name": key}}


def write_issues(jd, issues=ISSUES, project="TIE"):
    folder = jd.raw / project
    folder.mkdir(parents=True)
    for n, (created, moves) in enumerate(issues, 1):
        issue = rig.plain_issue(n, project, created=f"{created}:00.000+0000", updated=f"{moves[-1][0] if moves else created}:00.000+0000")
        now, histories = "1", []
        for i, (at, to) in enumerate(moves):
            item = {"field": "status", "fieldtype": "jira", "from": now, "fromString": STATUS[now][0], "to": to, "toString": STATUS[to][0]}
            histories.append({"id": str(n * 100 + i), "created": f"{at}:00.000+0000", "items": [item]})
            now = to
        fields = issue["fields"]
        fields.update(status=status_of(now), summary=EVIL, project={**fields["project"], "name": EVIL},
                      issuetype={"id": "1", "name": EVIL, "subtask": False})
        if now == "5":
            fields.update(resolution={"id": "1", "name": "Fixed"}, resolutiondate=f"{moves[-1][0]}:00.000+0000")
        issue["changelog"] = {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}
        (folder / f"{project}-{n}.json").write_text(json.dumps(issue))


def report(jd, warehouse, *args, expect=0):
    return jd.run("warehouse", "report", "--output", jd.box / "out/report.html", *args, env=warehouse.env, expect=expect)


class Page(html.parser.HTMLParser):
    """What a page has: its elements, and its texts by what they stand in."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.path = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.path.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.path.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.path[-1] if self.path else "", data))

    def count(self, tag, **attrs):
        return sum(t == tag and all(a.get(k) == v for k, v in attrs.items()) for t, a in self.elements)

    def has(self, text):
        return any(text in data for _, data in self.texts)


def chromium(box, file, *args):
    program = shutil.which("chromium")
    if not program and "ID=debian" not in open("/etc/os-release").read():
        pytest.skip("no chromium here; scripts/setup installs it on Debian only")
    return subprocess.run([program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                           "--disable-background-networking", "--disable-component-update", f"--user-data-dir={box / 'chromium'}",
                           "--enable-logging=stderr", *args, f"file://{file}"], capture_output=True, text=True, timeout=rig.PATIENCE,
                          env={**rig.clean_env(), "HOME": str(box)}, check=True)


PERIOD = ("--project", "tie", "--from", "2024-03-01", "--to", "2024-03-31")


def fill(jd, warehouse, *issues):
    write_issues(jd, *issues)
    jd.run("warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state, env=warehouse.env, expect=0)


@pytest.mark.smoke
def test_figures_are_those_of_the_views(product, warehouse):
    jd = product()
    fill(jd, warehouse)
    report(jd, warehouse, *PERIOD)
    page = Page((jd.box / "out/report.html").read_text())
    within = "finished >= '2024-03-01' AND finished < '2024-04-01'"
    assert page.count("circle") == 3 == warehouse.number(f"SELECT count(*) FROM cycle_time WHERE seconds IS NOT NULL AND {within}")
    assert page.has("half within 3.0 d") and page.has("85 % within 7.9 d")
    assert page.count("rect", **{"class": "bar"}) == 2
    for said in ("Week of 2024-03-04: 2 resolved", "Week of 2024-03-11: 2 resolved", "0.9 a week",
                 "Done: 0 at the beginning, 4 at the end", "In progress: 0 at the beginning, 1 at the end",
                 "To do: 3 at the beginning, 1 at the end", "4 Mar"):
        assert page.has(said), said
    figures = [data for tag, data in page.texts if tag == "dd"]
    assert figures[0] == "4" and figures[2] == "4" and figures[4] == "2", figures  # resolved, created in March, open
    assert page.count("svg", role="img") == 4 and page.count("details") == 4
    assert warehouse.number("SELECT count(*) FROM open_age") == 2


def test_both_databases_give_the_same_page(product, postgres, tmp_path):
    jd, pages = product(), []
    write_issues(jd)
    for warehouse in (rig.Warehouse(tmp_path / "warehouse.db"), rig.Warehouse(None, postgres)):
        jd.run("warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state, env=warehouse.env, expect=0)
        report(jd, warehouse, "--from", "2023-01-01")
        pages.append(re.sub(r"made [-0-9]+ [:0-9]+ UTC", "", (jd.box / "out/report.html").read_text()))
    assert pages[0] == pages[1] and "2023-01-01 to 2024-03-20" in pages[0]


def test_it_is_inert_and_asks_nobody_in_chromium(product, tmp_path):
    jd, warehouse = product(), rig.Warehouse(tmp_path / "warehouse.db")
    fill(jd, warehouse)
    report(jd, warehouse, *PERIOD)
    file, log = jd.box / "out/report.html", tmp_path / "net.json"
    done = chromium(tmp_path, file, "--dump-dom", f"--log-net-log={log}")
    dom = Page(re.sub(r"^<!DOCTYPE html>", "", done.stdout))
    assert dom.count("circle") == 3 and dom.has("half within 3.0 d"), "it was not shown"
    assert "CONSOLE" not in done.stderr, done.stderr
    asked = [e["params"]["url"] for e in json.loads(log.read_text())["events"] if "url" in e.get("params", {})
             and str(e["params"].get("initiator", "")).startswith("file:") and not e["params"]["url"].startswith("file:")]
    assert asked == []
    assert not [t for t, a in dom.elements if t in ("script", "img", "b") or any(k.startswith("on") for k in a)]
    shown = EVIL.replace("\x07", "")
    assert sum(shown in data for t, data in dom.texts if t == "bdi") >= 4, "what people wrote is there, as text"
    assert "\x07" not in file.read_text()


def test_empty_one_issue_and_mistakes(product, warehouse):
    jd = product()
    done = report(jd, warehouse, expect=None)
    assert done.status == 66 and "init" in done.err
    jd.run("warehouse", "init", env=warehouse.env, expect=0)
    report(jd, warehouse)
    page = Page((jd.box / "out/report.html").read_text())
    assert page.count("svg") == 4 and page.count("circle") == 0 and page.has("No issue is open.")
    fill(jd, warehouse, ISSUES[:1], "ONE")
    report(jd, warehouse)
    page = Page((jd.box / "out/report.html").read_text())
    assert page.has("All projects") and page.count("rect", **{"class": "bar"}) == 1 and page.has("Week of 2024-03-04: 1 resolved")
    before = (jd.box / "out/report.html").read_bytes()
    assert "it has ONE" in report(jd, warehouse, "--project", "NOPE", expect=66).err
    assert "begins after" in report(jd, warehouse, "--from", "2024-02-01", "--to", "2024-01-01", expect=64).err
    assert (jd.box / "out/report.html").read_bytes() == before, "a failure left the page as it was"
    assert [p.name for p in (jd.box / "out").iterdir()] == ["report.html"]
