"""The classes for threads and for tasks have the same members with the same parameters."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from tests.api.surface import PUBLIC

RENAMED = {
    "aclose": "close", "handle_async_request": "handle_request", "__aenter__": "__enter__", "__aexit__": "__exit__",
    "__aiter__": "__iter__",
}  # fmt: skip
"""Members for tasks whose names differ, by the protocols of Python and of httpx."""
THREADS_ONLY = ("cluster",)
"""Parameters without a form for tasks: the client of a cluster blocks."""
PAIRS = sorted(
    (module, name.removeprefix("Async"))
    for module in PUBLIC
    for name in import_module(module).__all__
    if name.startswith("Async") and name.removeprefix("Async") in import_module(module).__all__
)


def members(kind: type[object]) -> dict[str, list[tuple[str, str, object]]]:
    """Return the parameters of each public method, and of those of protocols."""
    methods = inspect.getmembers(kind, inspect.isfunction)
    return {
        RENAMED.get(name, name): [
            (each.name, each.kind.name, each.default) for each in parameters(method) if each.name not in THREADS_ONLY
        ]
        for name, method in methods
        if not name.startswith("_") or name in {*RENAMED, *RENAMED.values()}
    }


def parameters(method: object) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())  # type: ignore[arg-type]  # a function


@pytest.mark.parametrize(("module", "name"), PAIRS, ids=[name for _, name in PAIRS])
def test_both_classes_have_the_same_methods(module: str, name: str) -> None:
    found = import_module(module)
    assert members(getattr(found, f"Async{name}")) == members(getattr(found, name))


def docstrings(kind: type[object]) -> dict[str, str]:
    return {name: inspect.getdoc(method) or "" for name, method in inspect.getmembers(kind, inspect.isfunction)}


def test_people_of_both_kinds_have_the_same_docstrings() -> None:
    people = import_module("rekog.people")
    assert docstrings(people.AsyncPeople) == docstrings(people.People)
