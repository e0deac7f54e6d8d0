"""What config/etl.yml can say: settings of single scopes, several sites, outputs, wide columns."""
import json
import re
import signal
import subprocess
import time
import unicodedata

import pytest

import rig
from test_etl import configure, keys, run, verify, wanted
from test_views import write

POINTS, DUE, IMPACTS, PLATFORM = ("customfield_12314422", "customfield_12312328", "customfield_12312923", "customfield_12313823")


def fields_of(jd, key):
    path = next(jd.box.glob(f"data/**/raw/*/{key}.json"), None) or jd.issue_files()[key]
    return json.loads(path.read_text())["fields"]


def status(jd, warehouse, *args):
    return json.loads(jd.run("warehouse", "status", *args, env=warehouse.env, expect=0).out)


# -- scopes ----------------------------------------------------------------------------------------
FIELDS = """
fields: [summary]
scopes:
  - project: HADOOP
    issue_types:
      - name: Bug
        fields: [status, Story Points]
      - name: Improvement
        fields: [comment]
  - project: SPARK
"""


@pytest.mark.smoke
def test_each_type_has_the_fields_that_are_listed(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:60", "SPARK:5", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, FIELDS)
    said = run(jd, warehouse, "backfill").err
    assert re.findall(r"etl.yml:(\d+): fields: (.+) comes without (.+): views", said) == [
        ("11", "HADOOP: Bug", "resolutiondate"), ("13", "HADOOP: Improvement", "status and resolutiondate"),
        ("6", "SPARK", "status and resolutiondate")]
    assert warehouse.number("SELECT count(*) FROM open_age WHERE project_key = 'SPARK'") == 5, "its project is known all the same"
    always = {"created", "issuetype", "project", "updated", "summary"}
    for key, line in sim.dump_lines().items():
        served = json.loads(line)["fields"]
        kind = served["issuetype"]["name"]
        own = {"Bug": {"status", POINTS}, "Improvement": {"comment"}}.get(kind, set())
        if key.startswith("SPARK-"):
            assert set(fields_of(jd, key)) == always
        elif own:
            assert set(fields_of(jd, key)) <= always | own and own - {POINTS} <= set(fields_of(jd, key)), key
            assert fields_of(jd, key)["summary"] == served["summary"]
        else:
            assert key not in jd.issue_files()
    of_type = "FROM issue AS i JOIN issue_type AS t ON t.site_id = i.site_id AND t.id = i.issue_type_id WHERE t.name"
    assert warehouse.number(f"SELECT count(*) {of_type} = 'Bug' AND i.key LIKE 'HADOOP-%' AND (status_id IS NULL OR priority_id IS NOT NULL)") == 0
    comments = "SELECT count(*) FROM comment WHERE issue_id IN (SELECT i.id {} = '{}')"
    assert warehouse.number(comments.format(of_type, "Bug")) == 0 < warehouse.number(comments.format(of_type, "Improvement"))
    assert warehouse.number("SELECT count(*) FROM changelog") > 0, "the history comes whatever is listed"
    said = run(jd, warehouse, "sync").err
    assert " 0 written" in said and "comes without" not in said, "said once"
    verify(jd, warehouse)


def test_each_type_has_the_fields_that_are_listed_on_cloud(start_sim, product, warehouse):
    """There the changelog comes by itself, and what was asked for by id in bulk."""
    sim = start_sim("--flavour", "cloud", "--generate", "HADOOP:60", "SPARK:5", "--seed", "7", "--embed-comments", "1", "--embed-changelog", "3",
                    context="/")
    jd = product(sim)
    configure(jd, sim, FIELDS)
    run(jd, warehouse, "backfill")
    always = {"created", "issuetype", "project", "updated", "summary"}

    def check():
        for key, line in sim.dump_lines().items():
            served = json.loads(line)
            kind = served["fields"]["issuetype"]["name"]
            own = {"Bug": {"status", POINTS}, "Improvement": {"comment"}}.get(kind)
            if key.startswith("SPARK-"):
                assert set(fields_of(jd, key)) == always
            elif own:
                got = fields_of(jd, key)
                assert always | own - {POINTS} <= set(got) <= always | own, key
                assert got["summary"] == served["fields"]["summary"]
                if kind == "Improvement":
                    assert len(got["comment"]["comments"]) == served["fields"]["comment"]["total"], "the list is completed"
            else:
                assert key not in jd.issue_files()

    check()
    held = {key: json.loads(line) for key, line in sim.dump_lines().items() if key in jd.issue_files()}
    assert warehouse.number("SELECT count(*) FROM changelog") == sum(i["changelog"]["total"] for i in held.values()) > 0
    assert warehouse.number("SELECT count(*) FROM issue WHERE reporter_id IS NOT NULL OR priority_id IS NOT NULL") == 0
    sim.advance(600)
    for key in held:
        sim.comment(key, "one more")
    run(jd, warehouse, "sync")
    check()
    verify(jd, warehouse)


def test_another_choice_of_fields_is_refused_until_start_over(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:30", "--seed", "7")
    jd = product(sim)
    scope = "scopes:\n  - project: HADOOP\n    fields: [{}]\n"
    configure(jd, sim, scope.format("summary, status"))
    run(jd, warehouse, "backfill", "--changes", "changes.jsonl")
    before = warehouse.dump()
    configure(jd, sim, "columns: {points: Story Points}\n" + scope.format("summary, status, priority"))
    done = run(jd, warehouse, "sync", expect=78)
    assert done.err.count("HADOOP was mirrored with another choice of fields") == done.err.count("--start-over") == 1
    assert "is left as it was" in done.err and warehouse.dump() == before and own_columns(warehouse) == []
    configure(jd, sim, scope.format("status, Summary"))
    run(jd, warehouse, "sync")  # the same fields, said otherwise
    configure(jd, sim, scope.format("summary, status, priority"))
    sim.advance(600)
    sim.control("set", key="HADOOP-3", field="summary", value="another one")
    run(jd, warehouse, "backfill", "--start-over", "--changes", "changes.jsonl")
    assert warehouse.number("SELECT count(*) FROM issue WHERE priority_id IS NULL") == \
        sum(json.loads(line)["fields"]["priority"] is None for line in sim.dump_lines().values())
    told = [json.loads(line) for line in (jd.box / "changes.jsonl").read_text().splitlines()]
    assert {(c["key"], c["fieldId"]) for c in told} == {("HADOOP-3", "summary")}, "a field that was not asked for is no change"
    run(jd, warehouse, "sync")
    verify(jd, warehouse)


def test_of_two_choices_of_fields_the_later_one_is_held(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:30", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, "scopes:\n  - {jql: key < HADOOP-20, fields: status, name: low}\n"
                       "  - {jql: key > HADOOP-10, fields: priority, name: high}\n")
    for command in ("backfill", "sync"):
        sim.advance(100)
        sim.touch("HADOOP-15")
        run(jd, warehouse, command)
        for number in (5, 15, 25):
            got = set(fields_of(jd, f"HADOOP-{number}")) - {"created", "issuetype", "project", "updated"}
            assert got == ({"status"} if number == 5 else {"priority"})
    assert {s["scope"] for s in status(jd, warehouse)["scopes"]} == {"low", "high"}


def test_windows_and_pages_of_single_scopes(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:60", "SPARK:60", "--seed", "7", clock="real")
    jd = product(sim)
    updated = {k: rig.epoch_ms(json.loads(v)["fields"]["updated"]) for k, v in sim.dump_lines().items()}
    spark = sorted(v for k, v in updated.items() if k.startswith("SPARK-"))
    days = int((time.time() * 1000 - spark[30]) / 86400000)
    scopes = "scopes:\n  - project: HADOOP\n    page_size: 3\n  - project: SPARK\n    initial_window: {}\n"
    configure(jd, sim, scopes.format(f"{days}d"))
    run(jd, warehouse, "backfill")
    edge = time.time() * 1000 - days * 86400000
    want = {k for k in updated if k.startswith("HADOOP-") or updated[k] >= edge}
    assert keys(warehouse) == want and 60 < len(want) < 120
    pages = [r["rows"] for r in sim.requests_seen() if r["path"].endswith("/search") and r["rows"] > 0]
    assert pages.count(3) >= 15 and max(pages) == 20, "3 for HADOOP, the file's 20 for SPARK"
    asked = len(sim.requests_seen())
    run(jd, warehouse, "sync")
    assert keys(warehouse) == want and len(sim.requests_seen()) - asked < 30, "the window moves on, and nothing is walked again"
    configure(jd, sim, scopes.format("all"))
    run(jd, warehouse, "sync")
    assert keys(warehouse) == set(updated)


def test_one_report_of_all_scopes(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:20", "SPARK:20", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, "scopes:\n  - jql: project = HADOOP AND issuetype = Bug\n    name: bugs\n"
                       "  - jql: project = SPARK\n    name: sparks\n    fields: summary\n")
    said = run(jd, warehouse, "sync", "--report", "report.json", "--on-finish", "cat >>finished; echo ran >>finished; true").err
    assert "all: " in said and "bugs: " not in said, "their issues are counted together, under the name of one"
    scopes = json.loads((jd.box / "report.json").read_text())["projects"]
    assert [s["project"] for s in scopes] == ["bugs", "sparks"]
    assert sum(s["held"] for s in scopes) == len(keys(warehouse)) > 20
    assert (jd.box / "finished").read_text() == "ran\n", "one run, one hook"


@pytest.mark.parametrize("text, says", [
    ("fields: [summary, Stroy Points]", "etl.yml:5: fields: the site has no field 'Stroy Points'; did you mean Story Points?"),
    ("columns: {points: nothing like it}", "etl.yml:5: columns: the site has no field 'nothing like it'"),
    ("columns: {s: summary}", "etl.yml:5: columns: summary is a field of every Jira"),
    ("columns: {a b: Story Points}", "etl.yml:5: columns.a b: 'a b' cannot name a column"),
    ("outputs: [raw, lake]", "etl.yml:5: outputs: 'lake' is none of raw, warehouse and corpus"),
    ("warehouse: {dbt_schema: a b}", "etl.yml:5: warehouse.dbt_schema: 'a b' is no name of a schema"),
    ("outputs: [corpus]\ntransform: {text: pdf}", "etl.yml:6: transform.text: 'pdf' is not one of plain"),
])
def test_a_mistake_costs_no_issue(start_sim, product, warehouse, text, says):
    sim = start_sim("--generate", "HADOOP:1", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, f"{text}\nscopes:\n  - project: HADOOP\n")
    assert says in run(jd, warehouse, "sync", expect=78).err
    assert not [r for r in sim.requests_seen() if "search" in r["path"]]


WRONG = [  # lines before the scopes, the scopes, more of .env, exit status, what is said
    ("", "- project: NOPE", "", 66, "etl.yml:6: project: unknown project 'NOPE'"),
    ("", "- project: HADOOP\n    issue_types:\n      - Bug\n      - name: Incident", "", 65,
     "etl.yml:9: issue_types: POST .* The value 'Incident' does not exist for the field 'issuetype'"),
    ("", "- name: x\n    jql: labels > docs", "", 65, "etl.yml:7: jql: POST .* operator '>' is not supported by the 'labels' field"),
    ("", "- jql: (labels = docs", "", 78, "jiraduct: etl.yml:6: jql: a quote or parenthesis is not closed"),
    ("scrape: {with: [votes, hats]}\n", "- project: HADOOP", "", 78, "etl.yml:3: scrape.with: 'hats' is none of remotelinks"),
    ("warehouse: {url: mysql://db/jira}\n", "- project: HADOOP", None, 78, "etl.yml:3: warehouse.url: the warehouse's address is none"),
    ("", "- project: HADOOP", "DATABASE_URL=mysql://db/jira", 78, ".env:1: DATABASE_URL: the warehouse's address is none"),
    ("", "- project: HADOOP", "\nDATABASE_URL=postgresql://me:p@ss@db/jira", 78, ".env:2: DATABASE_URL: the database's address: write @"),
    ("", "- project: HADOOP", "JIRA_PAT=hush-4711", 77, ".env:1: JIRA_PAT: GET .* 401"),
    ("", "- project: HADOOP", "JIRA_API_TOKEN=hush-4711", 78, ".env:1: JIRA_API_TOKEN is set but JIRA_USERNAME is not"),
    ("  oauth_file: none.json\n", "- project: HADOOP", "", 66, "etl.yml:3: jira.oauth_file: none.json: cannot read"),
]


def test_what_is_wrong_is_told_with_its_place(start_sim, product):
    """Whoever finds it: we, the server, or the database's library."""
    sim = start_sim("--generate", "HADOOP:3", "--seed", "7", "--user", "me:word")
    jd = product(sim)
    for more, scopes, dotenv, status, says in WRONG:
        text = f"jira:\n  base_url: {sim.url}\n{more}"
        text += "\n" * (4 - text.count("\n")) + f"scopes:\n  {scopes}\n"
        (jd.box / "etl.yml").write_text(text)
        (jd.box / ".env").write_text(dotenv or "")
        done = jd.run("backfill", "--config", "etl.yml", env={"HOME": str(jd.box)}, expect=status)
        assert re.search(says, done.err), done.err
        assert "hush" not in done.err and "p@ss" not in done.err


def test_a_variable_of_the_environment_is_named(start_sim, product):
    sim = start_sim("--generate", "HADOOP:3", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, "scopes:\n  - project: HADOOP\n")
    done = jd.run("sync", "--config", "etl.yml", env={"DATABASE_URL": "mysql://me:word@db/jira"}, expect=78)
    assert "DATABASE_URL (environment): the warehouse's address is none" in done.err and "word@" not in done.err


def test_queries_without_a_name_are_told_apart(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:20", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, "scopes:\n  - jql: key < HADOOP-8\n")
    run(jd, warehouse, "backfill")
    assert [s["scope"] for s in status(jd, warehouse)["scopes"]] == ["jql"]
    long = "一つのとても長い名前 and more than is shown of it anywhere"
    configure(jd, sim, f"scopes:\n  - jql: key < HADOOP-8\n  - jql: key > HADOOP-6 AND key < HADOOP-8\n"
                       f"  - {{jql: key > HADOOP-18, name: {long}}}\n")
    done = run(jd, warehouse, "sync", "--metrics", "m.prom")
    assert {s["scope"]: s["issues"] for s in status(jd, warehouse)["scopes"]} == {"jql 1": 7, "jql 2": 1, long: 2}
    series = [line.split("}")[0] for line in (jd.box / "m.prom").read_text().splitlines() if "{" in line]
    assert len(series) == len(set(series)), "Prometheus takes each once"
    lines = [line for line in done.err.splitlines() if line.endswith(("complete", "verdict"))]
    assert len(lines) == 4 and len({sum(1 + (unicodedata.east_asian_width(c) == "W") for c in line) for line in
                                    (re.sub(r"  [a-z]+$", "", line) for line in lines)}) == 1, "\n".join(lines)
    assert "jql 1: 0 of 7" not in done.err and "warehouse: 9 of 9 issues" in done.err, "an issue of two scopes is one"


def test_the_second_run_is_told_who_holds_the_scope(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:40", "--latency", "30", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, "scopes:\n  - project: HADOOP\n")
    first = jd.popen("backfill", "--config", "etl.yml", "--page-size", "5", env=warehouse.env, stderr=subprocess.DEVNULL)
    while not any(r["rows"] for r in sim.requests_seen()):
        assert first.poll() is None
        time.sleep(0.01)
    first.send_signal(signal.SIGSTOP)  # in the middle of its pages
    done = run(jd, warehouse, "sync", expect=75)
    first.send_signal(signal.SIGCONT)
    assert str(first.pid) in done.err and "in use by" in done.err
    assert first.wait(60) == 0
    run(jd, warehouse, "sync")
    assert len(keys(warehouse)) == 40


# -- sites -----------------------------------------------------------------------------------------
def two_sites(start_sim, product, more=""):
    """Two sites with the same ids and keys, and other contents."""
    sims = [start_sim("--generate", "HADOOP:30", "--seed", seed, "--user", f"me:{word}")
            for seed, word in (("7", "first"), ("8", "second"))]
    jd = product()
    (jd.box / ".env").write_text("TWO_PAT=second\nJIRA_BASE_URL=https://elsewhere.example.org\n")
    (jd.box / "etl.yml").write_text("scrape:\n  page_size: 20\nsites:\n" + "".join(
        f"  - name: {name}\n    base_url: {sim.url}\n    username: me\n    api_token_env: {env}\n{more}"
        f"    scopes: [{{project: HADOOP}}]\n" for name, env, sim in (("one", "ONE_PAT", sims[0]), ("two", "TWO_PAT", sims[1]))))
    return sims, jd


def test_a_look_at_one_of_several_sites(start_sim, product):
    sims, jd = two_sites(start_sim, product)
    (jd.box / ".env").write_text("")
    for command in (("preview", "--jql", "project = HADOOP", "--limit", "1"), ("fields",)):
        told = jd.run(*command, "--config", "etl.yml", expect=64).err
        assert f"etl.yml lists sites: say which is meant, as in --base-url {sims[0].url}; " in told
        jd.run(*command, "--config", "etl.yml", "--base-url", sims[1].url, env={"JIRA_USERNAME": "me", "JIRA_API_TOKEN": "second"}, expect=0)
    (jd.box / "wrong.yml").write_text("sites:\n  - base_url: https://me:hidden@jira.example.org\n    scopes:\n      - project: HADOOP\n")
    for command in (("preview", "--jql", "project = HADOOP"), ("fields",)):  # nor is it the default one where no site can be read
        told = jd.run(*command, "--config", "wrong.yml", expect=78).err
        assert told.startswith("jiraduct: wrong.yml:2: ") and "hidden" not in told, told


def test_two_sites_do_not_mix(start_sim, product, warehouse):
    sims, jd = two_sites(start_sim, product)
    done = run(jd, warehouse, "backfill", expect=78)
    assert "etl.yml:7: sites: api_token_env: ONE_PAT is not set" in done.err
    env = {**warehouse.env, "ONE_PAT": "first"}

    def go(*command, expect=0):
        return jd.run(*command, "--config", "etl.yml", env=env, expect=expect)

    def check():
        for place, sim in enumerate(sims, 1):
            want = {(k, json.loads(v)["fields"]["summary"]) for k, v in sim.dump_lines().items()}
            assert set(warehouse.query(f"SELECT key, summary FROM issue WHERE site_id = {place}")) == want
        assert "first" not in done.err + (jd.box / "report.one.json").read_text()

    go("backfill", "--report", "report.json")
    check()
    assert (jd.box / "report.two.json").exists() and not (jd.box / "report.json").exists()
    got = status(jd, warehouse)
    assert [(s["site"], s["scope"], s["issues"]) for s in got["scopes"]] == [(s.url.split("//")[1], "HADOOP", 30) for s in
                                                                            sorted(sims, key=lambda s: s.url)]
    assert go("warehouse", "verify").out.count("0 missing, 0 differ, 0 strays, 0 tables with other counts") == 2
    told = jd.run("warehouse", "verify", env=warehouse.env, expect=66).err
    assert "the configuration that lists sites with --config" in told
    before = warehouse.dump()
    go("warehouse", "rebuild")
    assert warehouse.dump() == before
    sims[1].advance(600)
    sims[1].control("delete", key="HADOOP-4")
    sims[1].control("set", key="HADOOP-5", field="summary", value="of the second site")
    go("sync", "--census")
    check()
    assert warehouse.query("SELECT site_id, key FROM tombstone") == [("2", "HADOOP-4")]
    assert go("sync", "--raw-dir", "x", expect=64).err.count("lists sites, each with its own folder")
    sims[0].stop()
    sims[1].advance(600)
    sims[1].control("set", key="HADOOP-6", field="summary", value="and again")
    go("sync", expect=69)  # what is down is told, and the other site is served
    assert warehouse.number("SELECT count(*) FROM issue WHERE summary = 'and again'") == 1


# -- outputs ---------------------------------------------------------------------------------------
def test_one_pass_into_warehouse_and_corpus(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:30", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, "outputs: [raw, warehouse, corpus]\ntransform:\n  output: c.jsonl\n  text: wiki\n"
                       "scopes:\n  - project: HADOOP\n")
    run(jd, warehouse, "sync")
    lines = (jd.box / "c.jsonl").read_bytes()
    jd.run("transform", "--output", "by_hand.jsonl", "--text", "wiki", expect=0)
    assert (jd.box / "by_hand.jsonl").read_bytes() == lines and 20 < lines.count(b"\n") <= 30 == len(keys(warehouse))
    sim.advance(600)
    sim.control("set", key="HADOOP-2", field="summary", value="anew in all")
    run(jd, warehouse, "sync")
    assert b"anew in all" in (jd.box / "c.jsonl").read_bytes()
    assert warehouse.number("SELECT count(*) FROM issue WHERE summary = 'anew in all'") == 1


def test_the_warehouse_may_be_left_out(start_sim, product):
    sim = start_sim("--generate", "HADOOP:5", "--seed", "7")
    jd = product(sim)
    configure(jd, sim, "outputs: corpus\nscopes:\n  - project: HADOOP\n")
    jd.run("sync", "--config", "etl.yml", env={"DATABASE_URL": "postgresql://127.0.0.1:1/none"}, expect=0)
    assert len(jd.issue_files()) == 5 and (jd.box / "data/corpus/jira_corpus.jsonl").exists()


# -- columns ---------------------------------------------------------------------------------------
def wide(warehouse, *columns):
    """key -> its values."""
    sql = ", ".join(f'w."{c}"' for c in columns)
    rows = warehouse.query(f"SELECT i.key, {sql} FROM issue_wide AS w JOIN issue AS i ON i.site_id = w.site_id AND i.id = w.issue_id")
    return {row[0]: row[1:] for row in rows}


def own_columns(warehouse):
    return warehouse.columns("issue_wide")[2:]


def number(text):
    return float(text) if text else None


def test_columns_come_go_and_follow_their_fields(start_sim, product, warehouse):
    sim = start_sim("--generate", "HADOOP:12", "--seed", "7")
    jd = product(sim)
    sim.control("set", key="HADOOP-1", field=POINTS, value=3.5)
    sim.control("set", key="HADOOP-1", field=DUE, value="2026-07-01")
    sim.control("set", key="HADOOP-1", field=PLATFORM, value=[{"id": "1", "value": "Linux"}, {"id": "2", "value": "BSD's"}])
    sim.control("set", key="HADOOP-2", field=IMPACTS, value="8")
    scope = "scopes:\n  - project: HADOOP\n"
    configure(jd, sim, "columns:\n  points: Story Points\n  order: due by\n" + scope)
    said = run(jd, warehouse, "backfill").err
    assert own_columns(warehouse) == ["points", "order"] and "issue_wide: 2 columns added, 0 dropped" in said
    rows = wide(warehouse, "points", "order")
    assert len(rows) == 12 and number(rows["HADOOP-1"][0]) == 3.5 and rows["HADOOP-1"][1] == "2026-07-01"
    assert {v for k, v in rows.items() if k != "HADOOP-1"} == {("", "")}

    # another choice: filled from what is held, without a request for issues
    configure(jd, sim, "columns:\n  points: {field: Story Points, kind: number}\n"
                       f"  platform: {PLATFORM}\n  impacts: Impacts\n" + scope)
    run(jd, warehouse, "sync")
    assert own_columns(warehouse) == ["points", "platform", "impacts"]
    rows = wide(warehouse, "points", "platform", "impacts")
    assert number(rows["HADOOP-1"][0]) == 3.5 and rows["HADOOP-1"][1:] == ("Linux, BSD's", "") and rows["HADOOP-2"][2] == "8"
    assert " 0 written" in run(jd, warehouse, "sync").err

    # values follow the issues; a run that knows of no configuration fills them, too
    sim.advance(600)
    sim.control("set", key="HADOOP-1", field=POINTS, value=None)
    sim.control("set", key="HADOOP-3", field=POINTS, value=13)
    sim.create("HADOOP")
    sim.control("delete", key="HADOOP-4")
    run(jd, warehouse, "sync", "--census")
    rows = wide(warehouse, "points")
    assert rows["HADOOP-1"] == ("",) and number(rows["HADOOP-3"][0]) == 13 and "HADOOP-4" not in rows and len(rows) == 12
    before = warehouse.dump()
    jd.run("warehouse", "rebuild", env=warehouse.env, expect=0)
    assert warehouse.dump() == before

    # a list of fields need not name them
    configure(jd, sim, "fields: summary\ncolumns:\n  points: {field: Story Points, kind: number}\n"
                       f"  platform: {PLATFORM}\n  impacts: Impacts\n" + scope)
    run(jd, warehouse, "sync", "--start-over")
    assert warehouse.number("SELECT count(*) FROM issue WHERE status_id IS NOT NULL") == 0
    assert wide(warehouse, "points", "platform", "impacts") == {
        **{k: ("", "", "") for k in keys(warehouse)}, "HADOOP-1": ("", "Linux, BSD's", ""), "HADOOP-2": ("", "", "8"),
        "HADOOP-3": (wide(warehouse, "points")["HADOOP-3"][0], "", "")}

    # a field that changes its type in Jira: the column becomes one of that type, with what is such a value
    sim.control("field", id=IMPACTS, name="Impacts", type="number", custom="float")
    run(jd, warehouse, "sync")
    assert number(wide(warehouse, "impacts")["HADOOP-2"][0]) == 8
    kind = ("SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'issue_wide'::regclass AND attname = 'impacts'"
            if warehouse.server else "SELECT type FROM pragma_table_info('issue_wide') WHERE name = 'impacts'")
    assert warehouse.query(kind) == [("double precision" if warehouse.server else "REAL",)]
    if warehouse.server:
        assert warehouse.query("SELECT col_description('issue_wide'::regclass, attnum) FROM pg_attribute WHERE attname = 'impacts'") == [
            (f"Impacts ({IMPACTS}), as a number.",)]

    # a view of somebody's own on one of them: it is named, and nothing is changed until it went
    configure(jd, sim, scope)
    write(warehouse, "CREATE VIEW of_ours AS SELECT issue_id, points FROM issue_wide")
    said = run(jd, warehouse, "sync", "--start-over", expect=78).err
    assert "columns: points cannot be dropped" in said and "view of_ours" in said and "run again" in said, said
    assert number(wide(warehouse, "points")["HADOOP-3"][0]) == 13 and len(own_columns(warehouse)) == 3
    write(warehouse, "DROP VIEW of_ours")
    run(jd, warehouse, "sync")
    assert own_columns(warehouse) == [] and warehouse.number("SELECT count(*) FROM issue_wide") == 0
    configure(jd, sim, "columns: {points: Story Points}\n" + scope)
    jd.run("warehouse", "rebuild", "--config", "etl.yml", env=warehouse.env, expect=0)
    assert number(wide(warehouse, "points")["HADOOP-3"][0]) == 13


def test_columns_of_two_sites(start_sim, product, warehouse):
    sims, jd = two_sites(start_sim, product)
    env = {**warehouse.env, "ONE_PAT": "first"}
    text = (jd.box / "etl.yml").read_text()
    for sim, points in zip(sims, (1, 2)):
        sim.control("set", key="HADOOP-1", field=POINTS, value=points)
    text = text.replace("    username: me\n", "    username: me\n    columns: {@points: Story Points}\n")
    (jd.box / "etl.yml").write_text(text.replace("@", ""))
    assert jd.run("sync", "--config", "etl.yml", env=env, expect=0).err.count("issue_wide: 1 column added, 0 dropped") == 2
    values = "SELECT site_id, points FROM issue_wide WHERE points IS NOT NULL ORDER BY 1"
    assert [(site, number(v)) for site, v in warehouse.query(values)] == [("1", 1), ("2", 2)]
    # what one site drops stays for the other
    (jd.box / "etl.yml").write_text(text.replace("{@points", "{other", 1).replace("@", ""))
    jd.run("sync", "--config", "etl.yml", env=env, expect=0)
    assert sorted(own_columns(warehouse)) == ["other", "points"]
    assert [(site, number(v)) for site, v in warehouse.query(values)] == [("2", 2)]
    # one column cannot be of two types
    (jd.box / "etl.yml").write_text(text.replace("{@points: Story Points", "{points: Impacts", 1).replace("@", ""))
    done = jd.run("sync", "--config", "etl.yml", env=env, expect=78)
    place = next(n for n, line in enumerate((jd.box / "etl.yml").read_text().splitlines(), 1) if "Impacts" in line)
    assert f"etl.yml:{place}: columns: another site's points is of kind number, and this one's of kind text" in done.err
    assert [(site, number(v)) for site, v in warehouse.query(values)] == [("2", 2)]
