"""What happens to issues and projects in Jira, as the warehouse tells it: the same in both databases."""
import time

import rig


def begin(start_sim, product, warehouse, *generate, **how):
    sim = start_sim("--seed", "7", *generate, **how)
    jd = product(sim)
    (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscopes:\n  - project: HADOOP\n  - project: SPARK\n")
    sync(jd, warehouse)
    return sim, jd


def sync(jd, warehouse, *args):
    return jd.run("sync", "--config", "etl.yml", *args, env=warehouse.env, expect=0)


def keys(warehouse, prefix=""):
    return {key for (key,) in warehouse.query("SELECT key FROM issue") if key.startswith(prefix)}


def aliases(warehouse):
    return dict(warehouse.query("SELECT a.key, i.key FROM issue_alias AS a JOIN issue AS i ON i.site_id = a.site_id AND i.id = a.issue_id"))


def as_new(jd, warehouse):
    """A new warehouse holds the same issues, with all they have."""
    fresh = rig.Warehouse(warehouse.file and warehouse.file.with_name("fresh.db"), warehouse.server)
    sync(jd, fresh)
    want, got = fresh.dump(), warehouse.dump()
    for table in ("issue", "comment", "worklog", "attachment", "changelog", "changelog_item", "issue_link", "issue_label", "field_value"):
        assert got[table] == want[table], f"{table} is not what a new warehouse has"
    jd.run("warehouse", "verify", env=warehouse.env, expect=0)


def test_out_and_back_again(start_sim, product, warehouse):
    """An issue that leaves for a project that is not loaded is buried, and lives when it comes back."""
    sim, jd = begin(start_sim, product, warehouse, "--generate", "HADOOP:40", "--generate", "SPARK:20", "--generate", "OTHER:1")
    number = warehouse.number("SELECT id FROM issue WHERE key = 'HADOOP-5'")
    children = [f"SELECT count(*) FROM {t} WHERE issue_id = {number}" for t in ("comment", "changelog_item", "field_value", "issue_label")]
    had = warehouse.queries(children)
    inside, outside = sim.move("HADOOP-6", "SPARK"), sim.move("HADOOP-5", "OTHER")
    sim.control("delete", key="HADOOP-7")
    sim.advance(3600)
    sync(jd, warehouse, "--census")
    assert not {"HADOOP-5", "HADOOP-6", "HADOOP-7", outside} & keys(warehouse) and inside in keys(warehouse)
    assert warehouse.query("SELECT key, cause, coalesce(key_elsewhere, '') FROM tombstone ORDER BY key") == [
        ("HADOOP-5", "moved", outside), ("HADOOP-7", "gone", "")]
    assert all(rows == [("0",)] for rows in warehouse.queries(children)), "an issue's rows outlived it"
    assert aliases(warehouse)["HADOOP-6"] == inside
    assert warehouse.query("SELECT s.label FROM sync_member AS m JOIN sync_scope AS s ON s.id = m.scope_id AND s.site_id = m.site_id"
                           f" JOIN issue AS i ON i.id = m.issue_id WHERE i.key = '{inside}'") == [("SPARK",)]
    back = sim.move(outside, "HADOOP")
    sim.advance(3600)
    sync(jd, warehouse, "--census")
    assert back in keys(warehouse)
    assert warehouse.query("SELECT key FROM tombstone") == [("HADOOP-7",)]
    assert warehouse.number(f"SELECT count(*) FROM issue WHERE id = {number}") == 1
    assert int(warehouse.queries(children)[0][0][0]) == int(had[0][0][0])
    as_new(jd, warehouse)


def test_a_project_whose_key_changes_and_is_taken(start_sim, product, warehouse):
    sim, jd = begin(start_sim, product, warehouse, "--generate", "HADOOP:20", "--generate", "SPARK:12", clock="real")
    time.sleep(1.1)  # Jira tells the time in seconds: what issues say now is to be later than what the catalogue said
    sim.control("rename-project", project="HADOOP", key="HDP")
    sync(jd, warehouse)
    assert set(warehouse.query("SELECT key FROM project")) == {("HDP",), ("SPARK",)}
    assert keys(warehouse, "H") == {f"HDP-{n}" for n in range(1, 21)}
    assert aliases(warehouse) == {f"HADOOP-{n}": f"HDP-{n}" for n in range(1, 21)}
    assert set(warehouse.query("SELECT label FROM sync_scope")) == {("HDP",), ("SPARK",)}
    as_new(jd, warehouse)
    # another project is called so now: its keys are issues, and nobody's aliases
    sim.control("rename-project", project="SPARK", key="HADOOP")
    (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscopes:\n  - project: HDP\n  - project: HADOOP\n")
    sync(jd, warehouse)
    assert keys(warehouse, "HADOOP-") == {f"HADOOP-{n}" for n in range(1, 13)}
    told = aliases(warehouse)
    assert {k: v for k, v in told.items() if k.startswith("HADOOP-")} == {f"HADOOP-{n}": f"HDP-{n}" for n in range(13, 21)}
    assert {k: v for k, v in told.items() if k.startswith("SPARK-")} == {f"SPARK-{n}": f"HADOOP-{n}" for n in range(1, 13)}
    as_new(jd, warehouse)


def test_a_field_that_changes_its_type(start_sim, product, warehouse):
    sim, jd = begin(start_sim, product, warehouse, "--generate", "HADOOP:5", "--generate", "SPARK:1")
    field = "customfield_19001"
    look = f"SELECT kind, is_list, coalesce(number_value, -1), coalesce(text_value, '') FROM field_value WHERE field_id = '{field}' ORDER BY position"
    yes, no = ("t", "f") if warehouse.server else ("1", "0")
    seen = []
    for value in (5, "five", [{"id": "7", "value": "Five"}, {"id": "8", "value": "Six"}], {"id": "7", "value": "Five"}, None):
        sim.advance(3600)
        sim.control("set", key="HADOOP-2", field=field, value=value)
        sync(jd, warehouse)
        seen.append([(kind, is_list, float(number) if kind == "number" else -1, text) for kind, is_list, number, text in warehouse.query(look)])
    assert seen[0][0][:3] == ("number", no, 5.0) and len(seen[0]) == 1
    assert seen[1] == [("text", no, -1, "five")]
    assert seen[2] == [("option", yes, -1, "Five"), ("option", yes, -1, "Six")]
    assert seen[3] == [("option", no, -1, "Five")]
    assert seen[4] == [], "what was taken away left rows"
    as_new(jd, warehouse)
