"""Imports within the emulator run one way; imports in functions and for type checkers count as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.kit.imports import Import, imports_in, imports_of, modules

PREFIX = "rekog.emulator"

BASE = frozenset({"settings", "scope", "refusals", "texts"})
"""Modules that know nothing of requests and state: every part may use them."""

ALLOWED: Mapping[str, frozenset[str]] = {
    "__main__": frozenset({"launch", "state", "truth"}),
    "command": frozenset({"launch", "state", "truth"}),
    "launch": BASE | {"serving", "emulator", "front", "services", "state", "vision"},
    # the package itself, which has the public names
    "": BASE | {"emulator", "serving", "front", "handlers", "truth", "services", "state", "vision"},
    "serving": BASE | {"emulator", "front", "background", "services", "state"},
    "emulator": BASE
    | {
        "arguments",
        "declarations",
        "front",
        "handlers",
        "background",
        "context",
        "truth",
        "services",
        "state",
        "vision",
    },
    "declarations": BASE | {"front", "handlers", "context", "truth"},  # methods of `Emulator` in a module of their own
    "arguments": BASE | {"front", "services", "vision"},
    "front": BASE | {"handlers", "background", "context", "truth", "services", "state"},
    "handlers": BASE | {"content", "answers", "background", "context", "truth", "services", "state", "vision"},
    "content": BASE | {"context", "truth", "state", "vision"},
    "answers": BASE | {"vision"},
    "background": BASE | {"context", "state"},
    "context": BASE | {"services", "state", "vision"},
    "truth": BASE | {"services", "state"},
    "services": BASE | {"state"},
    "state": BASE | {"vision"},
    "vision": BASE,
    "settings": frozenset(),
    "scope": frozenset(),
    "refusals": frozenset(),
    "texts": frozenset(),
}
"""The parts (modules and folders of `rekog.emulator`) that each part may import, the highest first."""

EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("emulator", "serving"): "Emulator.transport(), asgi() and serve() are where a user begins",
}

SDK = frozenset({"_values", "_settings", "_core", "_generated", "models", "credentials"})
"""Parts of the SDK that the emulator may import: models, codecs and tables, and `Credentials`, with which it signs."""


def part_of(module: str) -> str | None:
    """Return the part of the emulator that a module belongs to; None for other modules."""
    if module != PREFIX and not module.startswith(f"{PREFIX}."):
        return None
    return module.removeprefix(PREFIX).removeprefix(".").partition(".")[0]


def forbidden(module: str, imports: list[Import]) -> Iterator[str]:
    """Yield the imports of an emulator's module that break a rule."""
    part = part_of(module)
    assert part is not None
    for name, line, _ in imports:
        other = part_of(name)
        if other is None:
            home = name.split(".")
            if home[0] == "rekog" and home[1:2] not in [[each] for each in SDK]:
                yield f"{module}:{line} imports {name}: the emulator uses no client"
        elif other not in ALLOWED[part] | {part} and (part, other) not in EXCEPTIONS:
            yield f"{module}:{line} imports {name}: {part} may not import {other}"


MODULES = [name for name in modules() if part_of(name) is not None]


def test_a_module_imports_only_what_its_part_may() -> None:
    assert [complaint for module in MODULES for complaint in forbidden(module, imports_of(module))] == []


def test_every_part_has_a_rule() -> None:
    assert {part_of(name) for name in MODULES} == set(ALLOWED)


def test_the_rules_run_one_way() -> None:
    order = list(ALLOWED)
    upward = {(part, other) for part in ALLOWED for other in ALLOWED[part] if order.index(part) > order.index(other)}
    assert upward == set()


def test_every_exception_is_used() -> None:
    used = {(part_of(name), part_of(each.module)) for name in MODULES for each in imports_of(name)}
    assert set(EXCEPTIONS) <= used


PLANTED = [
    (part, other)
    for part in ALLOWED
    for other in ALLOWED
    if other not in ALLOWED[part] | {part} and (part, other) not in EXCEPTIONS
]


def planted(line: str, part: str = "handlers") -> list[str]:
    """Return the complaints about a new module of a part that has this source."""
    module = f"{PREFIX}.{part}.planted" if part else PREFIX
    return list(forbidden(module, imports_in(line, module, is_package=not part)))


def test_an_import_against_a_rule_is_found() -> None:
    assert len(PLANTED) > 200
    for part, other in PLANTED:
        source = f"from {PREFIX}{'.' + other if other else ''} import anything"
        assert len(planted(source, part)) == 1, (part, other)


@pytest.mark.parametrize(
    "source",
    [
        "from ..front.app import App",
        "from ..front import app",
        "def function():\n    from ..front.app import App",
        "if TYPE_CHECKING:\n    from ..front.app import App",
        "import rekog.emulator.front",
    ],
)
def test_an_import_is_found_wherever_it_is(source: str) -> None:
    assert len(planted(source)) == 1


@pytest.mark.parametrize(
    "source", ["from rekog import RekognitionClient", "import rekog.paging", "from ...client import Client"]
)
def test_an_import_of_a_client_is_found(source: str) -> None:
    assert len(planted(source)) == 1
