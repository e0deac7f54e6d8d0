"""The ADF we write is what Atlassian's own JSON schema allows (npm @atlaskit/adf-schema, used here only).

The documents come from tests/unit/markup/toadf.c: every conformance case read as it is, by way of Markdown and by way
of wiki markup, and random documents. The schema is fetched once into the build folder."""
import json
import subprocess
import warnings

import jsonschema
import pytest

import rig

TOADF = rig.BUILD / "tests/unit/markup/toadf"
PACKAGE = "@atlaskit/adf-schema@57.7.22"
CASES = [p for folder in (rig.ROOT / "tests/cases", rig.REALDATA.parent / "cases")
         for p in (folder / "wiki.jsonl", folder / "adf.jsonl") if p.exists()]


def validator(schema):
    """jsonschema follows every branch of an anyOf to its end, which takes for ever on nested lists; those that are for a node of another
    type cannot hold, and are left out."""
    def types_of(branch):
        if "$ref" in branch:
            return types_of(schema["definitions"][branch["$ref"].split("/")[-1]])
        if "allOf" in branch:
            return next(filter(None, map(types_of, branch["allOf"])), None)
        return branch.get("properties", {}).get("type", {}).get("enum")

    def any_of(checker, branches, instance, parent):
        if isinstance(instance, dict):
            branches = [b for b in branches if instance.get("type") in (types_of(b) or [instance.get("type")])]
        if not any(checker.evolve(schema=b).is_valid(instance) for b in branches):
            yield jsonschema.ValidationError(f"{json.dumps(instance)[:500]} is nothing that may stand here")

    return jsonschema.validators.extend(jsonschema.Draft4Validator, {"anyOf": any_of})(schema)


@pytest.fixture(scope="module")
def schema():
    folder = rig.BUILD / "npm-adf-schema"
    path = folder / "node_modules/@atlaskit/adf-schema/dist/json-schema/v1/full.json"
    if not path.exists():
        try:
            subprocess.run(["npm", "install", "--silent", "--ignore-scripts", "--legacy-peer-deps", "--omit=peer", "--no-audit", "--no-fund",
                            "--prefix", str(folder), PACKAGE], check=True, capture_output=True, timeout=rig.PATIENCE)
        except (OSError, subprocess.SubprocessError) as error:
            warnings.warn(f"ADF IS NOT VALIDATED: npm could not fetch {PACKAGE}: {error}")
            pytest.skip(f"npm could not fetch {PACKAGE}")
    return validator(json.loads(path.read_text(encoding="utf-8")))


def documents(*args):
    done = subprocess.run([str(a) for a in (TOADF, *args)], capture_output=True, env=rig.clean_env(), timeout=rig.PATIENCE)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout.decode("utf-8").splitlines()


def types(node):
    if isinstance(node, dict):
        yield node.get("type")
        for value in node.values():
            yield from types(value)
    elif isinstance(node, list):
        for value in node:
            yield from types(value)


def check(schema, lines):
    """The types of nodes and marks that were seen."""
    seen = set()
    for line in lines:
        doc = json.loads(line)
        seen.update(t for t in types(doc) if isinstance(t, str))
        error = next(schema.iter_errors(doc), None)
        assert error is None, f"{error.message}\n{line[:4000]}"
    return seen


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.parent.name}-{p.stem}")
def test_every_case(schema, path):
    with open(path, encoding="utf-8") as lines:
        cases = sum(1 for line in lines if line.strip())
    got = documents("cases", path)
    assert len(got) == 3 * cases
    seen = check(schema, got)
    assert {"paragraph", "bulletList", "orderedList", "codeBlock", "table", "strong", "link", "code"} <= seen


def test_random_documents(schema):
    count = rig.long_or_short(20_000, 2_000)
    got = documents("random", count)
    assert len(got) == count
    seen = check(schema, got)
    assert {"heading", "taskList", "taskItem", "blockTaskItem", "decisionList", "blockquote", "panel", "expand", "nestedExpand", "tableHeader",
            "mediaSingle", "caption", "mediaInline", "blockCard", "inlineCard", "mention", "emoji", "date", "status", "rule", "hardBreak", "em",
            "strike", "underline", "subsup"} <= seen


@pytest.mark.parametrize("wrong", [
    {"type": "text", "text": ""},
    {"type": "text", "text": "x", "marks": [{"type": "code"}, {"type": "strong"}]},
    {"type": "taskItem", "content": []},
])
def test_the_schema_refuses(schema, wrong):
    """Were it to allow anything, the tests above would say nothing."""
    assert not schema.is_valid({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [wrong]}]})
