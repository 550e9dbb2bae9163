"""`make demo`: the whole portal on this machine, with demo data.

PORT=8000    where it listens, on 127.0.0.1
RESET=1      forgets everything of earlier runs first
"""

import hashlib
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from honcho.environ import parse_procfile
from honcho.manager import Manager

from portal.demo.register import FREE_SERIALS
from portal.demo.servers import DEMO_FOLDER, ROOT, Unusable, servers, stop_on_sigterm

PATIENCE_SECONDS = 60


def main() -> int:
    os.chdir(ROOT)
    stop_on_sigterm()
    try:
        port = _free_port(os.environ.get("PORT") or "8000")
        if os.environ.get("RESET", "0") not in ("", "0"):
            _reset()
        with servers() as ours:
            _refuse_second(ours)
            return _run(port)
    except KeyboardInterrupt:
        return 130


def _free_port(text: str) -> int:
    """The port to listen on. Ends the program with a sentence where that is impossible."""
    if not (text.isdigit() and 0 < int(text) < 65536):
        raise Unusable(f"PORT is {text}, which is no port number. Try PORT=8001 make demo")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            raise Unusable(f"Port {text} cannot be used ({error.strerror}). Try PORT=8001 make demo") from None
    return int(text)


def _reset() -> None:
    """Removes what earlier runs left in `.local/`; refuses where the database is somebody else's."""
    if "DATABASE_URL" in os.environ:
        raise Unusable("RESET=1 empties the demo's own database only, but DATABASE_URL names another. Unset one.")
    with servers() as ours:  # takes over what a killed run left, and stops it
        _refuse_second(ours)
    del os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    for name in ("pg", "redis", "media", "outbox", "beat", "demo.json"):
        path = DEMO_FOLDER / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _refuse_second(ours: bool) -> None:
    if not ours:
        raise Unusable("The demo runs already from this folder. End that one first.")


def _run(port: int) -> int:
    url = f"http://127.0.0.1:{port}/"
    os.environ |= {
        "PORT": str(port),
        "SITE_URL": url.rstrip("/"),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        # So that the address and the accounts stay in sight.
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    (DEMO_FOLDER / "demo.json").unlink(missing_ok=True)
    accounts = _prepare()
    manager = Manager()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command)
    threading.Thread(target=_announce, args=(url, accounts), daemon=True).start()
    manager.loop()
    # Nothing may interrupt the servers' orderly end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    asked = manager.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)
    return 0 if asked else manager.returncode or 0


def _prepare() -> list[dict[str, str]]:
    """Database, static files and demo data, in one process for speed. Returns the demo's accounts."""
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command
    from django.db import connections

    try:
        django.setup()
        from portal.startup import check_libraries

        check_libraries()
    except ImproperlyConfigured as error:
        raise Unusable(str(error)) from None
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable")
    _collect_static()
    from portal.demo import data

    data.main()
    accounts = data.accounts_there()
    if len(accounts) < len(data.ACCOUNTS):
        print("The data of an earlier version is kept. RESET=1 make demo forgets it and tells the new story.")
    connections.close_all()
    return accounts


def _collect_static() -> None:
    """Collects and compresses the static files, unless they are the same as last time."""
    from django.conf import settings
    from django.core.management import call_command

    note = Path(settings.STATIC_ROOT) / ".fingerprint"
    fingerprint = _fingerprint()
    if not (note.exists() and note.read_text() == fingerprint):
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        note.write_text(fingerprint)


def _fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            with storage.open(path) as file:
                digest.update(path.encode() + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def _announce(url: str, accounts: list[dict[str, str]]) -> None:
    """Waits until all parts are well, then says so, on the screen and in `.local/demo.json`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    state: Any = "no answer"
    while time.monotonic() < deadline:
        state = _health(url)
        if state is None:
            break
        time.sleep(0.2)
    else:
        print(f"The portal is not ready after {PATIENCE_SECONDS} seconds: {state}", flush=True)
        return
    demo = {"url": url, "mailbox": f"{url}demo/mailbox/", "accounts": accounts}
    (DEMO_FOLDER / "demo.json").write_text(json.dumps(demo, ensure_ascii=False, indent=2) + "\n")
    print(_welcome(demo), flush=True)


def _health(url: str) -> str | None:
    """None when all is well, otherwise what is not."""
    try:
        with urllib.request.urlopen(f"{url}health/", timeout=5):
            return None
    except urllib.error.HTTPError as error:
        return error.read().decode(errors="replace")
    except OSError as error:
        return str(error)


def _welcome(demo: dict[str, Any]) -> str:
    width = max(len(account["email"]) for account in demo["accounts"])
    lines = [
        f"  {account['role']:8}  {account['email']:{width}}  {account['password']}  {account['about']}"
        for account in demo["accounts"]
    ]
    return "\n".join(
        [
            "",
            f"Ready {demo['url']}",
            *lines,
            f"  Sent e-mails and SMS: {demo['mailbox']}",
            "  Heat pumps that nobody has registered yet:",
            *(f"    {_nameplates(device)}" for device in FREE_SERIALS),
            "  Ctrl-C ends it.",
            "",
        ]
    )


def _nameplates(device: dict[str, Any]) -> str:
    return f"{device['kind']}: " + ", ".join(f"{model} {serial}" for model, serial in device["units"])


if __name__ == "__main__":
    sys.exit(main())
