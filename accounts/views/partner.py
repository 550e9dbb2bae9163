"""The first page of a service partner."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.models import Partner
from portal import collect


@login_required
def partner(request: HttpRequest) -> HttpResponse:
    """The state of a service partner's application."""
    company = get_object_or_404(Partner.objects.visible_to(request.user).order_by("pk")[:1])
    rows = [
        (_("Tax number"), company.tax_number),
        (_("F-gas certificate"), company.fgas_certificate),
        (_("Areas served"), _("Postcodes that begin with %(areas)s") % {"areas": ", ".join(company.areas)}),
        (_("Address"), company.address),
        (_("Phone"), company.phone.as_international),
    ]
    sections = [section(company) for section in collect.partner_sections]
    return render(request, "accounts/partner.html", {"partner": company, "rows": rows, "sections": sections})
