#!/usr/bin/python3
"""The two layouts of the raw store, side by side in one run: scrape into files, scrape into packs.

    tests/bench/layouts.py [ISSUES] [ROUNDS]      (100000 3)

jirasim generates issues of about 8 KB and keeps them in memory; everything is on loopback, the folders
on the disk that holds the build (JD_BENCH_DIR for another place). The layouts take turns, in changing
order, so that other load meets both; every run has fresh folders, what is dirty is synced before it, and
nothing is deleted before the end: ext4 is slow at making files near where many were deleted, and
`chattr +T` makes it spread the folders, as in scrape.py. Medians and the best of each are printed, with the processor time: on a machine that is
busy otherwise, that and the ratio of the best say more than the medians. Then transform reads both.
"""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import peak  # noqa: E402
import rig  # noqa: E402


CALM = 90  # percent: issues of about 8 KB


def warm(sim, issues):
    """Every page once: the first touch of jirasim's memory is not what is measured."""
    url = f"{sim.url}/rest/api/2/search?jql=project%3DBENCH&fields=*all&expand=changelog&maxResults=100&startAt=[0-{issues - 1}:100]"
    subprocess.run(["curl", "-sf", "-o", "/dev/null", url], check=True)


def timed(jd, *args):
    """Seconds on the clock, seconds of processor, MiB at most."""
    os.sync()
    status, wall, cpu, kib = peak.cost(jd.command(*args), cwd=jd.box, env=rig.clean_env(**jd.env))
    if status:
        sys.exit(f"bench: {args[0]} ended with {status}")
    return wall, cpu, kib / 1024


def size(folder):
    return sum(p.stat().st_blocks * 512 for p in folder.rglob("*") if p.is_file())


def report(what, issues, runs):
    print(f"{what} of {issues:,} issues    median      best  processor  issues/s  peak MiB")
    for layout, rows in runs.items():
        wall, cpu, peak = zip(*rows)
        print(f"  {layout:24}{statistics.median(wall):9.2f} s{min(wall):8.2f} s{statistics.median(cpu):9.2f} s"
              f"{issues / statistics.median(wall):10,.0f}{max(peak):10.1f}")
    walls = {layout: [r[0] for r in rows] for layout, rows in runs.items()}
    print(f"  pack is {statistics.median(walls['files']) / statistics.median(walls['pack']):.2f} times as fast by medians, "
          f"{min(walls['files']) / min(walls['pack']):.2f} by the best")


def main(issues=100000, rounds=3):
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=os.environ.get("JD_BENCH_DIR", rig.BUILD)))
    subprocess.run(["chattr", "+T", box], check=False, stderr=subprocess.DEVNULL)  # what has no such flag needs none
    (box / "sim").mkdir()
    sim = rig.Sim(box / "sim", "--generate", f"BENCH:{issues}", "--calm", CALM)
    scrapes, transforms = {"files": [], "pack": []}, {"files": [], "pack": []}
    try:
        warm(sim, issues)
        for n in range(rounds):
            for layout in ("files", "pack") if n % 2 == 0 else ("pack", "files"):
                jd = rig.Product(box / f"{layout}{n}", sim.url)
                scrapes[layout].append(timed(jd, *jd.scrape_args("--projects", "BENCH", "--raw-layout", layout)))
                jd.corpus.parent.mkdir(parents=True, exist_ok=True)
                transforms[layout].append(timed(jd, *jd.transform_args()))
        report("scrape", issues, scrapes)
        report("transform", issues, transforms)
        for layout in scrapes:
            print(f"  {layout}: {size(box / f'{layout}0' / 'data/raw') / 2**20:,.0f} MiB on disk")
    finally:
        sim.stop()
        shutil.rmtree(box, ignore_errors=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
