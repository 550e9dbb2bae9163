"""The back office of people: colleagues, and whoever signs in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.actions import sessions, staff
from accounts.admin.access import warnings_of
from accounts.models import Customer, User
from accounts.people import person_of
from accounts.presenters.consents import consent_history
from portal.back_office import Act, ActForm, PageAdmin, Section, breakable, chip, link
from portal.privacy import shown
from portal.ui.templatetags.ui import local_moment
from portal.words import version_words

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
    list_display = ["shown_email", "full_name", "phone", "shown_staff", "is_active", "since"]
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

    @display(description=_("e-mail address"), ordering="email")
    def shown_email(self, person: User) -> Any:
        return breakable(shown(person.email))

    @display(description=_("first and last name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        return person.get_full_name()

    @display(description=_("account since"), ordering="date_joined")
    def since(self, person: User) -> str:
        return local_moment(person.date_joined)

    @display(description=_("office staff"), boolean=True, ordering="is_staff")
    def shown_staff(self, person: User) -> bool:
        return person.is_staff

    def page(self, request: HttpRequest, thing: Any) -> dict[str, Any]:
        groups = ", ".join(map(group_name, thing.groups.all()))
        person = [
            (_("E-mail address"), shown(thing.email)),
            (_("Phone"), thing.phone),
            (_("Landline"), thing.landline),
            (_("Language"), thing.get_language_display()),
            (_("Account since"), local_moment(thing.date_joined)),
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
                f"{consent.get_kind_display()}: {said}, {version_words(consent.version)} ({consent.language})",
            )
            for consent, _title, said in consent_history(thing)
        ]
        sections = [Section(_("Person"), person)]
        if thing.is_staff:
            sections.append(Section(_("Office"), [(_("Groups"), groups or _("none"))]))
        sections += [Section(_("Acts for"), acts_for), Section(_("Consents"), consents)]
        state = chip("done", _("may sign in")) if thing.is_active else chip("problem", _("may not sign in"))
        return {
            "state": state,
            "warnings": warnings_of(Customer.objects.filter(memberships__user=thing)),
            "first": [section for section in sections if section.rows],
        }

    def _places(self, person: User) -> QuerySet:
        return person.memberships.select_related("customer")
