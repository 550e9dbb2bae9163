"""Small pictures of documents for a page. Drawn in Python: of sixty a template takes longer than all the rest."""

from collections.abc import Iterable
from functools import cache
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.files.models import Document

PLACE = UUID(int=0)
# The columns of a document that its picture tells; loading the others takes longer than drawing it.
SHOWN = ["name", "content_type", "pages", "size"]


def gallery(documents: Iterable[Document]) -> SafeString:
    """A picture of the first page of each, with name, kind and size; it leads to the document."""
    return SafeString(f'<ul class="gallery">\n{"".join(map(_item, documents))}</ul>')


def _item(document: Document) -> str:
    key = str(document.pk)
    return (
        f'<li class="gallery-item"><a href="{_address("document").replace(str(PLACE), key)}">'
        f'<img class="gallery-picture" src="{_address("document-page", 1).replace(str(PLACE), key)}" alt=""'
        ' width="240" height="320" loading="lazy">'
        f'<span class="gallery-name">{escape(document.name)}</span></a>'
        f'<span class="gallery-facts">{_kind(document)}, {filesizeformat(document.size)}</span></li>\n'
    )


def _kind(document: Document) -> str:
    if not document.is_pdf:
        return _("Photo")
    return ngettext("PDF, %(pages)s page", "PDF, %(pages)s pages", document.pages or 1) % {"pages": document.pages}


@cache
def _address(name: str, *page: int) -> str:
    return reverse(name, args=[PLACE, *page])
