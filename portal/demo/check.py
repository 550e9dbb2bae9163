"""`make check`, what concerns the project as a whole."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable

from orders import picture
from portal.demo import translations
from portal.demo.servers import ROOT

# What a portal in production would be started with, as far as `check --deploy` looks at it.
PRODUCTION = {
    "DEMO": "0",
    "DEBUG": "0",
    "SECURE": "1",
    "SITE_URL": "https://portal.example.com",
    "ALLOWED_HOSTS": "portal.example.com",
    "EMAIL_URL": "submission://portal:secret@mail.example.com:587",
}


def manage(*arguments: str, **environment: str) -> list[str]:
    """Runs manage.py; its output is the fault if it fails."""
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return [result.stdout] if result.returncode else []


def migrations() -> list[str]:
    return manage("makemigrations", "--check", "--dry-run")


def project() -> list[str]:
    return manage("check", "--fail-level", "WARNING")


def production() -> list[str]:
    key = secrets.token_urlsafe(50)
    return manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION, SECRET_KEY=key)


def configuration() -> list[str]:
    """Every variable that the settings read is explained, and nothing else is."""
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "portal/settings.py").read_text()))
    told = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))
    return [
        *[f"docs/configuration.md does not explain {name}" for name in sorted(read - told)],
        *[f"docs/configuration.md explains {name}, which nobody reads" for name in sorted(told - read)],
    ]


def locks() -> list[str]:
    """Every locked package has a hash, and no address is named."""
    return [fault for name in ("requirements.lock", "requirements-dev.lock") for fault in lock_faults(name)]


def lock_faults(name: str) -> list[str]:
    text = (ROOT / name).read_text()
    uncommented = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    packages = [part for part in re.split(r"\n(?=\S)", uncommented) if not part.startswith("-")]
    return [
        *[f"{name} names an address: {line}" for line in text.splitlines() if "://" in line or "--" in line[:2]],
        *[f"{name}: no hash for {package.split()[0]}" for package in packages if "--hash=sha256:" not in package],
    ]


CHECKS: list[Callable[[], list[str]]] = [
    migrations,
    project,
    production,
    configuration,
    locks,
    picture.faults,
    translations.faults,
]


def main() -> int:
    failed = False
    for check in CHECKS:
        found = check()
        name = f"{check.__module__.rpartition('.')[2]}.{check.__name__}".removeprefix("__main__.")
        print(f"{name}: {'FAILED' if found else 'ok'}", *found, sep="\n  ", flush=True)
        failed = failed or bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
