"""A project whose key changes is followed by its id."""
import json

import pytest

import rig


def entries(product, folder):
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


LAYOUTS = pytest.mark.parametrize("layout", [(), ("--raw-layout", "pack")], ids=["files", "pack"])


def show(product, key):
    return product.run("show", "--raw-dir", product.raw, "--state-dir", product.state, key, expect=0).out


@LAYOUTS
@pytest.mark.parametrize("forget", [False, True], ids=["the old key leads on", "the old key is forgotten"])
def test_a_renamed_project_goes_on_under_its_new_key(start_sim, product, forget, layout):
    sim = start_sim("--generate", "APP:150", "LIB:20", "--page-cap", "50")
    jd = product(sim)
    jd.scrape("--projects", "APP", "LIB", *layout)
    sim.advance(3600)
    assert sim.control("rename-project", project="APP", key="NEW", forget=forget)["count"] == 150
    done = jd.scrape("--projects", "APP", "LIB")
    assert "APP is called NEW now" in done.err
    rows = {row["project"]: row for row in jd.verdict()["projects"]}
    assert set(rows) == {"NEW", "LIB"}
    assert (rows["NEW"]["changed"], rows["NEW"]["missing"], rows["NEW"]["extra"]) == (150, 0, 0)
    assert rows["LIB"]["changed"] == 0
    if not layout:
        rig.assert_mirror(jd, sim)
        assert not (jd.raw / "APP").exists()
    assert json.loads(show_json(jd, "APP-3"))["key"] == "NEW-3"
    assert "it was APP-3 before" in show(jd, "APP-3")
    assert set(json.loads((jd.state / "last_updates.json").read_text())) == {"NEW", "LIB"}
    jd.run("state", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state, expect=0)
    assert [e["key"] for e in json.loads((jd.raw / "_site/versions.json").read_text())].count("NEW") == 1
    mark = len(sim.requests_seen())
    done = jd.scrape("--projects", "APP", "LIB")
    assert len(sim.requests_seen()) - mark <= 8 and "is called" not in done.err
    assert all(row["delivered"] == 0 for row in jd.verdict()["projects"])


def show_json(product, key):
    return product.run("show", "--json", "--raw-dir", product.raw, "--state-dir", product.state, key, expect=0).out


@pytest.mark.parametrize("point", ["follow.reset:1", "raw.renamed:1", "raw.state:1"])
def test_a_kill_on_the_way_changes_nothing(start_sim, product, point):
    sim = start_sim("--generate", "APP:150", "--page-cap", "50")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    sim.control("rename-project", project="APP", key="NEW")
    jd.run(*jd.scrape_args("--projects", "APP"), env={"JD_CRASH": point}, expect=137)
    jd.scrape("--projects", "APP")
    rig.assert_mirror(jd, sim)
    assert not (jd.raw / "APP").exists()


def test_a_key_that_becomes_another_projects(start_sim, product):
    sim = start_sim("--generate", "APP:60", "LIB:40")
    jd = product(sim)
    jd.scrape("--projects", "APP", "LIB")
    sim.control("rename-project", project="APP", key="NEW")
    sim.control("rename-project", project="LIB", key="APP")
    jd.scrape("--projects", "APP")
    (warning,) = jd.verdict()["warnings"]
    assert "NEW" in warning and "APP" in warning
    assert [row["project"] for row in jd.verdict()["projects"]] == ["APP"]
    jd.scrape("--projects", "APP", "NEW")
    assert jd.verdict()["warnings"] == []
    assert rig.assert_mirror(jd, sim) == 100


def test_quarantine_follows(start_sim, product):
    sim = start_sim("--generate", "APP:30")
    fault = lambda text: sim.http.post(f"{sim.root}/_sim/faults", data=text, timeout=60).raise_for_status()
    fault("has APP-7: shape no-fields\n")
    jd = product(sim)
    jd.scrape("--projects", "APP", expect=2)
    assert len(entries(jd, jd.quarantine / "APP")) == 1
    sim.control("rename-project", project="APP", key="NEW")
    fault("")
    jd.scrape("--projects", "APP")
    assert rig.assert_mirror(jd, sim) == 30
    assert entries(jd, jd.quarantine / "NEW") == [] and not (jd.quarantine / "APP").exists()


def test_on_cloud_too(start_sim, product):
    sim = start_sim("--flavour", "cloud", "--generate", "APP:80", context="/")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    sim.control("rename-project", project="APP", key="NEW")
    jd.scrape("--projects", "APP")
    assert set(jd.issue_files()) == set(sim.dump_lines()) and all(k.startswith("NEW-") for k in jd.issue_files())
    assert "it was APP-9 before" in show(jd, "APP-9")
