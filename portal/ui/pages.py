"""Links to the other pages of a list. Drawn in Python: a template took a thirtieth of a whole page (docs/bench.md)."""

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.ui import drawings


def page_links(page: Any, asked: QueryDict) -> SafeString:
    """`page` is Django's Page; what else the address asked for stays. Nothing where there is one page only."""
    if page.paginator.num_pages < 2:
        return SafeString("")
    name, words = _("Pages of the list"), _("%(first)s to %(last)s of %(total)s")
    shown = {"first": page.start_index(), "last": page.end_index(), "total": page.paginator.count}
    links = "".join(f"<li>{link}</li>" for link in _links(page, asked.copy()))
    return SafeString(
        f'<nav class="page-links" aria-label="{escape(name)}">\n'
        f"  <p>{escape(words % shown)}</p>\n"
        f"  <ul>{links}</ul>\n</nav>\n"
    )


def _links(page: Any, address: QueryDict) -> Iterator[str]:
    if page.has_previous():
        before = drawings.icon("left") + _hidden(_("Previous page"))
        yield _link(address, page.previous_page_number(), before, ' rel="prev"')
    word = _hidden(_("Page"))
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        if number == page.paginator.ELLIPSIS:
            yield f'<span class="gap">{number}</span>'
        else:
            yield _link(address, number, f"{word} {number}", _here(number == page.number))
    if page.has_next():
        after = _hidden(_("Next page")) + drawings.icon("right")
        yield _link(address, page.next_page_number(), after, ' rel="next"')


def _link(address: QueryDict, number: int | str, label: str, more: str) -> str:
    address["page"] = str(number)
    return f'<a href="?{escape(address.urlencode())}"{more}>{label}</a>'


def _here(is_here: bool) -> str:
    return ' class="here" aria-current="page"' if is_here else ""


def _hidden(words: str) -> str:
    return f'<span class="visually-hidden">{escape(words)}</span>'
