#!/usr/bin/python3
"""How many issues a second jirasim serves on one core, walked the way a backfill walks.

    tests/bench/jirasim.py [ISSUES] [PAGE_SIZE…]      (100000 100 1000)

Every page asks `project = BENCH AND created >= MS ORDER BY created ASC` with all fields and the
changelog, anchored on the last second of the page before. The client reads and throws away; what
counts is the server's own processor time (the client and other work share the machine).
"""
import bisect
import datetime
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(__file__).resolve().parents[2] / os.environ.get("JD_BUILD", "build")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    after_name = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.room = memoryview(bytearray(1 << 20))

    def search(self, jql, page, fields, keep=False):
        """The body's length, and the body when it is to be kept."""
        body = json.dumps({"jql": jql, "maxResults": page, "fields": fields, "expand": ["changelog"] if "*all" in fields else []}).encode()
        self.socket.sendall(b"POST /jira/rest/api/2/search HTTP/1.1\r\nHost: sim\r\nContent-Type: application/json\r\n"
                            b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(65536)
        head, _, rest = head.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        size = int(re.search(rb"Content-Length: (\d+)", head).group(1))
        kept, got = [rest], len(rest)
        while got < size:
            n = self.socket.recv_into(self.room, min(len(self.room), size - got))
            assert n > 0, "the server broke off"
            if keep:
                kept.append(bytes(self.room[:n]))
            got += n
        return size, b"".join(kept) if keep else b""


def created_seconds(client):
    """The second of every issue, in order: walked once by small answers."""
    seen, anchor = {}, 0
    while True:
        _, body = client.search(f"project = BENCH AND created >= {anchor} ORDER BY created ASC", 1000, ["created"], keep=True)
        reply = json.loads(body)
        for issue in reply["issues"]:
            at = datetime.datetime.strptime(issue["fields"]["created"], "%Y-%m-%dT%H:%M:%S.%f%z")
            seen[issue["id"]] = int(at.timestamp())
        if reply["total"] <= 1000:
            return sorted(seen.values())
        last = max(seen.values()) * 1000
        assert last > anchor, "a whole page within one second: take more seconds or a larger page"
        anchor = last


def walk(client, seconds, page):
    rows = size = requests = at = 0
    while at < len(seconds):
        size += client.search(f"project = BENCH AND created >= {seconds[at] * 1000} ORDER BY created ASC", page, ["*all"])[0]
        first = bisect.bisect_left(seconds, seconds[at])
        requests, rows, at = requests + 1, rows + min(page, len(seconds) - first), first + page
    return rows, size, requests


def main(issues=100000, *pages):
    box = pathlib.Path(tempfile.mkdtemp(prefix="jd-bench-"))
    port = box / "port"
    sim = subprocess.Popen([BUILD / "jirasim", "--generate", f"BENCH:{issues}", "--port", "0", "--port-file", port, "--threads", "1"])
    try:
        while not port.exists():
            assert sim.poll() is None, "jirasim did not start"
            time.sleep(0.05)
        client = Client(int(port.read_text()))
        seconds = created_seconds(client)
        assert len(seconds) == issues, (len(seconds), issues)
        for page in pages or (100, 1000):
            cpu, wall = cpu_seconds(sim.pid), time.monotonic()
            rows, size, requests = walk(client, seconds, page)
            cpu, wall = cpu_seconds(sim.pid) - cpu, time.monotonic() - wall
            print(f"pages of {page}: {rows} issues of {size // rows} bytes in {requests} requests: "
                  f"{rows / max(cpu, 1 / TICKS):,.0f} issues/s of one core ({cpu:.2f} s), {rows / wall:,.0f} issues/s by the clock")
    finally:
        sim.send_signal(signal.SIGTERM)
        sim.wait()
        port.unlink(missing_ok=True)
        box.rmdir()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
