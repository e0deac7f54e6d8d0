#!/usr/bin/python3
"""A project's issues into files, as a Python script does it: requests for the pages, json.dumps a file.

    tests/bench/scrape_peer.py BASE_URL PROJECT FOLDER [PAGE_SIZE]

One session, so one connection kept open; pages by startAt. It leaves out what makes a mirror of it: no
temporary names, nothing synced, no state, no retries, no second look at lists that came cut short.
That makes it faster, not slower.
"""
import json
import os
import sys

import requests


def main(base, project, folder, page="100"):
    session = requests.Session()
    session.trust_env = False
    os.makedirs(os.path.join(folder, project), exist_ok=True)
    at, total = 0, 1
    while at < total:
        reply = session.post(f"{base}/rest/api/2/search", json={
            "jql": f"project = {project} ORDER BY created ASC", "startAt": at, "maxResults": int(page),
            "fields": ["*all"], "expand": ["changelog"]}, timeout=60)
        reply.raise_for_status()
        found = reply.json()
        total = found["total"]
        if not found["issues"]:
            break
        for issue in found["issues"]:
            with open(os.path.join(folder, project, issue["key"] + ".json"), "w", encoding="utf-8") as out:
                out.write(json.dumps(issue, ensure_ascii=False, separators=(",", ":")))
        at += len(found["issues"])


if __name__ == "__main__":
    main(*sys.argv[1:])
