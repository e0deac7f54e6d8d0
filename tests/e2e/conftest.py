import itertools
import os
import shutil
import subprocess

import pytest

import pg
import rig


def pytest_configure(config):
    config.addinivalue_line("markers", "smoke: fast enough for a sanitizer build in CI")
    missing = [str(p) for p in (rig.JIRADUCT, rig.JIRASIM) if not p.exists()]
    if missing:
        pytest.exit(f"not built: {', '.join(missing)} (run make, or set JD_BUILD)", returncode=2)


def pytest_sessionfinish(session, exitstatus):
    """All at the end, and only when nothing failed: mass deletion makes later creation slow on ext4."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if exitstatus == 0 and factory is not None and factory._basetemp is not None:
        shutil.rmtree(factory.getbasetemp(), ignore_errors=True)


@pytest.fixture
def box(tmp_path):
    return tmp_path


@pytest.fixture
def start_sim(tmp_path):
    """start_sim(*options): jirasim on a free port, stopped at the end."""
    sims, count = [], itertools.count()

    def start(*args, **how):
        folder = tmp_path / f"sim{next(count)}"
        folder.mkdir()
        sims.append(rig.Sim(folder, *args, **how))
        return sims[-1]

    yield start
    died = [s.process.returncode for s in sims if not s.stopped and s.process.poll() is not None]
    for sim in sims:
        sim.stop()
    assert not died, f"jirasim died during the test: {died}"


@pytest.fixture
def product(tmp_path):
    """product(sim): jiraduct with empty folders, pointed at that jirasim."""
    count = itertools.count()

    def make(sim=None, base_url=None):
        return rig.Product(tmp_path / f"jd{next(count)}", base_url or (sim.url if sim else None))

    return make


@pytest.fixture
def small_disk(tmp_path):
    """small_disk(megabytes, read_only=False): a file system of its own, or a skip that says why not."""
    mounts = []

    def mount(megabytes, read_only=False):
        where = tmp_path / f"disk{len(mounts)}"
        where.mkdir()
        options = f"size={megabytes}m" + (",ro" if read_only else "")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", where], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"a small file system cannot be mounted here (uid {os.getuid()}): {done.stderr.strip()}")
        mounts.append(where)
        return where

    yield mount
    for where in mounts:
        subprocess.run(["umount", "-l", where], check=False)


@pytest.fixture(scope="session")
def postgres():
    """A private PostgreSQL, started when a test first wants it."""
    server = pg.Postgres()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def warehouse(request, tmp_path):
    """An empty warehouse of either kind (rig.Warehouse): url, query, dump."""
    if request.param == "sqlite":
        return rig.Warehouse(tmp_path / "warehouse.db")
    return rig.Warehouse(None, request.getfixturevalue("postgres"))
