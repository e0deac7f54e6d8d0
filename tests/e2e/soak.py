#!/usr/bin/env python3
"""Half an hour of misfortune: two mirrors of one server, one in files and one packed, that meet faults, changes and kill -9.

    SOAK_MINUTES=30 JD_SEED=7 JD_BUILD=build tests/e2e/soak.py

A round: a random fault script, random changes while the mirrors run, some of the runs killed; now and then a new walk, a lost state folder or a
compaction. Then the server is calm, one run must say 0, and everything is compared: each raw file with the server's issue (fields and their
order), the state with the files, the corpus with one made from the server's own issues, and what the verdict counts as gone with what is gone.
The first difference ends it with status 1 and leaves the folder, whose name it prints; the seed repeats the choices, not the timing.
"""
import collections
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import time

import rig
from test_faults import OUTSIDE, PROJECTS, assert_truthful, by_project, mixture, passing_time, spoil

SIZE = 500  # issues a project at first
# such as are refused; what is taken for an issue is what the server said
SHAPES = ["array", "number", "string", "null", "no-id", "id-object", "no-key", "key-number", "key-path", "no-fields", "fields-array", "fields-string",
          "no-created", "created-words", "no-updated", "updated-array"]
MINUTES = float(os.environ.get("SOAK_MINUTES") or 30)


def changes(chance):
    """Rules that keep the number of issues about the same."""
    lines = []
    for who in ("seen", "unseen"):
        lines += [f"search chance 40%: touch {who} {chance.randrange(1, 4)}", f"search chance 30%: comment {who} 1",
                  f"search chance 10%: move {who} 1 to {chance.choice(PROJECTS)}", f"search times 2 chance 5%: move {who} 1 to {OUTSIDE}",
                  f"search times 3 chance 10%: delete {who} 1", f"search times 4 chance 10%: create 1 in {chance.choice([*PROJECTS, OUTSIDE])}"]
    lines.append(f"search chance 3%: shape {chance.choice(SHAPES)}")
    lines.append(f"search has {chance.choice(PROJECTS)}-{chance.randrange(1, SIZE)}: 500")
    return [line for line in lines if chance.random() < 0.6]


class Mirror:
    def __init__(self, box, layout, sim):
        self.layout, self.sim, self.jd = layout, sim, rig.Product(box / layout, sim.url)
        self.seconds = 1.0    # a whole run takes about that
        self.lost = False     # the state folder, since the last comparison
        self.uncounted = 0    # gone issues that a lost state had known of
        self.told = ""        # of this round, for people

    def args(self, chance):
        return self.jd.scrape_args("--projects", *PROJECTS, "--raw-layout", self.layout, "--page-size", chance.randrange(5, 101),
                                   "--concurrency", chance.randrange(1, 9))

    def where(self):
        return ("--raw-dir", self.jd.raw, "--state-dir", self.jd.state)

    def killed(self, chance, *args):
        process = self.jd.popen(*args, stdout=rig.subprocess.DEVNULL, stderr=rig.subprocess.DEVNULL)
        return rig.kill_at(process, chance.uniform(0, 1.3 * self.seconds))

    def disturb(self, chance):
        kills, args = 0, self.args(chance)
        if chance.random() < 0.05:
            shutil.rmtree(self.jd.state, ignore_errors=True)
            self.lost = True
        elif chance.random() < 0.4:
            args += ("--start-over",)
        for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
            kills += self.killed(chance, *args)
        if self.layout == "pack" and chance.random() < 0.3:
            kills += self.killed(chance, "state", "compact", *self.where())
        self.jd.report.unlink(missing_ok=True)
        done = self.jd.run(*args)
        assert_truthful(self.jd, done)
        self.seconds = (self.seconds + done.seconds) / 2
        self.told = f"{self.layout}: {kills} kills, exit {done.status}"

    def as_files(self):
        """The mirror in files, whatever its layout."""
        if self.layout == "files":
            return self.jd
        out = rig.Product(self.jd.box / "files", None)
        shutil.rmtree(out.box / "data", ignore_errors=True)
        self.jd.run("state", "export", *self.where(), "--layout", "files", "--output", out.box / "data", expect=0)
        return out

    def compare(self, dump, records):
        """dump: key -> bytes of every issue in the scopes; records: key -> line of the corpus. How many issues are here that are gone there."""
        self.jd.run("state", "verify", *self.where(), expect=0)
        files = self.as_files().issue_files()
        lacking = sorted(set(dump) - set(files))
        assert not lacking, f"{len(lacking)} issues are lost, such as {lacking[:5]}"
        ids = collections.Counter()
        for key, file in files.items():
            held = file.read_bytes()
            ids[rig.json.loads(held)["id"]] += 1
            found = rig.difference(held, dump[key]) if key in dump else None
            assert not found, f"{key} is stale: {found}"
            assert file.parent.name == key.rsplit("-", 1)[0], f"{file} lies in another project's folder"
        assert len(ids) == len(files), f"these stand twice: {[i for i, n in ids.items() if n > 1][:5]}"
        gone = set(files) - set(dump)
        self.count_gone(gone)
        self.jd.transform("--include-restricted")
        got = corpus(self.jd)
        assert set(got) == set(files), f"the corpus lacks or adds {sorted(set(got) ^ set(files))[:5]}"
        other = [key for key, line in records.items() if got[key] != line]
        assert not other, f"the corpus has other records of {other[:5]}"
        return len(gone)

    def count_gone(self, gone):
        told, there = {p["project"]: p["extra"] for p in self.jd.verdict()["projects"]}, by_project(gone)
        assert all(told[p] <= there[p] for p in PROJECTS), f"the verdict counts {told} gone, there are {dict(there)}"
        uncounted = len(gone) - sum(told.values())
        assert self.lost or uncounted <= self.uncounted, f"the verdict counts {told} gone, there are {dict(there)}"
        self.uncounted, self.lost = uncounted, False


def corpus(jd):
    """key -> its line."""
    lines = jd.corpus.read_bytes().split(b"\n")
    assert lines.pop() == b""
    return {rig.json.loads(line)["metadata"]["issue_key"]: line for line in lines}


def corpus_of(box, dump):
    """What transform makes of the server's own issues."""
    truth = rig.Product(box / "truth", None)
    shutil.rmtree(truth.raw, ignore_errors=True)
    for project in PROJECTS:
        (truth.raw / project).mkdir(parents=True)
    for key, line in dump.items():
        (truth.raw / key.rsplit("-", 1)[0] / f"{key}.json").write_bytes(line)
    truth.transform("--include-restricted")
    return corpus(truth)


def side_by_side(jobs):
    """Runs them in threads; the first failure is the caller's."""
    failed = []

    def guard(job):
        try:
            job()
        except BaseException as e:  # handed on below
            failed.append(e)

    threads = [threading.Thread(target=guard, args=(job,)) for job in jobs]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failed:
        raise failed[0]


def one_round(number, box, sim, mirrors, chance):
    began = time.monotonic()
    script = mixture(chance) + "\n" + "\n".join(changes(chance))
    (box / "script").write_text(script + "\n")
    spoil(sim, script)
    luck = [rig.random.Random(chance.random()) for _ in mirrors]
    with passing_time(sim):
        side_by_side([lambda m=m, c=c: m.disturb(c) for m, c in zip(mirrors, luck)])
    fired = sum(r["fired"] for r in sim.ask("faults").json()["rules"])
    spoil(sim, "")
    sim.advance(7200)
    for m in mirrors:
        m.jd.scrape("--projects", *PROJECTS)
    dump = {key: line for key, line in sim.dump_lines().items() if key.rsplit("-", 1)[0] in PROJECTS}
    records = corpus_of(box, dump)
    gone = []
    for m in mirrors:
        try:
            gone.append(m.compare(dump, records))
        except AssertionError as e:
            raise AssertionError(f"{m.layout}: {e}") from None
    sim.control("log")
    print(f"round {number}: {fired} faults and changes; {'; '.join(m.told for m in mirrors)}; {len(dump)} issues the same, "
          f"{' and '.join(map(str, gone))} gone; {time.monotonic() - began:.1f} s", flush=True)
    return fired


def main():
    box = pathlib.Path(tempfile.mkdtemp(prefix="jiraduct-soak-"))
    chance = rig.dice("soak")
    print(f"{MINUTES:g} minutes in {box}", flush=True)
    (box / "sim").mkdir()
    sim = rig.Sim(box / "sim", *(a for p in PROJECTS for a in ("--generate", f"{p}:{SIZE}")), "--generate", f"{OUTSIDE}:50", "--page-cap", "40",
                  "--embed-comments", "8", "--threads", "4")
    mirrors = [Mirror(box, layout, sim) for layout in ("files", "pack")]
    end, rounds, fired = time.monotonic() + 60 * MINUTES, 0, 0
    try:
        while rounds == 0 or time.monotonic() < end:
            rounds += 1
            fired += one_round(rounds, box, sim, mirrors, chance)
            assert sim.process.poll() is None, f"jirasim died: {sim.process.returncode}"
    except (AssertionError, OSError, ValueError, rig.requests.RequestException) as e:
        print(f"round {rounds}: {type(e).__name__}: {e}\nwith this script:\n{(box / 'script').read_text()}everything is left in {box}", flush=True)
        return 1
    finally:
        sim.stop()
    shutil.rmtree(box, ignore_errors=True)
    print(f"{rounds} rounds, {fired} faults and changes, no difference", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
