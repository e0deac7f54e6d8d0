"""No secret appears in any output, log, state, metric or argv: they are planted in every way to sign in, and looked for."""
import json
import pathlib
import time

import pytest

import rig
import signin
from test_faults import spoil

# Runs beside the scrape's end: its own command line, the scrape's, and the environment of neither.
LOOK = 'tr "\\0" " " </proc/$PPID/cmdline >argv; tr "\\0" " " </proc/$$/cmdline >>argv'


@pytest.fixture
def me(way, box):
    return signin.SignIn(way, box)


EVERY_WAY = pytest.mark.parametrize("way", signin.ways())
WITH_SECRETS = [way for way in signin.ways() if "anonymous" not in way]


def start(me, start_sim, *more, **how):
    return me.start(start_sim, "--generate", "APP:40", "--page-cap", "10", "--embed-comments", "2", "--tune", "rich_cap=10", *more, **how)


def commands(jd):
    """Everything that talks, to the server or about it."""
    yield ("doctor", "--log-level", "debug")
    yield ("config",)
    yield ("config", "--log-level", "debug")
    yield ("scrape", "--projects", "APP", "--dry-run", "--log-level", "debug")
    yield ("state", "show", "--state-dir", jd.state)
    yield ("state", "verify", "--raw-dir", jd.raw, "--state-dir", jd.state)
    yield ("auth", "status")
    yield ("show", "--raw-dir", jd.raw, "--state-dir", jd.state, "APP-1")


def scrape(jd, *args, **how):
    return jd.scrape("--projects", "APP", "--log-level", "debug", "--metrics", jd.box / "m.prom", "--on-finish", LOOK, *args, **how)


@pytest.mark.parametrize("way, layout", [*((way, "files") for way in signin.ways()), ("dc pat", "pack"), ("cloud oauth", "pack")])
def test_a_run_and_all_that_is_said_about_it(me, start_sim, product, layout):
    sim = start(me, start_sim, "--tune", "access_s=1", clock="real")
    jd = me.product(product, sim)
    said = [scrape(jd, "--raw-layout", layout)]
    assert jd.verdict()["projects"][0]["held"] == 40
    assert "scrape" in (jd.box / "argv").read_text()
    said += [jd.run(*command, env={"JIRA_BASE_URL": jd.base_url}) for command in commands(jd)]
    me.assert_unseen(jd, *(text for d in said for text in (d.out, d.err)), sim.log_file.read_bytes())


FAILURES = {"search: 401": 77, "search: 403": 77, "search: 500 html": 69, "search: truncate 80%": 69, "search: drop": 69, "search: login": 69}
TOKEN_FAILURES = {"token: 403": 77, "token: truncate 60%": 69, "token: login": 69, "token: 500": 69, "path accessible: truncate 60%": 69,
                  "path accessible: 403": 77}


@pytest.mark.parametrize("way, script, status", [*((way, *f) for way in WITH_SECRETS for f in FAILURES.items()),
                                                 *(("cloud oauth", *f) for f in TOKEN_FAILURES.items())])
def test_runs_that_fail(me, start_sim, product, script, status):
    sim = start(me, start_sim)
    jd = me.product(product, sim)
    spoil(sim, script)
    done = scrape(jd, expect=status)
    me.assert_unseen(jd, done.out, done.err)


@pytest.mark.parametrize("way", WITH_SECRETS)
def test_secrets_from_files(me, start_sim, product, box):
    """.env, jiraduct.yml and the environment are told apart by `config`, and shown by none."""
    sim = start(me, start_sim)
    jd = me.product(product, sim)
    names = dict(jd.env)
    jd.env = {k: v for k, v in names.items() if not k.startswith("JIRA_")}
    (jd.box / ".env").write_text("".join(f"{k}={v}\n" for k, v in names.items() if k.startswith("JIRA_")))
    done, config = scrape(jd, env={}), jd.run("config", expect=0)
    (jd.box / ".env").unlink()
    me.assert_unseen(jd, done.out, done.err, config.out, config.err)


@pytest.mark.parametrize("way", WITH_SECRETS)
def test_wrong_secrets(me, start_sim, product):
    """What was typed wrong is as secret as what is right."""
    sim = start(me, start_sim)
    jd = me.product(product, sim)
    wrong = {k: v + "-mistyped" for k, v in jd.env.items() if k in ("JIRA_PAT", "JIRA_API_TOKEN")}
    if me.how == "oauth":
        bundle = json.loads(me.file.read_text())
        me.file.write_text(json.dumps({**bundle, "client_secret": bundle["client_secret"] + "-mistyped"}))
    done = scrape(jd, env=wrong, expect=77)
    me.assert_unseen(jd, done.out, done.err)


def test_broken_bundles(start_sim, product, box):
    """What cannot be read is not quoted either."""
    me = signin.SignIn("cloud oauth", box)
    sim = start(me, start_sim)
    jd = me.product(product, sim)
    whole = me.file.read_text()
    for text in (whole[:-5], whole.replace(":", ";"), f'"{signin.REFRESH}"', f"[{whole}", whole.replace('"base_url"', '"other"'),
                 whole.replace(signin.SITE, f"https://me:{signin.CLIENT_SECRET}@jira.example.org"),
                 whole.replace(sim.root, f"http://me:{signin.CLIENT_SECRET}@127.0.0.1:1")):
        me.file.write_text(text)
        done = jd.run(*jd.scrape_args("--projects", "APP", "--log-level", "debug"))
        assert done.status != 0
        said = done.out + done.err + "".join(p.read_text("latin-1") for p in jd.box.rglob("*") if p.is_file())
        for secret in me.planted:
            assert secret not in said, f"{secret} was said of {text}: {done.err}"


def test_an_address_with_a_password_is_not_repeated(start_sim, product, box):
    me = signin.SignIn("dc basic", box)
    sim = start(me, start_sim)
    jd = product(base_url=f"http://me:{signin.PASSWORD}@{sim.host}/jira")
    for args in (jd.scrape_args("--projects", "APP", "--log-level", "debug"), ("doctor", "--base-url", jd.base_url)):
        done = jd.run(*args)
        assert done.status == 78, done.err
        me.assert_unseen(jd, done.out, done.err)
    done = jd.run("config", env={"JIRA_BASE_URL": jd.base_url})
    me.assert_unseen(jd, done.out, done.err)


@EVERY_WAY
def test_the_command_line_while_it_runs(me, start_sim, product):
    sim = start(me, start_sim)
    jd = me.product(product, sim)
    run = jd.popen(*jd.scrape_args("--projects", "APP", "--delay", "0.2"), stdout=-3, stderr=-3)
    end = time.monotonic() + rig.PATIENCE
    while not [r for r in sim.requests_seen() if "search" in r["path"]] and time.monotonic() < end:
        time.sleep(0.01)
    argv = pathlib.Path(f"/proc/{run.pid}/cmdline").read_bytes()
    run.kill()
    run.wait()
    assert b"scrape" in argv
    me.assert_unseen(jd, argv)
