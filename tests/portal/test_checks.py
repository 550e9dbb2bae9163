"""The checks of `make check` find what they are there to find."""

import polib
import pytest

from portal.demo import check, translations


@pytest.mark.parametrize(
    ("source", "translation", "told"),
    [
        ("Sign in", "Zaloguj się", None),
        ("Sign in", "", "is not translated"),
        ("Hello %(name)s", "Witaj, %(name)s", None),
        ("Hello %(name)s", "Witaj, %(nazwa)s", "other placeholders"),
        ("Hello {name}", "Witaj", "other placeholders"),
        ("100%% of %s", "100%% z %s", None),
    ],
)
def test_translation_is_compared_with_its_source(source, translation, told):
    faults = translations.entry_faults("pl", polib.POEntry(msgid=source, msgstr=translation))
    assert len(faults) == (told is not None)
    assert told is None or told in faults[0]


def test_plural_needs_every_form_and_no_strange_placeholder():
    entry = polib.POEntry(msgid="%(n)s device", msgid_plural="%(n)s devices")
    entry.msgstr_plural = {0: "jedno urządzenie", 1: "%(n)s urządzenia", 2: "%(n)s urządzeń"}
    assert translations.entry_faults("pl", entry) == []
    entry.msgstr_plural[2] = "%(m)s urządzeń"
    assert "other placeholders" in translations.entry_faults("pl", entry)[0]
    entry.msgstr_plural[2] = ""
    assert "is not translated" in translations.entry_faults("pl", entry)[0]


def test_guess_is_no_translation():
    entry = polib.POEntry(msgid="Site", msgstr="Strona", flags=["fuzzy"])
    assert "fuzzy" in translations.entry_faults("pl", entry)[0]


def test_a_sentence_within_an_f_string_is_told(tmp_path):
    (tmp_path / "a.py").write_text("""a = _("Seen")\nb = f"<p>{escape(_('Unseen %s') % a)} {ngettext}</p>"\n""")
    assert translations.unseen_in(tmp_path / "a.py") == [
        "a.py:2: nobody finds a sentence within an f-string: _('Unseen %s')"
    ]


def test_lock_file_without_hash_or_with_an_address_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "ROOT", tmp_path)
    (tmp_path / "bad.lock").write_text("--index-url https://example.com\none==1 \\\n    --hash=sha256:ab\ntwo==2\n")
    address, no_hash = check.lock_faults("bad.lock")
    assert "names an address" in address
    assert no_hash == "bad.lock: no hash for two==2"


def test_configuration_is_told_completely(tmp_path, monkeypatch):
    assert check.configuration() == []
    monkeypatch.setattr(check, "ROOT", tmp_path)
    (tmp_path / "portal").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "portal/settings.py").write_text('A = env.str("NEW")\nB = env.bool(\n    "TOLD", False)\n')
    (tmp_path / "docs/configuration.md").write_text("| `TOLD` | x |\n| `GONE` | x |\n")
    assert [fault.split()[-1] for fault in check.configuration()] == ["NEW", "reads"]
