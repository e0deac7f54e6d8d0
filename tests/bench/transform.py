#!/usr/bin/python3
"""How fast a transform is, beside merely reading and parsing the same files, a Python script, and jq.

    tests/bench/transform.py [ISSUES] [ROUNDS]      (20000 3)

jirasim generates the issues (about 10 KB each) and jiraduct scrapes them, once. Then each round runs, one
after the other over the same files:
  read + parse   readparse.c: one thread opens and reads each file and parses it with yyjson, in place
  transform      on one thread, and on every core; writes the corpus, syncs it and replaces the old one
  Python         transform_peer.py: the same members and tasks, json.load a file, json.dumps a record; it leaves
                 wiki markup in the texts, which transform turns into plain text
  jq             jq -c . to nowhere: one process that is fed all files by cat
Medians of the rounds are printed, and ratios of these. The files are read once before the first round, so
that all find them in memory. JD_BENCH_DIR is where files go (a folder on the disk or on a tmpfs); the build
folder when not given. Compare ratios of one run, never seconds of two: machines are shared.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[0] / "e2e"))
import peak  # noqa: E402
import rig  # noqa: E402

READPARSE = rig.BUILD / "tests/bench/readparse"


def run(*command, **how):
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL, env=rig.clean_env(), **how)


def jq(files):
    """All files through one jq."""
    names = b"".join(bytes(f) + b"\0" for f in files)
    with subprocess.Popen(["xargs", "-0", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        with subprocess.Popen(["jq", "-c", "."], stdin=cat.stdout, stdout=subprocess.DEVNULL) as filter_:
            cat.stdout.close()
            cat.stdin.write(names)
            cat.stdin.close()
        if filter_.returncode or cat.wait():
            sys.exit("bench: jq failed")


def timed(what):
    began = time.monotonic()
    what()
    return time.monotonic() - began


def filled(box, issues):
    """A product whose raw store holds that many issues."""
    (box / "sim").mkdir()
    sim = rig.Sim(box / "sim", "--generate", f"BENCH:{issues}", "--page-cap", "1000")
    try:
        jd = rig.Product(box / "jd", sim.url)
        subprocess.run(jd.command(*jd.scrape_args("--projects", "BENCH", "--page-size", "500")), cwd=jd.box,
                       check=True, capture_output=True, env=rig.clean_env())
    finally:
        sim.stop()
    return jd


def compare(ours, theirs):
    """How many records both have, how many of them are equal, and how many tasks of each kind ours has."""
    records, same, tasks = 0, 0, {}
    with open(ours, encoding="utf-8") as a, open(theirs, encoding="utf-8") as b:
        for x, y in zip(map(json.loads, a), map(json.loads, b), strict=True):
            records += 1
            same += x == y
            for name, task in x["tasks"].items():
                tasks[name] = tasks.get(name, 0) + (task is not None)
    return records, same, tasks


def main(issues=20000, rounds=3):
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=os.environ.get("JD_BENCH_DIR", rig.BUILD)))
    (box / "jd").mkdir()
    try:
        jd = filled(box, issues)
        jd.corpus.parent.mkdir(parents=True, exist_ok=True)
        files = sorted(jd.issue_files().values())
        if len(files) != issues:
            sys.exit("bench: the scrape is not whole")
        folders = sorted({f.parent for f in files})
        size = sum(f.stat().st_size for f in files)
        by_python = box / "python.jsonl"
        ways = {
            "read + parse": lambda: run(READPARSE, *folders),
            "transform, 1 thread": lambda: run(*jd.command(*jd.transform_args("--threads", 1)), stderr=subprocess.DEVNULL),
            f"transform, {os.cpu_count()} threads": lambda: run(*jd.command(*jd.transform_args()), stderr=subprocess.DEVNULL),
            "Python": lambda: run(sys.executable, HERE / "transform_peer.py", jd.raw, by_python),
            "jq -c .": lambda: jq(files),
        }
        ways["read + parse"]()
        took = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                took[name].append(timed(way))
        _, kib = peak.of(jd.command(*jd.transform_args()), cwd=jd.box, env=rig.clean_env())
        run(*jd.command(*jd.transform_args("--text", "wiki")), stderr=subprocess.DEVNULL)  # as the script does
        records, same, tasks = compare(jd.corpus, by_python)
        if not 0.9 * issues < records <= issues:  # a few have a security level
            sys.exit(f"bench: {records} records of {issues} issues")
        report(issues, size, rounds, took)
        print(f"peak memory {kib / 1024:.1f} MiB; {records:,} records of {jd.corpus.stat().st_size // records:,} bytes, the script's the same in {same / records:.0%}")
        print("tasks made: " + ", ".join(f"{name} {count:,}" for name, count in tasks.items()))
    finally:
        shutil.rmtree(box, ignore_errors=True)


def report(issues, size, rounds, took):
    print(f"{issues:,} files of {size // issues:,} bytes, medians of {rounds}")
    middle = {name: statistics.median(times) for name, times in took.items()}
    base, one, all_cores, python, jq_ = middle.values()
    for name, seconds in middle.items():
        spread = f"{min(took[name]):.2f} to {max(took[name]):.2f}"
        print(f"{name:22}{seconds:8.2f} s {issues / seconds:12,.0f} issues/s {size / seconds / 1e6:8,.0f} MB/s  {seconds / base:6.2f} x read + parse  ({spread})")
    print(f"transform to read + parse, 1 thread {one / base:6.2f}   all cores {all_cores / base:6.2f}   (at most 3)")
    print(f"Python to transform,       1 thread {python / one:6.2f}   all cores {python / all_cores:6.2f}   (at least 6)")
    print(f"jq to transform,           1 thread {jq_ / one:6.2f}   all cores {jq_ / all_cores:6.2f}   (at least 5)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
