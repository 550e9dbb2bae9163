"""Input of the owner who orders a service."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import Form, text
from accounts.models import Partner
from devices.models import Device, Site
from orders.models import Service
from orders.presenters.words import duration_words
from portal.files.forms import DocumentsField, DocumentsWidget
from portal.files.models import Document
from services.forms import PhotosField
from services.models import ServiceKind

# A wish for a day further away than this is a slip of the finger.
FURTHEST = timedelta(days=365)
WISHED_DAYS = ("day1", "day2", "day3")


class KindRadios(forms.RadioSelect):
    """Kinds of services; those in `barred` cannot be ordered for any device."""

    barred: Collection[int] = ()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.barred:
            option["attrs"]["disabled"] = True
        return option


class DeviceSelect(forms.Select):
    """Devices below their sites; each option names its site, by which the page's script narrows the list."""

    sites: Mapping[int, int] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.sites:
            option["attrs"]["data-site"] = self.sites[value]
        return option


def site_names(sites: Iterable[Site]) -> dict[int, str]:
    """The sites' names by primary key; two of one name with their addresses."""
    sites = list(sites)
    twice = Counter(site.name for site in sites)
    return {site.pk: f"{site.name}, {site.address}" if twice[site.name] > 1 else site.name for site in sites}


class WhatForm(Form):
    """What is ordered, for which device, and from whom.

    `faults` says why a service cannot be ordered for a device, "" where it can: (device, kind) -> words.
    `near` are the partners to choose from.
    """

    site = forms.ModelChoiceField(Site.objects.none(), label=gettext_lazy("Site"), required=False)
    device = forms.ModelChoiceField(Device.objects.none(), label=gettext_lazy("Device"), widget=DeviceSelect)
    kind = forms.ModelChoiceField(ServiceKind.objects.none(), label=gettext_lazy("Service"), widget=KindRadios)
    partner = forms.ModelChoiceField(
        Partner.objects.none(),
        label=gettext_lazy("Service partner"),
        required=False,
        help_text=gettext_lazy(
            "If you have already agreed with a service partner, choose the company. "
            "Otherwise leave this empty: we assign one to your order."
        ),
    )

    def __init__(
        self,
        *args: Any,
        devices: Sequence[Device],
        kinds: Sequence[ServiceKind],
        faults: dict[tuple[int, int], str],
        partners: Iterable[Partner],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.devices, self.kinds, self.faults = devices, kinds, faults
        self.sites = site_names({device.site_id: device.site for device in devices}.values())
        fields: dict[str, Any] = self.fields
        fields["site"].queryset = Site.objects.filter(pk__in=self.sites)
        fields["device"].queryset = Device.objects.filter(pk__in=[device.pk for device in devices])
        fields["kind"].queryset = ServiceKind.objects.filter(pk__in=[kind.pk for kind in kinds])
        fields["partner"].queryset = Partner.objects.filter(pk__in=[partner.pk for partner in partners])
        fields["site"].choices = [("", _("All sites")), *self.sites.items()]
        fields["device"].choices = self._devices()
        fields["device"].widget.sites = {device.pk: device.site_id for device in devices}
        fields["kind"].choices = [(kind.pk, kind.name) for kind in kinds]
        fields["partner"].choices = [
            ("", _("No wish: you assign one")),
            *((partner.pk, f"{partner.name}, {partner.city}") for partner in partners),
        ]
        if len(self.sites) == 1:
            fields["site"].choices = fields["site"].choices[1:]
        fields["kind"].widget.barred = {
            kind.pk for kind in kinds if all(faults[device.pk, kind.pk] for device in devices)
        }

    def _devices(self) -> list[Any]:
        """The devices below their sites; an only one is chosen."""
        groups = defaultdict(list)
        for device in self.devices:
            groups[device.site_id].append((device.pk, f"{device.name} ({device.serials})"))
        named = [(self.sites[site], devices) for site, devices in groups.items()]
        return named if len(self.devices) == 1 else [("", _("Choose …")), *named]

    @property
    def chosen_device(self) -> Device | None:
        """The device that the form names, or the only one."""
        if len(self.devices) == 1:
            return self.devices[0]
        named = self["device"].value()
        return next((device for device in self.devices if str(device.pk) == str(getattr(named, "pk", named))), None)

    def reason(self, kind: ServiceKind) -> str:
        """Why a service cannot be chosen: for the chosen device, or where none is chosen for every device."""
        device = self.chosen_device
        asked = [device] if device else self.devices
        reasons = [self.faults[one.pk, kind.pk] for one in asked]
        if not reasons or not all(reasons):
            return ""
        return reasons[0] if len(set(reasons)) == 1 else _("This cannot be ordered for any of your devices now.")

    @property
    def kind_options(self) -> list[tuple[Any, str, str]]:
        """Each kind as a radio button, how long it takes, and why it cannot be chosen for the device named now."""
        return [
            (option, duration_words(kind.duration_minutes), self.reason(kind))
            for option, kind in zip(self["kind"].subwidgets, self.kinds, strict=True)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        site, device, kind = data.get("site"), data.get("device"), data.get("kind")
        if site and device and device.site_id != site.pk:
            self.add_error("device", _("This device is at another site. Choose a device of the site, or another site."))
        elif device and kind and (fault := self.faults[device.pk, kind.pk]):
            self.add_error("kind", fault)
        return data


class FilesField(PhotosField):
    """Files of an order: those that it has stay until somebody removes them."""

    widget: Any = DocumentsWidget


class WishesForm(Form):
    """When the owner would like the visit, who is on site, and what the engineer should know."""

    use_required_attribute = False

    day1 = forms.DateField(label=gettext_lazy("First choice"), required=False)
    day2 = forms.DateField(label=gettext_lazy("Second choice"), required=False)
    day3 = forms.DateField(label=gettext_lazy("Third choice"), required=False)
    part = forms.ChoiceField(
        label=gettext_lazy("Time of day"),
        choices=Service.PartOfDay.choices,
        initial=Service.PartOfDay.ANY,
        widget=forms.RadioSelect,
    )
    contact = text(
        gettext_lazy("Who is on site, with a phone number"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("If it is somebody else than you. The service partner reads it after accepting."),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes about the service"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("Such as the way in, where to park, or what you have noticed."),
    )
    attached = FilesField(label=gettext_lazy("Files"), required=False, has=())

    def __init__(self, *args: Any, has: Sequence[Document] = (), uploaded_by: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        files: Any = self.fields["attached"]
        files.has, files.initial, files.uploaded_by = list(has), list(has), uploaded_by
        today = timezone.localdate()
        for name in WISHED_DAYS:
            self.fields[name].error_messages["invalid"] = _("Enter a date, such as 21.02.2027.")
            self.fields[name].widget = forms.DateInput(
                {"type": "date", "min": today + timedelta(days=1), "max": today + FURTHEST}, format="%Y-%m-%d"
            )

    def _clean_day(self, name: str) -> date | None:
        day, today = self.cleaned_data[name], timezone.localdate()
        if day and not today < day <= today + FURTHEST:
            raise forms.ValidationError(_("Choose a day from tomorrow on, within a year."))
        return day

    def clean_day1(self) -> date | None:
        return self._clean_day("day1")

    def clean_day2(self) -> date | None:
        return self._clean_day("day2")

    def clean_day3(self) -> date | None:
        return self._clean_day("day3")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        named: set[date] = set()
        for name in WISHED_DAYS:
            if (day := data.get(name)) and day in named:
                self.add_error(name, _("You have named this day already. Choose another one, or leave it empty."))
            elif day:
                named.add(day)
        return data

    def wishes(self) -> dict[str, Any]:
        """What is well so far, as the actions take it: a draft keeps it even if something else is wrong."""
        self.is_valid()
        good = self.cleaned_data
        days = dict.fromkeys(day for name in WISHED_DAYS if (day := good.get(name)))
        kept = {"wished_part": good.get("part"), "contact": good.get("contact"), "notes": good.get("notes")}
        return {"wished_days": list(days)} | {name: value for name, value in kept.items() if value is not None}

    @property
    def documents(self) -> list[Document]:
        """New files, for the action to attach."""
        self.is_valid()
        return [document for document in self._files if not document.attached_at]

    @property
    def removed(self) -> list[Document]:
        """Files that the order has and the form takes away."""
        self.is_valid()
        kept = {document.pk for document in self._files}
        return [document for document in self.fields["attached"].has if document.pk not in kept]  # type: ignore[attr-defined]

    @property
    def _files(self) -> list[Document]:
        return self.fields["attached"].kept or []  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(service: Service) -> dict[str, Any]:
        days = dict(zip(WISHED_DAYS, service.wished_days, strict=False))
        return days | {"part": service.wished_part, "contact": service.contact, "notes": service.notes}


class OneServiceForm(WishesForm):
    """A service that is chosen already: the wishes, and who does it; at first the partner who was there last."""

    partner = forms.ModelChoiceField(Partner.objects.none(), label=gettext_lazy("Service partner"), required=False)

    def __init__(self, *args: Any, partners: Iterable[Partner], last: int | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["partner"]
        suitable = {partner.pk: partner.name for partner in partners}
        field.queryset = Partner.objects.filter(pk__in=suitable)
        field.choices = [("", _("No wish: you assign one")), *suitable.items()]
        field.initial = last if last in suitable else None


class CancelForm(Form):
    """Why an order is cancelled."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )


class ReplyForm(Form):
    """An answer to a question, in words or with files."""

    words = forms.CharField(
        label=gettext_lazy("Your answer"),
        help_text=gettext_lazy("Write an answer, add files, or both."),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 5}),
    )
    documents = DocumentsField(label=gettext_lazy("Files"), required=False)

    def __init__(self, *args: Any, uploaded_by: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["documents"].uploaded_by = uploaded_by  # type: ignore[attr-defined]
        # Neither is optional by itself: one of the two is asked for.
        for field in self.fields.values():
            field.is_conditional = True  # type: ignore[attr-defined]
