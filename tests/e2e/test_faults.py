"""The server misbehaves: the mirror is whole, or the verdict says that it is not and one calm run makes it so."""
import collections
import contextlib
import itertools
import threading
import time

import pytest

import rig
import signin

PROJECTS = ["HADOOP", "SPARK", "KAFKA"]
EACH = rig.long_or_short(1000, 150)
LOT = rig.long_or_short(10, 8)  # random cases come in lots, each with chance of its own: `-k "mixtures and lot7"`
MIXTURES, CLOUD_MIXTURES, DRIFTS, KILLS = rig.long_or_short((20, 20, 20, 30), (1, 1, 1, 1))  # lots
ON_ITS_WAY_MS = 300
SAID = {0, 2, 3, 69, 75}  # whole, or a truthful word that it is not


@pytest.fixture
def sim(start_sim):
    return start_sim(*(a for p in PROJECTS for a in ("--generate", f"{p}:{EACH}")), "--page-cap", "40", "--embed-comments", "8",
                     "--threads", "4")


def spoil(sim, script):
    reply = sim.http.post(f"{sim.root}/_sim/faults", data=script.encode(), timeout=rig.PATIENCE)
    assert reply.status_code == 200, reply.text


def fired(sim):
    return [row for row in sim.requests_seen() if row.get("fault")]


def scrape(jd, *args, **how):
    return jd.scrape("--projects", *PROJECTS, "--page-size", "40", "--concurrency", "4", *args, **how)


def assert_truthful(jd, done, said=SAID):
    """What it says is so; without a report it never came as far as the first project."""
    assert done.status in said, f"exit {done.status}\n{done.err[-2000:]}"
    if not jd.report.exists():
        assert done.status != 0
        return
    verdict = jd.verdict()
    assert verdict["exit"] == done.status
    if done.status == 0:
        assert all(p["complete"] and p["missing"] == 0 and p["held"] >= p["server"] for p in verdict["projects"]), verdict


def assert_every_issue(jd, sim):
    assert set(jd.issue_files()) == set(sim.dump())


def assert_pauses_kept(sim):
    """No search began before the moment that a Retry-After of an earlier answer named; one that was on
    its way when the answer went out may still come."""
    told, quiet = 0, 0
    for row in sorted(sim.requests_seen(), key=lambda r: r["tick"]):
        if told + ON_ITS_WAY_MS < row["tick"] < quiet - 2 and row["path"].endswith(("/search", "/search/jql")):
            raise AssertionError(f"a request came {quiet - row['tick']} ms too early: {row}")
        if row.get("retryAfterMs"):
            told = row.get("sent", row["tick"])
            quiet = max(quiet, told + row["retryAfterMs"])


def refused(jd):
    return [rig.json.loads(p.read_text()) for p in jd.quarantine.rglob("*.json")]


def with_several_in_a_second(box):
    """A project whose issues 20 to 29 were made in one second."""
    second = lambda n: 20 if 20 <= n < 30 else n
    return rig.write_lines(box / "ties.jsonl", [rig.plain_issue(n, created=f"2024-03-05T10:{second(n) // 60:02}:{second(n) % 60:02}.000+0000")
                                                for n in range(1, 101)])


@pytest.mark.parametrize("numbers", [[1], [40], [40, 41], [22], [22, 23, 28], [30], [99, 100]], ids=lambda n: "-".join(map(str, n)))
@pytest.mark.parametrize("fault", ["500", "shape no-id", "shape number"])
def test_issues_that_cannot_be_had_by_id_are_stepped_over(start_sim, product, box, fault, numbers):
    """All others come at once; these wait in quarantine with their place, and come when they can be had."""
    sim = start_sim("--data", with_several_in_a_second(box), "--page-cap", "6")
    jd = product(sim)
    spoil(sim, "\n".join(f"search has TIE-{n}: {fault}" for n in numbers))
    jd.scrape("--projects", "TIE", expect=2)
    assert set(jd.issue_files()) == {f"TIE-{n}" for n in range(1, 101)} - {f"TIE-{n}" for n in numbers}
    assert len(refused(jd)) == len(numbers) and all(e["id"] is None and "project = 10900" in e["jql"] for e in refused(jd))
    jd.scrape("--projects", "TIE", expect=0)  # 2 is for something *new* in quarantine
    assert len(refused(jd)) == len(numbers)
    spoil(sim, "")
    jd.scrape("--projects", "TIE")
    assert not refused(jd)
    assert rig.assert_mirror(jd, sim) == 100


def test_each_query_has_a_quarantine_of_its_own(sim, product):
    jd = product(sim)
    spoil(sim, "search has HADOOP-3: shape no-id\nsearch has KAFKA-3: shape no-fields")
    for project in ("HADOOP", "KAFKA"):
        jd.scrape("--jql", f"project = {project} AND issuekey <= {project}-9", expect=2)
    assert len({p.parent for p in jd.quarantine.rglob("*.json")}) == 2
    spoil(sim, "")
    jd.scrape("--jql", "project = KAFKA AND issuekey <= KAFKA-9")
    assert len(refused(jd)) == 1
    jd.scrape("--jql", "project = HADOOP AND issuekey <= HADOOP-9")
    assert not refused(jd) and len(jd.issue_files()) == 18


RULES = ["429 retry 1", "429", "503 html", "500", "login", "drop", "reset", "cut 30%", "reset-body 70%", "truncate 50%", "longer 50",
         "gzip", "chunked", "bom", "empty", "duplicate 3", "total +2", "stall 0.05"]


def mixture(chance, cloud=False):
    lines = [f"seed {chance.randrange(1, 1000000)}"]
    for _ in range(chance.randrange(2, 6)):
        rule = chance.choice(RULES)
        limit = "times 2 " if rule.startswith(("429 retry", "stall")) else ""
        # a list's total is kept as the server says it, so there a wrong one is no fault of the mirror
        if rule.startswith("total"):
            lane = "path approximate-count " if cloud else "search "
        else:
            lane = chance.choice(["search ", "comment ", "", *(["path changelog ", "token "] if cloud else [])])
        lines.append(f"{lane}{limit}chance {chance.choice([2, 5, 15])}%: {rule}")
    return "\n".join(lines)


def lots(count):
    return pytest.mark.parametrize("lot", range(count), ids=lambda n: f"lot{n}")


@lots(MIXTURES)
def test_mixtures(sim, product, lot):
    chance, happened = rig.dice(f"mixtures {lot}"), 0
    for _ in range(LOT):
        script, jd = mixture(chance), product(sim)
        sim.control("log")
        spoil(sim, script)
        done = scrape(jd, expect=None)
        happened += len(fired(sim))
        try:
            assert_truthful(jd, done)
            assert_pauses_kept(sim)
            if done.status == 0:
                rig.assert_mirror(jd, sim)
            spoil(sim, "")
            scrape(jd)
            rig.assert_mirror(jd, sim)
        except AssertionError as e:
            raise AssertionError(f"with this script:\n{script}\n{e}") from None
    assert happened > LOT


@lots(CLOUD_MIXTURES)
def test_cloud_mixtures(start_sim, product, box, lot):
    """As above for Cloud, signed in this way or that."""
    chance, happened = rig.dice(f"cloud mixtures {lot}"), 0
    sim = signin.SignIn("cloud anonymous", box).start(start_sim, *(a for p in PROJECTS for a in ("--generate", f"{p}:{EACH}")),
                                                      "--embed-comments", "6", "--embed-changelog", "3", "--threads", "4",
                                                      "--tune", "rich_cap=40", "short_pages=7", "empty_pages=9")
    for n in range(LOT):
        way, script = chance.choice(signin.ways("cloud")), mixture(chance, cloud=True)
        (box / str(n)).mkdir()
        me = signin.SignIn(way, box / str(n))
        jd = me.product(product, sim, f"{signin.REFRESH}-{n}")
        sim.control("log")
        spoil(sim, script)
        done = scrape(jd, "--log-level", "debug", expect=None)
        happened += len(fired(sim))
        try:
            assert_truthful(jd, done)
            assert_pauses_kept(sim)
            if done.status == 0:
                rig.assert_cloud_mirror(jd, sim)
            spoil(sim, "")
            scrape(jd)
            rig.assert_cloud_mirror(jd, sim)
            me.assert_unseen(jd, done.out, done.err)
        except AssertionError as e:
            raise AssertionError(f"{way} with this script:\n{script}\n{e}") from None
    assert happened > LOT


@lots(KILLS)
def test_kills_among_faults(sim, product, lot):
    chance, used = rig.dice(f"kills among faults {lot}"), 0
    calm = product(sim)
    began = time.monotonic()
    scrape(calm)
    seconds = time.monotonic() - began
    for _ in range(4 * LOT):
        if used >= LOT:
            break
        jd = product(sim)
        spoil(sim, mixture(chance))
        for _ in range(3):
            process = jd.popen(*jd.scrape_args("--projects", *PROJECTS, "--page-size", "40", "--concurrency", "4"),
                               stdout=rig.subprocess.DEVNULL, stderr=rig.subprocess.DEVNULL)
            hit = rig.kill_at(process, chance.uniform(0.0, 1.5 * seconds))
            used += hit
            seconds *= 1.0 if hit else 0.85  # the first run may have met a busier machine
        spoil(sim, "")
        scrape(jd)
        rig.assert_mirror(jd, sim)
        jd.run("state", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state, expect=0)
    assert used >= LOT


OUTSIDE = "FLINK"  # has issues too, and is not scraped


def drift(chance):
    """A script: what changes before searches are answered. Every kind of change, of issues that a search has shown and of such that none has."""
    when = lambda: chance.choice(["search", "search every 2", "search every 3"])
    lines = [f"seed {chance.randrange(1, 1000000)}"]
    for who in ("seen", "unseen"):
        lines += [f"search: touch {who} {chance.randrange(1, 4)}", f"{when()}: delete {who} 1", f"{when()}: comment {who} 1",
                  f"{when()}: move {who} 1 to {chance.choice(PROJECTS)}", f"search every 4: move {who} 1 to {OUTSIDE}"]
    lines.append(f"{when()}: create 1 in {chance.choice([*PROJECTS, OUTSIDE])}")
    chance.shuffle(lines)
    return "\n".join(line for line in lines if line.startswith("seed") or chance.random() < 0.7)


def server(chance):
    """How it pages and takes bounds."""
    bounds = chance.choice([[], [], ["--floor-epoch"], ["--no-epoch"], ["--no-epoch", "--zone", "America/New_York"]])
    return ["--page-cap", chance.choice(["6", "20", "50"]), *bounds]


@contextlib.contextmanager
def passing_time(sim):
    """The virtual clock goes on while a run goes on: a second every few milliseconds."""
    end = threading.Event()

    def tick():
        while not end.wait(0.01):
            sim.advance(1)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def changes_made(sim):
    """What the script of now did: rule -> how often."""
    return collections.Counter({" ".join(r["rule"].split(":")[1].split()[:2]): r["fired"] for r in sim.ask("faults").json()["rules"]})


def by_project(keys):
    return collections.Counter(key.rsplit("-", 1)[0] for key in keys)


def assert_nothing_lost_doubled_or_stale(jd, sim):
    """What is deleted or has left the scopes may still lie there, and is counted in the verdict."""
    dump = {key: line for key, line in sim.dump_lines().items() if key.rsplit("-", 1)[0] in PROJECTS}
    files = jd.issue_files()
    assert not set(dump) - set(files), f"lost: {sorted(set(dump) - set(files))[:5]}"
    ids = collections.Counter(rig.member(rig.exact(p.read_bytes()), "id") for p in files.values())
    assert len(ids) == len(files), f"these stand twice: {[i for i, n in ids.items() if n > 1][:5]}"
    for key, line in dump.items():
        found = rig.difference(files[key].read_bytes(), line)
        assert not found, f"stale: {key}: {found}"
    gone = by_project(set(files) - set(dump))
    told = {p["project"]: p["extra"] for p in jd.verdict()["projects"]}
    assert told == {p: gone[p] for p in PROJECTS}, f"the verdict counts {told} gone, there are {dict(gone)}"


@lots(DRIFTS)
def test_drift(start_sim, product, lot):
    chance, size, made = rig.dice(f"drift {lot}"), rig.long_or_short(300, 120), collections.Counter()
    for _ in range(LOT):
        kind, script = server(chance), drift(chance)
        sim = start_sim(*(a for p in PROJECTS for a in ("--generate", f"{p}:{size}")), "--generate", f"{OUTSIDE}:30", *kind)
        jd = product(sim)
        spoil(sim, script)
        try:
            for _ in range(2):
                with passing_time(sim):
                    done = jd.scrape("--projects", *PROJECTS, "--concurrency", chance.choice([1, 3, 8]), expect=None)
                assert done.status in SAID, f"exit {done.status}\n{done.err[-2000:]}"
                sim.advance(7200)
            made += changes_made(sim)
            spoil(sim, "")
            sim.advance(7200)
            jd.scrape("--projects", *PROJECTS)
            assert_nothing_lost_doubled_or_stale(jd, sim)
            jd.run("state", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state, expect=0)
        except AssertionError as e:
            raise AssertionError(f"with {' '.join(kind)} and this script:\n{script}\n{e}") from None
        sim.stop()
    for what in itertools.product(("touch", "comment", "move", "delete"), ("seen", "unseen")):
        assert made[" ".join(what)] > 0, f"never happened: {what}; only {dict(made)}"


def test_windows_are_walked_side_by_side(start_sim, product):
    sim = start_sim("--generate", "HADOOP:2000", "--page-cap", "100", "--latency", "60", "--threads", "2")
    seconds = {}
    for n in ("1", "8"):
        jd = product(sim)
        began = time.monotonic()
        jd.scrape("--projects", "HADOOP", "--page-size", "20", "--concurrency", n)
        seconds[n] = time.monotonic() - began
        assert rig.assert_mirror(jd, sim) == 2000
    # 100 pages of 60 ms one after the other, or eight at a time: no timing test, the gap is wide
    assert seconds["8"] < seconds["1"] / 2, seconds


def test_a_rate_limit_that_is_told_is_kept(start_sim, product):
    sim = start_sim("--generate", "HADOOP:1200", "--page-cap", "20", "--rate", "40:20:1", "--threads", "4", clock="real")
    jd = product(sim)
    done = jd.scrape("--projects", "HADOOP", "--page-size", "20", "--concurrency", "4", "--explain-pace")
    rig.assert_mirror(jd, sim)
    seen = sim.requests_seen()
    refused = [row for row in seen if row["status"] == 429]
    assert len(refused) <= len(seen) // 50, f"{len(refused)} of {len(seen)} requests were refused"
    assert "20.0 requests/s" in done.err


def test_every_fault_is_one_that_jirasim_has(start_sim):
    """Every fault of the list is one that this jirasim has: a typo would show nothing."""
    sim = start_sim("--generate", "HADOOP:5")
    for rule in RULES:
        spoil(sim, f"search: {rule}")
