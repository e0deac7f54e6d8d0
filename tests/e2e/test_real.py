"""Real public issues, when ../shared/realdata is there: nothing dropped, nothing bent."""
import collections
import gzip
import json
import random
import sys

import jsonschema
import pytest

import rig

FILES = sorted(rig.REALDATA.glob("*.dc.jsonl.gz")) if rig.REALDATA.is_dir() else []
pytestmark = pytest.mark.skipif(not FILES, reason="no real issues at ../shared/realdata")
SCHEMA = json.loads((rig.ROOT / "tests/e2e/record.schema.json").read_text()) if FILES else None


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.split(".")[0])
def test_scrape_and_transform(start_sim, product, path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        keys = [json.loads(line)["key"] for line in lines]
    projects = sorted({k.rsplit("-", 1)[0] for k in keys})
    sim = start_sim("--data", path, "--with-changelogs", "11", "--page-cap", "100")
    jd = product(sim)
    jd.scrape("--projects", *projects)
    assert rig.assert_mirror(jd, sim) == len(set(keys))
    assert not rig.tree(jd.quarantine)
    with_history = sum(1 for i in sim.dump().values() if rig.member(i, "changelog", "histories"))
    assert with_history > len(set(keys)) / 2, "the changelogs were grafted"

    jd.transform("--include-restricted", "--stats", jd.corpus.parent / "stats.json")
    lines = jd.corpus.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    records = [json.loads(line) for line in lines]
    written = collections.Counter(r["metadata"]["issue_key"] for r in records)
    assert written == collections.Counter(set(keys)), "every issue has its line"

    validator = jsonschema.Draft7Validator(SCHEMA)
    for line in random.Random(300).sample(lines, min(300, len(lines))):
        record = json.loads(line)
        wrong = next(validator.iter_errors(record), None)
        # The location only: the text of real people is not for logs.
        assert wrong is None, f"{record['metadata']['issue_key']}: {list(wrong.absolute_path)}: {wrong.validator}"

    # Public view: what it leaves out is counted, not dropped silently.
    few = jd.transform("--stats", jd.corpus.parent / "public.json")
    stats = json.loads((jd.corpus.parent / "public.json").read_text())
    public = len(rig.records(jd.corpus))
    assert public == len(written) or "restricted" in few.err.lower() + json.dumps(stats).lower()

    qa = [r["tasks"]["qa"] for r in records if r["tasks"]["qa"]]
    print(f"{path.name}: {len(records)} issues, {len(qa)} QA pairs", file=sys.stderr)
    for pair, record in ((r["tasks"]["qa"], r) for r in records if r["tasks"]["qa"]):
        bodies = [c["body"] or "" for c in record["comments"]]
        assert any(pair["answer"].strip()[:40] in b for b in bodies), f"{record['metadata']['issue_key']}: the answer is no comment"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.split(".")[0])
def test_a_second_run_finds_nothing_new(start_sim, product, path):
    """Some real totals are larger than what is there for good; that must not be asked for ever."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        projects = sorted({json.loads(line)["key"].rsplit("-", 1)[0] for line in lines})
    sim = start_sim("--data", path)
    jd = product(sim)
    jd.scrape("--projects", *projects)
    before, mark = rig.tree(jd.raw), len(sim.requests_seen())
    jd.scrape("--projects", *projects)
    assert rig.tree(jd.raw) == before
    again = sim.issues_served(sim.requests_seen()[mark:])
    assert again <= len(before) / 10 + 100 * len(projects), f"{again} of {len(before)} issues came again"
