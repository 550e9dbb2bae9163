"""What a service partner's own people see of its services."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from accounts.models import Partner
from services.models import Certificate
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def page(client, company: Partner) -> str:
    """The words of the company's own page, on one line."""
    user = company.people.get().user
    user.language = "en"
    user.save()
    client.force_login(user)
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(reverse("partner")).content.decode()).split())


@pytest.mark.parametrize(
    ("days", "told"), [(-1, "Over"), (0, "Ends soon"), (14, "Ends soon"), (60, "Ends soon"), (61, "Valid")]
)
def test_a_partner_reads_until_when_its_certificates_are_valid(client, days, told):
    company, until = make.partner(), timezone.localdate() + timedelta(days=days)
    Certificate.objects.create(partner=company, kind="fgas", number="FGAZ-P/01/5/22", valid_until=until)
    with override("en"):
        day = date_format(until, "SHORT_DATE_FORMAT")
    assert f"F-gas certificate FGAZ-P/01/5/22 {day} {told}" in page(client, company)


def test_a_certificate_that_was_renewed_is_not_shown_any_more(client):
    company = make.able_partner()
    over = timezone.localdate() - timedelta(days=1)
    Certificate.objects.create(partner=company, kind="fgas", number="FGAZ-P/01/1/16", valid_until=over)
    words = page(client, company)
    assert "FGAZ-P/01/12345/22" in words and "FGAZ-P/01/1/16" not in words


def test_nobody_reads_the_certificates_of_another_company(client):
    make.able_partner(fgas_certificate="FGAZ-P/01/1/16")
    assert "Certificates" not in page(client, make.partner())
