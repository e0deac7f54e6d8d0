"""The issues that the warehouse is measured with: made by jirasim, each brought to exactly 5 comments and
10 histories (about 15 items) with the comments and histories of others, under ids of their own."""
import itertools
import json
import random
import subprocess
import sys

COMMENTS, HISTORIES, POOL = 5, 10, 2000


def pad(own, pool, want, issue, dice):
    """Exactly `want` entries, by date, all of the issue's life."""
    first, last = issue["fields"]["created"], issue["fields"]["updated"]
    out = [dict(one) for one in own[:want]]
    while len(out) < want:
        one = dict(dice.choice(pool))
        for name in ("created", "updated"):
            if name in one:
                one[name] = first if len(out) % 2 else last
        out.append(one)
    out.sort(key=lambda one: one["created"])
    for place, one in enumerate(out):
        one["id"] = str(int(issue["id"]) * 200 + place)
    return out


def shape(issue, comments, histories, dice):
    fields, log = issue["fields"], issue["changelog"]
    fields["comment"] = {"comments": pad(fields["comment"]["comments"], comments, COMMENTS, issue, dice),
                         "maxResults": COMMENTS, "total": COMMENTS, "startAt": 0}
    log.update(histories=pad(log["histories"], histories, HISTORIES, issue, dice), total=HISTORIES, maxResults=HISTORIES, startAt=0)
    return issue


def write(sim, path):
    """All that jirasim holds, as JSON Lines squeezed by zstd."""
    dump = subprocess.Popen(["curl", "-sf", f"{sim.root}/_sim/dump"], stdout=subprocess.PIPE)
    squeeze = subprocess.Popen(["zstd", "-q", "-1", "-f", "-o", path], stdin=subprocess.PIPE)
    dice = random.Random(7)
    donors = [json.loads(line) for line in itertools.islice(dump.stdout, POOL)]
    comments = [c for issue in donors for c in issue["fields"]["comment"]["comments"]]
    histories = [h for issue in donors for h in issue["changelog"]["histories"]]
    size = n = 0
    for issue in itertools.chain(donors, map(json.loads, dump.stdout)):
        text = json.dumps(shape(issue, comments, histories, dice), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        squeeze.stdin.write(text)
        size, n = size + len(text), n + 1
    squeeze.stdin.close()
    if dump.wait() or squeeze.wait():
        sys.exit("bench: the issues could not be made")
    print(f"{n:,} issues with {COMMENTS} comments and {HISTORIES} histories, {size / n:,.0f} bytes each")
