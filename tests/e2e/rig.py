"""What the end-to-end tests stand on: both programs as processes, and ways to compare what they left.

Nothing here knows how jiraduct works inside; it uses the command line, the documented files and
jirasim's control endpoints (/_sim/…).
"""
import collections
import datetime
import functools
import gzip
import hashlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("JD_BUILD", "build")).resolve()
JIRADUCT = BUILD / "jiraduct"
JIRASIM = BUILD / "jirasim"
REALDATA = ROOT.parent / "shared" / "realdata"
LONG = os.environ.get("JD_LONG") == "1"
SANITIZED = "san" in BUILD.name
PATIENCE = 600 if LONG or SANITIZED else 120  # seconds until a hanging program is a failure


def long_or_short(long, short):
    return long if LONG else short


# -- jirasim ---------------------------------------------------------------------------------------
class Sim:
    """A running jirasim. Its clock stands still unless the test moves it; clock="real" runs."""

    def __init__(self, box, *args, clock="2026-06-01T12:00:00Z", context="/jira"):
        self.stopped = False
        port_file, self.log_file = box / "port", box / "sim.log"
        command = [JIRASIM, "--port", "0", "--port-file", port_file, "--context", context, "--clock", clock, *args]
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=clean_env(), cwd=box)
        end = time.monotonic() + PATIENCE
        while not (port_file.exists() and port_file.read_text().strip()):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"jirasim did not start: {self.log_file.read_text(errors='replace')}")
            time.sleep(0.005)
        self.port = int(port_file.read_text())
        self.root = f"http://127.0.0.1:{self.port}"
        self.host = f"127.0.0.1:{self.port}"
        self.url = self.root + context.rstrip("/")
        self.http = requests.Session()
        self.http.trust_env = False

    def stop(self):
        self.stopped = True
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def control(self, what, **body):
        reply = self.http.post(f"{self.root}/_sim/{what}", json=body, timeout=PATIENCE)
        assert reply.status_code == 200, f"/_sim/{what} {body}: {reply.status_code} {reply.text[:300]}"
        return reply.json()

    def ask(self, what):
        reply = self.http.get(f"{self.root}/_sim/{what}", timeout=PATIENCE)
        assert reply.status_code == 200, f"/_sim/{what}: {reply.status_code} {reply.text[:300]}"
        return reply

    def touch(self, key):
        return self.control("touch", key=key)

    def comment(self, key, body):
        return self.control("comment", key=key, body=body)

    def move(self, key, project):
        """The key it has from now on."""
        return self.control("move", key=key, project=project)["key"]

    def create(self, project, count=1):
        """The new keys."""
        return self.control("create", project=project, count=count)["keys"]

    def advance(self, seconds):
        self.control("clock", advance=int(seconds * 1000))

    def touch_at_every_request(self, key=None):
        self.control("every-request", **({"touch": key} if key else {}))

    def dump_lines(self):
        """key -> the complete issue, as the bytes of its JSON."""
        return {key_of(line): line for line in self.ask("dump").content.split(b"\n") if line}

    def dump(self):
        """key -> the complete issue, exactly as it was written (see exact)."""
        return {key: exact(line) for key, line in self.dump_lines().items()}

    def requests_seen(self):
        """The request log, oldest first, without the control calls."""
        return [row for row in self.ask("log").json() if not row["path"].startswith("/_sim/")]

    def issues_served(self, rows):
        return sum(row["rows"] for row in rows if row["path"].endswith("/search"))


# -- jiraduct --------------------------------------------------------------------------------------
def clean_env(**more):
    env = {k: v for k, v in os.environ.items()
           if k in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") or k.endswith("SAN_OPTIONS") or k.startswith("GCOV")}
    env.update(LC_ALL="C.UTF-8", TZ="UTC", **more)
    return env


Done = collections.namedtuple("Done", "status out err seconds")


class Product:
    """jiraduct with a data folder of its own. Waits between tries are short, so that tests are too."""

    def __init__(self, box, base_url=None):
        self.box = box
        self.base_url = base_url
        self.raw, self.state = box / "data/raw", box / "data/state"
        self.quarantine, self.corpus = box / "data/quarantine", box / "data/corpus/jira_corpus.jsonl"
        self.report = box / "report.json"
        self.env = {"RETRY_START_DELAY": "0.01", "RETRY_MAX_DELAY": "0.05", "RETRY_MAX_TIMES": "2"}
        box.mkdir(parents=True, exist_ok=True)

    def command(self, *args):
        return [str(a) for a in (JIRADUCT, *args)]

    def popen(self, *args, env=None, **how):
        return subprocess.Popen(self.command(*args), cwd=self.box, stdin=subprocess.DEVNULL,
                                env=clean_env(**{**self.env, **(env or {})}), **how)

    def run(self, *args, env=None, expect=None, timeout=PATIENCE):
        began = time.monotonic()
        process = self.popen(*args, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"jiraduct {args} did not end within {timeout} s; stderr ends: {err[-800:]!r}") from None
        done = Done(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"),
                    time.monotonic() - began)
        if expect is not None:
            assert done.status == expect, f"exit {done.status}, not {expect}: {' '.join(map(str, args))}\n{done.err[-3000:]}"
        return done

    def scrape_args(self, *args):
        where = () if self.base_url is None else ("--base-url", self.base_url)
        return ("scrape", *where, "--raw-dir", self.raw, "--state-dir", self.state,
                "--quarantine-dir", self.quarantine, "--report", self.report, *args)

    def scrape(self, *args, expect=0, env=None):
        self.report.unlink(missing_ok=True)
        return self.run(*self.scrape_args(*args), expect=expect, env=env)

    def transform_args(self, *args):
        return ("transform", "--input-dir", self.raw, "--state-dir", self.state, "--quarantine-dir", self.quarantine, "--output", self.corpus, *args)

    def transform(self, *args, expect=0):
        self.corpus.parent.mkdir(parents=True, exist_ok=True)
        return self.run(*self.transform_args(*args), expect=expect)

    def verdict(self):
        return json.loads(self.report.read_text())

    def issue_files(self):
        return {p.stem: p for p in self.raw.glob("*/*.json") if p.parent.name != "_site" and "." not in p.stem}


def kill_at(process, seconds):
    """kill -9 after a while; True when it was still running."""
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


# -- comparing -------------------------------------------------------------------------------------
class Number(str):
    """A number's own digits: 1.0 is not 1, and nothing is rounded."""

    def __eq__(self, other):
        return isinstance(other, Number) and str.__eq__(self, other)

    __hash__ = str.__hash__


def exact(text):
    """JSON with the order of keys, repeated keys and the digits of numbers kept."""
    return json.loads(text, object_pairs_hook=tuple, parse_float=Number, parse_int=Number)


def member(value, *names):
    """A member of an exact object, deeper with every name; None when it is not there."""
    for name in names:
        value = dict(value).get(name) if isinstance(value, tuple) else None
    return value


@functools.lru_cache(10_000)
def key_of(line):
    return json.loads(line)["key"]


_EQUAL = set()  # pairs of texts found equal: most tests meet the same issue many times


def difference(held, line):
    """Where two issues, given as bytes, differ; None when nowhere."""
    pair = tuple(hashlib.blake2b(t, digest_size=16).digest() for t in (held, line))
    if held == line or pair in _EQUAL:
        return None
    a, b = exact(held), exact(line)
    if a != b:
        return first_difference(a, b) or "they differ"
    _EQUAL.add(pair)
    return None


def first_difference(a, b, where="issue"):
    if type(a) is not type(b) or not isinstance(a, (tuple, list)):
        return None if a == b else f"{where}: {str(a)[:120]!r} is not {str(b)[:120]!r}"
    for i, (x, y) in enumerate(zip(a, b)):
        name = x[0] if isinstance(a, tuple) and isinstance(x, tuple) and x else i
        found = first_difference(x, y, f"{where}.{name}")
        if found:
            return found
    return None if len(a) == len(b) else f"{where}: {len(a)} entries, not {len(b)}"


def assert_mirror(product, sim, projects=None):
    """Every issue that jirasim has lies in its one file, whole, and nothing else does."""
    dump = sim.dump_lines()
    if projects is not None:
        dump = {k: v for k, v in dump.items() if k.rsplit("-", 1)[0] in projects}
    files = product.issue_files()
    lacking, extra = sorted(set(dump) - set(files)), sorted(set(files) - set(dump))
    assert not lacking, f"{len(lacking)} of {len(dump)} issues have no file, such as {lacking[:5]}"
    assert not extra, f"{len(extra)} files of no issue, such as {extra[:5]}"
    for key, line in dump.items():
        file = files[key]
        assert file.parent.name == key.rsplit("-", 1)[0], f"{file} lies in another project's folder"
        found = difference(file.read_bytes(), line)
        assert not found, f"{key}: {found}"
    return len(dump)


LISTS = (("fields", "comment", "comments"), ("fields", "worklog", "worklogs"), ("changelog", "histories"))


def cloud_issue(text, without=()):
    """An issue of Cloud's, but for how its lists were cut and in which order its histories came; without these fields."""
    issue = json.loads(text)
    for name in without:
        issue["fields"].pop(name, None)
    for *path, items in LISTS:
        at = issue
        for name in path:
            at = at[name]
        assert at["total"] == len(at[items]), f"{issue['key']}: {len(at[items])} of {at['total']} {items}"
        at["startAt"] = at["maxResults"] = 0
        at[items].sort(key=lambda child: int(child["id"]))
    return issue


def assert_cloud_mirror(product, sim, without=()):
    """As assert_mirror, for Cloud."""
    dump, files = sim.dump_lines(), product.issue_files()
    assert set(files) == set(dump), f"{sorted(set(dump) - set(files))[:5]} lack, {sorted(set(files) - set(dump))[:5]} are too many"
    for key, line in dump.items():
        held, served = cloud_issue(files[key].read_bytes(), without), cloud_issue(line, without)
        if held != served:
            raise AssertionError(f"{key}: {first_difference(exact(json.dumps(held)), exact(json.dumps(served)))}")
    return len(dump)


def tree(folder):
    """Path -> hash of every file below; temporary files would show up here too."""
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted(folder.rglob("*")) if p.is_file()} if folder.exists() else {}


# What says when and in how many steps something was done, not what is held.
WHEN = {"seq", "fetched", "fetched_ms", "at_wall", "made", "made_ms"}


def strip_when(value):
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    if isinstance(value, dict):
        return tuple(sorted((k, strip_when(v)) for k, v in value.items() if k not in WHEN))
    if isinstance(value, list):
        return tuple(map(strip_when, value))
    return value


def state_tables(product):
    """table -> its rows, sorted; the table of runs is left out, and when a thing was done."""
    db = sqlite3.connect(f"file:{product.state / 'state.db'}?mode=ro", uri=True)
    try:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        tables = [n for (n,) in db.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")]
        out = {}
        for table in tables:
            if table in ("runs", "run"):
                continue
            columns = [c[1] for c in db.execute(f"pragma table_info({table})")]
            keep = [c for c in columns if c not in WHEN]
            rows = db.execute(f"select {', '.join(keep)} from {table}").fetchall()
            if table == "meta":
                rows = [row for row in rows if not row[0].startswith(("catalogues", "parts:"))]  # when they were read
            out[table] = sorted((tuple(map(strip_when, row)) for row in rows), key=repr)
        return out
    finally:
        db.close()


def end_state(product):
    out = {"raw": tree(product.raw), "quarantine": tree(product.quarantine), "state": state_tables(product)}
    if product.corpus.parent.exists():
        out["corpus"] = tree(product.corpus.parent)
    return out


def assert_same_end(got, want):
    for part in want:
        if got.get(part) == want[part]:
            continue
        a, b = got.get(part) or {}, want[part]
        names = sorted(k for k in set(a) | set(b) if a.get(k) != b.get(k))
        detail = "; ".join(f"{k}: {str(a.get(k))[:300]} | {str(b.get(k))[:300]}" for k in names[:3])
        raise AssertionError(f"{part} differs in {len(names)} places: {detail}")


def records(path):
    """The lines of a corpus; only a line feed ends one (text may hold U+2028)."""
    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b"", f"{path} does not end with its last line"
    return [json.loads(line) for line in lines]


# -- warehouses ------------------------------------------------------------------------------------
# What says when a row was loaded, and by whom, not what it says; runs are told of one by one.
LOADED = {"seen", "fetched", "applied", "made", "program", "cursor"}


class Warehouse:
    """A database of its own, SQLite (a file) or PostgreSQL (a server of tests/e2e/pg.py); there also a copy of another one."""

    def __init__(self, file=None, server=None, of=None, more=""):
        self.file, self.server = file, server
        self.url = f"sqlite:///{file}" if file else server.database(of and of.url, more)
        self.env = {"DATABASE_URL": self.url}

    def query(self, sql):
        """Rows of texts; NULL is an empty one."""
        if self.server:
            return self.server.psql(sql, self.url)
        db = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)
        try:
            return [tuple("" if v is None else str(v) for v in row) for row in db.execute(sql)]
        finally:
            db.close()

    def number(self, sql):
        return int(self.query(sql)[0][0])

    def queries(self, sqls):
        """What several queries give, through one connection."""
        if self.server:
            return self.server.psql_all(sqls, self.url)
        return [self.query(sql) for sql in sqls]

    def utc(self, column):
        """SQL that gives an instant as "2024-01-15 10:30:00" in either database."""
        return (f"coalesce(to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), '')" if self.server else
                f"coalesce(substr({column}, 1, 19), '')")

    def tables(self):
        return list(self.layout())

    def columns(self, table):
        return self.layout()[table]

    def layout(self):
        """table -> its columns, in order."""
        sql = ("SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE c.relkind = 'r' AND"
               " a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname COLLATE \"C\", a.attnum"
               if self.server else
               "SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY m.name, c.cid")
        out = {}
        for table, column in self.query(sql):
            out.setdefault(table, []).append(column)
        return out

    def dump(self, but=LOADED):
        """table -> its rows, sorted, without what says when they were loaded."""
        layout = {table: [c for c in columns if c not in but] for table, columns in self.layout().items()
                  if table not in ("sync_run", "schema_version")}
        rows = self.queries([f"SELECT {', '.join(columns)} FROM {table}" for table, columns in layout.items()])
        return {table: sorted(r) for table, r in zip(layout, rows)}

    def watch(self):
        """From now on, what is written to tables can be told (written): of SQLite, which has no row versions."""
        if self.server:
            self.versions = self.stamp()
            return
        db = sqlite3.connect(self.file)
        db.execute("CREATE TABLE watch_written (what TEXT) STRICT")
        for table in self.tables():
            for what in ("INSERT", "UPDATE", "DELETE"):
                if not table.startswith("watch_"):
                    db.execute(f"CREATE TRIGGER watch_{what}_{table} AFTER {what} ON {table} BEGIN"
                               f" INSERT INTO watch_written VALUES ('{what} {table}'); END")
        db.commit()
        db.close()

    def written(self):
        """Tables of which rows were written since watch(), if only with what they said before; but what tells of the run itself."""
        if self.server:
            now = self.stamp()
            return sorted(t for t in now if now[t] != self.versions.get(t))
        return sorted({what for (what,) in self.query("SELECT DISTINCT what FROM watch_written") if "sync_run" not in what})

    def stamp(self):
        """What changes when any row is written again, where the database tells."""
        if not self.server:
            return None
        names = [t for t in self.tables() if t != "sync_run"]
        return dict(zip(names, map(sorted, self.queries([f"SELECT xmin, ctid FROM {t}" for t in names]))))


# -- making issues ---------------------------------------------------------------------------------
def plain_issue(number, project="TIE", created="2024-03-05T10:00:00.000+0000", updated=None, project_id=10900):
    """A small but complete Data Center issue."""
    who = {"name": f"dev{number % 7}", "key": f"JIRAUSER{number % 7}", "displayName": f"Dev {number % 7}", "active": True}
    return {
        "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
        "id": str(5000000 + number), "self": f"http://localhost/rest/api/2/issue/{5000000 + number}",
        "key": f"{project}-{number}",
        "fields": {
            "summary": f"Issue {number} ties", "description": f"Made at one instant, number {number}.",
            "project": {"id": str(project_id), "key": project, "name": f"Project {project}"},
            "issuetype": {"id": "1", "name": "Bug", "subtask": False},
            "status": {"id": "1", "name": "Open"}, "priority": {"id": "3", "name": "Major"}, "resolution": None,
            "reporter": who, "assignee": None, "labels": [], "issuelinks": [],
            "created": created, "updated": updated or created, "resolutiondate": None,
            "comment": {"comments": [], "maxResults": 0, "total": 0, "startAt": 0},
            "worklog": {"startAt": 0, "maxResults": 20, "total": 0, "worklogs": []},
        },
        "changelog": {"startAt": 0, "maxResults": 0, "total": 0, "histories": []},
    }


def epoch_ms(date):
    """Of a date as Jira writes it."""
    return int(datetime.datetime.strptime(date, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000 + 0.5)


def write_lines(path, issues):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8") as out:
        for issue in issues:
            out.write(json.dumps(issue, ensure_ascii=False) + "\n")
    return path


# -- chance ----------------------------------------------------------------------------------------
def dice(name):
    """A random source that a failing test's output names: JD_SEED=N repeats it."""
    seed = int(os.environ.get("JD_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"{name}: JD_SEED={seed}", file=sys.stderr)
    return random.Random(f"{seed}:{name}")
