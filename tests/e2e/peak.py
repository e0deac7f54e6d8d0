"""Runs a command and tells what it cost: time and peak memory.

The kernel's figure for a child includes what its parent had when it was started, so the command is
started by a small process of its own (this file as a program).
"""
import json
import os
import subprocess
import sys
import time


def cost(command, cwd=None, env=None):
    """(exit status, seconds on the clock, seconds of processor, peak resident memory in KiB) of a command; its output is thrown away."""
    done = subprocess.run(["/usr/bin/python3", "-S", "-E", "-I", __file__, *map(str, command)], cwd=cwd, env=env,
                          capture_output=True, text=True, check=True)
    return tuple(json.loads(done.stdout))


def of(command, cwd=None, env=None):
    """(exit status, peak resident memory in KiB)"""
    status, _, _, kib = cost(command, cwd, env)
    return status, kib


if __name__ == "__main__":
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execv(sys.argv[1], sys.argv[1:])
    _, status, usage = os.wait4(pid, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
