"""The packed raw store holds what the files hold: told by converting it, and by the corpus."""
import shutil

import pytest

import rig

PROJECTS = ("HADOOP", "KAFKA")
KILLS = rig.long_or_short(200, 15)


@pytest.fixture
def sim(start_sim):
    return start_sim("--generate", "HADOOP:400", "--generate", "KAFKA:200", "--page-cap", "50")


def pack(jd, *args):
    return jd.scrape("--projects", *PROJECTS, "--raw-layout", "pack", *args)


def where(jd):
    return ("--raw-dir", jd.raw, "--state-dir", jd.state)


def as_files(jd, name="files"):
    """The same store in files: a Product of its own."""
    out = rig.Product(jd.box / name, jd.base_url)
    shutil.rmtree(out.box / "data", ignore_errors=True)
    jd.run("state", "export", *where(jd), "--layout", "files", "--output", out.box / "data", expect=0)
    return out


def test_the_same_mirror_and_corpus(sim, product):
    plain, packed = product(sim), product(sim)
    plain.scrape("--projects", *PROJECTS)
    pack(packed)
    assert not packed.issue_files()
    for round in range(2):
        rig.assert_mirror(as_files(packed), sim)
        packed.run("state", "verify", *where(packed), expect=0)
        plain.transform()
        packed.transform("--threads", 1 + round)
        assert packed.corpus.read_bytes() == plain.corpus.read_bytes()
        sim.advance(86400)
        for number in range(1, 150):
            sim.touch(f"HADOOP-{number}")
        sim.move(f"HADOOP-{7 + round}", "KAFKA")
        sim.create("KAFKA", 3)
        plain.scrape("--projects", *PROJECTS)
        packed.scrape("--projects", *PROJECTS)  # goes on as it was begun


def test_converted_stores_go_on(sim, product):
    first = product(sim)
    first.scrape("--projects", *PROJECTS)
    packed = rig.Product(first.box / "packed", first.base_url)
    first.run("state", "export", *where(first), "--layout", "pack", "--output", packed.box / "data", expect=0)
    assert not packed.issue_files()
    sim.advance(86400)
    sim.touch("HADOOP-3")
    pack(packed)
    assert sum(s["new"] for s in packed.verdict()["projects"]) == 0
    rig.assert_mirror(as_files(packed), sim)


def test_another_layout_is_refused(sim, product):
    jd = product(sim)
    pack(jd)
    done = jd.scrape("--projects", *PROJECTS, "--raw-layout", "files", expect=78)
    assert "state export" in done.err
    shutil.rmtree(jd.state)
    done = jd.scrape("--projects", *PROJECTS, "--raw-layout", "files", expect=78)
    assert "state export" in done.err
    assert jd.transform(expect=66).err.count("--state-dir")


def test_lost_state_and_torn_tail(sim, product):
    jd = product(sim)
    pack(jd)
    shutil.rmtree(jd.state)
    segment = next(jd.raw.glob("HADOOP/seg-*.pack"))
    with open(segment, "ab") as f:
        f.write(b"\x28\xb5\x2f\xfdtorn")
    pack(jd)
    assert sum(s["new"] + s["changed"] for s in jd.verdict()["projects"]) == 0
    rig.assert_mirror(as_files(jd), sim)


def test_compact(sim, product):
    jd = product(sim)
    pack(jd)
    for _ in range(3):
        sim.advance(86400)
        for number in range(1, 401):
            sim.touch(f"HADOOP-{number}")
        pack(jd)
    before = sum(p.stat().st_size for p in jd.raw.glob("*/*.pack"))
    assert jd.run("state", "compact", *where(jd), expect=0).out.startswith("1 segments rewritten, 400 issues")
    assert sum(p.stat().st_size for p in jd.raw.glob("*/*.pack")) < before / 2
    jd.run("state", "verify", *where(jd), expect=0)
    rig.assert_mirror(as_files(jd), sim)


def test_killed(sim, product):
    calm = product(sim)
    seconds = pack(calm).seconds
    want = rig.end_state(as_files(calm))
    chance, used, mirrors = rig.dice("kill in pack"), 0, 0
    while used < KILLS:
        mirrors += 1
        assert mirrors <= 20 * KILLS, f"only {used} of {KILLS} kills hit a running program"
        jd = product(sim)
        args = jd.scrape_args("--projects", *PROJECTS, "--raw-layout", "pack")
        for _ in range(8):
            used += rig.kill_at(jd.popen(*args, stdout=rig.subprocess.DEVNULL, stderr=rig.subprocess.DEVNULL),
                                chance.uniform(0.0, seconds))
        jd.run(*args, expect=0)
        jd.run("state", "verify", *where(jd), expect=0)
        rig.assert_same_end(rig.end_state(as_files(jd)), want)
