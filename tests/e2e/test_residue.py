"""The corpus is text for people and models: no markup is left in it, whichever way it is written."""
import gzip
import json
import re

import pytest

import rig

RESIDUE = {name: re.compile(pattern, re.M) for name, pattern in {
    "code": r"\{code", "color": r"\{color", "noformat": r"\{noformat", "quote": r"\{quote", "heading": r"^h[1-6]\. ",
    "mention": r"\[~", "adf": r'"type":\s*"paragraph"', "image": r"\|thumbnail!"}.items()}

# What is no residue: (issue, text) -> how many, and why.
IN_CODE = "code that has braces of its own"
SPOKEN = "the author escaped the macro, to speak of it"
UNBALANCED = "the author left out a macro's end: the next one is in the code"
NO_MACRO = "no macro, but for its first letters"
KNOWN = {
    ("ALOY-121", "description"): (2, IN_CODE),
    ("ALOY-1708", "description"): (1, IN_CODE),
    ("MOD-2251", "comment 2"): (2, IN_CODE),
    ("TIMOB-2577", "comment 2"): (2, IN_CODE),
    ("TIMOB-11903", "description"): (1, IN_CODE),
    ("TIMOB-13434", "comment 4"): (1, IN_CODE),
    ("TIMOB-4494", "comment 1"): (1, SPOKEN),
    ("TIMOB-4644", "comment 1"): (1, SPOKEN),
    ("TIMOB-5299", "comment 1"): (2, SPOKEN),
    ("TIMOB-5334", "comment 1"): (1, SPOKEN),
    ("ALOY-913", "comment 1"): (1, UNBALANCED),
    ("TIMOB-5236", "description"): (1, UNBALANCED),
    ("ALOY-1637", "description"): (1, NO_MACRO),
    ("TIMOB-3588", "description"): (1, NO_MACRO),
}


def texts(record):
    yield "description", record["description"]
    yield "environment", record.get("environment")
    for number, comment in enumerate(record["comments"], 1):
        yield f"comment {number}", comment["body"]


def residue(records):
    """(issue, text) -> how much is left in it."""
    found = {}
    for record in records:
        for part, text in texts(record):
            count = sum(len(pattern.findall(text)) for pattern in RESIDUE.values()) if text else 0
            if count:
                found[record["metadata"]["issue_key"], part] = count
    return found


def unknown(records):
    """What is left beyond what is known; names only, the words belong to real people."""
    return {name: count for name, count in residue(records).items() if count > KNOWN.get(name, (0, ""))[0]}


def raw_store(box, path):
    """A raw store as scrape leaves it, of the issues of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            key = json.loads(line)["key"]
            folder = box / "raw" / key.rsplit("-", 1)[0]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{key}.json").write_text(line, encoding="utf-8")
    return box / "raw"


def test_made_up_issues(start_sim, product):
    jd = product(start_sim("--generate", "HADOOP:400", "--generate", "SPARK:200"))
    jd.scrape("--projects", "HADOOP", "SPARK")
    jd.transform("--text", "wiki", "--environment")
    source = rig.records(jd.corpus)
    assert len(residue(source)) > len(source) / 10, "nothing to find in the source"
    for form in ("plain", "markdown"):
        jd.transform("--text", form, "--environment")
        records = rig.records(jd.corpus)
        assert len(records) == len(source) and residue(records) == {}


@pytest.mark.parametrize("path", sorted(rig.REALDATA.glob("*.jsonl.gz")), ids=lambda p: p.name.split(".")[0])
@pytest.mark.parametrize("form", ["plain", "markdown"])
def test_real_issues(product, path, form):
    jd = product()
    raw = raw_store(jd.box, path)
    jd.run("transform", "--input-dir", raw, "--quarantine-dir", jd.quarantine, "--output", jd.box / "c.jsonl", "--text", form,
           "--environment", "--include-restricted", expect=0)
    records = rig.records(jd.box / "c.jsonl")
    assert len(records) == sum(1 for _ in raw.glob("*/*.json")) and unknown(records) == {}


def test_what_is_left_would_be_seen():
    record = {"metadata": {"issue_key": "A-1"}, "description": "h2. x\n{code:java}y{code}", "comments": [
        {"body": "[~mia] !a.png|thumbnail!"}, {"body": '{"type": "paragraph"}'}, {"body": "fine: {} h2. [x]"}]}
    assert unknown([record]) == {("A-1", "description"): 3, ("A-1", "comment 1"): 2, ("A-1", "comment 2"): 1}
