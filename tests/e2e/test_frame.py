"""The commands around the main job."""
import json
import re

import pytest

import rig

SECRET = "hush-hush-4711"


@pytest.mark.smoke
def test_version_and_help(product):
    jd = product()
    version = jd.run("--version", expect=0).out
    assert re.match(r"jiraduct \d+\.\d+\.\d+", version)
    overview = jd.run("--help", expect=0).out
    for command in ("scrape", "transform", "stats", "state", "config", "doctor"):
        assert command in overview
        if command != "state":
            text = jd.run("help", command, expect=0).out
            assert command in text and jd.run(command, "--help", expect=0).out == text
    scrape = jd.run("help", "scrape", expect=0).out
    for option in ("--projects", "--base-url", "--start-date", "--max-issues", "--jql", "--delay", "--page-size", "--connect-timeout",
                   "--timeout", "--raw-dir", "--state-dir", "--strict", "--dry-run", "--report", "--metrics", "--on-finish"):
        assert option in scrape, option


def test_config_says_where_a_value_comes_from_and_masks_secrets(product):
    jd = product()
    (jd.box / ".env").write_text(f"JIRA_BASE_URL=https://one.example\nJIRA_API_TOKEN={SECRET}\nJIRA_USERNAME=me\n")
    done = jd.run("config", env={"JIRA_PROJECTS": "ALPHA,BETA"}, expect=0)
    line = {name: next(l for l in done.out.splitlines() if value in l) for name, value in
            {"url": "one.example", "projects": "ALPHA"}.items()}
    assert ".env" in line["url"] and "JIRA_PROJECTS" in line["projects"]
    assert SECRET not in done.out + done.err


def test_doctor_tells_what_it_met(start_sim, product):
    sim = start_sim("--generate", "HADOOP:5", "--zone", "America/New_York", "--page-cap", "40")
    done = product(sim).run("doctor", "--base-url", sim.url, expect=0)
    for word in ("UTC-0", "40", sim.host):
        assert word in done.out + done.err, word


def test_doctor_on_a_dead_host(product):
    assert product().run("doctor", "--base-url", "http://127.0.0.1:9").status == 69


def test_state_show_reset_verify(start_sim, product):
    sim = start_sim("--generate", "HADOOP:80", "--generate", "KAFKA:40")
    jd = product(sim)
    where = ("--raw-dir", jd.raw, "--state-dir", jd.state)
    assert jd.run("state", "show", "--state-dir", jd.state).status == 66
    jd.scrape("--projects", "HADOOP", "KAFKA")
    shown = jd.run("state", "show", "--state-dir", jd.state, expect=0).out
    assert "HADOOP" in shown and "KAFKA" in shown and "80" in shown and "40" in shown
    jd.run("state", "verify", *where, expect=0)

    jd.issue_files()["HADOOP-9"].unlink()
    broken = jd.run("state", "verify", *where)
    assert broken.status != 0 and "HADOOP-9" in broken.out + broken.err

    jd.run("state", "reset", "--state-dir", jd.state, expect=0)
    jd.scrape("--projects", "HADOOP", "KAFKA")
    rig.assert_mirror(jd, sim)
    jd.run("state", "verify", *where, expect=0)


def test_last_updates_for_people(start_sim, product):
    sim = start_sim("--generate", "HADOOP:80")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    dates = json.loads((jd.state / "last_updates.json").read_text())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", dates["HADOOP"])


def test_completion_is_generated(product):
    for shell, word in (("bash", "complete"), ("zsh", "#compdef")):
        done = product().run("help", "--format", shell, expect=0)
        assert word in done.out and "--page-size" in done.out and "transform" in done.out
