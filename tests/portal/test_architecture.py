"""What the house promises of all code, found out by looking at the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import CheckConstraint, Model, Q

from portal.ui.drawings import ICONS

FLOORS = [
    ["portal"],
    ["accounts"],
    ["devices"],
    ["billing"],
    ["services", "warranty", "metering"],
    ["orders", "support"],
]
LEVEL = {app: level for level, floor in enumerate(FLOORS) for app in floor}
OURS = [app for app in LEVEL if Path(settings.BASE_DIR, app).is_dir()]
# The demo tells a story about all apps; nothing imports it but the addresses and the entry points.
ABOVE_ALL = {Path("portal/demo"), Path("portal/urls.py")}
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def sources(app: str) -> Iterator[Path]:
    for path in sorted(Path(settings.BASE_DIR, app).rglob("*.py")):
        inner = path.relative_to(settings.BASE_DIR)
        if not any(inner.is_relative_to(part) for part in ABOVE_ALL) and "migrations" not in inner.parts:
            yield path


@pytest.mark.parametrize("app", OURS)
def test_an_app_imports_only_from_the_floors_below(app):
    wrong = {
        f"{path.relative_to(settings.BASE_DIR)} imports {name}"
        for path in sources(app)
        for name in imports(path)
        if (other := name.split(".")[0]) in LEVEL and other != app and LEVEL[other] >= LEVEL[app]
    }
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("app", OURS)
def test_nothing_imports_the_demo(app):
    assert not [str(path) for path in sources(app) for name in imports(path) if name.startswith("portal.demo")]


@pytest.mark.parametrize("app", OURS)
def test_a_view_without_a_page_says_so(app):
    """Or a refusal would lead to a bare 405: see RefusalMiddleware."""
    known = Path(settings.BASE_DIR, "portal", "errors.py")
    assert not [str(path) for path in sources(app) if "require_POST" in path.read_text() and path != known]


@pytest.mark.parametrize("app", OURS)
def test_rules_know_nothing(app):
    for path in sources(app):
        if path.name == "rules.py":
            assert not [name for name in imports(path) if name.split(".")[0] in {"django", *LEVEL}], path


@pytest.mark.parametrize("model", MODELS, ids=[model._meta.label for model in MODELS])
def test_every_model_says_who_may_see_it(model):
    if getattr(model, "staff_only", False):
        assert not hasattr(model, "customer_path")
        return
    assert hasattr(model._default_manager.none(), "visible_to"), model._meta.label
    path = getattr(model, "customer_path", None)
    if path:
        for step in path.split("__"):
            model = model._meta.get_field(step).related_model
        assert model._meta.label == "accounts.Customer"


def pairs() -> Iterator[tuple[type[Model], str]]:
    """Columns "<act>_at" and "<act>_by" that stand side by side."""
    for model in MODELS:
        names = {field.name for field in model._meta.fields}
        for name in sorted(names):
            if name.endswith("_at") and f"{name[:-3]}_by" in names:
                yield model, name[:-3]


def test_every_icon_that_a_template_names_is_drawn():
    text = "\n".join(path.read_text() for path in Path(settings.BASE_DIR, "templates").rglob("*.html"))
    named = set(re.findall(r'(?:icon="|% icon ")([^"]+)"', text))
    assert named and named <= set(ICONS), named - set(ICONS)


def named_in(condition: Q) -> set[str]:
    found = set()
    for child in condition.children:
        found |= named_in(child) if isinstance(child, Q) else {child[0].split("__")[0]}
    return found


def may_be_empty(model: type[Model], act: str) -> bool:
    return any(model._meta.get_field(f"{act}_{end}").null for end in ("at", "by"))


PAIRS = [pair for pair in pairs() if may_be_empty(*pair)]


@pytest.mark.parametrize(("model", "act"), PAIRS, ids=[f"{model._meta.label}.{act}" for model, act in PAIRS])
def test_what_is_set_together_has_a_constraint(model, act):
    checks = [c for c in model._meta.constraints if isinstance(c, CheckConstraint)]
    assert any({f"{act}_at", f"{act}_by"} <= named_in(check.condition) for check in checks), model


def test_the_pairs_are_found():
    assert {model._meta.label for model, _act in PAIRS} >= {
        "accounts.Partner", "devices.Claim", "devices.NameplateCheck", "orders.PurchaseProof",
    }  # fmt: skip


@pytest.mark.parametrize("app", OURS)
def test_every_task_says_why_it_may_run_twice(app):
    for path in sources(app):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("shared_task" in ast.unparse(d) for d in node.decorator_list):
                words = (ast.get_docstring(node) or "").lower()
                assert "twice" in words or "second run" in words, f"{path}: {node.name}"
