"""The way to a PostgreSQL: TLS, passwords, roles that may not, two runs at once, and what is said when it fails."""
import contextlib
import os
import subprocess
import threading
import time

import pytest

import pg
import rig

SECRET = "s3cr3t-w0rd"


# -- a server with certificates and passwords --------------------------------------------------------
def openssl(box, *args):
    subprocess.run(["openssl", *map(str, args)], cwd=box, check=True, capture_output=True)


def certificates(box):
    """ca.pem, other.pem (another authority), server.pem and its key, for localhost only."""
    for name in ("ca", "other"):
        openssl(box, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                f"/CN=jiraduct test {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl(box, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key",
            "-out", "server.csr")
    (box / "san").write_text("subjectAltName=DNS:localhost\n")
    openssl(box, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "san",
            "-out", "server.pem")


@pytest.fixture(scope="module")
def guarded(postgres, tmp_path_factory):
    """The server, also with TLS, and a password for whom is called `keeper`; `tls_only` gets in with TLS alone."""
    box = tmp_path_factory.mktemp("tls")
    certificates(box)
    for name in ("server.pem", "server.key"):
        postgres.own(box / name, name)
    hba = postgres.box / "data/pg_hba.conf"
    before = hba.read_text()
    hba.write_text("host all keeper 127.0.0.1/32 scram-sha-256\nhostnossl all tls_only 127.0.0.1/32 reject\n"
                   "hostssl all tls_only 127.0.0.1/32 trust\nhost all jiraduct 127.0.0.1/32 trust\nlocal all jiraduct trust\n")
    for setting in ("ssl_cert_file = 'server.pem'", "ssl_key_file = 'server.key'", "ssl = on"):
        postgres.psql(f"ALTER SYSTEM SET {setting}")
    postgres.psql("SELECT pg_reload_conf()")
    postgres.psql(f"CREATE ROLE keeper LOGIN SUPERUSER PASSWORD '{SECRET}'")
    postgres.psql("CREATE ROLE tls_only LOGIN SUPERUSER")
    for _ in range(200):  # the server reloads in its own time
        if postgres.psql("SHOW ssl") == [("on",)]:
            break
        time.sleep(0.02)
    postgres.certificates = box
    yield postgres
    hba.write_text(before)
    postgres.psql("ALTER SYSTEM RESET ALL")
    postgres.psql("SELECT pg_reload_conf()")


@pytest.fixture
def jd(product):
    out = product()
    out.env |= {"HOME": str(out.box)}  # nobody's own .pgpass or .postgresql
    return out


def address(server, host="localhost", user="jiraduct", database="postgres", **more):
    query = "&".join(f"{k}={v}" for k, v in more.items())
    return f"postgresql://{user}@{host}:{server.port}/{database}" + (f"?{query}" if query else "")


def init(jd, url, expect=0, **env):
    """Makes a warehouse there; what was said."""
    done = jd.run("warehouse", "init", env={"DATABASE_URL": url, **env}, expect=expect)
    assert SECRET not in done.out + done.err
    return done.err


def test_sslmode(guarded, jd):
    ca, other = guarded.certificates / "ca.pem", guarded.certificates / "other.pem"
    with_tls = "SELECT bool_or(ssl) FROM pg_stat_ssl"
    for mode, host in (("require", "127.0.0.1"), ("verify-ca", "127.0.0.1"), ("verify-full", "localhost")):
        url = guarded.database()
        where = address(guarded, host, database=url.rsplit("/", 1)[1], sslmode=mode, sslrootcert=ca)
        init(jd, where)
        assert guarded.psql("SELECT count(*) FROM issue", url) == [("0",)]
    assert guarded.psql(with_tls, address(guarded, "127.0.0.1", sslmode="require")) == [("t",)], "the server offers TLS"

    said = init(jd, address(guarded, "127.0.0.1", sslmode="verify-full", sslrootcert=ca), expect=78)
    assert "does not match host name" in said and "sslmode=verify-ca" in said
    for mode in ("verify-ca", "verify-full"):
        said = init(jd, address(guarded, sslmode=mode, sslrootcert=other), expect=78)
        assert "certificate verify failed" in said and "sslrootcert=" in said
        said = init(jd, address(guarded, sslmode=mode, sslrootcert="/no/such/ca.pem"), expect=78)
        assert "/no/such/ca.pem" in said and "sslrootcert=" in said
    init(jd, address(guarded, sslmode="verify-full"), expect=78, PGSSLROOTCERT=str(other))
    init(jd, address(guarded, sslmode="verify-full"), PGSSLROOTCERT=str(ca))
    init(jd, address(guarded, sslmode="verify-fool"), expect=78)


def test_a_user_who_must_use_tls(guarded, jd):
    said = init(jd, address(guarded, "127.0.0.1", user="tls_only", sslmode="disable"), expect=77)
    assert "pg_hba.conf" in said
    init(jd, address(guarded, "127.0.0.1", user="tls_only", database=guarded.database().rsplit("/", 1)[1]))


def test_where_a_password_may_stand(guarded, jd):
    pgpass = jd.box / ".pgpass"
    pgpass.write_text(f"127.0.0.1:{guarded.port}:*:keeper:{SECRET}\n")
    pgpass.chmod(0o600)
    elsewhere = jd.box / "elsewhere"
    pgpass.rename(elsewhere)
    where = address(guarded, "127.0.0.1", user="keeper")
    said = init(jd, where, expect=77)
    assert ".pgpass" in said and "PGPASSWORD" in said
    assert "password authentication failed" in init(jd, where, expect=77, PGPASSWORD=f"not-{SECRET}")
    init(jd, where, PGPASSWORD=SECRET)
    init(jd, where, PGPASSFILE=str(elsewhere))
    init(jd, where + f"?passfile={elsewhere}")
    init(jd, where.replace("keeper@", f"keeper:{SECRET}@"))
    elsewhere.rename(pgpass)
    init(jd, where)
    pgpass.unlink()
    (jd.box / ".env").write_text("DATABASE_URL=" + where.replace("keeper@", f"keeper:{SECRET}@") + "\n")
    done = jd.run("warehouse", "status", "--log-level", "debug", expect=0)
    assert SECRET not in done.out + done.err
    for url in (where.replace("keeper@", f"keeper:{SECRET}@"), where.replace("keeper@", f"keeper:?{SECRET}@"), where + f"?password={SECRET}"):
        assert SECRET not in jd.run("warehouse", "init", "--database", url, expect=64).err


def test_no_password_in_a_running_process(guarded, jd):
    """What others may read of a process is its arguments; the database shows who is there, not how they came."""
    url = guarded.database()
    with holding(guarded, url, "BEGIN; SELECT pg_advisory_xact_lock(7235427610482951937)"):
        process = jd.popen("warehouse", "init", env={"DATABASE_URL": address(guarded, "127.0.0.1", "keeper", url.rsplit("/", 1)[1]),
                                                      "PGPASSWORD": SECRET}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        until(lambda: guarded.psql("SELECT application_name FROM pg_stat_activity WHERE usename = 'keeper'", url))
        with open(f"/proc/{process.pid}/cmdline", "rb") as f:
            assert SECRET.encode() not in f.read()
    out, _ = process.communicate(timeout=rig.PATIENCE)
    assert process.returncode == 0 and SECRET.encode() not in out


def test_refusals_say_what_to_do(guarded, jd):
    server = guarded
    server.psql("CREATE ROLE reader LOGIN; CREATE ROLE nobody_much LOGIN")
    hba = server.box / "data/pg_hba.conf"
    hba.write_text(hba.read_text() + "host all reader,nobody_much 127.0.0.1/32 trust\n")
    server.psql("SELECT pg_reload_conf()")
    url = server.database()
    name = url.rsplit("/", 1)[1]
    until(lambda: subprocess.run([server.bin / "psql", "-X", "-d", address(server, "127.0.0.1", "reader"), "-c", "SELECT 1"],
                                 capture_output=True).returncode == 0)
    assert "grant this user" in init(jd, address(server, "127.0.0.1", "reader", name), expect=77)
    init(jd, url)
    server.psql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", url)
    as_reader = {"DATABASE_URL": address(server, "127.0.0.1", "reader", name)}
    jd.run("warehouse", "status", env=as_reader, expect=0)
    (jd.box / "data/raw").mkdir(parents=True)
    for database, status, says in ((name, 77, "grant this user"), ("not_there", 78, "create the database first")):
        said = init(jd, address(server, "127.0.0.1", "nobody_much", database, options="-csearch_path%3Dpublic"), expect=status)
        assert says in said and "127.0.0.1" in said
    empty = server.database().rsplit("/", 1)[1]
    said = init(jd, address(server, "127.0.0.1", database=empty, options="-cdefault_transaction_read_only%3Don"), expect=78)
    assert "read-only" in said
    said = init(jd, address(server, "127.0.0.1", database=empty, options="-csearch_path%3Dnowhere"), expect=78)
    assert "search_path" in said
    assert "1 connection" not in init(jd, "postgresql://jiraduct@127.0.0.1:1/x", expect=69)
    assert "could not translate host name" in init(jd, "postgresql://jiraduct@no-such-host.invalid/x", expect=69)


@pytest.fixture
def german(guarded):
    """The server, speaking German while the test lasts."""
    locales = guarded.box / "locale"
    locales.mkdir()
    done = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", locales / "de_DE.UTF-8"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a German locale cannot be made here: {done.stderr.strip()}")
    try:
        guarded.halt("fast")
        guarded.env, guarded.settings["lc_messages"] = {"LOCPATH": str(locales), "LANGUAGE": "de"}, "de_DE.UTF-8"
        guarded.start()
        with pytest.raises(RuntimeError) as said:
            guarded.psql("SELECT 1/0")
        if "division by zero" in str(said.value):
            pytest.skip("PostgreSQL's own translations are not installed here")
        yield guarded
    finally:
        guarded.halt("fast")
        guarded.env = {}
        del guarded.settings["lc_messages"]
        guarded.start()


def test_refusals_in_another_language(german, jd):
    """What a server says is not what it is judged by."""
    german.psql("CREATE ROLE limited LOGIN CONNECTION LIMIT 0; CREATE ROLE kept_out LOGIN")
    hba = german.box / "data/pg_hba.conf"
    hba.write_text(hba.read_text() + "host all limited,kept_out,not_made 127.0.0.1/32 trust\n")
    german.psql("SELECT pg_reload_conf()")
    name = german.database().rsplit("/", 1)[1]
    german.psql(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
    for user, database, more, status, state, says in (
            ("keeper", name, {"password": "not-it"}, 77, "28P01", "check user and password"),
            ("keeper", name, {}, 77, "28000", "PGPASSWORD"),
            ("not_made", name, {}, 77, "28000", "check user and password"),
            ("not_let_in", name, {}, 77, "28000", "allowed in its pg_hba.conf"),
            ("kept_out", name, {}, 77, "42501", "grant this user"),
            ("jiraduct", "not_there", {}, 78, "3D000", "create the database first"),
            ("limited", name, {}, 75, "53300", "connections are taken")):
        said = init(jd, address(german, "127.0.0.1", user, database, **more), expect=status)
        assert f"SQLSTATE {state}" in said and says in said and "LOCATION" not in said, said
    init(jd, german.url(name))


def test_refusals_of_sqlite(jd):
    box = jd.box
    (box / "text").write_text("This is no database, but a text of some length. " * 40)
    (box / "folder").mkdir()
    for path, status, says in (("text", 78, "is no database"), ("folder", 74, "cannot be opened"), ("text/w.db", 74, "a file is in its place")):
        done = jd.run("warehouse", "init", "--database", path, expect=status)
        assert says in done.err and path.split("/")[0] in done.err
    assert "none that is known" in jd.run("warehouse", "init", env={"DATABASE_URL": "oracle://x/y"}, expect=78).err
    assert "`jiraduct warehouse init`" in jd.run("warehouse", "status", "--database", "missing.db", expect=66).err
    if os.getuid():
        (box / "folder").chmod(0o555)
        assert "permissions" in jd.run("warehouse", "init", "--database", "folder/w.db", expect=74).err


# -- other sessions ---------------------------------------------------------------------------------
@contextlib.contextmanager
def holding(server, url, sql):
    """A session that ran this and stays; tell it more with its stdin."""
    process = subprocess.Popen([server.bin / "psql", "-X", "-q", "-A", "-t", "-d", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        tell(process, sql)
        yield process
    finally:
        if process.poll() is None:
            process.communicate("\n", timeout=rig.PATIENCE)


def tell(process, sql):
    """Sent, and answered."""
    print(sql + ";\n\\! echo done", file=process.stdin, flush=True)
    lines = []
    while not lines or lines[-1] != "done\n":
        lines.append(process.stdout.readline())
        assert lines[-1], f"the session ended: {lines}"
    return lines[:-1]


def until(what):
    end = time.monotonic() + rig.PATIENCE
    while not what():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


WAITING = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'jiraduct%' AND wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Two mirrors of the same issues, the second after all of them changed."""
    box = tmp_path_factory.mktemp("changed")
    sim = rig.Sim(box, "--generate", "HADOOP:60", "--seed", "5")
    try:
        mirrors = [rig.Product(box / f"jd{n}", sim.url) for n in range(2)]
        for jd in mirrors:
            jd.scrape("--projects", "HADOOP", "--raw-layout", "pack")
            sim.advance(3600)
            for key in sorted(sim.dump_lines()):
                sim.touch(key)
        yield mirrors
    finally:
        sim.stop()


def rebuild_args(jd):
    return ("warehouse", "rebuild", "--raw-dir", jd.raw, "--state-dir", jd.state)


@pytest.fixture
def loaded(changed, postgres):
    """A warehouse with the first state, and one with the second as an undisturbed run leaves it."""
    old, new = changed
    calm, other = rig.Warehouse(None, postgres), rig.Warehouse(None, postgres)
    for jd in (old, new):
        jd.run(*rebuild_args(jd), env=calm.env, expect=0)
    old.run(*rebuild_args(old), env=other.env, expect=0)
    return other, calm.dump()


def test_a_deadlock_is_tried_again(changed, loaded, postgres):
    warehouse, want = loaded
    ids = [row[0] for row in warehouse.query("SELECT id FROM issue ORDER BY id")]
    quick = warehouse.url + "?options=-cdeadlock_timeout%3D20ms"
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    lock = "SET deadlock_timeout = '1h'; BEGIN; UPDATE issue SET votes = votes WHERE id = "
    with holding(postgres, warehouse.url, lock + ids[-1]) as last, holding(postgres, warehouse.url, lock + ids[30]) as middle:
        process = changed[1].popen(*rebuild_args(changed[1]), env={"DATABASE_URL": quick}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        until(lambda: warehouse.query(WAITING))
        # it holds the first row, which the holder of the last asks for; when it comes to the last, the circle is closed
        print(f"UPDATE issue SET votes = votes WHERE id = {ids[0]}; ROLLBACK;", file=last.stdin, flush=True)
        until(lambda: warehouse.query(WAITING.replace("jiraduct", "psql")))
        tell(middle, "ROLLBACK")
        out, _ = process.communicate(timeout=rig.PATIENCE)
    assert process.returncode == 0, out
    until(lambda: warehouse.number(deadlocks) > 0)
    assert warehouse.dump() == want


def test_a_serialization_failure_is_tried_again(changed, loaded, postgres):
    warehouse, want = loaded
    ids = [row[0] for row in warehouse.query("SELECT id FROM issue ORDER BY id")]
    strict = warehouse.url + "?options=-cdefault_transaction_isolation%3Dserializable"
    with holding(postgres, warehouse.url, f"BEGIN; UPDATE issue SET votes = votes WHERE id = {ids[7]}") as other:
        process = changed[1].popen(*rebuild_args(changed[1]), env={"DATABASE_URL": strict}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        until(lambda: warehouse.query(WAITING))
        before = warehouse.query("SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()")
        tell(other, "COMMIT")
        out, _ = process.communicate(timeout=rig.PATIENCE)
    assert process.returncode == 0, out
    assert warehouse.dump() == want
    until(lambda: warehouse.query("SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()") != before)


def test_an_older_state_does_not_come_back(changed, loaded):
    """The mirror of yesterday, loaded today: what is newer stays."""
    warehouse, want = loaded
    old, new = changed
    new.run(*rebuild_args(new), env=warehouse.env, expect=0)
    warehouse.watch()
    old.run(*rebuild_args(old), env=warehouse.env, expect=0)
    assert warehouse.dump() == want
    assert warehouse.written() == []


def test_two_runs_on_one_scope(start_sim, product, postgres):
    """From two machines, as far as their files go: the second waits for the first; when that takes too long, it says who it is."""
    sim = start_sim("--generate", "HADOOP:40", "--seed", "5")
    warehouse, runs = rig.Warehouse(None, postgres), [product(sim), product(sim)]
    for jd in runs:
        (jd.box / "etl.yml").write_text(f"jira:\n  base_url: {sim.url}\nscopes:\n  - project: HADOOP\n")
        jd.run("backfill", "--config", "etl.yml", env=warehouse.env, expect=0)
    want = warehouse.dump()
    sim.advance(60)
    sim.touch("HADOOP-1")
    at_work = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'jiraduct sync' AND datname = current_database()"
    asks = at_work + " AND query LIKE '%pg_try_advisory_lock%'"
    with holding(postgres, warehouse.url, "BEGIN; LOCK TABLE issue IN SHARE MODE") as other:
        first = runs[0].popen("sync", "--config", "etl.yml", env=warehouse.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        until(lambda: warehouse.query(WAITING))
        second = runs[1].popen("sync", "--config", "etl.yml", env=warehouse.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        until(lambda: warehouse.query(asks))
        if rig.LONG:
            out, _ = second.communicate(timeout=rig.PATIENCE)
            assert second.returncode == 75 and b'HADOOP is being loaded by "jiraduct sync" (server process' in out, out
            second = runs[1].popen("sync", "--config", "etl.yml", env=warehouse.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        tell(other, "COMMIT")
        for process in (first, second):
            out, _ = process.communicate(timeout=rig.PATIENCE)
            assert process.returncode == 0, out
    assert warehouse.dump() != want
    calm = rig.Warehouse(None, postgres)
    runs[0].run("sync", "--config", "etl.yml", env=calm.env, expect=0)
    assert warehouse.dump()["issue"] == calm.dump()["issue"]


def test_two_runs_on_one_file(changed, tmp_path):
    """SQLite: one run at a time, and the other one is named."""
    old, new = changed
    warehouse = rig.Warehouse(tmp_path / "w.db")
    old.run(*rebuild_args(old), env=warehouse.env, expect=0)
    busy = subprocess.Popen(["sqlite3", warehouse.file], stdin=subprocess.PIPE, text=True)
    try:
        print("BEGIN IMMEDIATE;", file=busy.stdin, flush=True)
        time.sleep(0.1)
        first = new.popen(*rebuild_args(new), env=warehouse.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        until(lambda: (tmp_path / "w.db.lock").read_text().strip())
        done = old.run(*rebuild_args(old), env=warehouse.env, expect=75)
        assert "jiraduct warehouse rebuild" in done.err and str(first.pid) in done.err
    finally:
        busy.communicate("ROLLBACK;\n", timeout=rig.PATIENCE)
    out, _ = first.communicate(timeout=rig.PATIENCE)
    assert first.returncode == 0, out
