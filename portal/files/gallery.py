"""Small pictures of documents for a page. Drawn in Python: of sixty a template takes longer than all the rest."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.addresses import plain
from portal.files.models import PDF, Document
from portal.files.sizes import size_words

PLACE = UUID(int=0)


class Picture(NamedTuple):
    """What a picture tells of its document; of many, loading the models takes longer than drawing them."""

    pk: UUID
    name: str
    content_type: str
    pages: int | None
    size: int

    @property
    def is_pdf(self) -> bool:
        return self.content_type == PDF


Shown = Document | Picture


def gallery(documents: Iterable[Shown]) -> SafeString:
    """A picture of the first page of each, with name, kind and size; it leads to the document."""
    return SafeString(f'<ul class="gallery">\n{"".join(map(_item, documents))}</ul>')


def _item(document: Shown) -> str:
    key, told = str(document.pk), _told(get_language(), document.is_pdf, document.pages, document.size)
    return (
        f'<li class="gallery-item"><a href="{_address("document") % key}">'
        f'<img class="gallery-picture" src="{_address("document-page", 1) % key}" alt=""'
        ' width="240" height="320" loading="lazy">'
        f'<span class="gallery-name">{escape(document.name)}</span></a>'
        f'<span class="gallery-facts">{told}</span></li>\n'
    )


@lru_cache(maxsize=4096)
def _told(language: str | None, is_pdf: bool, pages: int | None, size: int) -> str:
    """Kind and size in the reader's language."""
    if not is_pdf:
        kind = _("Photo")  # not inside the f-string: makemessages would overlook it
        return f"{kind}, {size_words(size)}"
    kind = ngettext("PDF, %(pages)s page", "PDF, %(pages)s pages", pages or 1) % {"pages": pages}
    return f"{kind}, {size_words(size)}"


@cache
def _address(name: str, *page: int) -> str:
    """Kept for other requests too, so it leads to the document whichever customer the address names."""
    return plain(reverse(name, args=[PLACE, *page])).replace("%", "%%").replace(str(PLACE), "%s")
