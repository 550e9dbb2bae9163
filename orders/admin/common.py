"""What the lists and pages of orders share."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orders.presenters.office import state_chip, state_words
from portal.back_office import ActForm, Listing, link, two_lines
from portal.ui.templatetags.ui import local_moment


class StateFilter(admin.ChoicesFieldListFilter):
    """By state, in the office's words; only the `states` of the list's kind of order."""

    states: Sequence[str] = ()

    def choices(self, changelist: Any) -> Any:
        everything, *choices = super().choices(changelist)
        yield everything
        for choice, (state, _label) in zip(choices, self.field.flatchoices, strict=True):
            if state in self.states:
                yield choice | {"display": state_words(state)}


class RevisionForm(ActForm):
    """The page carries the order's revision, so that a step taken meanwhile is noticed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


def order_listing(request: HttpRequest, orders: QuerySet, title: Any) -> Listing:
    """Orders of both kinds, the newest first."""
    rows = [
        (
            two_lines(link(request, order), order.service_kind or order.get_kind_display()),
            link(request, order.device),
            state_chip(order),
            local_moment(order.created_at),
        )
        for order in orders.select_related("device", "service_kind").order_by("-created_at")
    ]
    return Listing(title, [_("Number"), _("Device"), _("State"), _("Ordered")], rows)
