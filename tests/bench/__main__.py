"""`make bench`: how fast the portal is, as ratios taken in one run. One JSON object a line; docs/bench.md explains.

ARGS="--only pages --rounds 9" chooses a part, and how often each page is measured in turn with the bare Django.
"""

import argparse
import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import django

from tests.bench.load import HOST, Server, rate

CLIENTS = 8
# Short turns: on a machine that does other things too, both sides meet the same of it.
SECONDS = 0.4
DEVICES = 200
IMPORT_LINES = 50_000
PHOTOS = 60
GOALS = {
    "start page": 0.4, "device page": 0.4, "order page": 0.4,
    "list of 2,000 orders": 0.4, "order with 60 photos": 0.4,
}  # fmt: skip


def tell(**figures: Any) -> None:
    print(json.dumps(figures), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "DEBUG": "0", "LOG_LEVEL": "WARNING"}
    # The servers have the same key, so a session that is made here is one of theirs.
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("MEDIA_ROOT", "STATIC_ROOT", "OUTBOX_FOLDER"):
            os.environ[name] = str(Path(folder) / name)
        django.setup()
        with database():
            for name in arguments.only or PARTS:
                PARTS[name](arguments.rounds)


@contextmanager
def database() -> Iterator[None]:
    """A fresh database beside the one in DATABASE_URL; the environment names it, so servers find it."""
    from django.db import connection, connections

    before, url = connection.settings_dict["NAME"], urlsplit(os.environ["DATABASE_URL"])
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    os.environ["DATABASE_URL"] = urlunsplit(url._replace(path=f"/{quote(name)}"))
    try:
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(before, verbosity=0)
        os.environ["DATABASE_URL"] = urlunsplit(url)


@contextmanager
def served(application: str, **environment: str) -> Iterator[Server]:
    """Two sync workers of gunicorn with the settings of production, on a free port of 127.0.0.1."""
    production = {
        "DEMO": "0",
        "SECURE": "1",
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
    }
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "--workers", "2", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--log-level", "warning"], env=os.environ | production | environment)
    try:
        _wait_for(port, process)
        yield Server(port)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(300):
        try:
            Server(port).ask("/")
            return
        except (OSError, IndexError):
            time.sleep(0.1)
        if process.poll() is not None:
            break
    raise RuntimeError("the server does not start")


def sign_in(server: Server, email: str, password: str) -> None:
    """Through the real page; the server's cookies are kept."""
    _, head, page = server.ask("/sign-in/")
    server.cookies |= _cookies(head)
    token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    form = {"login": email, "password": password, "csrfmiddlewaretoken": token[1].decode()}
    headers = f"Content-Type: application/x-www-form-urlencoded\r\nReferer: https://{HOST}/sign-in/\r\n"
    _, head, _ = server.ask("/sign-in/", method="POST", body=urlencode(form).encode(), headers=headers)
    server.cookies |= _cookies(head)
    assert any("session" in name for name in server.cookies), head


def bare_session(person: Any) -> str:
    """The key of a session that the bare Django takes: it has no page to sign in."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _cookies(head: str) -> dict[str, str]:
    return dict(re.findall(r"^Set-Cookie: ([\w-]+)=([^;\r]*)", head, re.MULTILINE | re.IGNORECASE))


# The parts


def pages(rounds: int) -> None:
    """Each page in turn with the bare view; the ratio is the median over the rounds."""
    from tests import factories
    from tests.bench.account import fill

    person = factories.person(phone="+48601234567")
    owner = factories.customer(members=[person], kind="association", tax_number="9991234010")
    order = fill(owner, person, DEVICES)[DEVICES // 2]
    beside_bare(person, rounds, {
        "start page": "/devices/",
        "device page": f"/devices/{order.device_id}/",
        "order page": f"/orders/{order.pk}/",
        "list of orders": "/orders/",
        "list of sites": "/sites/",
    })  # fmt: skip


def orders(rounds: int) -> None:
    """The list of a customer with 2,000 orders, and an order with 60 photos."""
    from tests import factories
    from tests.bench.account import fill, fill_services, with_photos

    person = factories.person(phone="+48601234567")
    owner = factories.customer(members=[person], kind="association", tax_number="9991234010")
    services = fill_services(person, fill(owner, person, DEVICES), factories.able_partner())
    order = with_photos(services[-1], PHOTOS)
    beside_bare(person, rounds, {"list of 2,000 orders": "/orders/", "order with 60 photos": f"/orders/{order.pk}/"})


def beside_bare(person: Any, rounds: int, addresses: dict[str, str]) -> None:
    """Measures these pages, as this person sees them, in turn with the bare view."""
    from django.core.management import call_command
    from django.db import connections

    from tests import factories

    call_command("collectstatic", interactive=False, verbosity=0)
    with connections["default"].cursor() as cursor:
        # As autovacuum leaves a database in which people work: rows written in bulk wait beside their index else.
        cursor.execute("VACUUM ANALYZE")
    connections.close_all()
    with ExitStack() as stack:
        portal = stack.enter_context(served("portal.wsgi"))
        bare = stack.enter_context(served("tests.bench.bare_wsgi", DJANGO_SETTINGS_MODULE="tests.bench.bare"))
        sign_in(portal, person.email, factories.PASSWORD)
        bare.cookies = {"sessionid": bare_session(person)}
        for figures in measured(portal, bare, addresses, rounds):
            tell(**figures)


def measured(portal: Server, bare: Server, addresses: dict[str, str], rounds: int) -> Iterator[dict[str, Any]]:
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in addresses}
    for number in range(rounds + 1):
        for name, path in addresses.items():
            theirs = rate(bare, "/", seconds=SECONDS, clients=CLIENTS)
            ours = rate(portal, path, seconds=SECONDS, clients=CLIENTS)
            if number:  # the first round only warms up
                rates[name].append((theirs, ours))
    for name, pairs in rates.items():
        yield {
            "what": name,
            "ratio": round(statistics.median(ours / theirs for theirs, ours in pairs), 3),
            **({"goal": GOALS[name]} if name in GOALS else {}),
            "per_second": round(statistics.median(ours for _, ours in pairs)),
            "bare_per_second": round(statistics.median(theirs for theirs, _ in pairs)),
        }


def weight(_rounds: int) -> None:
    """What a first visit loads: the landing page and all that it names, as the server sends them."""
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    with served("portal.wsgi") as server:
        sizes = dict(_loaded(server))
    total = sum(sizes.values())
    tell(what="first visit", kilobytes=round(total / 1000, 1), goal=150, ratio=round(total / 150_000, 3), parts=sizes)


def _loaded(server: Server) -> Iterator[tuple[str, int]]:
    accepts = "Accept-Encoding: gzip, br\r\n"
    _, _, page = server.ask("/", headers=accepts)
    yield "page", len(page)
    for path in sorted(set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', page))):
        status, _, body = server.ask(path.decode(), headers=accepts)
        assert status == 200, path
        yield re.sub(r"\.[0-9a-f]{12}\.", ".", path.decode().rpartition("/")[2]), len(body)


def table_import(_rounds: int) -> None:
    """A CSV file with 50,000 units: read, checked, checked again, and written, as the back office does."""
    from devices import imports
    from devices.actions import import_table
    from devices.models import Product, Unit
    from portal.demo import register
    from portal.files.inspect import Inspected
    from portal.files.store import keep_inspected
    from tests import factories

    clerk = factories.person(is_staff=True)
    products = keep_inspected(Inspected("p.csv", "csv", "text/csv", None, register.products_csv()))
    import_table(products, Product, by=clerk)
    today = date(2026, 1, 1)
    rows = list(register.lines(IMPORT_LINES, first=today - timedelta(days=2000), last=today, seed=1))
    document = keep_inspected(Inspected("u.csv", "csv", "text/csv", None, register.units_csv(rows)))

    def run() -> None:
        with document.file.open("rb") as file:
            imports.check(imports.read(file.read(), Unit), Unit)
        import_table(document, Unit, by=clerk)

    seconds = timed(run)
    tell(what="import of 50,000 lines", seconds=round(seconds, 1), goal=60, ratio=round(seconds / 60, 3))


def pdf(rounds: int) -> None:
    """A device's data sheet in turn with a page of WeasyPrint that holds the same words without a look."""
    from weasyprint import HTML

    from devices import presenters
    from devices.models import Device
    from portal.pdf import render_pdf
    from tests import factories

    device = Device.objects.for_list().get(pk=factories.device(kind="split").pk)
    context = {
        "device": device,
        "facts": presenters.device_facts(device, {}),
        "units": presenters.unit_rows(device),
        "customer": device.site.customer,
    }
    rows = [*context["facts"], *[(unit["role"], unit["serial"]) for unit in context["units"]]]
    plain = "".join(f"<tr><th>{label}</th><td>{value}</td></tr>" for label, value in rows)

    def bare() -> None:
        HTML(string=f"<h1>{device}</h1><table>{plain}</table>").write_pdf()

    pairs = [(timed(bare), timed(lambda: render_pdf("devices/sheet.html", context))) for _ in range(rounds + 1)][1:]
    tell(
        what="data sheet as PDF",
        ratio=round(statistics.median(theirs / ours for theirs, ours in pairs), 3),
        seconds=round(statistics.median(ours for _, ours in pairs), 3),
        bare_seconds=round(statistics.median(theirs for theirs, _ in pairs), 3),
    )


CARDS, CARDS_WARM = 200, 50


def cards(rounds: int) -> None:
    """A warranty card as the worker draws it, in turn with WeasyPrint alone on the same HTML; then its memory."""
    from weasyprint import HTML

    from portal import pdf as drawing
    from tests import factories
    from warranty import card as cards

    device = factories.warranted(factories.device(kind="split", purchased_on=date(2024, 2, 1)))
    factories.service(device, "inspection", date(2025, 3, 1), partner=factories.partner())
    card, html = device.warranty_cards.first(), []
    render, drawing.render_to_string = drawing.render_to_string, lambda *args: html.append(render(*args)) or html[0]
    cards.draw(card)
    drawing.render_to_string = render

    def bare() -> None:
        HTML(string=html[0]).write_pdf(pdf_variant="pdf/ua-1")

    pairs = [(timed(bare), timed(lambda: cards.draw(card))) for _ in range(rounds + 1)][1:]
    ratio = statistics.median(ours / theirs for theirs, ours in pairs)
    seconds = statistics.median(ours for _, ours in pairs)
    tell(what="warranty card", ratio=round(ratio, 3), goal=1.3, seconds=round(seconds, 3))
    megabytes = {}
    for number in range(1, CARDS + 1):
        cards.draw(card)
        if number in (CARDS_WARM, CARDS):
            megabytes[number] = memory()
    grown = megabytes[CARDS] / megabytes[CARDS_WARM]
    tell(what="memory after 200 cards to after 50", ratio=round(grown, 3), goal=1.03, megabytes=megabytes)


def memory() -> float:
    """What this process holds, in megabytes; Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def timed(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


PARTS = {"pages": pages, "orders": orders, "weight": weight, "import": table_import, "pdf": pdf, "cards": cards}

if __name__ == "__main__":
    main()
