"""What the portal tells browsers with each answer, and what no page contains."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import clerk, company_with_engineer, device, order_in_review, service_order
from tests.portal.test_startup import PRODUCTION

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


class Inline(HTMLParser):
    """Collects what a policy without inline code would not let run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self.found += [f"{tag} {value}" for value in given.values() if (value or "").strip().startswith("javascript:")]


def inline_code(page: str) -> list[str]:
    parser = Inline()
    parser.feed(page)
    return parser.found


def names_of_pages(*, of: str) -> list[str]:
    """Every address without arguments, of the portal's pages or of the back office."""
    from tests.portal.test_access import EVERY

    return [url for url, _view in EVERY if of not in url and "/1/" not in url and "/x/" not in url]


@pytest.fixture
def clients() -> dict[str, Client]:
    """Signed in as one of each, with something to show."""
    order_in_review(device())
    company = company_with_engineer()
    owner = service_order(upto="scheduled", to=company).created_by
    people = {"owner": owner, "engineer": company.engineer, "manager": company.manager, "clerk": clerk("manager")}
    found = {who: Client() for who in [*people, "nobody"]}
    for who, person in people.items():
        found[who].force_login(person)
    return found


def test_no_page_has_inline_code_and_each_has_the_headers(clients):
    seen = 0
    for url in names_of_pages(of="/demo/"):
        for who, client in clients.items():
            answer = client.get(url)
            assert_headers(answer, url)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                seen += 1
                assert inline_code(answer.content.decode()) == [], (url, who)
    assert seen > 60


def assert_headers(answer, url: str) -> None:
    assert answer["X-Content-Type-Options"] == "nosniff", url
    assert answer["X-Frame-Options"] == "DENY", url
    assert answer["Referrer-Policy"] == answer["Cross-Origin-Opener-Policy"] == "same-origin", url
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin", url
    assert "camera=()" in answer["Permissions-Policy"] and "geolocation=()" in answer["Permissions-Policy"], url
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "object-src 'none'" in policy, url
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy, url


def test_only_the_back_office_is_looser(client):
    client.force_login(clerk())
    assert "unsafe-inline" in client.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "unsafe" not in client.get(reverse("start"))["Content-Security-Policy"]
    # Whatever stands below a customer's address is no back office.
    assert "unsafe" not in client.get("/c/K-000001/admin/")["Content-Security-Policy"]


def test_the_walk_would_see_inline_code():
    page = '<style>a{}</style><p style="x" onclick="x"><script>x</script><a href="javascript:x">'
    assert inline_code(page) == ["style", "p style", "p onclick", "script", "a javascript:x"]
    assert inline_code('<script src="/x.js"></script><script type="application/json">{}</script>') == []


def test_no_template_of_a_page_has_inline_code():
    apart = {"pdf", "demo_papers", "mail", "back_office", "admin"}
    for path in settings.BASE_DIR.glob("templates/**/*.html"):
        if not apart & set(path.parts):
            text = re.sub(r"{%.*?%}", "", path.read_text())
            assert not re.search(r"<style|<script(?![^>]*(\bsrc=|application/json))|\son\w+=|\sstyle=", text), path


@pytest.mark.parametrize(("changes", "warned"), [({}, []), ({"HSTS_SUBDOMAINS": "0"}, ["W005", "W021"])])
def test_production_settings_pass_djangos_own_check(changes, warned):
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        env={"PATH": os.environ["PATH"]} | PRODUCTION | changes, cwd=settings.BASE_DIR, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0
    assert sorted(re.findall(r"security\.(\w+)", result.stderr)) == warned
    assert bool(warned) or "no issues (0 silenced)" in result.stdout


def test_cookies_of_production_belong_to_this_host_alone():
    code = (
        "from portal import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"]} | PRODUCTION, cwd=settings.BASE_DIR, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert said.split() == ["__Host-session", "__Host-csrf", *["True"] * 4]


def test_pages_of_whoever_is_signed_in_are_not_kept(client, clients):
    assert clients["owner"].get("/devices/")["Cache-Control"] == "private, no-store"
    assert "Cache-Control" not in client.get("/privacy/")


def test_style_sheets_have_the_headers_too(client):
    sheet = client.get("/static/portal.css")
    assert sheet["X-Content-Type-Options"] == "nosniff" and "default-src 'none'" in sheet["Content-Security-Policy"]
    assert sheet["Cross-Origin-Resource-Policy"] == "same-origin" and "camera=()" in sheet["Permissions-Policy"]


def test_what_people_sent_runs_nowhere(client):
    order = order_in_review()
    client.force_login(order.created_by)
    answer = client.get(reverse("document", args=[order.documents.get().pk]))
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert "private" in answer["Cache-Control"] and "filename" in answer["Content-Disposition"]


def test_what_a_message_says_stays_on_the_server(clients):
    answer = clients["owner"].post(reverse("sessions-end-others"))
    assert answer.status_code == 302 and set(answer.cookies) <= {"sessionid", "csrftoken"}
