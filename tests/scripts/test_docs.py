"""docs/markup.md shows what the cases say."""
import json
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(root, *args):
    return subprocess.run([str(root / "scripts/docs-markup"), *args], capture_output=True, text=True, check=False)


def test_the_page_is_as_the_cases_are():
    done = run(ROOT, "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_construct_is_on_the_page():
    page = (ROOT / "docs/markup.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "tests/cases").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            feature = json.loads(line)["feature"]
            assert f"\n### {feature}\n" in page, f"{path.name}: {feature}"


def test_a_stale_page_is_seen(tmp_path):
    for folder in ("scripts", "tests/cases", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    assert run(tmp_path, "--check").returncode == 0
    cases = tmp_path / "tests/cases/wiki.jsonl"
    first, rest = cases.read_text(encoding="utf-8").split("\n", 1)
    case = json.loads(first)
    case["expected_markdown"] += " and more"
    cases.write_text(json.dumps(case) + "\n" + rest, encoding="utf-8")
    done = run(tmp_path, "--check")
    assert done.returncode == 1 and "scripts/docs-markup" in done.stdout
