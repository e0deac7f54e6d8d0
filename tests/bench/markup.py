#!/usr/bin/python3
"""How fast rich text becomes Markdown, beside other converters and merely parsing the JSON.

    tests/bench/markup.py [FOLDER]      (../shared/cases: bench-wiki.jsonl.gz, bench-adf.jsonl.gz)

One process and thread each, one after the other; in process and the median of five passes, but for pandoc, which
gets all documents in one file and starts once. npm installs jira2md and adf-to-markdown into the build folder.
Prints megabytes a second and the ratios that matter; compare ratios of one run, never figures of two.
"""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("JD_BUILD", "build")
HERE = ROOT / "tests/bench"
PACKAGES = ["jira2md@3.0.1", "adf-to-markdown@1.0.1"]


def first_number(*command):
    return float(subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout.split()[0])


def modules():
    folder = BUILD / "npm"
    if not (folder / "node_modules/jira2md").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES],
                       check=True)
    return folder / "node_modules"


def pandoc(box, lines):
    """Megabytes a second of one pandoc for all documents."""
    text = "\n\n".join(json.loads(line)["input"] for line in lines)
    (box / "all.wiki").write_text(text)
    began = time.monotonic()
    subprocess.run(["pandoc", "-f", "jira", "-t", "gfm", str(box / "all.wiki")], check=True, stdout=subprocess.DEVNULL)
    return len(text.encode()) / 1e6 / (time.monotonic() - began)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "../shared/cases"
    ours = BUILD / "tests/bench/markup"
    npm = modules()
    with tempfile.TemporaryDirectory() as name:
        box = pathlib.Path(name)
        for kind in ("wiki", "adf"):
            (box / kind).write_bytes(gzip.decompress((folder / f"bench-{kind}.jsonl.gz").read_bytes()))
        speed = {
            "jiraduct wiki": first_number(ours, "wiki", box / "wiki"),
            "jira2md": first_number("node", HERE / "markup_peer.js", "wiki", npm, box / "wiki"),
            "jiraduct ADF": first_number(ours, "adf", box / "adf"),
            "adf-to-markdown": first_number("node", HERE / "markup_peer.js", "adf", npm, box / "adf"),
            "yyjson, parsing only": first_number(ours, "yyjson", box / "adf"),
        }
        if shutil.which("pandoc"):
            speed["pandoc"] = pandoc(box, (box / "wiki").read_text().splitlines())
    for what, mb in speed.items():
        print(f"{what:22} {mb:8.1f} MB/s")
    for us, peer in (("jiraduct wiki", "jira2md"), ("jiraduct wiki", "pandoc"), ("jiraduct ADF", "adf-to-markdown"),
                     ("jiraduct ADF", "yyjson, parsing only")):
        if peer in speed:
            print(f"{us} / {peer}: {speed[us] / speed[peer]:.2f}")


if __name__ == "__main__":
    main()
