"""What the warehouse knows beside the issues' own rows: sprints and stays in them."""
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
