#!/usr/bin/python3
"""What a census costs: time, requests and peak memory on a mirror of which little is gone.

    tests/bench/census.py [--issues 100000] [--flavour datacenter|cloud] [--million]

Of the issues 500 were deleted, 300 moved to a project that is not mirrored, 200 hidden, and 100 came up with old
dates, none of which an incremental run sees. Goal: 700 gone, 300 moved, 100 fetched, at most 64 MiB. Both layouts,
on loopback and a tmpfs (/dev/shm, or JD_BENCH_TMPFS). --million: 1,000,000 issues, 20,000 of them hidden, packed;
jirasim needs some 9 GB for it.
"""
import argparse
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import peak  # noqa: E402
import rig  # noqa: E402

MOST = 64  # MiB
IMPORTED = 1_434_000_000_000


def census(sim, jd, issues, name):
    before, began = len(sim.requests_seen()), time.monotonic()
    status, kib = peak.of(jd.command("census", *jd.scrape_args("--projects", "APP")[1:]), cwd=jd.box, env=rig.clean_env())
    took = time.monotonic() - began
    if status:
        sys.exit(f"bench: the census ended with {status}")
    found = jd.verdict()["projects"][0]["census"]
    gone = ", ".join(f"{n} {cause}" for cause, n in found["removed"].items() if n)
    print(f"{name}: {issues:,} issues in {took:.1f} s, {len(sim.requests_seen()) - before:,} requests, peak {kib / 1024:.1f} MiB "
          f"(at most {MOST}): {gone}, {found['fetched']} fetched", flush=True)
    if kib > MOST * 1024:
        sys.exit("bench: that is too much memory")


def start(box, flavour, issues, calm):
    box.mkdir()
    cloud = ("--flavour", "cloud") if flavour == "cloud" else ()
    return rig.Sim(box, *cloud, "--generate", f"APP:{issues}", "--generate", "OTHER:1", "--calm", calm, context="/" if cloud else "/jira")


def usual(box, flavour, issues):
    sim = start(box / flavour, flavour, issues, 90)
    try:
        mirrors = {layout: rig.Product(box / layout, sim.url) for layout in ("files", "pack")}
        for layout, jd in mirrors.items():
            jd.scrape("--projects", "APP", "--raw-layout", layout)
        doomed = [f"APP-{n}" for n in random.Random(5).sample(range(1, issues + 1), 1000)]
        for key in doomed[:500]:
            sim.control("delete", key=key)
        for key in doomed[500:800]:
            sim.move(key, "OTHER")
        sim.control("hide", keys=doomed[800:])
        sim.control("create", project="APP", count=100, at=IMPORTED)
        for layout, jd in mirrors.items():
            census(sim, jd, issues, f"{flavour}, {layout}")
            shutil.rmtree(jd.box)
    finally:
        sim.stop()


def million(box, issues=1000000):
    sim = start(box / "sim", "datacenter", issues, 100)
    try:
        jd = rig.Product(box / "jd", sim.url)
        jd.scrape("--projects", "APP", "--raw-layout", "pack")
        sim.control("hide", keys=[f"APP-{37 * n}" for n in range(1, 20001)])
        census(sim, jd, issues, "datacenter, pack")
    finally:
        sim.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--issues", type=int, default=100000)
    parser.add_argument("--flavour", choices=("datacenter", "cloud"), action="append")
    parser.add_argument("--million", action="store_true")
    args = parser.parse_args()
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=os.environ.get("JD_BENCH_TMPFS", "/dev/shm")))
    try:
        if args.million:
            million(box)
        else:
            for flavour in args.flavour or ("datacenter", "cloud"):
                usual(box, flavour, args.issues)
    finally:
        shutil.rmtree(box, ignore_errors=True)


if __name__ == "__main__":
    main()
