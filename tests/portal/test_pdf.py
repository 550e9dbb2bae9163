"""The data sheet as a PDF: tagged, with its own letters, told in every language."""

import logging
import re
import zlib
from contextlib import suppress

import pypdfium2 as pdfium
import pytest
from django.urls import reverse

from tests.factories import customer, device, person, site

pytestmark = pytest.mark.django_db

NAME = "Zażółć gęślą jaźń, příliš žluťoučký kůň"


@pytest.fixture
def sheet(client, caplog) -> bytes:
    owner = person(language="pl")
    pump = device(site(customer(members=[owner], name="Jan Łoś"), city="Říčany"), kind="split", name=NAME)
    client.force_login(owner)
    with caplog.at_level(logging.WARNING):
        answer = client.get(reverse("device-sheet", args=[pump.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert not [line for line in caplog.records if line.name.startswith(("weasyprint", "fontTools"))]
    return answer.content


def text_of(pdf: bytes) -> str:
    with pdfium.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def inside(pdf: bytes) -> bytes:
    """The file with its packed parts laid open."""
    parts = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            parts.append(zlib.decompress(packed))
    return pdf + b"".join(parts)


def test_it_is_one_page_with_every_letter(sheet):
    with pdfium.PdfDocument(sheet) as document:
        assert len(document) == 1
        assert document.get_metadata_dict()["Title"]
    for words in (NAME, "Říčany", "Jan Łoś"):
        assert words in text_of(sheet)


def test_it_is_tagged_and_says_so(sheet):
    for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid:part"):
        assert mark in inside(sheet)


def test_its_letters_come_along(sheet):
    objects = inside(sheet)
    names = set(re.findall(rb"/FontName /\w+\+([\w-]+)", objects))
    assert names == {b"Obok-Sans", b"Obok-Sans-Semi-Bold"}, "letters were taken from another typeface"
    assert objects.count(b"/FontFile") == len(re.findall(rb"/FontName ", objects))


def test_a_long_device_takes_more_pages_and_stays_whole(client):
    owner = person()
    pump = device(site(customer(members=[owner]), street="W" * 120), name="M" * 80)
    client.force_login(owner)
    pdf = client.get(reverse("device-sheet", args=[pump.pk])).content
    assert "M" * 20 in text_of(pdf).replace(" ", "")


def test_nothing_is_fetched_from_the_network(monkeypatch, caplog):
    from portal import pdf

    html = '<html lang="en"><title>x</title><img alt="x" src="http://127.0.0.1:9/x.png"><p>Text</p></html>'
    monkeypatch.setattr(pdf, "render_to_string", lambda *args: html)
    assert "Text" in text_of(pdf.render_pdf("x", {}))
    assert "127.0.0.1:9" in caplog.text


def test_each_page_names_the_company_as_it_is_written(sheet, settings):
    brand = settings.BRAND
    assert text_of(sheet).count(f"{brand['company']}, {brand['address']}") == 2  # in the text, and at the foot
