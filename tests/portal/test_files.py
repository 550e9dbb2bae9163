"""Uploads: what may come in, how it is cleaned, how it is handed out."""

import errno
import io
import os
import re
import unicodedata
import uuid
import zlib
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portal.errors import Refused
from portal.files import access, photos, pictures, store
from portal.files.forms import DocumentsField, token_of
from portal.files.gallery import gallery
from portal.files.models import Document
from portal.files.names import clean_name
from portal.files.sizes import size_words
from portal.files.store import attach, discard, keep
from portal.files.upload import MAX_BYTES, CappedUploadHandler
from portal.tasks import discard_unattached_uploads

ORIENTATION = 0x0112
MAKE = 0x010F
GPS = 0x8825


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with translation.override("en"):
        yield tmp_path


@pytest.fixture
def registered(monkeypatch):
    """The list of apps that let people see documents, empty at first."""
    entries: list[access.DocumentIds] = []
    monkeypatch.setattr("portal.files.models.document_access", entries)
    return entries


class ProofForm(forms.Form):
    note = forms.CharField()
    documents = DocumentsField(label="Documents", max_files=3)
    others = DocumentsField(label="Others", required=False)


def pdf(pages: int = 1, width: int = 300) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _number in range(pages):
        document.new_page(width, 400)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def raw_pdf(catalog: str = "", trailer: str = "", objects: bytes = b"") -> bytes:
    """A PDF by hand, for what no library here can write; readers put up with the missing table."""
    return (
        b"%%PDF-1.5\n1 0 obj<</Type/Catalog/Pages 2 0 R%b>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
        b"%btrailer<</Root 1 0 R/Size 9%b>>\n%%%%EOF" % (catalog.encode(), objects, trailer.encode())
    )


def locked_pdf() -> bytes:
    key = "41" * 32
    return raw_pdf(trailer=f"/Encrypt<</Filter/Standard/V 1/R 2/O<{key}>/U<{key}>/P -4>>/ID[<{key[:32]}><{key[:32]}>]")


def hidden_script_pdf() -> bytes:
    stream = zlib.compress(b"5 0 <</S/JavaScript/JS(app.alert(1))>>")
    head = b"4 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(stream)
    return raw_pdf(catalog="/OpenAction 5 0 R", objects=head + stream + b"\nendstream endobj\n")


def photo(kind: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **options) -> bytes:
    out = io.BytesIO()
    if mode in ("RGB", "L", "RGBA"):
        image = Image.effect_noise((400, 300), 60).resize(size).convert(mode)
    else:
        image = Image.new(mode, size)
    image.save(out, kind, **options)
    return out.getvalue()


def exif() -> Image.Exif:
    data = Image.Exif()
    data[ORIENTATION] = 6
    data[MAKE] = "Phone"
    data.get_ifd(GPS)[1] = "N"
    return data


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(**data) -> ProofForm:
    """The form as a browser sends it, through the handler that the settings name."""
    request = RequestFactory().post("/", {"note": "typed", **data})
    return ProofForm(request.POST, request.FILES)


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def full_disk(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


BAD = {
    "60 MB": ("scan.pdf", lambda: b"%PDF-1.5" + bytes(60 * 1024 * 1024), "too_large", "larger than 15 MB"),
    "program": (
        "bill.pdf",
        lambda: b"MZ\x90\x00" + bytes(2000),
        "unknown_type",
        "not a PDF, JPG",
    ),
    "program with mark": ("b.pdf", lambda: b"MZ\x90\x00 %PDF-1.5" + bytes(99), "unknown_type", "not a PDF"),
    "web page": ("photo.jpg", lambda: b"<svg onload='x()'></svg>", "unknown_type", "not a PDF"),
    "locked": ("locked.pdf", locked_pdf, "encrypted", "locked with a password"),
    "cut": ("cut.pdf", lambda: pdf()[:40], "broken", "damaged"),
    "cut photo": ("cut.jpg", lambda: photo(size=(300, 300))[:2000], "broken", "damaged"),
    "cut HEIC": ("cut.heic", lambda: photo("HEIF", (300, 300))[:400], "broken", "damaged"),
    "bomb": ("b.png", lambda: photo("PNG", (10_000, 10_000), "1"), "too_many_pixels", "50 million pixels"),
    "huge bomb": (
        "b.png",
        lambda: photo("PNG", (20_000, 10_000), "1"),
        "too_many_pixels",
        "too large a picture",
    ),
    "51 pages": ("book.pdf", lambda: pdf(51), "too_many_pages", "more than 50 pages"),
    "script": (
        "s.pdf",
        lambda: raw_pdf(catalog="/OpenAction<</S/JavaScript/JS(x)>>"),
        "active",
        "contains a program",
    ),
    "launch": ("l.pdf", lambda: raw_pdf(catalog="/OpenAction<</S/Launch/F(x.exe)>>"), "active", "program"),
    "hidden script": ("h.pdf", hidden_script_pdf, "active", "contains a program"),
    # Without a bound on their number, looking into each would take minutes.
    "a million object streams": ("o.pdf", lambda: raw_pdf(objects=b"/ObjStm stream\n" * 900_000), "broken", "damaged"),
    "empty": ("nothing.pdf", lambda: b"", "empty", "is empty"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", BAD)
def test_bad_file_gets_a_sentence_and_leaves_nothing(case, media):
    name, content, code, words = BAD[case]
    form = send(documents=upload(name, content()))
    assert not form.is_valid()
    assert form.errors.as_data()["documents"][0].code == code
    (sentence,) = form.errors["documents"]
    assert words in sentence and name in sentence
    assert form.cleaned_data["note"] == "typed"
    assert not Document.objects.exists() and not stored(media)


@pytest.mark.django_db
def test_pixel_bomb_is_refused_before_decoding(monkeypatch):
    bomb = photo("PNG", (10_000, 10_000), "1")
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("decoded"))
    with pytest.raises(ValidationError) as refused:
        keep(upload("bomb.png", bomb))
    assert refused.value.code == "too_many_pixels"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "kept_as", "content_type", "pages"),
    [
        ("Faktura 1.PDF", pdf(2), "Faktura 1.pdf", "application/pdf", 2),
        ("scan.jpg", pdf(), "scan.pdf", "application/pdf", 1),
        ("IMG_1.HEIC", photo("HEIF"), "IMG_1.jpg", "image/jpeg", None),
        ("IMG_2.jpeg", photo(), "IMG_2.jpg", "image/jpeg", None),
        ("drawing.png", photo("PNG", mode="P"), "drawing.png", "image/png", None),
        ("see-through.png", photo("PNG", (200, 200), "RGBA"), "see-through.png", "image/png", None),
        ("deep.png", photo("PNG", mode="I;16"), "deep.jpg", "image/jpeg", None),
        ("print.jpg", photo(mode="CMYK"), "print.jpg", "image/jpeg", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_good_file_is_kept_under_a_name_that_fits(name, content, kept_as, content_type, pages, media):
    form = send(documents=upload(name, content))
    assert form.is_valid(), form.errors
    (document,) = form.cleaned_data["documents"]
    assert (document.name, document.content_type, document.pages) == (kept_as, content_type, pages)
    assert re.fullmatch(r"documents/[0-9a-f]{2}/[0-9a-f-]{36}\.(pdf|jpg|png)", document.file.name)
    assert document.size == (media / document.file.name).stat().st_size
    assert (media / document.file.name).stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
def test_photo_is_upright_and_tells_nothing_of_place(kind):
    content = photo(kind, (4000, 2000), exif=exif().tobytes())
    document = keep(upload("holiday.jpg", content))
    with Image.open(document.file) as kept:
        assert kept.size == (1500, 3000)
        assert not kept.getexif() and not {"exif", "xmp", "icc_profile", "comment"} & kept.info.keys()


def test_what_was_see_through_becomes_white():
    clear = Image.new("RGBA", (3001, 10), (255, 0, 0, 0))
    out = io.BytesIO()
    clear.save(out, "PNG")
    content, kept_as = photos.redraw(out.getvalue(), ("PNG",), max_pixels=50_000)
    assert kept_as == "JPEG" and Image.open(io.BytesIO(content)).getpixel((5, 5)) == (255, 255, 255)


def test_large_photo_is_not_decoded_whole(monkeypatch):
    content = photo(size=(6400, 4800), mode="L")
    seen = []
    monkeypatch.setattr(photos, "_flat", lambda image: seen.append(image.size) or image.convert("RGB"))
    photos.redraw(content, ("JPEG",), max_pixels=50_000_000)
    assert seen == [(3200, 2400)]


@pytest.mark.django_db
def test_bad_file_does_not_lose_the_good_ones(media):
    form = send(documents=[upload("good.pdf", pdf()), upload("bad.pdf", b"MZ")], note="")
    assert not form.is_valid()
    kept = Document.objects.get()
    page = str(form["documents"])
    assert "good.pdf" in page and "bad.pdf" in form.errors["documents"][0] and "required" not in page

    token = re.search(r'name="documents-kept" value="([^"]+)"', page).group(1)
    again = send(**{"documents-kept": token})
    assert again.is_valid() and again.cleaned_data["documents"] == [kept]
    assert len(stored(media)) == 1


@pytest.mark.django_db
def test_other_field_wrong_keeps_the_file():
    form = send(documents=upload("good.pdf", pdf()), note="")
    assert list(form.errors) == ["note"]
    assert "good.pdf" in form.as_p() and "documents-kept" in form.as_p()


@pytest.mark.django_db
def test_removed_file_is_gone(media):
    token = token_of(keep(upload("wrong.pdf", pdf())))
    form = send(**{"documents-kept": token, "documents-remove": token})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.transaction, "on_commit", lambda act: act())
        assert form.errors["documents"] == ["Add at least one file."]
    assert not Document.objects.exists() and not stored(media)


@pytest.mark.django_db
def test_same_file_twice_is_kept_once():
    content = pdf()
    token = token_of(keep(upload("a.pdf", content)))
    form = send(**{"documents-kept": token, "documents": [upload("b.pdf", content), upload("c.pdf", content)]})
    assert form.is_valid() and [document.name for document in form.cleaned_data["documents"]] == ["a.pdf"]


@pytest.mark.django_db
def test_too_many_files_keeps_the_first():
    form = send(documents=[upload(f"{width}.pdf", pdf(width=width)) for width in range(300, 305)])
    assert form.errors["documents"] == ["Add at most 3 files. Remove one to add another."]
    assert Document.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(
    "tamper",
    [lambda token: token[:-1] + "!", lambda token: f"{uuid.uuid4()}:x:y", str.upper],
    ids=["end", "own", "case"],
)
def test_forged_token_names_nothing(tamper):
    token = token_of(keep(upload("a.pdf", pdf())))
    form = send(**{"documents-kept": tamper(token)})
    assert "no longer here" in form.errors["documents"][0]
    assert "a.pdf" not in str(form["documents"])


@pytest.mark.django_db
def test_token_lives_two_days(monkeypatch):
    token = token_of(keep(upload("a.pdf", pdf())))
    later = timezone.now().timestamp() + timedelta(hours=49).total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert not send(**{"documents-kept": token}).is_valid()


@pytest.mark.django_db
def test_form_sent_twice_attaches_once():
    document = keep(upload("a.pdf", pdf()))
    token = token_of(document)
    attach([document])
    form = send(**{"documents-kept": token})
    assert "already sent" in form.errors["documents"][0]
    with pytest.raises(Refused):
        attach([document])
    removal = send(**{"documents-kept": token, "documents-remove": token})
    assert not removal.is_valid() and Document.objects.filter(pk=document.pk).exists()


@pytest.mark.django_db
def test_two_fields_do_not_mix():
    form = send(documents=upload("a.pdf", pdf()), others=upload("b.pdf", pdf(2)))
    assert form.is_valid() and form.changed_data == ["note", "documents", "others"]
    assert [document.name for document in form.cleaned_data["others"]] == ["b.pdf"]
    assert "a.pdf" not in str(form["others"])


@pytest.mark.django_db
def test_going_back_shows_the_kept_files():
    document = keep(upload("a.pdf", pdf()))
    field = ProofForm(initial={"documents": [document]})["documents"]
    assert "a.pdf" in str(field)
    unchanged = ProofForm({"documents-kept": token_of(document)}, initial={"documents": [document]})
    assert "documents" not in unchanged.changed_data


def test_widget_tells_formats_before_choosing():
    page = str(ProofForm()["documents"])
    assert 'id="id_documents"' in page and 'aria-describedby="id_documents_formats"' in page
    assert page.index("PDF, JPG, PNG or HEIC, at most 15 MB each") < page.index('type="file"')
    assert " required" in page and "multiple" in page and "<script" not in page
    assert ProofForm().is_multipart()


@pytest.mark.django_db
def test_full_disk_while_receiving(monkeypatch, media):
    monkeypatch.setattr("tempfile.SpooledTemporaryFile.write", full_disk)
    form = send(documents=[upload("a.pdf", pdf()), upload("b.pdf", pdf(2))])
    (sentence,) = form.errors["documents"]
    assert "our storage is full" in sentence and "What you typed is kept" in sentence
    assert form.cleaned_data["note"] == "typed" and not stored(media)


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["os.fsync", "os.open", "pathlib.Path.replace", "pathlib.Path.mkdir"])
def test_full_disk_while_storing_leaves_nothing(step, monkeypatch, media):
    form = send(documents=upload("a.pdf", pdf()))
    with monkeypatch.context() as patch:
        patch.setattr(step, full_disk)
        assert form.errors.as_data()["documents"][0].code == "disk_full"
    assert not Document.objects.exists() and not stored(media)


@pytest.mark.django_db
def test_row_that_cannot_be_written_leaves_no_file(monkeypatch, media):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(Document, "save", fail)
    with pytest.raises(RuntimeError):
        keep(upload("a.pdf", pdf()))
    assert not stored(media)


def test_upload_past_the_cap_is_drained_and_not_stored():
    handler = CappedUploadHandler()
    handler.new_file("documents", "a.pdf", "application/pdf", None)
    for start in range(0, MAX_BYTES + 65536, 65536):
        assert handler.receive_data_chunk(bytes(65536), start) is None
    received = handler.file_complete(MAX_BYTES + 65536)
    assert (received.fault, received.size, received.read()) == ("too_large", 0, b"")


def test_many_large_files_in_one_request_do_not_fill_the_disk(monkeypatch):
    monkeypatch.setattr("portal.files.upload.MAX_REQUEST_BYTES", 5)
    request = RequestFactory().post("/", {"d": [upload("a.pdf", b"1234"), upload("b.pdf", b"56")]})
    assert [received.fault for received in request.FILES.getlist("d")] == ["", "too_much"]


@given(st.text())
def test_any_name_becomes_a_harmless_one(name):
    cleaned = clean_name(name, "pdf")
    assert 5 <= len(cleaned) <= 100 and cleaned.endswith(".pdf")
    assert not re.search(r"[/\\]", cleaned) and cleaned[0] not in " ."
    assert not [char for char in cleaned if unicodedata.category(char)[0] == "C"]


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\scans\\Faktura żółta.PDF", "Faktura żółta.pdf"),
        ("in\u202efdp.exe", "infdp.exe.pdf"),
        ("a\r\nSet-Cookie: b.jpg", "a Set-Cookie: b.pdf"),
        (" .. ", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_names(name, cleaned):
    assert clean_name(name, "pdf") == cleaned


@pytest.fixture
def person(db):
    return get_user_model().objects.create_user("owner@example.com")


@pytest.fixture
def seen(registered, person):
    """A document that the person may see."""
    document = keep(upload("Faktura ż.pdf", pdf(2)), by=person)
    registered.append(lambda user: Document.objects.filter(pk=document.pk).values("pk") if user == person else [])
    return document


def urls(document: Document) -> list[str]:
    return [reverse("document", args=[document.pk]), reverse("document-page", args=[document.pk, 1])]


@pytest.mark.django_db
def test_document_is_handed_to_who_may_see_it(client, person, seen):
    client.force_login(person)
    response = client.get(urls(seen)[0])
    assert b"".join(response.streaming_content) == seen.file.read()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == "inline; filename*=utf-8''Faktura%20%C5%BC.pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert "private" in response["Cache-Control"]


@pytest.mark.django_db
def test_stranger_and_staff_without_entry_get_404(client, seen):
    people = get_user_model().objects
    for user in (
        people.create_user("stranger@example.com"),
        people.create_user("s@example.com", is_staff=True),
    ):
        client.force_login(user)
        assert [client.get(url).status_code for url in urls(seen)] == [404, 404]


@pytest.mark.django_db
def test_not_signed_in_goes_to_sign_in(client, seen):
    assert [client.get(url).status_code for url in urls(seen)] == [302, 302]


@pytest.mark.django_db
def test_nobody_sees_what_no_app_registered(registered, person):
    keep(upload("a.pdf", pdf()), by=person)
    assert not Document.objects.visible_to(person).exists()


@pytest.mark.django_db
def test_page_is_drawn_once(client, person, seen, monkeypatch, media):
    client.force_login(person)
    url = reverse("document-page", args=[seen.pk, 2])
    first = client.get(url)
    assert first["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(first.content)).size == (459, 612)
    monkeypatch.setattr(pictures, "page_picture", lambda *args: pytest.fail("drawn again"))
    assert client.get(url).content == first.content
    assert client.get(reverse("document-page", args=[seen.pk, 3])).status_code == 404


@pytest.mark.django_db
def test_picture_is_shown_though_the_disk_is_full(monkeypatch, media):
    document = keep(upload("a.jpg", photo(size=(2800, 1400))))
    monkeypatch.setattr("portal.files.pictures.write_whole", full_disk)
    picture, content_type = pictures.picture_of(document, 1)
    assert content_type == "image/jpeg" and Image.open(io.BytesIO(picture)).size == (1400, 700)
    assert len(stored(media)) == 1


@pytest.mark.django_db
def test_file_that_was_lost_is_404(client, person, seen, media):
    client.force_login(person)
    (media / seen.file.name).unlink()
    assert [client.get(url).status_code for url in urls(seen)] == [404, 404]


@pytest.mark.django_db
def test_discarding_takes_file_and_pictures(django_capture_on_commit_callbacks, media):
    document = keep(upload("a.pdf", pdf()))
    pictures.picture_of(document, 1)
    with django_capture_on_commit_callbacks() as on_commit:
        discard(document)
    assert len(stored(media)) == 2
    on_commit[0]()
    assert not stored(media)


@pytest.mark.django_db
def test_forgotten_uploads_go_and_the_task_may_run_twice(django_capture_on_commit_callbacks, media):
    _old, fresh, attached = (keep(upload(f"{pages}.pdf", pdf(pages))) for pages in (1, 2, 3))
    attach([attached])
    Document.objects.exclude(pk=fresh.pk).update(created_at=timezone.now() - timedelta(hours=49))
    for _run in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            discard_unattached_uploads()
        assert set(Document.objects.all()) == {fresh, attached}
        assert len(stored(media)) == 2


@pytest.mark.django_db
def test_crispy_renders_label_hint_and_error_together():
    page = render_crispy_form(send())
    assert 'for="id_documents"' in page and 'id="id_documents_error"' in page
    assert 'aria-describedby="id_documents_error id_documents_formats"' in page
    assert "Add at least one file." in page


@pytest.mark.parametrize(("language", "told"), [("en", "85 kB, 3.4 MB"), ("pl", "85 kB, 3,4 MB")])
def test_sizes_are_told_as_the_script_tells_them(language, told):
    with translation.override(language):
        assert f"{size_words(85_400)}, {size_words(3_400_000)}".replace("\xa0", " ") == told


@pytest.mark.django_db
def test_gallery_links_documents_without_layout_shift():
    documents = [keep(upload("a.pdf", pdf(2))), keep(upload("<b>.jpg", photo()))]
    page = gallery(documents)
    assert page.count('width="240" height="320" loading="lazy"') == 2
    assert "PDF, 2 pages" in page and "&lt;b&gt;.jpg" in page and urls(documents[0])[0] in page
    assert render_to_string("files/pages.html", {"documents": documents}).count("<img") == 3
