"""The public surface: the stored text, its rules, and the same names at run time."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from difflib import unified_diff
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.api import surface
from tests.kit.imports import modules

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def _fresh() -> Iterator[None]:
    """Forget the places of names before and after a test that changes a source."""
    caches = surface.find, surface.homes
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


def changes() -> list[str]:
    """Return the lines that differ from the stored surface, `-` before removed ones and `+` before new ones."""
    stored = surface.STORED.read_text("utf-8").splitlines()
    return [
        line for line in unified_diff(stored, surface.lines(), n=0, lineterm="") if line[:2] not in ("--", "++", "@@")
    ]


def test_the_stored_surface_is_the_present_one() -> None:
    assert changes() == [], "if the change is intended (docs/versions.md): python -m tests.api.surface --update"


# --- A change of the surface is found --------------------------------------------------------------------------------

PLANTS = {
    "a parameter has another name": (
        "rekog._generated.client",
        "def list_users(\n        self, collection_id: str,",
        "def list_users(\n        self, collection: str,",
        "RekognitionClient.list_users",
    ),
    "a parameter is keyword-only": (
        "rekog._core.wire",
        "def to_wire(model: Model",
        "def to_wire(*, model: Model",
        "to_wire",
    ),
    "a default differs": (
        "rekog.conversion",
        'style: Literal["wire", "python"] = "wire"',
        'style: Literal["wire", "python"] = "python"',
        "converter",
    ),
    "a parameter has no default": (
        "rekog.models.common",
        "*, low: int, high: int",
        "*, low: int, high: int, mean: int",
        "AgeRange.__init__",
    ),
    "a result has another type": (
        "rekog.paging",
        "def first(self) -> Item_co | None:",
        "def first(self) -> Item_co:",
        "Pager.first",
    ),
    "a method of a private parent has another result": (
        "rekog.client",
        "def waiter_names(self) -> list[str]:",
        "def waiter_names(self) -> tuple[str, ...]:",
        "AsyncRekognitionClient.waiter_names",
    ),
    "an enum has another member": (
        "rekog.models.common",
        '    LINE = "LINE"\n',
        '    LINE = "LINE"\n    PAGE = "PAGE"\n',
        "TextTypes.PAGE",
    ),
    "an error has another parent": (
        "rekog._values.errors",
        "class ClientClosedError(RekogError, RuntimeError)",
        "class ClientClosedError(RekogError)",
        "ClientClosedError",
    ),
    "a field of a frozen value has another default": (
        "rekog._values.model",
        "status_code: int = 200",
        "status_code: int = 0",
        "ResponseMetadata.status_code",
    ),
    "a fixture has another scope": (
        "rekog.pytest_plugin",
        '@pytest.fixture(scope="session")',
        '@pytest.fixture(scope="module")',
        "rekog_session_emulator",
    ),
    "a property may not be assigned": (
        "rekog._values.model",
        "@response_metadata.setter",
        "@_private",
        "Response.response_metadata",
    ),
}


@pytest.mark.slow
@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize("plant", PLANTS)
def test_a_changed_signature_is_found(plant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed, before, after, name = PLANTS[plant]
    read = surface.source
    assert before in read(changed)

    def planted(module: str) -> str:
        return read(module).replace(before, after) if module == changed else read(module)

    monkeypatch.setattr(surface, "source", planted)

    assert any(re.search(rf"\b{re.escape(name)}\b", line) for line in changes())


@pytest.mark.usefixtures("_fresh")
def test_a_name_that_is_no_longer_exported_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("rekog.conversion"), "__all__", [])

    assert [line for line in changes() if "converter" in line and line.startswith("-")] != []


# --- Rules -----------------------------------------------------------------------------------------------------------


def in_order(names: list[str]) -> list[str]:
    """Return names in the order of `__all__`: constants, classes, and the rest, each by the alphabet."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


@pytest.mark.parametrize("module", surface.PUBLIC)
def test_the_names_of_a_public_module_are_sorted_and_unique(module: str) -> None:
    names = surface.exported(module)
    assert names == in_order(list(set(names)))


# pytest finds hooks and fixtures by `dir`, so its plugin shows all names.
SHORT_DIR = [module for module in surface.PUBLIC if module != "rekog.pytest_plugin"]
EXTRA = {"rekog": {module.partition(".")[2] for module in surface.PUBLIC[1:]}}


@pytest.mark.parametrize("module", SHORT_DIR)
def test_dir_of_a_public_module_shows_public_names_only(module: str) -> None:
    names = {name for name in dir(import_module(module)) if not name.startswith("__")}
    families = {name for name in names if module == "rekog.models" and name.islower()}
    assert names - EXTRA.get(module, set()) - families == {*surface.exported(module)} - EXTRA.get(module, set())


def test_the_document_lists_the_public_modules() -> None:
    text = (ROOT / "docs/versions.md").read_text("utf-8")
    assert tuple(sorted(re.findall(r"^\| `(rekog[\w.]*)` \|", text, re.MULTILINE))) == surface.PUBLIC


def test_the_document_lists_the_supported_versions_of_python() -> None:
    text = (ROOT / "docs/versions.md").read_text("utf-8")
    supported = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert re.findall(r"3\.\d+", text.partition("## Python\n")[2]) == supported


def test_the_document_lists_the_classes_without_a_public_constructor() -> None:
    text = (ROOT / "docs/versions.md").read_text("utf-8")
    stated = re.search(r"create by yourself: ((?:`\w+`(?:,|and|\s)*)+)", text)
    assert stated is not None
    assert set(re.findall(r"`(\w+)`", stated[1])) == surface.CREATED


# --- The same names at run time --------------------------------------------------------------------------------------


def public_classes() -> list[tuple[str, type]]:
    """Return the public classes of the package, each with its name."""
    found: dict[str, type] = {}
    for home, module in surface.homes().items():
        value = getattr(import_module(module), home.name) if home.name else None
        if isinstance(value, type):
            found[home.name] = value
    return sorted(found.items())


def inherited(cls: type) -> set[str]:
    """Return the names that a class has from classes that are not of the package."""
    return {name for parent in cls.__mro__ if not parent.__module__.startswith("rekog") for name in dir(parent)}


def stated_members() -> dict[str, set[str]]:
    """Return the public members of each class by the stored surface, without special methods."""
    found: dict[str, set[str]] = {}
    for line in surface.STORED.read_text("utf-8").splitlines():
        match = re.match(r"(?:@\S+ )*(?:async def |def |property |class )?(\w+)(?:\.(\w+))?", line)
        if match and match[2] and not match[2].startswith("_"):
            found.setdefault(match[1], set()).add(match[2])
    return found


def actual_members(cls: type[Any]) -> set[str]:
    """Return the public members of a class at run time, without those of classes that are not of the package."""
    foreign = inherited(cls)
    return {
        member
        for member, value in inspect.getmembers_static(cls)
        if not member.startswith("_")
        and member not in foreign
        and not inspect.ismemberdescriptor(value)  # a slot, which the constructor of a model stands for
    }


def test_the_methods_of_a_class_are_those_of_the_surface() -> None:
    members, classes = stated_members(), public_classes()
    unstated: dict[str, set[str]] = {}
    for name, cls in classes:
        parents = {parent.__name__ for parent in cls.__mro__ if parent.__module__.startswith("rekog")}
        unstated[name] = actual_members(cls) - {member for parent in parents for member in members.get(parent, ())}
    assert len(classes) > 450
    assert {name: found for name, found in unstated.items() if found} == {}


# --- Types -----------------------------------------------------------------------------------------------------------

# Names in signatures that need no import: helpers of models and aliases, type variables, arguments by servers, and the
# type of the module that `client.exceptions` is, and pathlib's `Path`, because a private alias has the same name.
HELPERS = {"Blob", "BytesLike", "Exceptions", "Items", "T", "Event", "Path", "Receive", "Send"}


def private_types() -> set[str]:
    """Return the names of classes and aliases of the package that no public name equals."""
    public = {name for module in surface.PUBLIC for name in surface.exported(module)}
    names: set[str] = set()
    for module in modules():
        for node in surface.statements(module):
            if isinstance(node, ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.unparse(node.annotation):
                names.add(ast.unparse(node.target))
    return names - public - HELPERS


def test_the_types_in_public_signatures_are_public() -> None:
    private = private_types()
    names = {
        line.partition("(")[0]: private & set(re.findall(r"(?<![.\w])\w+", line))
        for line in surface.STORED.read_text("utf-8").splitlines()
        if not line.startswith(("#", "=="))
    }
    assert {line: types for line, types in names.items() if types} == {}
