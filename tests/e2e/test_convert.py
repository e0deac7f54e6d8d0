"""convert: a Unix filter between the four forms of rich text."""
import gzip
import json
import subprocess

import pytest

import rig

WIKI = "h2. Title\n\nSome *strong* text by [~mia].\n\n* one\n* two\n\n{code:java}\nint x;\n{code}\n"
MARKDOWN = "## Title\n\nSome **strong** text by @mia.\n\n- one\n- two\n\n```java\nint x;\n```\n"
TEXT = "Title\n\nSome strong text by @mia.\n\n- one\n- two\n\nint x;\n"
ADF = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [
    {"type": "text", "text": "one "}, {"type": "text", "text": "two", "marks": [{"type": "strong"}]}]}]}


def convert(*args, stdin=b"", expect=0):
    """(stdout, stderr) as text; stdin is given as it is."""
    done = subprocess.run([str(rig.JIRADUCT), "convert", *map(str, args)], input=stdin, capture_output=True,
                          env=rig.clean_env(), timeout=rig.PATIENCE)
    assert done.returncode == expect, f"exit {done.returncode}, not {expect}: {done.stderr.decode()[-2000:]}"
    return done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


@pytest.mark.smoke
@pytest.mark.parametrize("args,stdin,out", [
    ((), WIKI, MARKDOWN),
    (("-",), WIKI, MARKDOWN),
    (("--from", "wiki", "--to", "text"), WIKI, TEXT),
    (("--from", "markdown", "--to", "wiki"), "a **b** `c`", "a *b* {{c}}\n"),
    (("--from", "markdown", "--to", "text"), MARKDOWN, TEXT),
    (("--from", "text"), "*not strong* #1", "\\*not strong\\* #1\n"),
    (("--from", "wiki"), json.dumps(ADF), None),
    ((), json.dumps(ADF), "one **two**\n"),
    (("--to", "text"), json.dumps(ADF), "one two\n"),
    (("--to", "text"), "", "\n"),
    (("--to", "text"), "\n\n  \n", "\n"),
])
def test_from_standard_input(args, stdin, out):
    got, err = convert(*args, stdin=stdin.encode())
    assert got.endswith("\n") and not got.endswith("\n\n") and err == ""
    if out is None:
        assert "paragraph" in got, "wiki was said, so it is text"
    else:
        assert got == out


def test_adf_out_is_a_document_on_one_line():
    got, _ = convert("--from", "markdown", "--to", "adf", stdin=b"one **two**")
    assert got.count("\n") == 1
    doc = json.loads(got)
    assert (doc["type"], doc["version"]) == ("doc", 1)
    assert doc["content"] == ADF["content"]
    assert convert("--to", "markdown", stdin=got.encode())[0] == "one **two**\n"


def test_files_in_order_with_an_empty_line_between(box):
    (box / "a.txt").write_text("*a*")
    (box / "b.txt").write_text("b\n\n\n")
    assert convert(box / "a.txt", "-", box / "b.txt", stdin=b"_c_")[0] == "**a**\n\n*c*\n\nb\n"
    lines = convert("--to", "adf", box / "a.txt", box / "b.txt")[0].splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["doc", "doc"]


def test_what_is_no_text_is_mended():
    got, _ = convert("--from", "wiki", stdin=b"a\x00b\xff\x1b[31mc\r\nd\x07")
    assert got == "ab\ufffdc\\\nd\n"


def test_a_field_of_each_line_and_the_rest_as_it_is():
    lines = ['{"a": 1.0,  "fields":{"description":"*x* \\u00e9","n":1e3, "é":"\\/"} , "z":[ ] }',
             '{"fields":{"description":null}}',
             '{"fields":{"description":7,"x":"*y*"}}',
             '{"fields":7}',
             '{"fields":[{"description":"_a_"},{"description":"_b_"}]}',
             "{}",
             json.dumps({"fields": {"description": ADF}}, separators=(",", ":"))]
    got, err = convert("--jsonl", "fields.description", stdin="\n".join(lines).encode())
    want = list(lines)
    want[0] = lines[0].replace('"*x* \\u00e9"', '"**x** é"')
    want[4] = '{"fields":[{"description":"*a*"},{"description":"*b*"}]}'
    want[6] = '{"fields":{"description":"one **two**"}}'
    assert got == "\n".join(want) + "\n" and err == ""


def test_comments_become_documents(box):
    issue = {"key": "A-1", "fields": {"comment": {"comments": [{"body": "*x*", "id": "1"}, {"body": "y", "id": "2"}]}}}
    path = box / "issues.jsonl.gz"
    path.write_bytes(gzip.compress((json.dumps(issue) + "\n").encode() * 3))
    got, _ = convert("--to", "adf", "--jsonl", "fields.comment.comments.body", path)
    rows = [json.loads(line) for line in got.splitlines()]
    assert len(rows) == 3
    for row in rows:
        bodies = [c.pop("body") for c in row["fields"]["comment"]["comments"]]
        assert [b["type"] for b in bodies] == ["doc", "doc"]
        assert bodies[0]["content"][0]["content"] == [{"type": "text", "text": "x", "marks": [{"type": "strong"}]}]
        assert [c["id"] for c in row["fields"]["comment"]["comments"]] == ["1", "2"]


@pytest.mark.parametrize("line", ["no json", "[1]", '{"a":"*x*"', '"a"', '{"a":"x"} y', '{"b":"x",}'])
def test_a_line_that_is_no_object_is_named(line):
    out, err = convert("--jsonl", "a", stdin=f'{{"a":"*x*"}}\n{line}\n{{"a":"y"}}\n'.encode(), expect=65)
    assert out == '{"a":"**x**"}\n' and "standard input:2" in err


def test_wrong_use():
    assert "like" in convert("--from", "html", expect=64)[1] or "adf" in convert("--from", "html", expect=64)[1]
    for field in ("", "a..b"):
        assert "--jsonl" in convert("--jsonl", field, expect=64)[1]


def test_a_file_that_is_not_there(box):
    out, err = convert(box / "none.txt", expect=66)
    assert out == "" and "none.txt" in err


def test_too_large_says_what_to_do(box):
    path = box / "big.txt"
    with open(path, "wb") as f:
        f.truncate((128 << 20) + 1)
    out, err = convert(path, expect=65)
    assert out == "" and "128 MiB" in err and "--jsonl" in err
    with open(path, "rb") as f:
        done = subprocess.run([str(rig.JIRADUCT), "convert", "--jsonl", "a"], stdin=f, capture_output=True, env=rig.clean_env(), timeout=rig.PATIENCE)
    assert done.returncode == 65 and b"longer than" in done.stderr


def test_warnings_are_counted_by_kind():
    def text(words, href):
        return {"type": "text", "text": words, "marks": [{"type": "link", "attrs": {"href": href}}]}
    doc = {"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [text("a", "javascript:alert(1)"), text("b", "https://x.y/"), text("c", " DATA:x")]},
        {"type": "bogusNode", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "kept"}]}]}]}
    stdin = json.dumps(doc).encode()
    plain, err = convert(stdin=stdin)
    assert plain == "a[b](https://x.y/)c\n\nkept\n" and err == ""
    out, err = convert("--warnings", stdin=stdin)
    counted = dict(line.split(": ", 1)[1].rsplit(": ", 1) for line in err.splitlines())
    assert out == plain and counted == {"link that runs code or carries data, kept as text": "2", "unknown node, kept as its content": "1"}
    lines = b'{"a":' + stdin + b'}\n' + b'{"a":"{quote}x"}\n{"a":"{quote}y"}\n'
    counted = dict(line.split(": ", 1)[1].rsplit(": ", 1) for line in convert("--warnings", "--jsonl", "a", stdin=lines)[1].splitlines())
    assert counted["macro without an end"] == "2" and counted["unknown node, kept as its content"] == "1"


def test_a_reader_that_has_seen_enough_is_no_failure():
    line = json.dumps({"a": "*x* " * 500}) + "\n"
    convert_ = subprocess.Popen([str(rig.JIRADUCT), "convert", "--jsonl", "a"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=rig.clean_env())
    try:
        convert_.stdout.close()
        try:
            for _ in range(2000):
                convert_.stdin.write(line.encode())
            convert_.stdin.close()
        except BrokenPipeError:
            pass
        assert convert_.stderr.read() == b"" and convert_.wait(timeout=rig.PATIENCE) == 0
    finally:
        convert_.kill()


def test_tangled_markdown_ends_soon_and_says_so():
    text = b"> " * 100_000 + b"\na" * 100_000
    out, err = convert("--from", "markdown", "--to", "text", "--warnings", stdin=text)
    assert "too tangled" in err and out.count("a") == 100_000
