"""What the warehouse knows beside the issues' own rows: sprints and stays in them, what catalogues of the site list."""
import json

import pytest

import rig


def load(start_sim, product, warehouse, box, issues, *more):
    sim = start_sim("--data", rig.write_lines(box / "issues.jsonl", issues), *more, context="/" if "cloud" in more else "/jira")
    jd = product(sim)
    jd.scrape("--projects", "TIE")
    rebuild(jd, warehouse)
    return sim, jd


def rebuild(jd, warehouse):
    for command in ("rebuild", "verify"):
        jd.run("warehouse", command, "--raw-dir", jd.raw, "--state-dir", jd.state, env=warehouse.env, expect=0)


# -- sprints -----------------------------------------------------------------------------------------
def printed(number, state, name, start="<null>"):
    return (f"com.atlassian.greenhopper.service.sprint.Sprint@1f[id={number},rapidViewId=3,state={state},name={name},"
            f"startDate={start},endDate=<null>,completeDate=<null>,sequence={number},goal=<null>]")


def sprint_change(number, day, before, after, *names):
    item = {"field": "Sprint", "fieldtype": "custom", "from": before, "to": after, "fromString": names[0], "toString": names[1]}
    return {"id": str(number), "created": f"2024-03-{day:02}T10:00:00.000+0000", "items": [item],
            "author": {"name": "dev1", "key": "JIRAUSER1", "displayName": "Dev 1", "active": True}}


def sprint_issues():
    """TIE-1 was created in 11, rolled over to 12; TIE-2 was put into 12 and taken out; TIE-3 is in 12 since the sixth of March,
    without a change that says so where the field's first value is not one; TIE-4 is in none."""
    changes = {1: [sprint_change(901, 20, "11", "11, 12", "One", "One, Two, late")],
               2: [sprint_change(902, 7, "", "12", "", "Two, late"), sprint_change(903, 8, "12", "", "Two, late", ""),
                   sprint_change(904, 9, "", "13", "", "Thirteen"), sprint_change(905, 10, "13", "", "Thirteen", "")],
               3: [sprint_change(906, 6, "", "12", "", "Two, late")], 4: []}
    fields = {1: [printed(11, "CLOSED", "One", "2024-03-01T09:00:00.000+01:00"), printed(12, "ACTIVE", "Two, late")],
              3: [printed(12, "ACTIVE", "Two, late")]}
    for number, histories in changes.items():
        issue = rig.plain_issue(number, updated="2024-03-25T00:00:00.000+0000")
        issue["fields"]["customfield_12310921"] = fields.get(number)
        issue["changelog"].update(histories=histories, total=len(histories), maxResults=len(histories))
        yield issue


@pytest.mark.parametrize("kind", [(), ("--flavour", "cloud")], ids=["center", "cloud"])
def test_sprints_and_stays(start_sim, product, warehouse, box, kind):
    load(start_sim, product, warehouse, box, sprint_issues(), *kind)
    stays = warehouse.query("SELECT i.key, p.sprint_id, p.position, " + warehouse.utc("p.from_time") + ", " +
                            warehouse.utc("p.to_time") + " FROM issue_sprint AS p JOIN issue AS i ON i.site_id = p.site_id"
                            " AND i.id = p.issue_id ORDER BY 1, 2, 3")
    assert stays == [("TIE-1", "11", "0", "2024-03-05 10:00:00", ""), ("TIE-1", "12", "0", "2024-03-20 10:00:00", ""),
                     ("TIE-2", "12", "0", "2024-03-07 10:00:00", "2024-03-08 10:00:00"),
                     ("TIE-2", "13", "0", "2024-03-09 10:00:00", "2024-03-10 10:00:00"),
                     ("TIE-3", "12", "0", "2024-03-06 10:00:00", "")]
    sprints = warehouse.query("SELECT id, name, coalesce(state, ''), coalesce(board_id, 0), " + warehouse.utc("start_date") +
                              " FROM sprint ORDER BY id")
    assert [s for s in sprints if int(s[0]) < 100] == [("11", "One", "closed", "3", "2024-03-01 08:00:00"),
                                                       ("12", "Two, late", "active", "3", ""), ("13", "Thirteen", "", "0", "")]


# -- catalogues --------------------------------------------------------------------------------------
def listed(jd, name, part=None):
    """Entries of a catalogue in the mirror; of all projects where it is one a project."""
    entries = json.loads((jd.raw / "_site" / f"{name}.json").read_text())
    return [e for project in entries for e in project[name]] if part else entries


def relist(jd, name, change):
    path = jd.raw / "_site" / f"{name}.json"
    entries = json.loads(path.read_text())
    change(entries)
    path.write_text(json.dumps(entries))


def truth(value):
    return {"1": True, "t": True, "0": False, "f": False, "": None}[value]


def test_catalogues_tell_more_than_issues(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:40", "--seed", "5")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    rebuild(jd, warehouse)

    def rows(columns, table):
        return sorted(warehouse.query(f"SELECT {columns} FROM {table}"))

    def wanted(entries, *names):
        return sorted(tuple(str(e.get(n) or "") for n in names) for e in entries)
    versions = listed(jd, "versions", part=True)
    assert rows("id, name, coalesce(description, ''), coalesce(CAST(release_date AS text), '')", "version") == \
        wanted(versions, "id", "name", "description", "releaseDate")
    assert {r[0]: (truth(r[1]), truth(r[2])) for r in rows("id, released, archived", "version")} == \
        {v["id"]: (v["released"], v["archived"]) for v in versions}
    assert rows("id, name, coalesce(description, '')", "component") == \
        wanted(listed(jd, "components", part=True), "id", "name", "description")
    for table, name in (("priority", "priorities"), ("resolution", "resolutions"), ("issue_type", "issuetypes"), ("status", "statuses")):
        assert rows("id, name, coalesce(description, '')", table) == wanted(listed(jd, name), "id", "name", "description"), table
    assert rows("s.id, c.key", "status AS s JOIN status_category AS c ON c.site_id = s.site_id AND c.id = s.category_id") == \
        sorted((s["id"], s["statusCategory"]["key"]) for s in listed(jd, "statuses"))
    fields = {f["id"]: f for f in listed(jd, "fields")}
    assert {r[0]: (r[1], truth(r[2]), r[3], r[4]) for r in rows("id, name, custom, coalesce(value_type, ''), coalesce(item_type, '')", "field")} == \
        {i: (f["name"], f["custom"], f.get("schema", {}).get("type", ""), f.get("schema", {}).get("items", "")) for i, f in fields.items()}
    slugs = {f["id"]: (f["name"], f["type"]) for f in listed(jd, "names")}
    assert {r[0]: r[1:] for r in rows("id, slug, kind", "field")} == slugs
    assert warehouse.number("SELECT count(*) FROM changelog_item AS c WHERE field = 'Fix Version' AND NOT EXISTS (SELECT 1 FROM field AS f"
                            " WHERE f.site_id = c.site_id AND f.changelog_name = c.field)") == 0
    assert warehouse.number("SELECT count(*) FROM field_value AS v WHERE NOT EXISTS (SELECT 1 FROM field AS f WHERE f.site_id = v.site_id"
                            " AND f.id = v.field_id)") == 0
    assert rows("id, name, kind", "board") == wanted(listed(jd, "boards", part=True), "id", "name", "type")
    assert rows("id, name, state", "sprint") == wanted(listed(jd, "sprints", part=True), "id", "name", "state")
    for table in ("project", "status", "issue_type", "priority", "resolution", "version", "component", "link_type", "field", "board", "sprint"):
        assert warehouse.number(f"SELECT count(*) FROM {table} WHERE gone IS NOT NULL") == 0, table


def test_what_jira_lists_no_more_is_marked_and_stays(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:40", "--seed", "5")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    rebuild(jd, warehouse)
    used = warehouse.query("SELECT version_id FROM issue_fix_version ORDER BY 1")[0][0]
    uses = warehouse.query("SELECT issue_id, version_id FROM issue_fix_version ORDER BY 1, 2")
    was = (jd.raw / "_site" / "versions.json").read_text()
    dated = [v["id"] for v in listed(jd, "versions", part=True) if v.get("releaseDate") and v["id"] != used][0]
    lead = {"name": "boss", "key": "JIRAUSER9", "displayName": "The Boss", "active": True}

    def versions(entries):
        entries[0]["versions"] = [v for v in entries[0]["versions"] if v["id"] != used]
        for v in entries[0]["versions"]:
            if v["id"] == dated:
                del v["releaseDate"]
    relist(jd, "versions", versions)
    relist(jd, "projects", lambda p: p[0].update(lead=lead))
    relist(jd, "components", lambda c: c[0]["components"][0].update(lead=lead))
    relist(jd, "fields", lambda f: f.remove([x for x in f if x["id"] == "environment"][0]))
    relist(jd, "sprints", lambda p: p[0]["sprints"].pop(3))
    relist(jd, "priorities", lambda p: p.clear())
    for _ in range(2):
        rebuild(jd, warehouse)
        gone = [(t, *row) for t in ("version", "field", "sprint", "priority", "status", "component")
                for row in warehouse.query(f"SELECT id FROM {t} WHERE gone IS NOT NULL")]
        assert gone == [("version", used), ("field", "environment"), ("sprint", "5804")]
        assert warehouse.number(f"SELECT count(*) FROM version WHERE id = {dated} AND release_date IS NULL") == 1
        assert warehouse.query("SELECT issue_id, version_id FROM issue_fix_version ORDER BY 1, 2") == uses
        assert warehouse.query("SELECT u.display_name FROM project AS p JOIN jira_user AS u ON u.site_id = p.site_id AND u.id = p.lead_id") == \
            [("The Boss",)]
        assert warehouse.number("SELECT count(*) FROM component WHERE lead_id = 'JIRAUSER9'") == 1
    (jd.raw / "_site" / "versions.json").write_text(was)
    rebuild(jd, warehouse)
    assert warehouse.number("SELECT count(*) FROM version WHERE gone IS NOT NULL OR (release_date IS NULL AND released)") == 0
    before, stamp = warehouse.dump(but=()), warehouse.stamp()
    rebuild(jd, warehouse)
    assert warehouse.dump(but=()) == before and warehouse.stamp() == stamp


def test_a_user_who_left(start_sim, product, warehouse, box):
    """Jira keeps the people that issues name: one whose account is closed, or anonymized, has another name, and is not active."""
    _, jd = load(start_sim, product, warehouse, box, [rig.plain_issue(1)])
    path = jd.issue_files()["TIE-1"]
    issue = json.loads(path.read_text())
    issue["fields"]["reporter"].update(displayName="Former user", active=False)
    path.write_text(json.dumps(issue))
    rebuild(jd, warehouse)
    (row,) = warehouse.query("SELECT id, display_name, active FROM jira_user")
    assert (row[0], row[1], truth(row[2])) == ("JIRAUSER1", "Former user", False)
    assert warehouse.query("SELECT reporter_id FROM issue") == [("JIRAUSER1",)]


# -- runs --------------------------------------------------------------------------------------------
def test_runs_are_noted(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:20", "--seed", "5")
    jd = product(sim)
    (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscopes:\n  - project: HADOOP\n")

    def run(command, expect=0):
        jd.run(command, "--config", "etl.yml", env=warehouse.env, expect=expect)
    run("backfill")
    sim.touch("HADOOP-3")
    run("sync")
    sim.stop()
    run("sync", expect=69)
    jd.run("warehouse", "rebuild", env=warehouse.env, expect=0)
    runs = json.loads(jd.run("warehouse", "status", env=warehouse.env, expect=0).out)["runs"]
    assert [(r["command"], r["verdict"]["exit"], r["verdict"]["verdict"]) for r in runs] == \
        [("warehouse rebuild", 0, "complete"), ("sync", 69, "failed"), ("sync", 0, "complete"), ("backfill", 0, "complete")]
    assert [r["verdict"]["written"] for r in runs[2:]] == [1, 20] and runs[3]["verdict"]["issues"] == 20
    assert all(r["began"] <= r["ended"] for r in runs)


# -- remote links ------------------------------------------------------------------------------------
def test_remote_links(start_sim, product, warehouse):
    """They come in a later run than the issues, which did not change since."""
    sim = start_sim("--generate", "APP:60")
    jd = product(sim)
    jd.scrape("--projects", "APP")
    rebuild(jd, warehouse)
    assert warehouse.number("SELECT count(*) FROM remote_link") == 0
    jd.scrape("--projects", "APP", "--with", "remotelinks")
    extras = [json.loads(p.read_text()) for p in (jd.raw / "APP").glob("*.extra.json")]
    want = sorted((x["id"], str(r["id"]), r["object"]["url"], r["object"]["title"], r["relationship"])
                  for x in extras for r in x["remotelinks"])
    assert want, "there are links"
    (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscopes:\n  - project: APP\n")
    for written in (60, 0):
        done = jd.run("sync", "--config", "etl.yml", env=warehouse.env, expect=0)
        assert f" {written} written" in done.err
        assert sorted(warehouse.query("SELECT issue_id, id, url, title, relationship FROM remote_link")) == want
    rebuild(jd, warehouse)
