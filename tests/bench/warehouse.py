#!/usr/bin/python3
"""The warehouse from the raw store, beside the databases' own bulk loads of the same rows.

    tests/bench/warehouse.py [ISSUES] [ROUNDS] [PART...]      (100000 3 postgres sqlite script sync)

The issues have 5 comments and 10 histories each (warehouse_issues.py); a packed store of them and, for each
database, the rows as its own tool likes them are made once, before anything is timed. JD_BENCH_KEEP names a
folder where they stay for the next time.

postgres, sqlite: in turns, in changing order, `warehouse rebuild` into an empty warehouse and the tool's load
(psql \\copy, all in one transaction; sqlite3 .import, the same) of the same rows, in the same order, into empty
tables of the same schema with the same indexes: the same server, which syncs to disk, or a file beside with the
same settings (WAL, synchronous=FULL, a cache of 16 MiB). The schema is made before; what is read has been read
once; before each run all is synced and PostgreSQL makes a CHECKPOINT; autovacuum is off. Memory: of our process.
script: Python with psycopg2 that upserts row by row and commits each page of 100 issues. It gets its rows ready
made, of the first 1,000 issues, and is compared by rows a second.
sync: backfill from jirasim, then 1 % of the issues change (each hundredth); a sync beside the backfill, and beside
a sync that finds nothing.
"""
import hashlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import pg  # noqa: E402
import rig  # noqa: E402
import warehouse_issues  # noqa: E402
from layouts import timed  # noqa: E402

PARTS = ("postgres", "sqlite", "script", "sync")
SCRIPT_ISSUES, SCRIPT_PAGE = 1000, 100


def shell_time(command, **how):
    os.sync()
    began = rig.time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **how)
    return rig.time.monotonic() - began


def whole(path, make):
    """A file or folder that stays from run to run, made under another name first."""
    if not path.exists():
        half = path.with_name(f"half-{path.name}")
        shutil.rmtree(half, ignore_errors=True)
        make(half)
        half.rename(path)
    return path


class Bench:
    def __init__(self, box, keep, issues):
        self.box, self.keep, self.issues = box, keep, issues
        schema = b"".join((rig.ROOT / "sql" / f).read_bytes() for f in ("schema.sql", "schema.sqlite.sql"))
        self.rows = keep / f"rows-{issues}-{hashlib.sha256(schema).hexdigest()[:8]}"
        self.rows.mkdir(exist_ok=True)
        self.sims = 0

    def sim(self, *args):
        self.sims += 1
        place = self.box / f"sim{self.sims}"
        place.mkdir()
        return rig.Sim(place, *args)

    def data(self):
        def make(path):
            sim = self.sim("--generate", f"BENCH:{self.issues}")
            warehouse_issues.write(sim, path)
            sim.stop()
        return whole(self.keep / f"issues-{self.issues}.zst", make)

    def store(self):
        """A product whose mirror is filled."""
        def make(path):
            sim = self.sim("--data", self.data())
            rig.Product(path, sim.url).scrape("--projects", "BENCH", "--raw-layout", "pack")
            sim.stop()
        jd = rig.Product(whole(self.keep / f"store-{self.issues}", make))
        warm(jd.raw)
        return jd

    def prepared(self, kind, unload):
        """A folder with the rows of a warehouse, a file a table, and the warehouse where it was made now."""
        return whole(self.rows / kind, unload)


def warm(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)


def rebuild(jd, warehouse):
    jd.env["DATABASE_URL"] = warehouse.url
    jd.run("warehouse", "init", expect=0)
    if warehouse.server:
        warehouse.server.psql("CHECKPOINT")
    return timed(jd, "warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state)


def count(warehouse):
    return sum(warehouse.number(f"SELECT count(*) FROM {t}") for t in warehouse.tables())


def same_counts(full, other):
    for table in full.tables():
        want, got = (w.number(f"SELECT count(*) FROM {table}") for w in (full, other))
        if want != got:
            sys.exit(f"bench: {table} has {got} rows, not {want}: what is compared is not the same")


def report(name, ours, theirs, what, issues, rows):
    walls = [r[0] for r in ours]
    pairs = ", ".join(f"{a:.2f}/{b:.2f}" for a, b in zip(walls, theirs))
    print(f"{name}: {issues:,} issues, {rows:,} rows: rebuild {statistics.median(walls):.2f} s (best {min(walls):.2f}), "
          f"{rows / statistics.median(walls):,.0f} rows/s, {max(r[2] for r in ours):.1f} MiB at most; "
          f"{what} {statistics.median(theirs):.2f} s (best {min(theirs):.2f}): "
          f"{statistics.median(walls) / statistics.median(theirs):.2f} times, best {min(walls) / min(theirs):.2f} [{pairs}]",
          flush=True)


def in_turns(rounds, ours, theirs):
    out = ([], [])
    for n in range(rounds):
        for which in (0, 1) if n % 2 == 0 else (1, 0):
            out[which].append((ours, theirs)[which](n))
    return out


# -- PostgreSQL ------------------------------------------------------------------------------------
def unload_postgres(warehouse, folder):
    folder.mkdir()
    for table in warehouse.tables():
        if table != "schema_version":
            subprocess.run([warehouse.server.bin / "psql", "-Xqd", warehouse.url, "-c",
                            f"\\copy {table} to '{folder / table}'"], check=True)


def drop(warehouse):
    warehouse.server.psql(f"DROP DATABASE {warehouse.url.rsplit('/', 1)[1]}")


def postgres(bench, server, rounds):
    jd = bench.store()

    def unload(folder):
        full = rig.Warehouse(None, server)
        rebuild(jd, full)
        unload_postgres(full, folder)
        drop(full)
    folder = bench.prepared("postgres", unload)
    warm(folder)
    rows = {}

    def ours(_):
        full = rig.Warehouse(None, server)
        took = rebuild(jd, full)
        rows["ours"] = {t: full.number(f"SELECT count(*) FROM {t}") for t in full.tables() if t != "schema_version"}
        drop(full)
        return took

    def theirs(_):
        empty = rig.Warehouse(None, server)
        server.psql(None, empty.url, file=rig.ROOT / "sql/schema.sql")
        server.psql("CHECKPOINT")
        script = [x for f in sorted(folder.iterdir()) for x in ("-c", f"\\copy {f.name} from '{f}'")]
        took = shell_time([server.bin / "psql", "-Xqd", empty.url, "-1", *script])
        rows["theirs"] = {t: empty.number(f"SELECT count(*) FROM {t}") for t in empty.tables() if t != "schema_version"}
        drop(empty)
        return took
    a, b = in_turns(rounds, ours, theirs)
    if rows["ours"] != rows["theirs"]:
        sys.exit(f"bench: what is compared is not the same: {rows}")
    report("PostgreSQL", a, b, "psql \\copy", bench.issues, sum(rows["ours"].values()))


# -- SQLite ----------------------------------------------------------------------------------------
def unload_sqlite(warehouse, folder):
    folder.mkdir()
    for table in warehouse.tables():
        with open(folder / table, "wb") as out:
            subprocess.run(["sqlite3", "-ascii", warehouse.file, f"SELECT * FROM {table}"], stdout=out, check=True)


def sqlite(bench, _, rounds):
    jd = bench.store()

    def unload(folder):
        full = rig.Warehouse(bench.box / "unload.db")
        rebuild(jd, full)
        unload_sqlite(full, folder)
        full.file.unlink()
    folder = bench.prepared("sqlite", unload)
    warm(folder)
    rows = {}

    def ours(n):
        full = rig.Warehouse(bench.box / f"ours{n}.db")
        took = rebuild(jd, full)
        rows["ours"] = {t: full.number(f"SELECT count(*) FROM {t}") for t in full.tables()}
        full.file.unlink()
        return took

    def theirs(n):
        other = rig.Warehouse(bench.box / f"theirs{n}.db")
        # what .import makes of NULL is an empty text, which a STRICT table of numbers refuses: plain tables
        schema = (rig.ROOT / "sql/schema.sqlite.sql").read_text() + "DELETE FROM schema_version;\n"
        loose = schema.replace(") STRICT, WITHOUT ROWID;", ") WITHOUT ROWID;").replace(") STRICT;", ");")
        subprocess.run(["sqlite3", other.file], input=("PRAGMA journal_mode=WAL;\n" + loose).encode(), check=True,
                       stdout=subprocess.DEVNULL)
        commands = [".mode ascii", "PRAGMA synchronous=FULL;", "PRAGMA cache_size=-16384;", "BEGIN;"]
        commands += [f".import '{f}' {f.name}" for f in sorted(folder.iterdir())] + ["COMMIT;"]
        took = shell_time(["sqlite3", other.file], input="\n".join(commands).encode())
        rows["theirs"] = {t: other.number(f"SELECT count(*) FROM {t}") for t in other.tables()}
        other.file.unlink()
        return took
    a, b = in_turns(rounds, ours, theirs)
    if rows["ours"] != rows["theirs"]:
        sys.exit(f"bench: what is compared is not the same: {rows}")
    report("SQLite", a, b, "sqlite3 .import", bench.issues, sum(rows["ours"].values()))


# -- a script --------------------------------------------------------------------------------------
def script(bench, server, _):
    jd = bench.store()
    full, empty = rig.Warehouse(None, server), rig.Warehouse(None, server)
    ours = rebuild(jd, full)
    server.psql(None, empty.url, file=rig.ROOT / "sql/schema.sql")
    server.psql("CHECKPOINT")
    os.sync()
    done = subprocess.run(["/usr/bin/python3", pathlib.Path(__file__).with_name("warehouse_peer.py"), full.url, empty.url,
                           str(SCRIPT_ISSUES), str(SCRIPT_PAGE)], check=True, capture_output=True, text=True)
    rows, seconds = done.stdout.split()
    per_second, our_rows = int(rows) / float(seconds), count(full)
    print(f"script: psycopg2, an upsert a row, a commit each {SCRIPT_PAGE} issues: {int(rows):,} rows of "
          f"{min(SCRIPT_ISSUES, bench.issues):,} issues in {float(seconds):.2f} s, {per_second:,.0f} rows/s; "
          f"rebuild {our_rows:,} rows in {ours[0]:.2f} s: {our_rows / ours[0] / per_second:.1f} times", flush=True)
    drop(full)
    drop(empty)


# -- sync ------------------------------------------------------------------------------------------
def one_sync(bench, name, target):
    sim = bench.sim("--data", bench.data())
    jd = rig.Product(bench.box / f"etl-{name}", sim.url)
    jd.env["DATABASE_URL"] = target.url
    (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscrape:\n  page_size: 500\n  raw_layout: pack\n"
                                    "scopes:\n  - project: BENCH\n")
    jd.run("warehouse", "init", expect=0)
    full = timed(jd, "backfill", "--config", "etl.yml")
    sim.advance(3600)
    nothing = timed(jd, "sync", "--config", "etl.yml")
    for number in range(1, bench.issues + 1, 100):
        sim.touch(f"BENCH-{number}")
    if target.server:
        target.server.psql("CHECKPOINT")
    again = timed(jd, "sync", "--config", "etl.yml")
    print(f"{name}: backfill of {bench.issues:,} {full[0]:.2f} s, {full[2]:.1f} MiB at most; sync of 1 % {again[0]:.2f} s: "
          f"{100 * again[0] / full[0]:.1f} % of it; of nothing {nothing[0]:.2f} s", flush=True)
    sim.stop()
    if target.server:
        drop(target)


def sync(bench, server, _):
    one_sync(bench, "PostgreSQL", rig.Warehouse(None, server))
    one_sync(bench, "SQLite", rig.Warehouse(bench.box / "sync.db"))


def main(issues="100000", rounds="3", *parts):
    keep = os.environ.get("JD_BENCH_KEEP")
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=keep or rig.BUILD))
    box.chmod(0o755)
    bench = Bench(box, pathlib.Path(keep) if keep else box, int(issues))
    server = None
    try:
        server = pg.Postgres(durable=True, where=box)
        for part in parts or PARTS:
            {"postgres": postgres, "sqlite": sqlite, "script": script, "sync": sync}[part](bench, server, int(rounds))
    finally:
        if server:
            server.stop()
        subprocess.run(["rm", "-rf", str(box)], check=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
