"""transform: one line an issue, in the agreed shape, the same bytes every time."""
import gzip
import json
import subprocess

import jsonschema
import pytest

import rig

ORDER = {
    "": ["metadata", "description", "comments", "tasks"],
    "metadata": ["issue_key", "project", "title", "status", "priority", "reporter", "assignee", "created", "updated", "resolution"],
    "tasks": ["summarization", "classification", "qa"],
}


@pytest.fixture
def mirror(start_sim, product):
    sim = start_sim("--generate", "HADOOP:300", "--generate", "KAFKA:150")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP", "KAFKA")
    return sim, jd


@pytest.mark.smoke
def test_every_issue_has_its_line_in_the_agreed_shape(mirror):
    sim, jd = mirror
    jd.transform("--include-restricted")
    schema = jsonschema.Draft7Validator(json.loads((rig.ROOT / "tests/e2e/record.schema.json").read_text()))
    records = rig.records(jd.corpus)
    dump = {k: json.loads(p.read_text()) for k, p in jd.issue_files().items()}
    assert {r["metadata"]["issue_key"] for r in records} == set(sim.dump()) and len(records) == 450
    made = dict.fromkeys(ORDER["tasks"], 0)
    for record in records:
        schema.validate(record)
        assert list(record) == ORDER[""]
        assert list(record["metadata"]) == ORDER["metadata"]
        assert list(record["tasks"]) == ORDER["tasks"]
        issue = dump[record["metadata"]["issue_key"]]["fields"]
        assert record["metadata"]["title"] == issue.get("summary")
        assert record["metadata"]["project"] == issue["project"]["key"]
        assert (record["metadata"]["assignee"] is None) == (not issue.get("assignee"))
        for name, task in record["tasks"].items():
            made[name] += task is not None
        task = record["tasks"]["classification"]
        if task:
            status = (issue.get("status") or {}).get("name")
            assert f"Status: {status}" in task["output"]
    assert all(made.values()), f"no task of a kind in 450 issues: {made}"


def test_same_input_same_bytes_whatever_the_threads(mirror):
    _, jd = mirror
    seen = set()
    for threads in ("1", "2", "7"):
        jd.transform("--threads", threads, "--stats", jd.corpus.parent / "stats.json")
        seen.add((jd.corpus.read_bytes(), (jd.corpus.parent / "stats.json").read_bytes()))
    assert len(seen) == 1


def test_stdout_compression_and_projects(mirror):
    _, jd = mirror
    jd.transform()
    plain = jd.corpus.read_bytes()
    assert jd.run("transform", "--input-dir", jd.raw, "--output", "-", expect=0).out.encode() == plain
    for kind, opened in (("gz", gzip.decompress), ("zst", lambda b: subprocess.run(["zstd", "-dc"], input=b, capture_output=True, check=True).stdout)):
        packed = jd.box / f"corpus.jsonl.{kind}"
        jd.run("transform", "--input-dir", jd.raw, "--output", packed, "--compress", kind, expect=0)
        assert opened(packed.read_bytes()) == plain
    jd.transform("--projects", "KAFKA")
    some = jd.corpus.read_bytes().split(b"\n")
    assert some and set(some) < set(plain.split(b"\n"))
    assert {r["metadata"]["project"] for r in rig.records(jd.corpus)} == {"KAFKA"}


def test_statistics_agree_with_the_corpus(mirror):
    _, jd = mirror
    stats = jd.corpus.parent / "stats.json"
    jd.transform("--include-restricted", "--stats", stats)
    text = stats.read_text()
    figures = json.loads(text)
    assert "HADOOP" in text and "KAFKA" in text and figures
    shown = json.loads(jd.run("stats", jd.corpus, expect=0).out)  # not a terminal: JSON
    assert shown["records"] == figures["records"] == 450


def test_restricted_stays_out_unless_asked_for(start_sim, product, box):
    issues = [rig.plain_issue(n) for n in range(1, 4)]
    comment = {"id": "1", "author": {"name": "dev1", "displayName": "Dev 1"}, "created": "2024-03-06T10:00:00.000+0000",
               "updated": "2024-03-06T10:00:00.000+0000"}
    issues[0]["fields"]["comment"] = {"total": 2, "startAt": 0, "maxResults": 2, "comments": [
        {**comment, "body": "for all"}, {**comment, "id": "2", "body": "for few", "visibility": {"type": "role", "value": "Devs"}}]}
    issues[1]["fields"]["security"] = {"id": "10", "name": "Security"}
    issues[1]["fields"]["description"] = "a hole nobody should read of"
    jd = product(start_sim("--data", rig.write_lines(box / "r.jsonl", issues)))
    jd.scrape("--projects", "TIE")
    jd.transform()
    text = jd.corpus.read_text()
    assert "for all" in text and "for few" not in text and "a hole" not in text
    assert "TIE-2" not in [r["metadata"]["issue_key"] for r in rig.records(jd.corpus)]
    jd.transform("--include-restricted")
    text = jd.corpus.read_text()
    assert "for few" in text and "a hole" in text


def test_what_cannot_be_read_is_null_and_counted(start_sim, product, box):
    issue = rig.plain_issue(1)
    issue["fields"]["resolutiondate"] = "the day before"
    issue["fields"]["comment"] = {"total": 1, "startAt": 0, "maxResults": 1, "comments": [
        {"id": "1", "body": "bell \u0007 and nul \u0000 and \x1b[31mred", "created": "never"}]}
    del issue["fields"]["priority"]
    jd = product(start_sim("--data", rig.write_lines(box / "n.jsonl", [issue])))
    jd.scrape("--projects", "TIE")
    jd.transform("--stats", jd.corpus.parent / "stats.json")
    record = json.loads(jd.corpus.read_text())
    assert record["metadata"]["priority"] is None
    comment, = record["comments"]
    assert comment["created"] is None and comment["author"] is None
    assert "nul" in comment["body"] and not any(ord(c) < 32 and c not in "\n\t" for c in comment["body"])
