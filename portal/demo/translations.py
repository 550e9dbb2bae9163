"""Whether the Polish and Czech translations are complete and fit their sources. Part of `make check`."""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from portal.demo.servers import ROOT

LANGUAGES = ("pl", "cs")
CODE = ("portal", "accounts", "devices", "services", "warranty", "orders", "templates")
# %(name)s, %s and %d of Python and Django, {name} of str.format; %% is a percent sign.
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
# What marks a sentence in Python.
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
Sentence = tuple[str | None, str, str]


def faults() -> list[str]:
    """What is wrong, one sentence each; empty when all is well."""
    if unseen := [fault for name in CODE for path in sorted((ROOT / name).rglob("*.py")) for fault in unseen_in(path)]:
        return unseen
    if shutil.which("xgettext") is None:
        return ["xgettext is missing, which finds the sentences. Install it with: apt-get install gettext"]
    with tempfile.TemporaryDirectory() as folder:
        found = _collected(Path(folder))
    return [fault for language in LANGUAGES for fault in _faults(language, found[language])]


def unseen_in(path: Path) -> list[str]:
    """Sentences within f-strings, one fault each: xgettext does not find them there."""
    calls = [
        call
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MARKS
    ]
    return [
        f"{path.name}:{call.lineno}: nobody finds a sentence within an f-string: {ast.unparse(call)}" for call in calls
    ]


def _collected(copy: Path) -> dict[str, polib.POFile]:
    """The sentences of the code as it is now, by language; works on a copy, since makemessages writes."""
    for name in (*CODE, "manage.py"):
        source = ROOT / name
        copier = shutil.copytree if source.is_dir() else shutil.copy2
        copier(source, copy / name)  # type: ignore[operator]
    languages = [argument for language in LANGUAGES for argument in ("--locale", language)]
    (copy / "locale").mkdir()
    command = [sys.executable, "manage.py", "makemessages", *languages, "--no-location", "--verbosity", "0"]
    subprocess.run(command, cwd=copy, check=True)
    return {language: polib.pofile(_path(copy, language)) for language in LANGUAGES}


def _path(root: Path, language: str) -> str:
    return str(root / "locale" / language / "LC_MESSAGES" / "django.po")


def _faults(language: str, found: polib.POFile) -> list[str]:
    if not Path(_path(ROOT, language)).exists():
        return [f"{language}: there is no translation yet. Run: make messages"]
    translation = polib.pofile(_path(ROOT, language))
    ours, theirs = _sentences(translation), _sentences(found)
    return [
        *[f"{language}: not in locale/ yet, run make messages: {sentence[1]!r}" for sentence in theirs - ours],
        *[f"{language}: no longer in the code, run make messages: {sentence[1]!r}" for sentence in ours - theirs],
        *[fault for entry in translation if not entry.obsolete for fault in entry_faults(language, entry)],
    ]


def _sentences(file: polib.POFile) -> set[Sentence]:
    return {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in file if not entry.obsolete}


def entry_faults(language: str, entry: polib.POEntry) -> list[str]:
    """What is wrong with one translated sentence, its plural forms included."""
    where = f"{language}: {entry.msgid!r}"
    if entry.fuzzy:
        return [f"{where} is only a guess (fuzzy)"]
    forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not all(forms):
        return [f"{where} is not translated"]
    return [f"{where} has other placeholders than its source: {form!r}" for form in forms if not _fits(entry, form)]


def _fits(entry: polib.POEntry, form: str) -> bool:
    """A plural form may leave out the number ("one day"), but must not name what the source does not."""
    wanted = _placeholders(entry.msgid_plural or entry.msgid)
    if entry.msgid_plural:
        return _placeholders(form) <= wanted
    return sorted(PLACEHOLDER.findall(_plain(form))) == sorted(PLACEHOLDER.findall(_plain(entry.msgid)))


def _placeholders(sentence: str) -> set[str]:
    return set(PLACEHOLDER.findall(_plain(sentence)))


def _plain(sentence: str) -> str:
    return sentence.replace("%%", "")
