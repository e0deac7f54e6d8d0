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
    warehouse = rig.Warehouse(box / "data/warehouse.db")
    assert warehouse.number("SELECT count(*) FROM issue") == 3000
    assert str(warehouse.file) in done.stdout and str(box / "data/report.html") in done.stdout
    weeks = warehouse.query("SELECT project_key, week, sum(resolved) FROM throughput GROUP BY 1, 2 ORDER BY 2 DESC, 1 LIMIT 6")
    shown = done.stdout.split("view throughput\n")[1].split("view cycle_time\n")
    assert [tuple(cell.strip() for cell in line.split("│")[1:-1]) for line in shown[0].splitlines()[3:9]] == weeks
    assert "In Progress" in shown[1] and "mean_days" in shown[1]
    assert (box / "data/report.html").read_text().count("<svg") == 4


def test_against_a_site_given_by_url(box, start_sim):
    sim = start_sim("--generate", "KAFKA:80", context="/elsewhere")
    done = demo(box, JIRA_BASE_URL=sim.url, PROJECTS="KAFKA", MAX="50")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((box / "data/raw/KAFKA").glob("*.json"))) == 50
    assert rig.Warehouse(box / "data/warehouse.db").number("SELECT count(*) FROM issue") == 50
    assert os.listdir(box / "data/raw") == ["KAFKA"] or set(os.listdir(box / "data/raw")) <= {"KAFKA", "_site"}
