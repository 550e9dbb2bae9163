"""The back office of people, customers and service partners."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts import admin_access, admin_erasure, admin_requests, admin_support_view, admin_texts  # noqa: F401  these register themselves
from accounts.actions import partners, sessions, staff
from accounts.models import Customer, Partner, PartnerMembership, User
from accounts.people import person_of
from accounts.presenters import post_address
from accounts.rules import looks_like_fgas_certificate, parse_areas
from portal.back_office import (
    Act,
    ActForm,
    AnswerFilter,
    Listing,
    PageAdmin,
    Section,
    age,
    answer_chip,
    answer_section,
    chip,
    link,
    page_url,
)
from portal.ui.templatetags.ui import local_moment

# Both would change people past the actions. What each group may do is a migration.
admin.site.unregister(EmailAddress)
admin.site.unregister(Group)
# Secrets of sign-in are nobody's to look at; people see their own on their own pages.
admin.site.unregister(Authenticator)
admin.site.unregister(UserSession)


# The groups that a migration makes, as people call them.
GROUP_NAMES = {"reviewer": _("reviewer"), "dispatcher": _("dispatcher"), "manager": _("manager")}


def group_name(group: Group) -> str:
    return str(GROUP_NAMES.get(group.name, group.name))


class GroupsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return group_name(obj)


class AccessForm(ActForm):
    """Who works in the office, and on what."""

    is_active = forms.BooleanField(label=_("May sign in"), required=False)
    is_staff = forms.BooleanField(label=_("Works in the office"), required=False)
    groups = GroupsField(
        label=_("Groups"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, thing: User, **kwargs: Any):
        kwargs["initial"] = {
            "is_active": thing.is_active, "is_staff": thing.is_staff, "groups": thing.groups.all(),
        }  # fmt: skip
        super().__init__(*args, thing=thing, **kwargs)


class FactorsForm(ActForm):
    reason = forms.CharField(
        label=_("How you made sure that it is this person"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("For your colleagues, such as: called back at the number that we have."),
    )


class ColleagueForm(forms.ModelForm):
    """A new colleague; the password is chosen later, by e-mail."""

    groups = GroupsField(
        label=_("Groups"),
        queryset=Group.objects.order_by("name"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", "language"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


@admin.register(User)
class PersonAdmin(PageAdmin):
    list_display = [
        "email",
        "full_name",
        "phone",
        "shown_staff",
        "is_active",
        "date_joined",
    ]
    list_filter = ["is_staff", "groups", "is_active"]
    search_fields = ["email", "first_name", "last_name", "phone"]
    search_help_text = _("Name, e-mail address or phone")
    ordering = ["-date_joined", "-pk"]
    form = ColleagueForm
    fields = ["email", "first_name", "last_name", "language", "groups"]
    acts = [
        Act(
            "access", _("Change access"), "accounts.change_user",
            lambda person, by, data: staff.change_access(person, by=by, **data), _("access changed."),
            lambda person: True, form=AccessForm,
        ),
        Act(
            "sign_out", _("Sign out everywhere"), "accounts.change_user",
            lambda person, by, data: sessions.end_by_office(person, by=by), _("signed out everywhere."),
            lambda person: True, hint=_("Ends all sessions, e.g. when a phone was stolen. The password stays."),
        ),
        Act(
            "factors", _("Remove passkeys and second factors"), "accounts.change_user",
            lambda person, by, data: staff.remove_factors(person, by=by, **data), _("the password alone lets in now."),
            lambda person: person.authenticator_set.exists(), form=FactorsForm, tone="danger",
            hint=_("For somebody who has lost the phone and the codes. Make sure first that it is this person."),
        ),
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("accounts.add_user")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return []

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> User:
        return form.save(commit=False)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        staff.add_colleague(obj, groups=form.cleaned_data["groups"], by=person_of(request))
        messages.info(
            request,
            _("To choose a password, the colleague follows “%(link)s” on the sign-in page.")
            % {"link": _("Forgot your password?")},
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The action has set the groups."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has it."""

    @display(description=_("first and last name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @display(description=_("office staff"), boolean=True, ordering="is_staff")
    def shown_staff(self, person: User) -> bool:
        return person.is_staff

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        groups = ", ".join(map(group_name, thing.groups.all()))
        person = [
            (_("E-mail address"), thing.email),
            (_("Phone"), thing.phone),
            (_("Landline"), thing.landline),
            (_("Language"), thing.get_language_display()),
            (_("Since"), local_moment(thing.date_joined)),
            (_("Last signed in"), local_moment(thing.last_login)),
        ]
        acts_for = [(link(request, place.customer), place.get_grade_display()) for place in self._places(thing)]
        acts_for += [
            (link(request, place.partner), _("service partner"))
            for place in thing.partner_memberships.select_related("partner")
        ]
        consents = [
            (
                local_moment(consent.at),
                f"{consent.get_kind_display()}: {consent.get_act_display()}, {consent.version} ({consent.language})",
            )
            for consent in thing.consents.order_by("-at")
        ]
        sections = [Section(_("Person"), person)]
        if thing.is_staff:
            sections.append(Section(_("Office"), [(_("Groups"), groups or _("none"))]))
        sections += [Section(_("Acts for"), acts_for), Section(_("Consents"), consents)]
        state = chip("done", _("may sign in")) if thing.is_active else chip("problem", _("may not sign in"))
        return {
            "state": state,
            "warnings": admin_access.warnings_of(Customer.objects.filter(memberships__user=thing)),
            "first": [section for section in sections if section.rows],
        }

    def _places(self, person: User) -> QuerySet:
        return person.memberships.select_related("customer")


@admin.register(Customer)
class CustomerAdmin(PageAdmin):
    list_display = ["name", "number", "kind", "city", "email", "phone", "created_at"]
    export_permission = "portal.export_lists"
    list_filter = ["kind", "created_at"]
    search_fields = [
        "name",
        "number",
        "email",
        "tax_number",
        "phone",
        "city",
        "memberships__user__email",
    ]
    search_help_text = _("Name, customer number, e-mail address, tax number, phone or town")
    ordering = ["-created_at", "-pk"]

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        return {
            "warnings": admin_access.warnings_of(Customer.objects.filter(pk=thing.pk)),
            "first": [Section(_("Customer"), customer_facts(thing))],
        }

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        own = [admin_access.members(request, thing), admin_access.invitations(request, thing)]
        return [*own, *super().listings(request, thing)]


def customer_facts(customer: Customer) -> list[tuple[Any, Any]]:
    """What every page tells about a customer."""
    return [
        (_("Customer number"), customer.number),
        (_("Kind"), customer.get_kind_display()),
        (_("Tax number"), customer.tax_number),
        (_("REGON"), customer.business_number),
        (_("Address"), f"{customer.address}, {customer.get_country_display()}"),
        (_("Address for letters"), post_address(customer)),
        (_("E-mail address"), customer.email),
        (_("Phone"), customer.phone),
        (_("Notes"), customer.notes),
        (_("Since"), local_moment(customer.created_at)),
    ]


class RefusePartnerForm(ActForm):
    reason = forms.CharField(
        label=_("Why the application is refused"),
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The applicant reads this in an e-mail."),
    )


class AreasForm(ActForm):
    areas = forms.CharField(
        label=_("Areas served"),
        max_length=400,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("The beginnings of postcodes, with commas: 00, 01, 05-5. New offers follow them."),
        error_messages={"required": _("Enter at least one beginning of a postcode.")},
    )

    def __init__(self, *args: Any, thing: Partner, **kwargs: Any):
        super().__init__(*args, thing=thing, initial={"areas": ", ".join(thing.areas)}, **kwargs)

    def clean_areas(self) -> list[str]:
        try:
            return parse_areas(self.cleaned_data["areas"])
        except ValueError:
            raise forms.ValidationError(
                _("Enter the beginnings of postcodes with commas between them, such as 00, 01, 05-5.")
            ) from None


class TeamForm(ActForm):
    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("The person gets a link to choose a password."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=PartnerMembership.Role.choices,
        initial=PartnerMembership.Role.ENGINEER,
        help_text=_("A manager answers offers and hands orders to engineers."),
    )


def applied(partner: Partner) -> bool:
    return not partner.decision


def approved(partner: Partner) -> bool:
    return partner.decision == Partner.Decision.APPROVED


@admin.register(Partner)
class PartnerAdmin(PageAdmin):
    list_display = [
        "name",
        "city",
        "tax_number",
        "fgas_certificate",
        "shown_state",
        "age",
    ]
    export_permission = "portal.export_lists"
    list_filter = [("decision", AnswerFilter), "applied_at"]
    search_fields = ["name", "tax_number", "email", "city", "fgas_certificate"]
    search_help_text = _("Name, tax number, e-mail address, town or certificate")
    ordering = ["-applied_at", "-pk"]
    queue_query = "?decision__exact="
    acts = [
        Act(
            "approve", _("Approve"), "accounts.decide_partner",
            lambda partner, by, data: partners.decide_partner(partner, approve=True, by=by), _("application approved."),
            applied, tone="primary", hint=_("The company's people can then work with us; they get an e-mail."),
        ),
        Act(
            "refuse", _("Refuse"), "accounts.decide_partner",
            lambda partner, by, data: partners.decide_partner(partner, approve=False, by=by, **data),
            _("application refused."), applied, form=RefusePartnerForm, tone="danger",
        ),
        Act(
            "areas", _("Change areas"), "accounts.change_partner",
            lambda partner, by, data: partners.change_areas(partner, by=by, **data), _("areas changed."),
            approved, form=AreasForm,
        ),
        Act(
            "person", _("Add a person"), "accounts.change_partner",
            lambda partner, by, data: partners.add_to_team(partner, by=by, **data), _("person added."),
            approved, form=TeamForm,
        ),
    ]  # fmt: skip

    def waiting(self) -> QuerySet:
        return Partner.objects.waiting().order_by("applied_at", "pk")

    def _next_url(self, thing: Any) -> str:
        """Applications are answered one after the other; what changes a partner stays on its page."""
        return super()._next_url(thing) if applied(thing) else page_url(thing)

    @display(description=_("state"), ordering="decision")
    def shown_state(self, partner: Partner) -> str:
        return answer_chip(partner)

    @display(description=_("age"), ordering="applied_at")
    def age(self, partner: Partner) -> str:
        return age(partner.applied_at)

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        company = [
            (_("Tax number"), thing.tax_number),
            (_("Address"), f"{thing.address}, {thing.get_country_display()}"),
            (_("E-mail address"), thing.email),
            (_("Phone"), thing.phone),
            (_("Notes"), thing.notes),
            (_("Applied"), local_moment(thing.applied_at)),
        ]
        work = [
            (_("F-gas certificate"), thing.fgas_certificate),
            (_("Areas served"), _("Postcodes that begin with %(areas)s") % {"areas": ", ".join(thing.areas)}),
        ]
        warnings: list[Any] = []
        if not looks_like_fgas_certificate(thing.fgas_certificate):
            warnings.append(_("The number of the F-gas certificate does not have the usual form FGAZ-P/01/12345/22."))
        if others := Partner.objects.filter(tax_number=thing.tax_number).exclude(pk=thing.pk):
            warnings.append(_("The same tax number has: %(names)s.") % {"names": ", ".join(map(str, others))})
        answer = answer_section(thing, [(_("In words"), thing.decision_reason)])
        return {
            "state": answer_chip(thing),
            "warnings": warnings,
            "first": [*answer, Section(_("Certificate and areas"), work), Section(_("Company"), company)],
        }

    def listings(self, request: HttpRequest, thing: Any) -> list[Listing]:
        people = [
            (link(request, place.user), place.user.email, place.get_role_display())
            for place in thing.people.select_related("user").order_by("user__last_name", "pk")
        ]
        return [
            Listing(_("People"), [_("Person"), _("E-mail address"), _("Role")], people),
            *super().listings(request, thing),
        ]
