"""The public page that a card's QR code leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.public import public
from warranty.models import WarrantyCard, read_check_code


@public
@require_safe
@never_cache
def check(request: HttpRequest, code: str) -> HttpResponse:
    """Whether the card with this code is valid today. It shows no person and no address."""
    card = WarrantyCard.objects.filter(check_code=read_check_code(code)).first()
    if card is None:
        return render(request, "warranty/check.html", {"card": None}, status=404)
    context = {
        "card": card,
        "product": card.facts["product"],
        "starts_on": card.starts_on,
        "ends_on": card.ends_on,
        "today": timezone.localdate(),
        "state": card.state_on(timezone.localdate()),
    }
    return render(request, "warranty/check.html", context)
