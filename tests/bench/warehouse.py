#!/usr/bin/python3
"""The warehouse from the raw store, beside the databases' own bulk loads of the same rows.

    tests/bench/warehouse.py [ISSUES] [ROUNDS]      (100000 3)

jirasim generates the issues; a packed store of them is made once. Then, in turns, all on the disk that
holds the build: `warehouse rebuild` into an empty PostgreSQL (a private server that syncs to disk) and
psql's \\copy of the same rows into the same tables with their indexes; the same for SQLite and
`sqlite3 .import`. Then 1 % of the issues change, and a sync is timed beside the backfill.
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import pg  # noqa: E402
import rig  # noqa: E402
from layouts import timed  # noqa: E402


def shell_time(command, **how):
    began = rig.time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **how)
    return rig.time.monotonic() - began


def rebuild(jd, url):
    jd.env["DATABASE_URL"] = url
    return timed(jd, "warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state)


def rows_of(warehouse):
    return sum(warehouse.number(f"SELECT count(*) FROM {t}") for t in warehouse.tables())


def copy_postgres(server, full, folder):
    """The rows as psql likes them, once; then \\copy into the schema of another database."""
    empty = rig.Warehouse(None, server)
    server.psql(None, empty.url, file=rig.ROOT / "sql/schema.sql")
    server.psql("DELETE FROM schema_version", empty.url)
    script = []
    for table in full.tables():
        file = folder / f"{table}.copy"
        if not file.exists():
            subprocess.run([server.bin / "psql", "-Xqd", full.url, "-c", f"\\copy {table} to '{file}'"], check=True)
        script += ["-c", f"\\copy {table} from '{file}'"]
    return shell_time([server.bin / "psql", "-Xqd", empty.url, "-1", *script])


def import_sqlite(full, folder, n):
    other = folder / f"import{n}.db"
    schema = (rig.ROOT / "sql/schema.sqlite.sql").read_text() + "DELETE FROM schema_version;\n"
    subprocess.run(["sqlite3", other], input=schema.encode(), check=True)
    commands = [".mode ascii", "PRAGMA journal_mode=WAL;", "PRAGMA cache_size=-16384;", "BEGIN;"]
    for table in full.tables():
        file = folder / f"{table}.ascii"
        if not file.exists():
            with open(file, "wb") as out:
                subprocess.run(["sqlite3", "-ascii", full.file, f"SELECT * FROM {table}"], stdout=out, check=True)
        commands.append(f".import '{file}' {table}")
    commands.append("COMMIT;")
    # what .import makes of NULL is an empty text, which a STRICT table of numbers refuses: plain tables
    loose = schema.replace(") STRICT, WITHOUT ROWID;", ") WITHOUT ROWID;").replace(") STRICT;", ");")
    other.unlink()
    subprocess.run(["sqlite3", other], input=loose.encode(), check=True)
    return shell_time(["sqlite3", other], input="\n".join(commands).encode())


def report(name, ours, theirs, what, issues, rows):
    walls = [r[0] for r in ours]
    print(f"{name}: {issues:,} issues, {rows:,} rows: rebuild {statistics.median(walls):.2f} s (best {min(walls):.2f}), "
          f"{rows / statistics.median(walls):,.0f} rows/s, {max(r[2] for r in ours):.1f} MiB at most; "
          f"{what} {statistics.median(theirs):.2f} s (best {min(theirs):.2f}): "
          f"{statistics.median(walls) / statistics.median(theirs):.2f} times, best {min(walls) / min(theirs):.2f}")


def main(issues=100000, rounds=3):
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=rig.BUILD))
    for name in ("sim", "pg", "rows"):
        (box / name).mkdir()
    (box / "pg").chmod(0o755)
    sim = rig.Sim(box / "sim", "--generate", f"BENCH:{issues}")
    server = pg.Postgres(durable=True)
    try:
        jd = rig.Product(box / "jd", sim.url)
        jd.scrape("--projects", "BENCH", "--raw-layout", "pack")
        ours, theirs, full = [], [], None
        for _ in range(rounds):
            full = rig.Warehouse(None, server)
            ours.append(rebuild(jd, full.url))
            theirs.append(copy_postgres(server, full, box / "rows"))
        report("PostgreSQL", ours, theirs, "psql \\copy", issues, rows_of(full))
        ours, theirs = [], []
        for n in range(rounds):
            full = rig.Warehouse(box / f"w{n}.db")
            ours.append(rebuild(jd, full.url))
            theirs.append(import_sqlite(full, box / "rows", n))
        report("SQLite", ours, theirs, "sqlite3 .import", issues, rows_of(full))
        for name, target in (("PostgreSQL", rig.Warehouse(None, server)), ("SQLite", rig.Warehouse(box / "sync.db"))):
            jd = rig.Product(box / f"etl-{name}", sim.url)
            jd.env["DATABASE_URL"] = target.url
            (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscrape:\n  page_size: 500\n  raw_layout: pack\n"
                                            "scopes:\n  - project: BENCH\n")
            full_load = timed(jd, "backfill", "--config", "etl.yml")
            sim.advance(3600)
            for number in range(1, issues + 1, 100):
                sim.touch(f"BENCH-{number}")
            again = timed(jd, "sync", "--config", "etl.yml")
            print(f"{name}: backfill {full_load[0]:.2f} s, {full_load[2]:.1f} MiB at most; sync of 1 % {again[0]:.2f} s: "
                  f"{100 * again[0] / full_load[0]:.1f} % of it")
    finally:
        server.stop()
        sim.stop()
        rig.subprocess.run(["rm", "-rf", str(box)], check=False)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
