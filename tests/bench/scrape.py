#!/usr/bin/python3
"""How fast a scrape is: on disk beside curl and a C loop, on a tmpfs beside a Python script.

    tests/bench/scrape.py [--disk] [--tmpfs] [--issues N] [--page N] [--rounds N]      (both; 100000, 100, 3 and 1)

jirasim generates issues of about 8 KB and keeps them in memory; everything is on loopback.

--disk   a raw folder below the build folder (JD_BENCH_DIR for another place), each round:
           curl     the same pages, one connection, thrown away
           files    writefiles.c: the same files from memory: open, write, close, rename, and per batch one
                    syncfs and the folders' fsync, as the raw sink does; nothing else
           scrape   all of it: search, check, hash, files, state
         Goal: scrape takes at most 1.5 times curl + files.
--tmpfs  a raw folder on /dev/shm (or JD_BENCH_TMPFS), each round:
           script   scrape_peer.py: requests for the pages, json.dumps a file; the same bytes are demanded
           scrape   before and after it: two, since the script takes long
         Goal: scrape is at least 4 times as fast.

What is compared takes turns, in changing order, so that other load meets all; medians are printed, and
ratios of these. Every run has fresh folders, and what is dirty is synced before each. ext4 is up to ten times
slower at making files near where many were deleted in the last six minutes: nothing is deleted before the
end, and `chattr +T` makes it spread the folders over the disk, by a hash of their names, which are never the
same twice. Where that flag is refused, wait. Compare ratios of one run, never seconds of two: machines are shared.
"""
import argparse
import contextlib
import filecmp
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import rig  # noqa: E402
from layouts import timed  # noqa: E402

WRITEFILES = rig.BUILD / "tests/bench/writefiles"
CALM = 90  # percent: issues of about 8 KB


@contextlib.contextmanager
def served(where, args):
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=where))
    subprocess.run(["chattr", "+T", box], check=False, stderr=subprocess.DEVNULL)  # what has no such flag needs none
    (box / "sim").mkdir()
    sim = rig.Sim(box / "sim", "--generate", f"BENCH:{args.issues}", "--calm", CALM, "--page-cap", max(args.page, 1000))
    try:
        curl(sim, args)  # warm: the first touch of memory is not what is measured
        yield box, sim
    finally:
        sim.stop()
        shutil.rmtree(box, ignore_errors=True)


def curl(sim, args):
    """Seconds for every page once, one connection."""
    last, step = args.issues - 1, args.page
    url = f"{sim.url}/rest/api/2/search?jql=project%3DBENCH&fields=*all&expand=changelog&maxResults={step}&startAt=[0-{last}:{step}]"
    os.sync()
    began = time.monotonic()
    subprocess.run(["curl", "-sf", "-o", "/dev/null", url], check=True)
    return time.monotonic() - began


def scrape(box, sim, args):
    """Seconds on the clock, seconds of processor, peak MiB, and the product."""
    jd = rig.Product(box, sim.url)
    cost = timed(jd, *jd.scrape_args("--projects", "BENCH", "--page-size", args.page))
    if jd.verdict()["projects"][0]["delivered"] != args.issues:
        sys.exit("bench: the scrape lacks issues")
    return *cost, jd


def files(source, target, args):
    """Seconds that writefiles says, and the bytes."""
    os.sync()
    out = subprocess.run([WRITEFILES, source, target], check=True, capture_output=True, text=True).stdout
    seconds, count, size, _ = out.split()
    if int(count) != args.issues:
        sys.exit(f"bench: {count} files of {args.issues}")
    return float(seconds), int(size)


def script(sim, folder, args):
    began = time.monotonic()
    subprocess.run([sys.executable, HERE / "scrape_peer.py", sim.url, "BENCH", folder, str(args.page)], check=True, env=rig.clean_env())
    return time.monotonic() - began


def same_files(a, b, args):
    names = os.listdir(a / "BENCH")
    _, differ, lacking = filecmp.cmpfiles(a / "BENCH", b / "BENCH", names[::97], shallow=False)
    if len(names) != args.issues or len(os.listdir(b / "BENCH")) != args.issues or differ or lacking:
        sys.exit(f"bench: the script's files are not the scrape's: {(differ + lacking)[:3]}")


def line(what, times, args, size, more=""):
    seconds = statistics.median(times)
    print(f"  {what:14}{seconds:8.2f} s {args.issues / seconds:10,.0f} issues/s {size / seconds / 1e6:8,.0f} MB/s  "
          f"({min(times):.2f} to {max(times):.2f}){more}")


def on_disk(args, rounds):
    with served(os.environ.get("JD_BENCH_DIR", rig.BUILD), args) as (box, sim):
        first = scrape(box / f"warm-{box.name}", sim, args)[3]  # the files that the loop makes again
        fetch, loop, runs, size = [], [], [], 0
        for n in range(rounds):
            def ours(n=n):
                runs.append(scrape(box / f"jd{n}-{box.name}", sim, args)[:3])
            if n % 2:
                ours()
            fetch.append(curl(sim, args))
            took, size = files(first.raw, box / f"files{n}-{box.name}", args)
            loop.append(took)
            if n % 2 == 0:
                ours()
    wall, cpu, peak = zip(*runs)
    print(f"on disk: {args.issues:,} issues of {size // args.issues:,} bytes, pages of {args.page}, medians of {rounds}")
    line("curl", fetch, args, size)
    line("files", loop, args, size)
    line("scrape", wall, args, size, f"  processor {statistics.median(cpu):.2f} s, peak {max(peak):.1f} MiB")
    ratio = statistics.median(wall) / (statistics.median(fetch) + statistics.median(loop))
    print(f"  scrape takes {ratio:.2f} times curl + files (at most 1.5)")


def on_tmpfs(args, rounds):
    with served(os.environ.get("JD_BENCH_TMPFS", "/dev/shm"), args) as (box, sim):
        slow, runs, size = [], [], 0
        for n in range(rounds):
            for half in range(2):
                *figures, jd = scrape(box / f"jd{half}", sim, args)
                runs.append(figures)
                if half == 0:
                    slow.append(script(sim, box / "script", args))
                    same_files(jd.raw, box / "script", args)
                    size = sum(e.stat().st_size for e in os.scandir(jd.raw / "BENCH"))
                shutil.rmtree(jd.box)  # memory, and no ext4 that minds
            shutil.rmtree(box / "script")
    wall, cpu, peak = zip(*runs)
    print(f"on tmpfs: {args.issues:,} issues of {size // args.issues:,} bytes, pages of {args.page}, medians of {rounds} and {2 * rounds}")
    line("Python script", slow, args, size)
    line("scrape", wall, args, size, f"  processor {statistics.median(cpu):.2f} s, peak {max(peak):.1f} MiB")
    print(f"  scrape is {statistics.median(slow) / statistics.median(wall):.1f} times as fast (at least 4)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--disk", action="store_true")
    parser.add_argument("--tmpfs", action="store_true")
    parser.add_argument("--issues", type=int, default=100000)
    parser.add_argument("--page", type=int, default=100)
    parser.add_argument("--rounds", type=int)
    args = parser.parse_args()
    both = args.disk == args.tmpfs
    if args.disk or both:
        on_disk(args, args.rounds or 3)
    if args.tmpfs or both:
        on_tmpfs(args, args.rounds or 1)


if __name__ == "__main__":
    main()
