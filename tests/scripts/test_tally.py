"""scripts/tally counts cases, and never calls a dead program or an empty run a pass."""
import json
import pathlib
import subprocess

TALLY = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "tally"


def tally(*args):
    done = subprocess.run([TALLY, *map(str, args)], capture_output=True, text=True)
    return done.returncode, done.stdout.strip()


def meson(folder, *tests):
    (folder / "unit.json").write_text("".join(json.dumps(t) + "\n" for t in tests))


def test_cmocka_cases_count_one_by_one(tmp_path):
    meson(tmp_path,
          {"name": "a", "result": "OK", "stdout": "[       OK ] x\n", "stderr": "[  PASSED  ] 12 test(s).\n"},
          {"name": "b", "result": "FAIL", "stdout": "",
           "stderr": "[  PASSED  ] 3 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n"
                     "[  SKIPPED ] z\n[  FAILED  ] 2 test(s), listed below:\n[  FAILED  ] y\n"})
    assert tally(tmp_path) == (1, "15 passed, 2 failed, 1 skipped")


def test_a_program_that_died_is_a_failure(tmp_path):
    meson(tmp_path, {"name": "a", "result": "TIMEOUT", "stdout": "[       OK ] x\n[       OK ] y\n"})
    assert tally(tmp_path) == (1, "2 passed, 1 failed")


def test_a_sanitizer_after_the_last_case_is_a_failure(tmp_path):
    meson(tmp_path, {"name": "a", "result": "FAIL", "stderr": "[  PASSED  ] 2 test(s).\nLeakSanitizer: …\n",
                     "stdout": "[       OK ] x\n[       OK ] y\n"})
    assert tally(tmp_path) == (1, "2 passed, 1 failed")


def test_junit_and_saved_sums_add_up(tmp_path):
    (tmp_path / "e2e.xml").write_text(
        '<testsuites><testsuite><testcase name="a"/><testcase name="b"><skipped/></testcase>'
        '<testcase name="c"><failure/></testcase><testcase name="d"><error/></testcase></testsuite></testsuites>')
    (tmp_path / "x.tally").write_text("5 0 1\n")
    assert tally("--save", tmp_path / "sum", tmp_path) == (1, "6 passed, 2 failed, 2 skipped")
    assert (tmp_path / "sum").read_text() == "6 2 2\n"


def test_nothing_run_is_no_pass(tmp_path):
    assert tally(tmp_path) == (1, "0 passed, 0 failed")
