"""Bad input: one line that names the remedy, the exit code of the table, nothing half-written."""
import contextlib
import http.server
import json
import socket
import sqlite3
import subprocess
import threading
import time

import pytest

import rig


def one_line(done, *words):
    """stderr's last line is the error; it names what it is about, and there is one such line."""
    lines = [l for l in done.err.splitlines() if l.startswith("jiraduct: ")]
    assert len(lines) == 1, f"one line of error, not {len(lines)}:\n{done.err}"
    for word in words:
        assert word.lower() in lines[0].lower(), f"{word!r} is not in: {lines[0]}"
    return lines[0]


def nothing_written(jd):
    assert not jd.issue_files()
    assert not list(jd.box.glob("**/*.tmp*"))
    assert not jd.corpus.exists()


@contextlib.contextmanager
def answering(status, body, headers=()):
    """A server that answers everything the same way."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


# -- the command line ------------------------------------------------------------------------------
@pytest.mark.smoke
@pytest.mark.parametrize("args,words", [
    (["scrape", "--projcts", "HADOOP"], ["--projcts", "--projects"]),
    (["scrape", "--start-date", "2024-13-01"], ["start-date", "2024-13-01"]),
    (["scrape", "--start-date", "yesterday"], ["start-date", "YYYY-MM-DD"]),
    (["scrape", "--max-issues", "many"], ["max-issues", "many"]),
    (["scrape", "--page-size", "0"], ["page-size"]),
    (["scrape", "--projects", "../x"], ["../x"]),
    (["scrape", "--projects", "A/B"], ["A/B"]),
    (["scrap"], ["scrap", "scrape"]),
    (["transform"], ["output"]),
    (["transform", "--output", "x.jsonl", "--compress", "rar"], ["compress", "rar", "zst"]),
    (["help", "scarpe"], ["scarpe", "scrape"]),
])
def test_usage(product, args, words):
    jd = product(base_url="http://127.0.0.1:9")
    done = jd.run(*args, expect=64)
    one_line(done, *words)
    nothing_written(jd)


def test_a_base_url_that_is_none(product):
    jd = product()
    done = jd.run("scrape", "--base-url", "issues.apache.org", "--projects", "A", "--raw-dir", jd.raw, "--state-dir", jd.state)
    assert done.status in (64, 78), done.err
    one_line(done, "issues.apache.org", "http")
    nothing_written(jd)


def test_a_project_key_from_the_environment_that_would_leave_the_folder(product):
    jd = product(base_url="http://127.0.0.1:9")
    done = jd.run(*jd.scrape_args(), env={"JIRA_PROJECTS": "HADOOP,../../etc"})
    assert done.status in (64, 78), done.err
    one_line(done, "../../etc")
    nothing_written(jd)


# -- the server ------------------------------------------------------------------------------------
def test_unknown_project(start_sim, product):
    jd = product(start_sim("--generate", "HADOOP:20"))
    done = jd.scrape("--projects", "HADOP", expect=66)
    one_line(done, "HADOP")
    nothing_written(jd)


def test_unreachable_host(product):
    with socket.socket() as s:  # a port that nobody listens on
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    jd = product(base_url=f"http://127.0.0.1:{port}")
    done = jd.scrape("--projects", "HADOOP", expect=69)
    one_line(done, f"127.0.0.1:{port}")
    nothing_written(jd)


@pytest.mark.parametrize("status,expect,word", [(401, 77, "401"), (403, 77, "403"), (404, 66, "HADOOP"), (500, 69, "500")])
def test_the_server_refuses(product, status, expect, word):
    with answering(status, b'{"errorMessages":["no"],"errors":{}}') as url:
        jd = product(base_url=url)
        done = jd.scrape("--projects", "HADOOP", expect=expect)
        one_line(done, word, url.split("//")[1])
        nothing_written(jd)


def test_a_secret_is_never_shown(product):
    with answering(401, b"{}") as url:
        jd = product(base_url=url)
        done = jd.run(*jd.scrape_args("--projects", "HADOOP"), env={"JIRA_PAT": "hush-hush-4711", "LOG_LEVEL": "DEBUG"})
        assert done.status == 77, done.err
        shown = jd.run("config", env={"JIRA_PAT": "hush-hush-4711"})
        assert "hush-hush" not in done.err + done.out + shown.out + shown.err
        assert not jd.report.exists() or "hush-hush" not in jd.report.read_text()


def test_a_server_that_is_no_jira(product):
    with answering(200, b"<html>Please log in</html>") as url:
        jd = product(base_url=url)
        done = jd.scrape("--projects", "HADOOP", expect=None)
        assert done.status in (65, 69), done.err
        one_line(done, url.split("//")[1])
        nothing_written(jd)


class Canned(http.server.BaseHTTPRequestHandler):
    """A Jira with one page, whatever is asked of it."""
    issues, protocol_version = [], "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        if path.endswith("/search"):
            body = {"startAt": 0, "maxResults": 50, "total": len(self.issues), "issues": self.issues}
        elif path.endswith("/myself"):
            body = {"name": "me", "timeZone": "Etc/UTC"}
        elif path.endswith("/serverInfo"):
            body = {"version": "9.12.0", "deploymentType": "Server", "baseUrl": "http://localhost"}
        elif "/project/" in path:
            body = {"id": "10900", "key": "TIE", "name": "Ties"}
        else:
            body = []
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_GET

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("how", ["key", "no id", "no date", "project"])
def test_an_issue_that_cannot_be_kept_goes_to_quarantine(product, how):
    good, bad = rig.plain_issue(1), rig.plain_issue(2)
    if how == "key":
        bad["key"] = "../../../../etc/TIE-2"
    elif how == "no id":
        del bad["id"]
    elif how == "no date":
        bad["fields"]["created"] = "whenever"
    else:
        bad["fields"]["project"]["key"] = "../../x"
        bad["key"] = "../../x-2"
    handler = type("Handler", (Canned,), {"issues": [good, bad]})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        jd = product(base_url=f"http://127.0.0.1:{server.server_port}")
        done = jd.scrape("--projects", "TIE", expect=2)
        assert set(jd.issue_files()) == {"TIE-1"}
        refused = [p for p in jd.quarantine.rglob("*") if p.is_file()]
        assert refused, "what was refused is kept, with the reason"
        assert "quarantine" in done.err.lower()
        outside = [p for p in jd.box.rglob("*") if p.is_file() and "TIE-2" in p.name and jd.quarantine not in p.parents]
        assert not outside
        again = jd.scrape("--projects", "TIE", expect=0)  # 2 is for something *new* in quarantine
        assert "TIE" in again.err
    finally:
        server.shutdown()
        server.server_close()


# -- files and disks -------------------------------------------------------------------------------
@pytest.fixture
def mirror(start_sim, product):
    sim = start_sim("--generate", "HADOOP:30")
    jd = product(sim)
    jd.scrape("--projects", "HADOOP")
    return sim, jd


def test_a_raw_file_that_is_not_json(mirror):
    _, jd = mirror
    jd.issue_files()["HADOOP-3"].write_text('{"key": "HADOOP-3", ')
    done = jd.transform("--include-restricted", expect=2)
    assert "HADOOP-3" in done.err + "".join(p.name for p in jd.quarantine.rglob("*"))
    keys = [r["metadata"]["issue_key"] for r in rig.records(jd.corpus)]
    assert len(keys) == 29 and "HADOOP-3" not in keys, "the rest is there"
    one_line(done, "quarantine")
    jd.transform("--include-restricted", expect=0)  # 2 is for something *new* in quarantine
    before = jd.corpus.read_bytes()
    one_line(jd.transform("--strict", expect=65), "HADOOP-3")
    assert jd.corpus.read_bytes() == before
    checked = jd.run("state", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state)
    assert checked.status != 0 and "HADOOP-3" in checked.out + checked.err
    jd.scrape("--projects", "HADOOP")


def test_no_input(product):
    jd = product()
    done = jd.transform(expect=66)
    one_line(done, str(jd.raw))
    nothing_written(jd)


def test_a_full_disk(start_sim, product, small_disk):
    sim = start_sim("--generate", "HADOOP:600")
    jd = product(sim)
    disk = small_disk(2)
    jd.raw, jd.state, jd.quarantine = disk / "raw", disk / "state", disk / "quarantine"
    done = jd.scrape("--projects", "HADOOP", expect=74)
    one_line(done, "space")
    for key, path in jd.issue_files().items():
        assert json.loads(path.read_bytes())["key"] == key, f"{path} is half-written"
    subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
    jd.scrape("--projects", "HADOOP")
    assert rig.assert_mirror(jd, sim) == 600


def test_a_full_disk_under_the_corpus(mirror, small_disk):
    _, jd = mirror
    disk = small_disk(1)
    (disk / "ballast").write_bytes(b"x" * (1000 * 1024))
    jd.corpus = disk / "corpus.jsonl"
    done = jd.transform(expect=74)
    one_line(done, "space")
    assert [p.name for p in disk.iterdir()] == ["ballast"]


def test_an_unwritable_folder(start_sim, product, small_disk):
    jd = product(start_sim("--generate", "HADOOP:20"))
    jd.raw = small_disk(1, read_only=True) / "raw"
    one_line(jd.scrape("--projects", "HADOOP", expect=74), str(jd.raw))


@pytest.mark.parametrize("which", ["raw", "state"])
def test_a_file_in_the_place_of_a_folder(start_sim, product, which):
    jd = product(start_sim("--generate", "HADOOP:20"))
    path = getattr(jd, which)
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    one_line(jd.scrape("--projects", "HADOOP", expect=74), str(path))
    assert path.read_text() == "mine"


# -- the state folder ------------------------------------------------------------------------------
def test_a_second_run_on_the_same_state(start_sim, product):
    sim = start_sim("--generate", "HADOOP:200", "--page-cap", "10")
    jd = product(sim)
    first = jd.popen(*jd.scrape_args("--projects", "HADOOP", "--delay", "0.5"), stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + rig.PATIENCE
        while len(sim.requests_seen()) < 3 and time.monotonic() < end:
            time.sleep(0.02)
        assert first.poll() is None
        second = jd.scrape("--projects", "HADOOP", expect=75)
        one_line(second, str(first.pid))
    finally:
        first.kill()
        first.wait()
    jd.scrape("--projects", "HADOOP")  # the kernel let go of the lock
    rig.assert_mirror(jd, sim)


def test_a_state_of_a_newer_version(mirror):
    _, jd = mirror
    before = rig.tree(jd.raw)
    with sqlite3.connect(jd.state / "state.db") as db:
        db.execute("pragma user_version = 9999")
    db.close()
    one_line(jd.scrape("--projects", "HADOOP", expect=78), "9999")
    assert rig.tree(jd.raw) == before


def test_another_sites_state(mirror, start_sim):
    sim, jd = mirror
    before = rig.end_state(jd)
    jd.base_url = start_sim("--generate", "HADOOP:30").url
    assert jd.base_url != sim.url
    one_line(jd.scrape("--projects", "HADOOP", expect=78), sim.host)
    rig.assert_same_end(rig.end_state(jd), before)


def test_a_state_that_is_no_database(mirror):
    sim, jd = mirror
    for leftover in jd.state.glob("state.db*"):
        leftover.unlink()
    (jd.state / "state.db").write_bytes(b"this is no database at all\n" * 200)
    done = jd.scrape("--projects", "HADOOP", expect=None)
    assert done.status in (74, 78), done.err
    one_line(done, "state.db")

