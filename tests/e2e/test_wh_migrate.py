"""Migrations, from every earlier version, with data in place: what comes out is what a new warehouse is."""
import json
import subprocess

import pytest

import pg
import rig

FOLDERS = {"sqlite": rig.ROOT / "sql/migrations/sqlite", "postgresql": rig.ROOT / "sql/migrations/postgresql"}
VERSIONS = sorted(int(p.stem) for p in FOLDERS["sqlite"].glob("*.sql"))
EARLIER = VERSIONS[:-1]


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    """Issues with everything, and a configuration that loads them."""
    box = tmp_path_factory.mktemp("mirror")
    sim = rig.Sim(box, "--generate", "HADOOP:60", "--seed", "5")
    try:
        jd = rig.Product(box / "jd", sim.url)
        (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscopes:\n  - project: HADOOP\n")
        jd.scrape("--projects", "HADOOP")
        yield jd
    finally:
        sim.stop()


def load(jd, warehouse):
    jd.run("sync", "--config", "etl.yml", env=warehouse.env, expect=0)


def run_sql(warehouse, text):
    if warehouse.server:
        process = subprocess.run([warehouse.server.bin / "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", warehouse.url], input=text,
                                 capture_output=True, text=True)
    else:
        process = subprocess.run(["sqlite3", "-bail", warehouse.file], input=f"BEGIN;\n{text}\nCOMMIT;\n", capture_output=True, text=True)
    assert process.returncode == 0, process.stderr


def of_version(warehouse, version):
    """What a program of that version would have made, and of its tables the columns."""
    now = "now()" if warehouse.server else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    folder = FOLDERS["postgresql" if warehouse.server else "sqlite"]
    for number in range(1, version + 1):
        run_sql(warehouse, (folder / f"{number:04}.sql").read_text()
                + f"\nINSERT INTO schema_version (version, applied, program) VALUES ({number}, {now}, 'test');")
    return warehouse.layout()


def take_over(warehouse, source, layout, box):
    """The rows of another warehouse, as far as this one has their tables and columns."""
    there = source.layout()
    common = {t: ", ".join(c for c in layout[t] if c in there[t]) for t in layout if t in there and t not in ("schema_version", "sync_fact")}
    if warehouse.server:
        for url, way, of in ((source.url, "TO", "(SELECT {1} FROM {0})"), (warehouse.url, "FROM", "{0} ({1})")):
            steps = [a for t, names in common.items() for a in ("-c", f"\\copy {of.format(t, names)} {way} '{box / t}'")]
            subprocess.run([pg.programs() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, *steps], check=True)
    else:
        copies = "".join(f"INSERT INTO {t} ({names}) SELECT {names} FROM source.{t};" for t, names in common.items())
        run_sql(warehouse, f"COMMIT; ATTACH '{source.file}' AS source; BEGIN; {copies}")


def schema(warehouse, *only):
    """Everything that the database says of its tables, indexes and views."""
    if warehouse.server:
        done = subprocess.run([pg.programs() / "pg_dump", "--schema-only", "--no-owner", *only, "-d", warehouse.url],
                              capture_output=True, text=True, check=True)
        # sorted: pg_dump's order depends on what stands on what
        return sorted(line for line in done.stdout.splitlines() if line and not line.startswith(("--", "\\")))
    return sorted(warehouse.query("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def rows(warehouse, layout):
    """What is said in these columns."""
    names = [t for t in layout if t not in ("schema_version", "sync_fact")]
    return dict(zip(names, map(sorted, warehouse.queries([f"SELECT {', '.join(layout[t])} FROM {t}" for t in names]))))


def sibling(warehouse, name):
    return rig.Warehouse(warehouse.file and warehouse.file.with_name(name), warehouse.server)


@pytest.mark.skipif(not EARLIER, reason="there is one version only")
@pytest.mark.parametrize("version", EARLIER)
def test_from_an_earlier_version(mirror, warehouse, version, tmp_path):
    fresh = sibling(warehouse, "fresh.db")
    load(mirror, fresh)
    layout = of_version(warehouse, version)
    take_over(warehouse, fresh, layout, tmp_path)
    assert warehouse.number("SELECT count(*) FROM issue") == 60
    before = rows(warehouse, layout)
    told = json.loads(mirror.run("warehouse", "status", env=warehouse.env, expect=0).out)
    assert (told["version"], told["program_version"], told["scopes"][0]["issues"]) == (version, VERSIONS[-1], 60)
    refused = mirror.run("warehouse", "verify", env=warehouse.env, expect=78)
    assert "`jiraduct warehouse migrate`" in refused.err
    mirror.run("warehouse", "migrate", env=warehouse.env, expect=0)
    assert schema(warehouse) == schema(fresh)
    assert rows(warehouse, layout) == before, "a migration bent what was there"
    stays = {"issue_status": fresh.layout()["issue_status"]}
    assert rows(warehouse, stays) == rows(fresh, stays), "views have to wait for a load"
    assert warehouse.queries(["SELECT max(version) FROM schema_version"]) == [[(str(VERSIONS[-1]),)]]
    load(mirror, warehouse)
    want = fresh.dump()
    for table, got in warehouse.dump().items():
        assert got == want[table], f"{table} is not what a new warehouse has"
    warehouse.watch()
    load(mirror, warehouse)
    assert warehouse.written() == [], "it is derived again each time"


@pytest.mark.skipif(not EARLIER, reason="there is one version only")
def test_a_sync_migrates_by_itself(mirror, tmp_path):
    warehouse, fresh = rig.Warehouse(tmp_path / "old.db"), rig.Warehouse(tmp_path / "fresh.db")
    load(mirror, fresh)
    take_over(warehouse, fresh, of_version(warehouse, EARLIER[0]), tmp_path)
    load(mirror, warehouse)
    assert warehouse.dump() == fresh.dump() and schema(warehouse) == schema(fresh)


@pytest.mark.skipif(not EARLIER, reason="there is one version only")
def test_a_migration_that_is_killed(mirror, warehouse):
    """It leaves the old or the new, whenever the end comes."""
    of_version(warehouse, EARLIER[0])
    ours = "--schema=public"  # what dbt reads is made behind the migration, by the next run where a kill comes between
    old = schema(warehouse, ours)
    new = sibling(warehouse, "new.db")
    mirror.run("warehouse", "init", env=new.env, expect=0)
    want, dice, hit, seen = schema(new), rig.dice("migration"), 0, set()
    took = 0.3
    for n in range(200):
        if hit >= rig.long_or_short(50, 2) and True in seen:
            break
        one = rig.Warehouse(None, warehouse.server, of=warehouse) if warehouse.server else sibling(warehouse, f"k{n}.db")
        if one.file:
            one.file.write_bytes(warehouse.file.read_bytes())
        process = mirror.popen("warehouse", "migrate", env=one.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        late = not rig.kill_at(process, dice.uniform(0, took))
        took /= 1 + late
        hit += not late
        if one.file:
            run_sql(one, "SELECT count(*) FROM sqlite_master;")  # what a run that ended so left beside the file is taken in by who may write
        left = schema(one, ours)
        assert left in (old, schema(new, ours)), "half a migration"
        seen.add(left == old)
        mirror.run("warehouse", "migrate", env=one.env, expect=0)
        assert schema(one) == want
    assert hit and True in seen, f"{hit} kills met a migration"


def test_a_newer_schema_is_left_alone(mirror, warehouse):
    load(mirror, warehouse)
    run_sql(warehouse, "INSERT INTO schema_version (version, applied, program) VALUES (999, '2030-01-01', 'x');")
    warehouse.watch()
    for args in (("warehouse", "init"), ("warehouse", "migrate"), ("warehouse", "rebuild"), ("warehouse", "verify"), ("sync", "--config", "etl.yml"),
                 ("backfill", "--config", "etl.yml")):
        said = mirror.run(*args, env=warehouse.env, expect=78).err
        assert "version 999" in said and "use a newer jiraduct" in said, said
    assert warehouse.written() == []
    assert json.loads(mirror.run("warehouse", "status", env=warehouse.env, expect=0).out)["version"] == 999
