"""kill -9 at random instants: raw tree, corpus and state equal those of an undisturbed run."""
import shutil
import sys
import time

import pytest

import rig

PROJECTS = ["HADOOP", "SPARK", "KAFKA"]
BACKFILL, INCREMENTAL, TRANSFORM = rig.long_or_short((400, 400, 200), (40, 35, 25))


@pytest.fixture
def sim(start_sim):
    return start_sim(*(a for p in PROJECTS for a in ("--generate", f"{p}:400")), "--page-cap", "50")


class Pace:
    """How long an undisturbed run takes, learnt from those that no kill hit: the machine may be busy at
    one moment and idle at the next, and kills are to land inside the run."""

    def __init__(self, seconds):
        self.seconds = seconds

    def saw(self, seconds):
        self.seconds += (seconds - self.seconds) / 2


def kill_until_done(jd, args, pace, chance, kills):
    """Runs again and again, killed at random instants; the last run is left alone. Kills used."""
    used = 0
    for _ in range(min(8, kills)):
        with open(jd.box / "killed.log", "wb") as log:
            process, began = jd.popen(*args, stdout=rig.subprocess.DEVNULL, stderr=log), time.monotonic()
        if not rig.kill_at(process, chance.uniform(0.0, pace.seconds)):
            said = (jd.box / "killed.log").read_text(errors="replace")[-2000:]
            assert process.returncode == 0, f"a run after {used} kills ended with {process.returncode}: {said}"
            if used == 0:
                pace.saw(time.monotonic() - began)
            break
        used += 1
    jd.run(*args, expect=0)
    return used


def storm(begin, args_of, check, seconds, kills, name):
    """Fresh mirrors killed until `kills` kills have hit. Bounded: a product too fast to hit fails loudly."""
    chance, pace, used, rounds = rig.dice(name), Pace(seconds), 0, 0
    while used < kills:
        rounds += 1
        assert rounds <= 20 * kills, f"only {used} of {kills} kills hit a running program"
        jd = begin(rounds)
        used += kill_until_done(jd, args_of(jd), pace, chance, kills - used)
        check(jd)
    print(f"{name}: {used} kills in {rounds} mirrors, undisturbed {pace.seconds:.2f} s", file=sys.stderr)


def timed(jd, args):
    began = time.monotonic()
    jd.run(*args, expect=0)
    return time.monotonic() - began


def scrape(jd):
    return jd.scrape_args("--projects", *PROJECTS)


def test_backfill(sim, product):
    calm = product(sim)
    seconds = timed(calm, scrape(calm))
    rig.assert_mirror(calm, sim)
    want = rig.end_state(calm)
    storm(lambda n: product(sim), scrape, lambda jd: rig.assert_same_end(rig.end_state(jd), want),
          seconds, BACKFILL, "kill in backfill")


def test_incremental(sim, product):
    first = product(sim)
    first.scrape("--projects", *PROJECTS)
    sim.advance(86400)
    chance = rig.dice("changes")
    for project in PROJECTS:
        for number in chance.sample(range(1, 400), 90):
            key = f"{project}-{number}"
            what = chance.randrange(10)
            if what == 0:
                sim.move(key, chance.choice([p for p in PROJECTS if p != project]))
            elif what < 4:
                sim.comment(key, f"A word on {key}.")
            else:
                sim.touch(key)
            sim.advance(chance.choice([0, 0, 1, 7]))
        sim.create(project)
    sim.advance(3600)

    def begin(_):
        jd = product(sim)
        shutil.copytree(first.box / "data", jd.box / "data")
        return jd

    calm = begin(0)
    seconds = timed(calm, scrape(calm))
    rig.assert_mirror(calm, sim)
    want = rig.end_state(calm)
    storm(begin, scrape, lambda jd: rig.assert_same_end(rig.end_state(jd), want), seconds, INCREMENTAL,
          "kill in incremental")


def test_transform(sim, product):
    jd = product(sim)
    jd.scrape("--projects", *PROJECTS)
    jd.corpus.parent.mkdir(parents=True)
    args = jd.transform_args("--stats", jd.corpus.parent / "stats.json")
    seconds = timed(jd, args)
    want = rig.end_state(jd)
    whole = {jd.corpus.name: want["corpus"][jd.corpus.name]}
    chance, pace, used = rig.dice("kill in transform"), Pace(seconds), 0
    for tries in range(20 * TRANSFORM):
        if used == TRANSFORM:
            break
        if tries % 2:
            jd.corpus.unlink(missing_ok=True)  # killed with and without an older corpus in place
        process, began = jd.popen(*args, stdout=rig.subprocess.DEVNULL, stderr=rig.subprocess.DEVNULL), time.monotonic()
        hit = rig.kill_at(process, chance.uniform(0.0, pace.seconds))
        used += hit
        if not hit:
            pace.saw(time.monotonic() - began)
        left = rig.tree(jd.corpus.parent).get(jd.corpus.name)
        assert left in (None, whole[jd.corpus.name]), "half a corpus under its final name"
    assert used == TRANSFORM, f"only {used} of {TRANSFORM} kills hit a running program"
    jd.run(*args, expect=0)
    rig.assert_same_end(rig.end_state(jd), want)
