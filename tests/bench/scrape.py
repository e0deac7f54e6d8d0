#!/usr/bin/python3
"""How fast a scrape is, beside curl fetching the same pages and throwing them away.

    tests/bench/scrape.py [ISSUES] [PAGE_SIZE] [ROUNDS]      (20000 100 3)

jirasim generates the issues and keeps them in memory; everything is on loopback. Each round has
fresh folders, and nothing is deleted before the end (ext4 is slow at making files right after mass
deletion). Medians are printed. curl parses nothing and writes nothing: its figure is the ceiling of
the network side, not a goal.
"""
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import peak  # noqa: E402
import rig  # noqa: E402


def timed(run):
    began = time.monotonic()
    out = run()
    return time.monotonic() - began, out


def curl(sim, issues, page):
    """Every page once, one connection; the bytes that came."""
    url = f"{sim.url}/rest/api/2/search?jql=project%3DBENCH&fields=*all&expand=changelog&maxResults={page}&startAt=[0-{issues - 1}:{page}]"
    done = subprocess.run(["curl", "-sf", "-o", "/dev/null", "-w", "%{size_download}\n", url], check=True, capture_output=True, text=True)
    return sum(map(int, done.stdout.split()))


def main(issues=20000, page=100, rounds=3):
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=rig.BUILD))
    (box / "sim").mkdir()
    sim = rig.Sim(box / "sim", "--generate", f"BENCH:{issues}", "--page-cap", str(max(page, 1000)))
    try:
        curl(sim, issues, page)  # warm: the first touch of memory is not what is measured
        fetch, first, again, peaks, size = [], [], [], [], 0
        for n in range(rounds):
            seconds, size = timed(lambda: curl(sim, issues, page))
            fetch.append(seconds)
            jd = rig.Product(box / f"jd{n}", sim.url)
            command = jd.command(*jd.scrape_args("--projects", "BENCH", "--page-size", page))
            for took in (first, again):
                seconds, (status, kib) = timed(lambda: peak.of(command, cwd=jd.box, env=rig.clean_env()))
                if status:
                    sys.exit(f"bench: the scrape ended with {status}")
                took.append(seconds)
                peaks.append(kib)
            if len(jd.issue_files()) != issues:
                sys.exit("bench: the scrape is not whole")
        f, s, a = map(statistics.median, (fetch, first, again))
        spread = f"{issues / max(first):,.0f} to {issues / min(first):,.0f}"
        print(f"{issues:,} issues of {size // issues:,} bytes, pages of {page}, medians of {rounds}")
        print(f"curl, to nowhere   {f:7.2f} s  {issues / f:10,.0f} issues/s  {size / f / 1e6:8,.0f} MB/s")
        print(f"scrape, first run  {s:7.2f} s  {issues / s:10,.0f} issues/s  {size / s / 1e6:8,.0f} MB/s  ({spread})")
        print(f"scrape, nothing new{a:7.2f} s")
        print(f"ratio to curl      {f / s:7.2f}")
        print(f"peak memory        {max(peaks) / 1024:7.1f} MiB")
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"processor in all   {cpu.ru_utime:7.2f} s user, {cpu.ru_stime:.2f} s system")
    finally:
        sim.stop()
        shutil.rmtree(box, ignore_errors=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
