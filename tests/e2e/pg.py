#!/usr/bin/python3
"""A private PostgreSQL for tests: made in a temporary folder, on a socket and a free port of its own, by
the user `postgres` where the tests run as root (initdb refuses root), gone at the end.

    tests/e2e/pg.py COMMAND...    runs the command with JD_TEST_PG set to the server's address
"""
import getpass
import glob
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TUNING = {  # the data is thrown away: only the server's own crash would need the disk
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off",
    "shared_buffers": "64MB", "max_connections": "40", "max_wal_size": "2GB", "log_min_messages": "fatal",
}


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda p: int(p.split("/")[4]))
    if found:
        return pathlib.Path(found[-1]).parent
    path = shutil.which("postgres")
    if not path:
        raise RuntimeError("no PostgreSQL server here: scripts/setup installs it")
    return pathlib.Path(path).parent


def in_memory():
    """A folder that needs no disk, where there is room in one: other work makes disks slow."""
    shm = pathlib.Path("/dev/shm")
    return shm if shm.is_dir() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 2 << 30 else None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Postgres:
    """A running server; user `jiraduct` owns the databases that `database()` makes."""

    def __init__(self, durable=False, where=None):
        self.bin = programs()
        self.box = pathlib.Path(tempfile.mkdtemp(prefix="jd-pg-", dir=where or (None if durable else in_memory())))
        self.user = "postgres" if os.getuid() == 0 else getpass.getuser()
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.box, owner.pw_uid, owner.pw_gid)
        os.chmod(self.box, 0o755)
        self.port = free_port()
        self.process = None
        self.count = 0
        self.settings = {} if durable else dict(TUNING)
        self.env = {}  # what start() gives the server beside the environment
        if durable:
            self.settings.update(autovacuum="off", shared_buffers="128MB", max_wal_size="4GB")
        self._run("initdb", "-D", self.box / "data", "-A", "trust", "-U", "jiraduct", "-E", "UTF8", "--no-sync",
                  "--locale=C.UTF-8")
        self.start()

    def _as_owner(self, *command):
        command = [str(c) for c in command]
        return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command

    def _run(self, program, *args):
        done = subprocess.run(self._as_owner(self.bin / program, *args), capture_output=True, text=True, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr or done.stdout}")

    def start(self):
        log = open(self.box / "log", "ab")
        options = [f"-c{k}={v}" for k, v in self.settings.items()]
        self.process = subprocess.Popen(
            self._as_owner(self.bin / "postgres", "-D", self.box / "data", "-p", self.port, "-k", self.box,
                           "-clisten_addresses=127.0.0.1", *options),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env={**os.environ, **self.env})
        end = time.monotonic() + 60
        while True:
            done = subprocess.run([self.bin / "pg_isready", "-q", "-h", self.box, "-p", str(self.port)], check=False)
            if done.returncode == 0:
                return
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start: {(self.box / 'log').read_text(errors='replace')}")
            time.sleep(0.02)

    def own(self, file, name):
        """A copy of a file among the server's data, for its eyes only."""
        copy = self.box / "data" / name
        shutil.copy(file, copy)
        os.chmod(copy, 0o600)
        if os.getuid() == 0:
            shutil.chown(copy, "postgres", "postgres")

    def tablespace(self, folder):
        """One in this folder, which is the server's from now on: for database(more=…)."""
        if os.getuid() == 0:
            for path in folder.parents:
                if not path.stat().st_mode & 0o001:  # else the server does not get there
                    os.chmod(path, path.stat().st_mode | 0o001)
            shutil.chown(folder, "postgres", "postgres")
        self.count += 1
        self.psql(f"CREATE TABLESPACE t{self.count} LOCATION '{folder}'")
        return f"t{self.count}"

    def halt(self, how="immediate"):
        """Ends the server; start() brings it back with its data."""
        if self.process and self.process.poll() is None:
            self._run("pg_ctl", "stop", "-D", self.box / "data", "-m", how, "-w")
        if self.process:
            self.process.wait()
        self.process = None

    def stop(self):
        self.halt()
        shutil.rmtree(self.box, ignore_errors=True)

    def url(self, database="postgres"):
        return f"postgresql://jiraduct@127.0.0.1:{self.port}/{database}"

    def database(self, like=None, more=""):
        """The address of a new database: empty, or a copy of the one at that address."""
        self.count += 1
        name = f"w{self.count}"
        template = like.rsplit("/", 1)[1] if like else "template0"
        self.psql(f"CREATE DATABASE {name} TEMPLATE {template} {more}")
        return self.url(name)

    def psql(self, sql, database="postgres", file=None):
        """What a query gives: rows of texts."""
        return rows(self._psql(database, ["-f", str(file)] if file else ["-c", sql]))

    def psql_all(self, sqls, database):
        """What each of several queries gives, through one connection."""
        args = [a for sql in sqls for a in ("-c", sql, "-c", "\\echo \x1d")]
        return [rows(part) for part in self._psql(database, args).split("\x1d\n")[:-1]]

    def _psql(self, database, args):
        url = database if database.startswith("postgresql:") else self.url(database)
        command = [self.bin / "psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", "-d", url]
        done = subprocess.run([*command, *args], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr}: {args}")
        return done.stdout


def rows(out):
    out = out[:-1] if out.endswith("\n") else out
    return [tuple(row.split("\x1f")) for row in out.split("\x1e")] if out else []


def main(command):
    server = Postgres()
    try:
        return subprocess.call(command, env=dict(os.environ, JD_TEST_PG=server.url()))
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
