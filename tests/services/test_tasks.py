"""Background work about services; the task runs twice."""

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.collect import staff_queues
from portal.outbox.models import Message
from services.models import CertificateWarning, Qualification, ServiceKind
from services.queues import ending_certificates, partners_to_complete
from services.tasks import warn_of_expiry
from tests import factories as make
from tests.services.test_models import certificate

pytestmark = pytest.mark.django_db


def test_the_second_run_says_nothing():
    decided = {"decision": "approved", "decided_at": timezone.now(), "decided_by": make.person()}
    certificate(10, make.partner(**decided))
    assert [warn_of_expiry(), warn_of_expiry()] == [1, 0]
    assert Message.objects.count() == CertificateWarning.objects.count() == 1


def test_the_office_has_them_as_a_queue():
    admin = make.person(is_staff=True, is_superuser=True)
    certificate(200), certificate(59), certificate(-30)
    [queue] = ending_certificates(admin)
    assert queue.count == 2 and queue.url == reverse("admin:services_certificate_changelist") + "?ends=soon"
    assert (timezone.localdate() - timezone.localtime(queue.oldest).date()).days == 90
    assert ending_certificates(make.person(is_staff=True)) == [] and ending_certificates in staff_queues


def test_partners_whom_nobody_can_choose_wait_for_the_office(client):
    decided = {"decision": "approved", "decided_at": timezone.now(), "decided_by": make.person()}
    make.able_partner(name="Ready"), make.partner(name="Asks for it")
    bare, idle, late = (make.partner(name=name, **decided) for name in ("Bare", "Idle", "Late"))
    certificate(90, idle), certificate(-1, late)
    Qualification.objects.create(partner=late).kinds.set(ServiceKind.objects.all())
    Qualification.objects.create(partner=idle)
    admin = make.clerk("dispatcher", language="en")
    [queue] = partners_to_complete(admin)
    assert queue.count == 3 and queue.oldest == bare.decided_at
    client.force_login(admin)
    assert set(client.get(queue.url).context["cl"].result_list) == {bare, idle, late}
    assert partners_to_complete(make.clerk()) == [] and partners_to_complete in staff_queues
