"""scripts/floors finds what it is there to find, and nothing in clean code."""
import pathlib
import subprocess

import pytest

FLOORS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "floors"


def run(root):
    done = subprocess.run([FLOORS, root], capture_output=True, text=True)
    return done.returncode, done.stdout


def plant(root, where, text):
    file = root / where
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_clean_code_passes(tmp_path):
    plant(tmp_path, "src/jira/a.c", '#include "jira/a.h"\n\n#include "net/http.h"\n\n#include <string.h>\n'
          "/* strcpy(a, b) in a comment */\nconst char *s = \"system(1) getenv(2)\";\n"
          "int f(void *a)\n{\n    return a->read(a) + json_open(a);\n}\n")
    assert run(tmp_path) == (0, "floors: 1 files, 0 breaches\n")


@pytest.mark.parametrize("where,text,line,word", [
    ("src/text/a.c", '\n#include "net/http.h"\n', 2, "may not look up"),
    ("src/model/a.h", '#include "sys/file.h"\n', 1, "may not look up"),
    ("src/base/a.c", '#include "str.h"\n', 1, 'write includes as'),
    ("src/flow/a.c", '#include "sim/store.h"\n', 1, "does not know the stand-in"),
    ("sim/a.c", '#include "text/date.h"\n', 1, "sim/ may not use"),
    ("src/flow/a.c", "#include <curl/curl.h>\n", 1, "belongs to net"),
    ("src/net/a.h", "#include <curl/curl.h>\n", 1, "in a header"),
    ("src/net/a.c", "#include <glib.h>\n", 1, "a stranger"),
    ("src/corpus/a.c", "int f(void)\n{\n    return open(p, 0);\n}\n", 3, "is pure"),
    ("src/text/a.c", "long f(void)\n{\n    return time(0);\n}\n", 3, "is pure"),
    ("src/flow/a.c", "void f(char *a)\n{\n    strcpy(a, b);\n}\n", 3, "no bound"),
    ("src/flow/a.c", "void f(void)\n{\n    getenv(a);\n}\n", 3, "passed in"),
    ("src/cli/a.c", "void f(void)\n{\n    system(a);\n}\n", 3, "runs a shell"),
    ("src/sys/a.c", "void *f(void)\n{\n    return malloc(1);\n}\n", 3, "jd_xmalloc"),
    ("src/attic/a.c", "int x;\n", 1, "stands on no floor"),
    ("src/sys/a.c", "int x;\n" * 801, 1, "is it two ideas"),
    ("src/sys/a.c", "int f(void)\n{\n" + "    g();\n" * 130 + "}\n", 2, "a function of"),
])
def test_a_planted_breach_is_found(tmp_path, where, text, line, word):
    plant(tmp_path, where, text)
    status, out = run(tmp_path)
    assert status == 1
    assert f"{where}:{line}: " in out and word in out
    assert "1 files, 1 breaches" in out


def test_a_reason_excuses_length_and_nothing_else(tmp_path):
    plant(tmp_path, "src/sys/a.c", "/* Long because one table. */\n" + "int x;\n" * 801)
    assert run(tmp_path)[0] == 0


def test_no_files_is_no_pass(tmp_path):
    assert run(tmp_path)[0] == 1
