"""The embedded PostgreSQL and Redis: they come up anywhere, and nothing of them stays."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from portal import settings
from portal.demo import servers

pytestmark = pytest.mark.xdist_group("servers")
ASK = """
import os, psycopg2, redis
cursor = psycopg2.connect(os.environ["DATABASE_URL"]).cursor()
cursor.execute("SHOW server_version_num")
print(cursor.fetchone()[0], redis.Redis.from_url(os.environ["REDIS_URL"]).ping(), flush=True)
"""


@pytest.fixture(autouse=True)
def _environment_is_put_back() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def bare() -> None:
    """An environment that names no server."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place for data; not in pytest's own folder, which each run of pytest closes to other users."""
    with tempfile.TemporaryDirectory(prefix="obok-test-") as name:
        yield Path(name) / "data"


def left_of(folder: Path) -> list[psutil.Process]:
    """The processes that work in a folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if str(folder) in " ".join([*(process.info["cmdline"] or []), process.info["cwd"] or ""]):
            found.append(process)
    return found


def staying(folder: Path) -> list[psutil.Process]:
    """Those that do not end: PostgreSQL is still on its way out when it says that it stopped."""
    _, left = psutil.wait_procs(left_of(folder), timeout=10)
    return [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def run(bare: None, folder: Path) -> Iterator[Callable[[str], subprocess.Popen]]:
    """Runs Python code beside embedded servers, as `make test` does."""
    with ExitStack() as stack:
        yield lambda code: stack.enter_context(_run(folder, code))


def _run(folder: Path, code: str) -> subprocess.Popen:
    program = (
        f"import sys; from pathlib import Path; from portal.demo import servers;"
        f"servers.TEST_FOLDER = Path({str(folder)!r}); sys.exit(servers.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "--test", "--", sys.executable, "-u", "-c", code]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, preexec_fn=heed_ctrl_c
    )  # fmt: skip


def heed_ctrl_c() -> None:
    """What a shell starts in the background ignores SIGINT, and so would all that these tests start there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_command_finds_both_servers_and_nothing_stays(run, folder):
    process = run(ASK)
    answer, _ = process.communicate(timeout=60)
    version, ping = answer.split()
    assert int(version) >= 180_000
    assert ping == "True"
    assert process.returncode == 0
    assert staying(folder) == []


@pytest.mark.parametrize("name", ["a folder with spaces", "x" * 120])
def test_any_folder_will_do(bare, folder, name):
    with servers.servers(folder / name, quick=True):
        with psycopg2.connect(os.environ["DATABASE_URL"]) as connection:
            assert connection.info.dbname == "obok"
        assert redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
    assert staying(folder / name) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_command_and_servers(run, folder, number):
    process = run(ASK + "import time; time.sleep(60)")
    assert process.stdout.readline()
    process.send_signal(number)
    assert process.wait(timeout=60) in (1, 130, 143)
    assert staying(folder) == []


def test_status_of_the_command_is_handed_on(run):
    process = run("raise SystemExit(7)")
    assert process.wait(timeout=60) == 7


def test_servers_of_a_killed_run_are_taken_over_with_their_data(run, folder):
    create = "cursor.execute('CREATE TABLE kept ()'); cursor.connection.commit()"
    process = run(ASK + create + "; print('made', flush=True); import time; time.sleep(3)")
    assert [process.stdout.readline() for _ in range(2)][1] == "made\n"
    process.kill()
    process.wait()
    assert left_of(folder) != []
    with servers.servers(folder, quick=True), psycopg2.connect(os.environ["DATABASE_URL"]) as connection:
        connection.cursor().execute("SELECT * FROM kept")
    assert [left for left in staying(folder) if "postgres" in left.name() or "redis" in left.name()] == []


def test_second_run_shares_the_servers_of_the_first(bare, folder):
    with servers.servers(folder) as first:
        url = os.environ["DATABASE_URL"]
        del os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
        with servers.servers(folder) as second:
            assert (first, second) == (True, False)
            assert os.environ["DATABASE_URL"] == url
        psycopg2.connect(url).close()


def test_servers_in_the_environment_are_used(folder):
    before = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    with servers.servers(folder):
        assert (os.environ["DATABASE_URL"], os.environ["REDIS_URL"]) == before
    assert not (folder / "pg").exists()
    assert not (folder / "redis").exists()


def test_server_that_does_not_answer_is_told(monkeypatch, folder):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(SystemExit, match="DATABASE_URL names a server that does not let us in"):
        with servers.servers(folder):
            pass


def test_broker_that_does_not_answer_is_told(monkeypatch, folder):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    with pytest.raises(SystemExit, match="REDIS_URL names a server that does not answer"):
        with servers.servers(folder):
            pass


def test_old_server_is_told(monkeypatch, folder):
    monkeypatch.setattr(servers, "OLDEST_POSTGRES", 99)
    with pytest.raises(SystemExit, match="the portal needs 99 or newer"):
        with servers.servers(folder):
            pass


def test_secret_key_is_the_one_that_production_refuses():
    assert servers.SECRET_KEY == settings.DEMO_SECRET_KEY


def test_second_test_run_waits(run):
    first = run(ASK + "import time; time.sleep(1); print(time.time(), flush=True)")
    assert first.stdout.readline()
    second = run("import time; print(time.time())")
    started = float(second.communicate(timeout=60)[0])
    assert started > float(first.communicate(timeout=60)[0])
