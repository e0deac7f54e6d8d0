#!/usr/bin/python3
"""The corpus as a Python script makes it: one json.load a file, the same members, the same three tasks.

    tests/bench/transform_peer.py RAW_FOLDER OUTPUT

What such a script would be if somebody wrote it today for one data set, with care for speed but nothing
native. It leaves out what jiraduct's rules say about rare cases (documents of Cloud, tags in titles, mass
edits in other words), which makes it faster, not slower.
"""
import json
import pathlib
import re
import sys
from datetime import datetime, timedelta, timezone

CONTROLS = re.compile(r"\x1b\[[\d;:]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff]")
BOTS = {"hudson", "jenkins", "githubbot", "hadoopqa", "jirabot", "asfbot", "automationforjira"}
SILENT = re.compile(r"\{code.*?\{code\}|\{noformat.*?\{noformat\}|\{quote\}.*?\{quote\}", re.S)
CAUSE = re.compile(r"\b(root cause|caused by|because|fixed by|fix is|fix was|the (issue|problem|cause) (is|was)|"
                   r"turn(s|ed) out|workaround|solution|regression in|resolved by|was (fixed|removed|added)|duplicate of)\b", re.I)
NOTICE = re.compile(r"\b(committed|merged|pushed|pull request|closing (this|as|ticket)|resolved in|fixed in|uploaded)\b", re.I)
CHATTER = re.compile(r"\b(lgtm|thanks|thank you|looks good|please review|ping|unassigned|in progress)\b|(?<!\w)[+-]1\b", re.I)
ASKS = re.compile(r"\b(could you|can you|any updates?|let me know|not sure|does anyone|should we|me too)\b|\?\s*\Z", re.I)
REPORTS = re.compile(r"\b(steps to reproduce|reproduc\w+|tested (with|on|in)|verified|still happening|test cases?)\b", re.I)
BULK = re.compile(r"\b(bulk (close|edit|update)|due to (inactivity|time)|stale (issue|ticket)s?|no longer (valid|relevant))\b", re.I)
LINK = re.compile(r"/(pull|commits?|rev|merge_requests|compare)/|/changeset")
STATES = re.compile(r"^[\s*_+\-#|>:\[\]{}]*((issue type|type|priority|severity|status|resolution)\s*[*_+|=:\-]+\s*\w[\w '\-]*|"
                    r"(fixed (in|by|version)|fix versions?|resolved (in|by|as)|clos(ed|ing) as|duplicate of)\b.*)[\s*_+|.]*$", re.I)


def clean(text):
    if not isinstance(text, str):
        return None
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def name_of(value, member="name"):
    return clean(value.get(member)) or None if isinstance(value, dict) else None


def login(user):
    return name_of(user) or name_of(user, "displayName")


def date_of(text):
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(timezone.utc)
    except (TypeError, ValueError):
        return None


def shown(date):
    return date and date.strftime("%Y-%m-%dT%H:%M:%SZ")


def words(text):
    return " ".join(re.findall(r"\w+", text.lower()))


def is_bot(who):
    return who is not None and (re.sub(r"\W", "", who.lower()) in BOTS or who.lower().endswith(("-bot", "_bot", "[bot]")))


def resolution_of(issue, fields):
    """Who set the present resolution, and when."""
    who, when = None, date_of(fields.get("resolutiondate"))
    if fields.get("resolution"):
        for history in (issue.get("changelog") or {}).get("histories", ()):
            if any(i.get("field") == "resolution" and i.get("to") for i in history.get("items", ())):
                who, when = login(history.get("author")), date_of(history.get("created")) or when
    return who, when


def summarization(meta, description, people):
    title = words(meta["title"])
    text = "\n\n".join(filter(None, [description, *(c["body"].strip() for c in people)]))
    text = "\n".join(line for line in text.split("\n") if len(line) > 2 * len(title) + 16 or words(line) != title).strip()
    output = meta["title"] + (f" - {meta['status']}" if meta["status"] else "")
    output += f": {meta['resolution']}" if meta["resolution"] else ""
    return {"task": "summarization", "input": text, "output": output} if len(text) >= len(output) else None


def classification(meta, description, kind):
    lines = [line for line in description.split("\n") if len(line) > 200 or not STATES.match(line)]
    text = "\n\n".join(filter(None, [meta["title"], "\n".join(lines).strip()]))
    parts = (("Type", kind), ("Priority", meta["priority"]), ("Status", meta["status"]), ("Resolution", meta["resolution"] or "Unresolved"))
    return {"task": "classification", "input": text, "output": " | ".join(f"{k}: {v}" for k, v in parts if v)}


def points(comment, last, meta, resolver, resolved):
    prose = SILENT.sub(" ", comment["body"])
    count, cause = len(prose.split()), CAUSE.search(prose)
    if count < 8 or (count <= 120 and BULK.search(prose)):
        return 0
    asks = ASKS.search(prose)
    if not cause and (asks or (count < 25 and (NOTICE.search(prose) or CHATTER.search(prose)))):
        return 0
    apart = abs(comment["at"] - resolved)
    return ((3 if comment["author"] == resolver else 0) + (2 if comment["author"] == meta["assignee"] else 0)
            + (2 if apart <= timedelta(minutes=2) else 0) + (1 if apart <= timedelta(days=1) else 0) + (2 if cause else 0)
            + (1 if LINK.search(comment["body"]) else 0) + (1 if 20 <= count <= 250 else 0) + (1 if comment is last else 0)
            - (3 if asks else 0) - (3 if REPORTS.search(prose) else 0))


def qa(meta, description, people, resolver, resolved):
    if not meta["resolution"] or not resolved or not people:
        return None
    near = [c for c in people if c["at"] and timedelta(days=-30) <= c["at"] - resolved <= timedelta(days=1)]
    best = max(((points(c, people[-1], meta, resolver, resolved), i, c) for i, c in enumerate(near)), default=(0, 0, None))
    if best[0] < 5:
        return None
    answer = best[2]["body"].strip()
    context = f"Title: {meta['title']}" + (f"\n\nDescription: {description}" if description else "")
    key = words(answer)
    if key in words(context):
        return None
    room = 8192
    earlier = []
    for comment in reversed(people[:people.index(best[2])]):
        room -= len(comment["body"])
        if room < 0:
            break
        if not (len(comment["body"]) <= 300 and CHATTER.search(comment["body"])) and key not in words(comment["body"]):
            earlier.append("\n\nComment: " + comment["body"].strip())
    return {"task": "qa", "question": f"What is the issue with '{meta['title']}' and how was it resolved?",
            "context": context + "".join(reversed(earlier)), "answer": answer}


def record(issue):
    fields = issue["fields"]
    meta = {
        "issue_key": issue["key"], "project": name_of(fields.get("project"), "key"), "title": clean(fields.get("summary")),
        "status": name_of(fields.get("status")), "priority": name_of(fields.get("priority")),
        "reporter": login(fields.get("reporter")), "assignee": login(fields.get("assignee")),
        "created": shown(date_of(fields.get("created"))), "updated": shown(date_of(fields.get("updated"))),
        "resolution": name_of(fields.get("resolution")),
    }
    description = clean(fields.get("description"))
    comments = [{"author": login(c.get("author")), "body": clean(c.get("body")), "at": date_of(c.get("created"))}
                for c in (fields.get("comment") or {}).get("comments", ()) if not c.get("visibility")]
    people = [c for c in comments if c["body"] and c["body"].strip() and not is_bot(c["author"])]
    resolver, resolved = resolution_of(issue, fields)
    told = (description or "").strip()
    return {
        "metadata": meta, "description": description,
        "comments": [{"author": c["author"], "body": c["body"], "created": shown(c["at"])} for c in comments],
        "tasks": {
            "summarization": summarization(meta, told, people) if meta["title"] else None,
            "classification": classification(meta, told, name_of(fields.get("issuetype"))),
            "qa": qa(meta, told, people, resolver, resolved) if meta["title"] else None,
        },
    }


def main(raw, output):
    with open(output, "w", encoding="utf-8") as out:
        for folder in sorted(p for p in pathlib.Path(raw).iterdir() if p.is_dir() and p.name[0] != "_"):
            files = [p for p in folder.iterdir() if p.suffix == ".json" and "." not in p.stem]
            for path in sorted(files, key=lambda p: int(p.stem.rpartition("-")[2])):
                with open(path, "rb") as file:
                    issue = json.load(file)
                if not issue["fields"].get("security"):
                    out.write(json.dumps(record(issue), ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
