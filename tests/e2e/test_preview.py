"""preview and fields: what a query selects, on the terminal, as JSON lines and as CSV; nothing is kept."""
import csv
import io
import json
import os
import subprocess
import unicodedata

import pytest

import rig

EVIL = "\x1b]0;title\x07=HYPERLINK(\"http://evil\")\n‮drow"


@pytest.fixture(params=["dc", "cloud"])
def sim(request, start_sim):
    if request.param == "dc":
        return start_sim("--generate", "APP:130", "--seed", "7", "--page-cap", "40")
    return start_sim("--flavour", "cloud", "--generate", "APP:130", "--seed", "7", context="/")


@pytest.fixture
def evil(start_sim, box):
    issue = rig.plain_issue(1)
    issue["fields"].update(summary=EVIL, customfield_10100=-5, assignee={**issue["fields"]["reporter"], "displayName": "佐藤 元, \"Jr\""})
    return start_sim("--data", rig.write_lines(box / "evil.jsonl", [issue]))


def preview(jd, *args, width=80, expect=0):
    return jd.run("preview", "--base-url", jd.base_url, *args, env={"COLUMNS": str(width)}, expect=expect)


def columns(text):
    """On a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.smoke
def test_a_table_fits_the_terminal_and_keeps_nothing(sim, product):
    jd = product(sim)
    for width in (60, 80, 150):
        done = preview(jd, "--jql", "project = APP ORDER BY key ASC", "--limit", "90", width=width)
        lines = done.out.splitlines()
        assert lines[0].split() == ["key", "summary", "status", "assignee", "updated"]
        assert [line.split()[0] for line in lines[2:]] == [f"APP-{n}" for n in range(1, 91)]
        assert max(map(columns, lines)) <= width
    assert "90" in done.err and "--limit 0" in done.err
    assert list(jd.box.iterdir()) == [], "something was kept on disk"


def test_json_and_csv_give_every_issue_by_names(sim, product):
    jd = product(sim)
    told = {key: json.loads(line)["fields"] for key, line in sim.dump_lines().items()}
    args = ("--jql", "project = APP", "--limit", "0", "--fields", "key,summary,status,assignee,labels,components,votes,created,description")
    rows = [json.loads(line) for line in preview(jd, *args, "--json").out.split("\n")[:-1]]  # text may hold U+2028
    assert {r["key"] for r in rows} == set(told) and len(rows) == len(told)
    for row in rows:
        issue = told[row["key"]]
        assert row["summary"] == issue["summary"] and row["labels"] == issue["labels"]
        assert row["status"] == issue["status"]["name"]
        assert row["assignee"] == (issue["assignee"] and issue["assignee"]["displayName"])
        assert row["components"] == [c["name"] for c in issue["components"]]
        assert (row["description"] is None) == (issue["description"] is None) and isinstance(row["description"], (str, type(None)))
        assert row["votes"]["votes"] == issue["votes"]["votes"], "what has no name is whole"
    text = preview(jd, *args, "--csv").out
    assert text.count("\r\n") == len(told) + 1 and "\r\n" in text[:120]
    head, *sheet = list(csv.reader(io.StringIO(text, newline="")))
    assert head == list(rows[0])
    by_key = {row["key"]: row for row in rows}
    for row in sheet:
        assert row[2] == by_key[row[0]]["status"] and row[4] == ", ".join(by_key[row[0]]["labels"])


def test_what_people_wrote_is_harmless(evil, product):
    jd = product(evil)
    args = ("--jql", "project = TIE", "--fields", "summary,assignee,customfield_10100,created")
    table = preview(jd, *args, width=160).out
    assert not any(c in table for c in "\x1b\x07‮") and "\\x1b]0;title\\x07" in table
    assert "佐藤 元" in table and "2024-03-05 10:00" in table
    (row,) = map(json.loads, preview(jd, *args, "--json").out.splitlines())
    assert row["summary"] == EVIL and row["customfield_10100"] == -5
    assert "\x1b" not in preview(jd, *args, "--json").out
    for guard, mark in (("--guard", "'"), ("--no-guard", "")):
        _, row = csv.reader(io.StringIO(preview(jd, *args, "--csv", guard).out, newline=""))
        assert row[1].startswith("]0;title=HYPER") and row[2] == "佐藤 元, \"Jr\"" and row[3] == "-5", "a number needs no guard"


def test_rows_come_as_pages_come(start_sim, product):
    sim = start_sim("--generate", "APP:130", "--seed", "7", "--page-cap", "40")
    reply = sim.http.post(f"{sim.root}/_sim/faults", data=b"search from 3: 503", timeout=rig.PATIENCE)
    assert reply.status_code == 200, reply.text
    jd = product(sim)
    done = preview(jd, "--jql", "project = APP", "--limit", "0", "--json", expect=69)
    assert len(done.out.splitlines()) == 80, "two pages came before the server failed"


def test_nothing_is_fetched_for_a_reader_that_is_gone(start_sim, product):
    sim = start_sim("--generate", "APP:130", "--seed", "7", "--page-cap", "40")
    jd = product(sim)
    there, gone = os.pipe()
    os.close(there)
    process = jd.popen("preview", "--base-url", sim.url, "--jql", "project = APP", "--limit", "0", stdout=gone, stderr=subprocess.PIPE)
    os.close(gone)
    _, err = process.communicate(timeout=rig.PATIENCE)
    assert process.returncode == 0 and err == b""
    assert sum(row["path"].endswith("/search") for row in sim.requests_seen()) == 1


def test_fields(sim, product):
    jd = product(sim)
    where = ("fields", "--base-url", sim.url)
    listed = [json.loads(line) for line in jd.run(*where, "--json", expect=0).out.splitlines()]
    by_id = {f["id"]: f for f in listed}
    assert by_id["summary"] == {"id": "summary", "name": "Summary", "called": "summary", "type": "text", "custom": False, "clauses": ["summary"]}
    points = next(f for f in listed if f["name"] == "Story Points")
    assert points["custom"] and points["type"] == "number" and "Story Points" in points["clauses"]
    few = [json.loads(line) for line in jd.run(*where, "--json", "POINTS", "labels", expect=0).out.splitlines()]
    assert {f["id"] for f in few} == {f["id"] for f in listed if "points" in f["name"].lower() or "labels" in f["name"].lower()}
    table = jd.run(*where, "points", env={"COLUMNS": "80"}, expect=0).out.splitlines()
    assert table[0].split() == ["id", "name", "type", "custom", "clauses"] and table[2].startswith(points["id"])
    # a name, or ours, does for a field's id
    for name in ("story points", "story_points", points["id"]):
        done = jd.run("preview", "--base-url", sim.url, "--jql", "project = APP", "--limit", "1", "--json", "--fields", name, expect=0)
        assert set(json.loads(done.out)) == {"key", name}


@pytest.mark.parametrize("args, status, says", [
    (("--fields", "summary"), 64, "--jql"),
    (("--jql", "project = APP", "--fields", "sumary"), 64, "did you mean 'summary'"),
    (("--jql", "project = APP", "--csv", "--json"), 64, "choose one"),
    (("--jql", "project is what"), 65, "400"),
])
def test_mistakes(start_sim, product, args, status, says):
    sim = start_sim("--generate", "APP:1", "--seed", "7")
    done = preview(product(sim), *args, expect=status)
    assert says in done.err and not done.out
