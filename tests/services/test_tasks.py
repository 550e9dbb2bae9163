"""Background work about services; the task runs twice."""

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.collect import staff_queues
from portal.outbox.models import Message
from services.models import CertificateWarning
from services.queues import ending_certificates
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
