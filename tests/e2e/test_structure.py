"""What Markdown is for: read again by libcmark-gfm, it has the structure that was meant.

tests/unit/markup/structure.c compares; tests/unit/markup/skeleton.h says what counts and what is made alike."""
import re
import subprocess

import pytest

import rig

STRUCTURE = rig.BUILD / "tests/unit/markup/structure"
OURS = sorted((rig.ROOT / "tests/cases").glob("*.jsonl"))
THEIRS = sorted((rig.REALDATA.parent / "cases").glob("[!b]*.jsonl"))
REAL = sorted(rig.REALDATA.glob("*.jsonl.gz"))


def structure(*args, expect=0):
    """How many texts there were, and how many differ."""
    done = subprocess.run([str(a) for a in (STRUCTURE, *args)], capture_output=True, text=True, env=rig.clean_env(), timeout=rig.PATIENCE)
    assert done.returncode == expect, f"exit {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-2000:]}"
    counts = re.fullmatch(r"(\d+) texts, (\d+) differ", done.stdout.splitlines()[-1])
    return tuple(map(int, counts.groups()))


@pytest.mark.smoke
@pytest.mark.parametrize("path", OURS + THEIRS, ids=lambda p: f"{p.parent.parent.name}-{p.stem}")
def test_every_case(path):
    with open(path, encoding="utf-8") as lines:
        assert structure(path) == (sum(1 for line in lines if line.strip()), 0)


@pytest.mark.parametrize("path", REAL, ids=lambda p: p.name.split(".")[0])
def test_every_real_text(path):
    texts, differ = structure(path)
    assert texts > 20 and differ == 0


@pytest.mark.parametrize("path", OURS + THEIRS, ids=lambda p: f"{p.parent.parent.name}-{p.stem}")
def test_what_is_lost_is_seen(path):
    """The comparison can fail: plain text in place of Markdown has lost what its cases are about."""
    texts, differ = structure("-p", path, expect=1)
    assert differ > texts / 3
