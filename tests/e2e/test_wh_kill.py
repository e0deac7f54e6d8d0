"""The warehouse under misfortune: kill -9, cut connections, a server that ends, a full disk: in the end the tables are
those of an undisturbed run, in either database."""
import contextlib
import os
import shutil
import subprocess
import threading
import time

import pytest

import pg
import rig
from test_kill import storm, timed

# 15 in all: 8 for SQLite, 7 for PostgreSQL; 100 each at full length
KILLS = {"sqlite": rig.long_or_short({"backfill": 35, "load": 30, "sync": 35}, {"backfill": 3, "load": 2, "sync": 3}),
         "postgresql": rig.long_or_short({"backfill": 35, "load": 30, "sync": 35}, {"backfill": 2, "load": 2, "sync": 3})}
CONF = """jira:
  base_url: {url}
scrape:
  page_size: 25
scopes:
  - project: HADOOP
  - project: SPARK
    issue_types: [Bug, Improvement]
"""


def end_state(warehouse):
    """All that is held, and how far; not when, nor in how many steps."""
    return {t: [tuple(map(rig.strip_when, row)) for row in rows] for t, rows in warehouse.dump(rig.LOADED - {"cursor"}).items()}


def assert_same(got, want):
    assert set(got) == set(want)
    for table in want:
        assert got[table] == want[table], f"{table} differs: {sorted(set(got[table]) ^ set(want[table]))[:4]}"


def command(jd, *args):
    return (*args, "--config", "etl.yml")


def new(product, sim, warehouse, data=None):
    """A fresh jiraduct for this warehouse, with a copy of that one's data."""
    jd = product(sim)
    jd.env |= warehouse.env
    jd.warehouse = warehouse
    (jd.box / "etl.yml").write_text(CONF.format(url=sim.url))
    if data:
        shutil.copytree(data.box / "data", jd.box / "data")
    return jd


def change(sim, chance):
    """A day's work: moves, comments, deletions, new issues."""
    sim.advance(86400)
    keys = [f"HADOOP-{n}" for n in chance.sample(range(1, 201), 60)]
    for i, key in enumerate(keys):
        if i < 4:
            sim.move(key, "SPARK")
        elif i < 7:
            sim.control("delete", key=key)
        elif i < 30:
            sim.comment(key, f"A word on {key}.")
        else:
            sim.touch(key)
        sim.advance(chance.choice([0, 0, 1, 7]))
    sim.create("HADOOP", 3)
    sim.advance(3600)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request, tmp_path_factory):
    """An undisturbed backfill, the same a day later, and what either left."""
    box = tmp_path_factory.mktemp("house")
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    sim = rig.Sim(box, "--generate", "HADOOP:200", "--generate", "SPARK:80", "--seed", "7", "--threads", "4")
    count = iter(range(1000000))

    class House:
        kind = request.param
        kills = KILLS[request.param]

        def warehouse(self, of=None):
            """A new one: empty, or a copy."""
            if not server:
                file = box / f"w{next(count)}.db"
                if of:
                    shutil.copy(of.file, file)
                return rig.Warehouse(file)
            return rig.Warehouse(None, server) if not of else rig.Warehouse(None, server, of=of)

        def jiraduct(self, data=None, warehouse=None):
            return new(lambda s: rig.Product(box / f"jd{next(count)}", s.url), sim, warehouse or self.warehouse(), data)

    h = House()
    h.sim, h.server = sim, server
    try:
        yield h
    finally:
        sim.stop()


@pytest.fixture(scope="module")
def backfilled(house):
    jd = house.jiraduct()
    jd.seconds = timed(jd, command(jd, "backfill"))
    return jd, end_state(jd.warehouse)


@pytest.fixture(scope="module")
def synced(house, backfilled):
    """After the changes, which every later test sees."""
    change(house.sim, rig.dice("changes of the warehouse"))
    jd = house.jiraduct(backfilled[0], house.warehouse(backfilled[0].warehouse))
    jd.seconds = timed(jd, command(jd, "sync", "--census"))
    return jd, end_state(jd.warehouse)


def killed(house, what, begin, args, like):
    calm, want = like
    storm(lambda n: begin(), lambda jd: command(jd, *args), lambda jd: assert_same(end_state(jd.warehouse), want), calm.seconds,
          house.kills[what], f"kill in {what}, {house.kind}")


def test_kill_in_backfill(house, backfilled):
    killed(house, "backfill", house.jiraduct, ("backfill",), backfilled)


def test_kill_while_a_mirror_is_loaded(house, backfilled):
    killed(house, "load", lambda: house.jiraduct(backfilled[0]), ("backfill",), backfilled)


def struck(house, like, strike, times, name):
    """Runs that something happens to at a random instant. Those that say they are complete are; one more makes the others so."""
    if not house.server:
        pytest.skip("SQLite has no server")
    calm, want = like
    chance, hits = rig.dice(name), 0
    for _ in range(20 * times):
        if hits >= times:
            break
        jd = house.jiraduct()
        process = jd.popen(*command(jd, "backfill"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0, calm.seconds))
        hits += process.poll() is None
        strike(jd)
        _, err = process.communicate(timeout=rig.PATIENCE)
        assert process.returncode in (0, 69, 75), err.decode()
        if process.returncode:
            jd.run(*command(jd, "backfill"), expect=0)
        assert_same(end_state(jd.warehouse), want)
    assert hits >= times, f"only {hits} of {times} met a running program"


def test_connections_that_are_cut(house, backfilled):
    def cut(jd):
        name = jd.warehouse.url.rsplit("/", 1)[1]
        house.server.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    struck(house, backfilled, cut, rig.long_or_short(50, 2), "connections cut")


def test_a_server_that_ends_and_comes_back(house, backfilled):
    def restart(jd):
        house.server.halt()
        house.server.start()
    struck(house, backfilled, restart, rig.long_or_short(20, 1), "server ends")


@contextlib.contextmanager
def room_of(disk, size):
    """All of it is taken, but for this many bytes."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    assert free > size
    with open(ballast, "wb") as f:
        os.posix_fallocate(f.fileno(), 0, free - size)
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def on_disk(house, disk):
    """A warehouse of its own there."""
    if not house.server:
        yield rig.Warehouse(disk / "w.db")
        return
    folder = disk / "pg"
    folder.mkdir()
    space = house.server.tablespace(folder)
    warehouse = rig.Warehouse(None, house.server, more=f"TABLESPACE {space}")
    try:
        yield warehouse
    finally:  # before the disk goes
        house.server.psql(f"DROP DATABASE {warehouse.url.rsplit('/', 1)[1]}")
        house.server.psql(f"DROP TABLESPACE {space}")


def meet(warehouse):
    """A server that cannot keep its cache of the catalogue, which the first session writes, lets nobody in."""
    if warehouse.server:
        warehouse.query("SELECT 1")


def test_a_full_disk(house, backfilled, small_disk):
    """Under the database, at several places of a load: the run says so, and the next one with room completes it."""
    calm, want = backfilled
    disk = small_disk(64)
    with on_disk(house, disk) as warehouse:
        jd = house.jiraduct(calm, warehouse)
        for room in (16 << 10, 256 << 10):
            meet(warehouse)
            with room_of(disk, room):
                said = jd.run("warehouse", "init", expect=74).err
                assert "disk is full" in said and warehouse.url.rsplit("/", 1)[1] in said
        jd.run("warehouse", "init", expect=0)
        for room in (4 << 10, 64 << 10, 512 << 10, 1 << 20):
            meet(warehouse)
            with room_of(disk, room):
                said = jd.run(*command(jd, "backfill"), expect=74).err
                assert "disk is full" in said and "run again" in said and warehouse.url.rsplit("/", 1)[1] in said
        jd.run(*command(jd, "backfill"), expect=0)
        assert_same(end_state(warehouse), want)


def test_a_database_that_turned_read_only(house, backfilled):
    """A standby that took over the address, say."""
    if not house.server:
        pytest.skip("a file that may not be written is among the bad inputs")
    calm, want = backfilled
    jd = house.jiraduct(calm)
    jd.run("warehouse", "init", expect=0)
    name = jd.warehouse.url.rsplit("/", 1)[1]
    house.server.psql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    said = jd.run(*command(jd, "backfill"), expect=78).err
    assert f"database {name} at" in said and "read-only" in said and "use the primary one" in said
    house.server.psql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    jd.run(*command(jd, "backfill"), expect=0)
    assert_same(end_state(jd.warehouse), want)


def test_kill_in_sync(house, backfilled, synced):
    assert [row[3] for row in synced[1]["tombstone"]].count("gone") == 3, "deletions were seen"
    assert synced[1]["comment"] != backfilled[1]["comment"]
    killed(house, "sync", lambda: house.jiraduct(backfilled[0], house.warehouse(backfilled[0].warehouse)), ("sync", "--census"), synced)
