"""Pages that only the demo has."""

from django.urls import path

from portal.demo import mailbox
from portal.ui import gallery

urlpatterns = [
    path("mailbox/", mailbox.index, name="mailbox"),
    path("mailbox/<uuid:key>/", mailbox.message, name="mailbox-message"),
    path("mailbox/<uuid:key>/html/", mailbox.html, name="mailbox-html"),
    path("mailbox/<uuid:key>/<int:number>/", mailbox.attachment, name="mailbox-attachment"),
    path("ui/", gallery.gallery, name="gallery"),
    path("ui/wizard/", gallery.gallery_wizard, name="gallery-wizard"),
]
