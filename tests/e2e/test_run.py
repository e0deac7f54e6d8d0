"""`make run`, as the README promises it."""
import os
import subprocess

import rig


def demo(box, **env):
    return subprocess.run([rig.ROOT / "scripts/demo"], capture_output=True, text=True, timeout=rig.PATIENCE,
                          stdin=subprocess.DEVNULL, env={**rig.clean_env(), "JD_BUILD": str(rig.BUILD), "DATA": str(box / "data"), **env})


def test_with_jirasim(box):
    done = demo(box)
    assert done.returncode == 0, done.stdout + done.stderr
    for project in ("HADOOP", "SPARK", "KAFKA"):
        assert project in done.stderr, "the verdict"
        assert len(list((box / "data/raw" / project).glob("*.json"))) >= 900
    assert len(rig.records(box / "data/corpus/jira_corpus.jsonl")) > 2500
    assert str(box / "data/corpus/jira_corpus.jsonl") in done.stdout


def test_against_a_site_given_by_url(box, start_sim):
    sim = start_sim("--generate", "KAFKA:80", context="/elsewhere")
    done = demo(box, JIRA_BASE_URL=sim.url, PROJECTS="KAFKA", MAX="50")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((box / "data/raw/KAFKA").glob("*.json"))) == 50
    assert os.listdir(box / "data/raw") == ["KAFKA"] or set(os.listdir(box / "data/raw")) <= {"KAFKA", "_site"}
