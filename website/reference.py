"""The pages of the reference: directives of mkdocstrings for each public name, grouped by operation and by module."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import rekog
from rekog._generated.operations import METHODS
from rekog._generated.paging import PAGED
from rekog._generated.waiting import WAITERS
from tests.api.surface import PUBLIC

FAMILIES = {
    "images": "Images",
    "celebrities": "Celebrities",
    "collections": "Collections and faces",
    "users": "Users",
    "videos": "Stored videos",
    "custom_labels": "Custom labels and adapters",
    "streams": "Stream processors",
    "liveness": "Face liveness",
    "media_analysis": "Media analysis",
    "tags": "Tags",
    "common": "Shared by several families",
    "dicts": "Settings as dicts",
}
"""The families of operations and of their models, with the headings of their pages."""

_OPERATION = """
::: rekog.RekognitionClient.{method}
    options:
      heading_level: 3
"""
_NAME = """
::: {name}
    options:
      heading_level: 2
"""


def pages() -> dict[str, str]:
    """Return the texts of all pages by their places in the site, in the order of the navigation."""
    operations = {f"reference/operations/{family}.md": text for family, text in _operations()}
    modules = {f"reference/{module}.md": _module(module) for module in PUBLIC if module != "rekog.models"}
    models = {f"reference/models/{family}.md": text for family, text in _models()}
    return {"reference/index.md": _index()} | operations | modules | models


def operations_of(family: str) -> dict[str, list[str]]:
    """Return the methods of a family: for each operation its own method, then its pager and its waiters."""
    found: dict[str, list[str]] = {}
    for method, operation in METHODS.items():
        if operation.input_type.__module__ == f"rekog.models.{family}":
            pager = [f"paginate_{method}"] if method in PAGED else []
            waiters = [f"wait_until_{name}" for name, rule in WAITERS.items() if rule.operation is operation]
            found[method] = [method, *pager, *waiters]
    return dict(sorted(found.items(), key=lambda item: METHODS[item[0]].name))


def models_of(family: str) -> list[str]:
    """Return the public types of a family."""
    families: dict[str, tuple[str, ...]] = getattr(rekog.models, "_FAMILIES")  # noqa: B009 (private)
    return sorted(families[family])


def _index() -> str:
    rows = [
        f"| [{METHODS[method].name}](operations/{family}.md#{anchor(method)}) | `client.{method}` |"
        for family in FAMILIES
        for method in operations_of(family)
    ]
    return "\n".join(
        [
            "# Reference",
            "",
            "Generated from the docstrings of the package. Each method of `RekognitionClient` is also one of",
            "`AsyncRekognitionClient`, with `await`; [which names are public](../versions.md) is a promise.",
            "",
            "| operation | method |",
            "| --- | --- |",
            *sorted(rows),
            "",
        ]
    )


def anchor(method: str) -> str:
    """Return the anchor of an operation in the page of its family."""
    return METHODS[method].name.lower()


def _operations() -> Iterator[tuple[str, str]]:
    for family, title in FAMILIES.items():
        if methods := operations_of(family):
            parts = [f"# Operations: {title}\n"]
            for method, all_methods in methods.items():
                parts.append(f"\n## {METHODS[method].name}\n")
                parts += [_OPERATION.format(method=name) for name in all_methods]
            yield family, "".join(parts)


def _module(module: str) -> str:
    names: list[str] = import_module(module).__all__
    head = f"# `{module}`\n\n::: {module}\n    options:\n      show_root_heading: false\n      members: []\n"
    if module == "rekog":
        names = [name for name in names if f"rekog.{name}" not in PUBLIC]
    return head + "".join(_NAME.format(name=f"{module}.{name}") + _members(name) for name in names)


def _members(name: str) -> str:
    """Return the option with the members to show: those of a client without the operations, which have pages."""
    if not name.endswith("RekognitionClient"):
        return ""
    client = getattr(rekog, name)
    generated = {*METHODS, *(f"paginate_{name}" for name in PAGED), *(f"wait_until_{name}" for name in WAITERS)}
    members = sorted(name for name in dir(client) if not name.startswith("_") and name not in generated)
    return f"      members: [{', '.join(members)}]\n      inherited_members: true\n"


def _models() -> Iterator[tuple[str, str]]:
    for family, title in FAMILIES.items():
        if names := models_of(family):
            yield family, f"# Models: {title}\n" + "".join(_NAME.format(name=f"rekog.models.{name}") for name in names)
