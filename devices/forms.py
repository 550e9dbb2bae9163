"""Input about sites and devices."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.hashers import check_password
from django.forms import BoundField
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import AddressFields, Form, NewPasswordFields, name_the_missing, text
from accounts.models import User
from accounts.signing_in import tries
from devices import lookup
from devices.actions import Nameplate
from devices.models import ROLES_OF_KIND, UNIT_ROLES, Registration, Site
from devices.rules import serial_key
from portal.files.forms import DocumentsField
from portal.files.models import Document

SAMPLE_MODELS = {"monobloc": "CT-M08", "outdoor": "NV-S08", "indoor": "NV-H08"}
NEEDS_PHOTO = {lookup.UNKNOWN, lookup.WRONG_MODEL, lookup.TOO_MANY}


class SiteForm(AddressFields):
    """A place of installation."""

    building_kind = forms.ChoiceField(
        label=gettext_lazy("Kind of building"),
        choices=[("", gettext_lazy("Choose …")), *Site.BuildingKind.choices],
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )

    field_order = ["building_kind", "street", "postcode", "city", "country", "notes"]


class NamedSiteForm(SiteForm):
    """A place of installation whose name the owner may choose."""

    own_name = text(
        gettext_lazy("Name of the site"),
        required=False,
        help_text=gettext_lazy("If you leave it empty, the kind of building and the address are the name."),
    )

    field_order = ["own_name", *SiteForm.field_order]


class ConfirmForm(Form):
    """The password that was chosen at registering, typed once more in another browser."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.registration = registration

    def clean_password(self) -> str:
        tries.count((tries.CONFIRMING, f"registration-{self.registration.pk}"))
        password = self.cleaned_data["password"]
        if not check_password(password, self.registration.password_hash):
            raise forms.ValidationError(_("This is not the password that was chosen at the registration."))
        return password


class NameplateFields:
    """The inputs for one nameplate within a form; those for a photo or a claim show only when needed."""

    def __init__(self, form: forms.Form, role: str):
        self.form, self.role = form, role
        self.label = dict(UNIT_ROLES)[role]
        self.needs: str = ""
        form.fields[f"{role}-model"] = text(
            gettext_lazy("Model"),
            max_length=40,
            help_text=format_lazy(gettext_lazy("As on the nameplate, such as {model}."), model=SAMPLE_MODELS[role]),
        )
        form.fields[f"{role}-serial"] = text(gettext_lazy("Serial number"), max_length=40)
        form.fields[f"{role}-model"].widget.attrs |= {
            "list": f"models-{role}",
            "autocomplete": "off",
        }
        form.fields[f"{role}-serial"].widget.attrs |= {
            "data-serial": True,
            "autocomplete": "off",
            "spellcheck": "false",
        }
        form.fields[f"{role}-photos"] = DocumentsField(
            required=False, max_files=4, label=gettext_lazy("Photo of the nameplate")
        )
        form.fields[f"{role}-reason"] = forms.CharField(
            label=gettext_lazy("Why is this unit yours?"),
            required=False,
            max_length=2000,
            widget=forms.Textarea({"rows": 3}),
        )
        form.fields[f"{role}-proofs"] = DocumentsField(
            required=False,
            max_files=4,
            label=gettext_lazy("Proof that it is yours"),
            help_text=gettext_lazy("Such as the invoice, or the papers of the house."),
        )

    @property
    def shown(self) -> list[BoundField]:
        names = ["model", "serial"]
        if self.needs == "photo" or self._sent("photos"):
            names.append("photos")
        if self.needs == "claim" or self._sent("proofs"):
            names += ["reason", "proofs"]
        return [self.form[f"{self.role}-{name}"] for name in names]

    def _sent(self, name: str) -> bool:
        """Whether files came with the form, now or earlier: an error elsewhere must not lose them."""
        key = f"{self.role}-{name}"
        return bool(self.form.fields[key].kept or self.form.initial.get(key))  # type: ignore[attr-defined]

    def value(self, name: str) -> Any:
        return self.form.cleaned_data.get(f"{self.role}-{name}")

    def settle(self, finding: lookup.Finding, earlier: Sequence[Document]) -> None:
        """Says what is wrong with a number, unless the person has given what it takes to go on all the same."""
        if finding.state in NEEDS_PHOTO:
            self.needs = "photo"
            given = bool(self.value("photos") or earlier)
            way_on = _("Is it right as it stands? Add a photo of the nameplate below and go on; our office checks it.")
        elif finding.state == lookup.TAKEN:
            self.needs = "claim"
            given = bool(self.value("reason") and (self.value("proofs") or earlier))
            way_on = _("If it is yours, say below why, add a proof and go on; our office decides.")
        else:
            given, way_on = finding.state == lookup.FOUND, ""
        if not given:
            self.form.add_error(f"{self.role}-serial", f"{finding.sentence} {way_on}".strip())
        for name in {"photo": ["photos"], "claim": ["reason", "proofs"]}.get(self.needs, []):
            self._require(name, unless=bool(earlier))

    def _require(self, name: str, *, unless: bool) -> None:
        """What is needed is not "optional"; its own error stands there only if it was asked for before."""
        key = f"{self.role}-{name}"
        field = self.form.fields[key]
        field.required = not unless
        asked_before = f"{self.role}-reason" in self.form.data
        if field.required and asked_before and not self.value(name):
            self.form.add_error(key, field.error_messages["required"])

    def nameplate(self, earlier: Sequence[Document]) -> Nameplate:
        """What was typed, as the action wants it."""
        photos, proofs = self.value("photos") or [], self.value("proofs") or []
        return Nameplate(
            role=self.role,
            model=self.value("model"),
            serial=self.value("serial"),
            photos=[*earlier, *photos] if self.needs == "photo" else [],
            claim_reason=self.value("reason") if self.needs == "claim" else "",
            claim_proofs=[*earlier, *proofs] if self.needs == "claim" else [],
            looked_up=self.form.findings.get(self.role) != lookup.TOO_MANY,  # type: ignore[attr-defined]
        )


class NameplatesForm(Form):
    """The nameplates of one device. `askers` and `customers` are those of `lookup.look_up`.

    `taken` are numbers that the same person entered for another device; `earlier` maps a role to documents
    that came with an earlier version of the form.
    """

    def __init__(
        self,
        *args: Any,
        roles: Sequence[str],
        askers: list[str],
        customers: Sequence[int] = (),
        taken: Sequence[str] = (),
        earlier: dict[str, list[Document]] | None = None,
        uploaded_by: Any = None,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.askers, self.customers, self.taken = askers, customers, taken
        self.earlier = earlier or {}
        self.findings: dict[str, str] = {}
        self.plates = [NameplateFields(self, role) for role in roles]
        name_the_missing(self.fields)
        for field in self.document_fields().values():
            field.uploaded_by = uploaded_by

    def document_fields(self) -> dict[str, DocumentsField]:
        return {name: field for name, field in self.fields.items() if isinstance(field, DocumentsField)}

    def kept_files(self) -> dict[str, list[str]]:
        """Field name -> primary keys of the files that came with the form, right or wrong as the rest may be."""
        return {name: [str(kept.pk) for kept in field.kept or []] for name, field in self.document_fields().items()}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        seen = set(self.taken)
        for plate in self.plates:
            model, serial = (
                data.get(f"{plate.role}-model"),
                data.get(f"{plate.role}-serial"),
            )
            if not (model and serial):
                continue
            if serial_key(serial) in seen:
                self.add_error(
                    f"{plate.role}-serial",
                    _("You have entered this serial number for another unit already."),
                )
                continue
            seen.add(serial_key(serial))
            self._look_up(plate, model, serial)
        return data

    def _look_up(self, plate: NameplateFields, model: str, serial: str) -> None:
        if not serial_key(serial):
            self.add_error(
                f"{plate.role}-serial",
                _("Enter the serial number, letters and digits, as on the nameplate."),
            )
            return
        finding = lookup.look_up(
            model=model,
            serial=serial,
            role=plate.role,
            askers=self.askers,
            customers=self.customers,
        )
        self.findings[plate.role] = finding.state
        plate.settle(finding, self.earlier.get(plate.role, []))

    def nameplates(self) -> list[Nameplate]:
        return [plate.nameplate(self.earlier.get(plate.role, [])) for plate in self.plates]


class DeviceForm(NameplatesForm):
    """A new device of a customer who is signed in."""

    def __init__(self, *args: Any, kind: str, sites: Any, **kwargs: Any):
        super().__init__(*args, roles=ROLES_OF_KIND[kind], **kwargs)
        self.fields["site"] = forms.ModelChoiceField(
            sites,
            label=gettext_lazy("Site"),
            empty_label=_("Choose …"),
        )
        if len(sites) == 1:
            self.fields["site"].initial = sites[0]
        self.fields["name"] = text(
            gettext_lazy("Name of the device"),
            required=False,
            help_text=gettext_lazy("As you call it, such as “Heat pump in the garage”. If empty, the model."),
        )
        name_the_missing(self.fields)


class DeviceChangeForm(Form):
    """Renames a device or moves it to another site."""

    name = text(gettext_lazy("Name of the device"))

    def __init__(self, *args: Any, sites: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["site"] = forms.ModelChoiceField(sites, label=gettext_lazy("Site"), empty_label=None)
        name_the_missing(self.fields)


class SignInDataForm(NewPasswordFields):
    """The last step of the registration. The password is asked for once; a kept one need not be typed again."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("You sign in with it, and we write to it."),
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    # People do not see this field; programs that fill in every field do.
    website = forms.CharField(
        label=gettext_lazy("Leave this empty"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    field_order = ["email", "password", "password_again", "website"]

    def __init__(self, *args: Any, person: dict[str, str], password_kept: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["website"].widget.attrs["aria-hidden"] = "true"
        if password_kept:
            for name in ("password", "password_again"):
                self.fields[name].required = False
            self.fields["password"].help_text = gettext_lazy(
                "Your password is kept. Leave both fields empty to keep it."
            )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.check_password(User(email=data.get("email", ""), **self.person))
        return data
