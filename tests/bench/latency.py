#!/usr/bin/python3
"""What requests side by side are worth where the server is far away, and how close to its limit they come.

    tests/bench/latency.py [--latency] [--rate] [--issues N]      (both; 50000)

--latency  jirasim answers every request 100 ms late; a backfill onto a tmpfs (/dev/shm, or JD_BENCH_TMPFS)
           in pages of 100, with --concurrency 8 and with 1. Goal: 8 is at least 5 times as fast.
--rate     jirasim allows 10 requests/s (a bucket of 20 tokens, 10 new ones every second) and says so in the
           headers of Data Center; a backfill that needs about 400 requests. Counted in jirasim's own log,
           from the instant when the first bucketful is gone, so that it does not flatter the rate, until
           the last search. Goal: at least 9.5 requests/s, at most 1 % of all requests answered 429.

The first takes about 70 s (once: what is timed is mostly the latency, which does not vary), the second 40 s.
"""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import rig  # noqa: E402

PAGE, LATENCY_MS, CALM = 100, 100, 90
LIMIT, FILL, RATE_REQUESTS = 20, 10, 400


def backfill(box, issues, *server, concurrency=None):
    """Seconds, and the requests as the server saw them."""
    box.mkdir()
    sim = rig.Sim(box, "--generate", f"BENCH:{issues}", "--calm", CALM, *server, clock="real")
    try:
        jd = rig.Product(box / "jd", sim.url)
        more = () if concurrency is None else ("--concurrency", concurrency)
        done = jd.run(*jd.scrape_args("--projects", "BENCH", "--page-size", PAGE, *more), expect=0, timeout=600)
        if jd.verdict()["projects"][0]["delivered"] != issues:
            sys.exit("bench: the scrape is not whole")
        return done.seconds, sim.requests_seen()
    finally:
        sim.stop()
        shutil.rmtree(box, ignore_errors=True)


def latency(where, issues):
    took = {}
    print(f"{issues:,} issues, pages of {PAGE}, {LATENCY_MS} ms a request")
    for concurrency in (8, 1):
        took[concurrency], rows = backfill(where / f"c{concurrency}", issues, "--latency", LATENCY_MS, concurrency=concurrency)
        print(f"  --concurrency {concurrency}: {took[concurrency]:7.2f} s, {len(rows)} requests, {len(rows) / took[concurrency]:.1f} requests/s")
    print(f"  8 is {took[1] / took[8]:.2f} times as fast as 1 (at least 5)")


def steady(rows):
    """Requests/s from the request that emptied the bucket to the last one, all granted ones counted."""
    came = sorted(row["tick"] for row in rows if row["status"] != 429)
    begin = came[LIMIT - 1]
    return (len(came) - LIMIT) / ((came[-1] - begin) / 1000)


def rate(where):
    issues = (RATE_REQUESTS - 25) * PAGE
    for concurrency in (None, 8):
        seconds, rows = backfill(where / "rate", issues, "--rate", f"{LIMIT}:{FILL}:1", concurrency=concurrency)
        refused = sum(row["status"] == 429 for row in rows)
        print(f"{len(rows)} requests in {seconds:.1f} s where {FILL} a second are allowed, "
              f"{'default concurrency' if concurrency is None else f'--concurrency {concurrency}'}")
        print(f"  {steady(rows):.2f} requests/s (at least 9.5), {refused} answered 429: {refused / len(rows):.2%} (at most 1 %)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--latency", action="store_true")
    parser.add_argument("--rate", action="store_true")
    parser.add_argument("--issues", type=int, default=50000)
    args = parser.parse_args()
    both = args.latency == args.rate
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-", dir=os.environ.get("JD_BENCH_TMPFS", "/dev/shm")))
    try:
        if args.latency or both:
            latency(box, args.issues)
        if args.rate or both:
            rate(box)
    finally:
        shutil.rmtree(box, ignore_errors=True)


if __name__ == "__main__":
    main()
