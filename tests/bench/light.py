#!/usr/bin/python3
"""How light it is: the time to start, the requests of a run with nothing new, peak memory.

    tests/bench/light.py [--million] [--issues SMALL LARGE]      (1000 100000)

- `jiraduct --version`: median of 50 starts, the process's own start and end included. Goal: under 10 ms.
- A run right after a whole backfill of three projects: requests as jirasim counted them. Goal: at most 3 a
  project; what a run asks whatever the number of projects (who am I, the list) counts as the projects'.
- Peak memory (the kernel's figure) of a backfill of SMALL and of LARGE issues of about 8 KB, in the default
  layout, with the default concurrency, with 8 and with 64, and of the run with nothing new after it. Goal: at
  most 64 MiB, and SMALL and LARGE within 8 MiB of each other, each concurrency for itself.
- --million: only one backfill of 1,000,000 issues, into packs on the tmpfs; jirasim needs some 9 GB for it.

Everything is on loopback and on a tmpfs (/dev/shm, or JD_BENCH_TMPFS): memory does not depend on the disk.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import peak  # noqa: E402
import rig  # noqa: E402

CALM = 90
MOST, APART = 64, 8  # MiB


def version(times=50):
    took = []
    for _ in range(times):
        began = time.monotonic()
        subprocess.run([rig.JIRADUCT, "--version"], check=True, stdout=subprocess.DEVNULL, env=rig.clean_env())
        took.append(time.monotonic() - began)
    print(f"--version: {statistics.median(took) * 1000:.1f} ms, median of {times} (under 10)")


def nothing_new(box):
    projects = ("HADOOP", "SPARK", "KAFKA")
    box.mkdir()
    sim = rig.Sim(box, *(a for p in projects for a in ("--generate", f"{p}:2000")), "--calm", CALM)
    try:
        jd = rig.Product(box / "jd", sim.url)
        jd.scrape("--projects", *projects)
        before = len(sim.requests_seen())
        done = jd.scrape("--projects", *projects)
        asked = len(sim.requests_seen()) - before
        print(f"nothing new: {asked} requests for {len(projects)} projects, {asked / len(projects):.1f} each (at most 3), {done.seconds * 1000:.0f} ms")
    finally:
        sim.stop()


def peak_of(jd, *args):
    status, kib = peak.of(jd.command(*jd.scrape_args("--projects", "BENCH", *args)), cwd=jd.box, env=rig.clean_env())
    if status:
        sys.exit(f"bench: the scrape ended with {status}")
    return kib / 1024


def memory(box, small, large):
    peaks = {}
    for issues in (small, large):
        home = box / f"n{issues}"
        home.mkdir()
        sim = rig.Sim(home, "--generate", f"BENCH:{issues}", "--calm", CALM)
        try:
            for name, args in (("default concurrency", ()), ("--concurrency 8", ("--concurrency", 8)), ("--concurrency 64", ("--concurrency", 64))):
                jd = rig.Product(home / "jd", sim.url)
                peaks[name, issues] = peak_of(jd, *args)
                if len(jd.issue_files()) != issues:
                    sys.exit("bench: the scrape is not whole")
                peaks[name + ", nothing new", issues] = peak_of(jd, *args)
                shutil.rmtree(jd.box)
        finally:
            sim.stop()
    print(f"peak memory, MiB (at most {MOST}, within {APART}) {small:>12,} {large:>12,}     apart")
    for name in dict.fromkeys(name for name, _ in peaks):
        a, b = peaks[name, small], peaks[name, large]
        print(f"  {name:38} {a:12.1f} {b:12.1f} {b - a:9.1f}")


def million(box, issues=1000000):
    (box / "sim").mkdir()
    sim = rig.Sim(box / "sim", "--generate", f"BENCH:{issues}", "--calm", CALM)
    try:
        jd = rig.Product(box / "jd", sim.url)
        began = time.monotonic()
        mib = peak_of(jd, "--raw-layout", "pack")
        took = time.monotonic() - began
        verdict = jd.verdict()["projects"][0]
        print(f"{issues:,} issues into packs: peak {mib:.1f} MiB (at most {MOST}), {took:.1f} s, {issues / took:,.0f} issues/s; "
              f"{verdict['delivered']:,} delivered, {verdict['missing']} missing")
        if mib > MOST or verdict["delivered"] != issues:
            raise SystemExit("that is too much memory, or too few issues")
    finally:
        sim.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--issues", type=int, nargs=2, default=(1000, 100000))
    args = parser.parse_args()
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=os.environ.get("JD_BENCH_TMPFS", "/dev/shm")))
    try:
        if args.million:
            million(box)
            return
        version()
        nothing_new(box / "new")
        memory(box, *args.issues)
    finally:
        shutil.rmtree(box, ignore_errors=True)


if __name__ == "__main__":
    main()
