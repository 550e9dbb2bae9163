"""What one agrees to, and what the office knows about a customer, on a phone and in Polish."""

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import ChangeRequest, Customer, LegalText
from tests import factories
from tests.stories.steps import PASSWORD, STORY, registered_owner
from tests.stories.visitor import DESKTOP

pytestmark = STORY
ANNA = "anna@example.com"


def test_new_terms_then_an_objection(visitor):
    registered_owner(ANNA, language="pl")
    words = {"text_pl": "Nowy regulamin.", "text_cs": "Nové podmínky.", "text_en": "New terms."}
    LegalText.objects.create(kind="terms", version="2027-01-01", published_at=timezone.now(), **words)
    anna = visitor("pl")
    anna.opens("/sites/")
    anna.types(login=ANNA, password=PASSWORD)
    anna.presses("Sign in")
    assert anna.path == "/terms/new/"
    anna.sees("New terms of use", "Nowy regulamin.")
    anna.presses("Not now")
    assert anna.path == "/sites/"
    anna.opens("/consents/")
    anna.presses("Accept the terms")
    anna.presses("Object to marketing")
    anna.sees("you object", "The words that were shown")
    anna.opens("/terms/")
    anna.sees("Nowy regulamin.")


def test_a_change_of_data_from_the_form_to_the_record(visitor):
    owner = registered_owner(ANNA, language="pl")
    anna = visitor("pl")
    anna.signs_in(ANNA, PASSWORD)
    anna.opens("/profile/")
    anna.follows("Changes of data")
    anna.follows("Ask for a change")
    anna.types(name="Anna Nowak", postcode="1")
    anna.presses("Send the request")
    anna.is_told("id_postcode")
    anna.is_told("id_accurate", "We can take the data only if you declare that they are right.")
    anna.has_typed(name="Anna Nowak")
    anna.types(postcode="00-238")
    anna.attaches("documents", {"name": "akt.pdf", "mimeType": "application/pdf", "buffer": factories.PDF})
    anna.picks("accurate")
    anna.presses("Send the request")
    request = ChangeRequest.objects.get()
    anna.sees("our office looks at it", "akt.pdf")
    answers(visitor("pl", DESKTOP), request)
    anna.opens(f"/requests/{request.pk}/")
    anna.sees("accepted")
    assert Customer.objects.get(pk=owner.pk).name == "Anna Nowak"


def answers(clerk, request: ChangeRequest) -> None:
    person = factories.clerk(email="zofia@example.com", language="pl")
    for name in ("view_changerequest", "decide_changerequest"):
        person.user_permissions.add(Permission.objects.get(codename=name))
    clerk.signs_in("zofia@example.com", factories.PASSWORD)
    clerk.opens(f"/admin/accounts/changerequest/{request.pk}/change/")
    clerk.sees("Old and new", "Anna Kowalska", "Anna Nowak")
    clerk.presses("Accept what is ticked")
