"""Render `src/rekog/models/`: a module for each family, and the package that loads a name's module on first use."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rekog._core.names import snake

from .load import Service, Shape
from .text import (
    DICTS,
    annotation,
    banner,
    described,
    docstring,
    enum_alias,
    exported_names,
    field_type,
    filled,
    imported,
    model_imports,
    wrapped,
)

TRUTH = [
    "",
    "    def __bool__(self) -> bool:",
    '        """Return `value`, not whether the attribute is present."""',
    "        return bool(self.value)",
]

INDENT = " " * 8
LAZY_DICTS = """
if TYPE_CHECKING:
    from . import dicts
else:  # a call creates no TypedDict
    dicts = LazyModule("rekog.models.dicts")"""


def render(service: Service) -> dict[str, str]:
    """Return the package's files by path."""
    files = {f"models/{family}.py": _module(service, family) for family in service.families}
    return files | {"models/__init__.py": _package(service)}


def _module(service: Service, family: str) -> str:
    enums, structures = service.enums(family), service.structures(family)
    text = "\n\n".join([*(_enum(shape) for shape in enums), *(_model(service, shape) for shape in structures)])
    lazy = [LAZY_DICTS] if f"{DICTS}." in text else []
    typing = [*(["TYPE_CHECKING"] if lazy else []), *(["Literal", "TypeAlias"] if enums else [])]
    exported = filled("__all__ = [", [f'"{n}"' for n in exported_names(service, family)], "]")
    head = [
        banner(
            service, f"Models {'that several families share' if family == 'common' else f'of the {family} family'}."
        ),
        *imported("collections.abc", ("Iterable", "Mapping", "Sequence"), text),
        *imported("datetime", ("datetime",), text),
        *(["from enum import StrEnum"] if enums else []),
        *([f"from typing import {', '.join(typing)}"] if typing else []),
        "",
        *(["from .._values.lazy import LazyModule"] if lazy else []),
        *imported(".._values.model", ("Blob", "Items", "Model", "Response", "as_list", "as_model", "as_models"), text),
        *model_imports(service, re.sub(rf"\b{DICTS}\.\w+", "", text), ".", without=family),
        *lazy,
    ]
    return "\n".join(head) + f"\n\n{exported}\n\n\n{text}\n"


def _enum(shape: Shape) -> str:
    doc = f"Values of `{shape.name}`; a value that is not listed here arrives as plain `str`."
    lines = [f"class {shape.name}(StrEnum):", f'    """{doc}"""', ""]
    lines += [f'    {snake(value).upper()} = "{value}"' for value in shape.enum]
    literal = filled(f"{enum_alias(shape)}: TypeAlias = {shape.name} | Literal[", [f'"{v}"' for v in shape.enum], "]")
    return "\n".join([*lines, "", "", literal]) + "\n"


def _model(service: Service, shape: Shape) -> str:
    response = shape.name.removesuffix("Response") in service.operations and shape.name.endswith("Response")
    request = shape.name.removesuffix("Request") in service.operations
    lines = [f"class {shape.name}({'Response' if response else 'Model'}):"]
    words = {wire: "" if request else described(service, shape, wire) for wire in shape.members}
    lines += docstring([*_summary(service, shape), *_attributes(words)], "    ")
    names = [snake(wire) for wire in shape.members]
    closing = ",)" if len(names) == 1 else ")"
    lines += ["", filled("__slots__ = (", [f'"{name}"' for name in names], closing, "    ")]
    parameters: list[str] = ["self", "*"]
    assignments: list[str] = []
    # Required ones first: Python allows any order of keyword-only arguments, readers expect this one.
    for wire in sorted(shape.members, key=lambda wire: field_type(service, shape, wire)[1] != ""):
        default = field_type(service, shape, wire)[1]
        kind = _parameter(service, shape, wire)
        parameters.append(f"{snake(wire)}: {kind}{f' = {default}' if default else ''}")
    for wire in shape.members:
        name, (kind, default) = snake(wire), field_type(service, shape, wire)
        value = f"{name} or []" if _or_empty(kind, default) else _converted(service, shape, wire)
        assignments.append(f"        self.{name}: {kind} = {value}")
        if words[wire]:
            assignments += docstring(wrapped(words[wire], INDENT) if len(words[wire]) > 104 else [words[wire]], INDENT)
    head = filled("def __init__(", parameters if shape.members else ["self"], ") -> None:", "    ")
    truth = TRUTH if _is_attribute(service, shape) else []
    return "\n".join([*lines, head, *(assignments or ["        pass"]), *truth]) + "\n"


def _attributes(words: Mapping[str, str]) -> list[str]:
    """Return the section of a class's docstring that `help` shows for its fields; editors show their docstrings."""
    rows = [line for wire, text in words.items() if text for line in wrapped(f"{snake(wire)}: {text}", INDENT, "    ")]
    return ["", "Attributes:", *rows] if rows else []


def _is_attribute(service: Service, shape: Shape) -> bool:
    """Return whether a structure is a truth value with its confidence, and nothing else."""
    value = shape.members.get("Value", "")
    return set(shape.members) == {"Value", "Confidence"} and service.shapes[value].kind == "boolean"


def _or_empty(kind: str, default: str) -> bool:
    return bool(default) and not kind.endswith("| None")


def _parameter(service: Service, owner: Shape, wire: str) -> str:
    """Return an argument's type: wide for input, and `Items` for a list that defaults to empty."""
    kind, default = field_type(service, owner, wire)
    if owner.direction == "out":
        return kind.replace("list[", "Items[", 1) if _or_empty(kind, default) else kind
    wide = annotation(service, owner.members[wire], "argument") if _conversion(service, owner, wire) else ""
    wide = re.sub(r"\b\w+Dict\b", rf"{DICTS}.\g<0>", wide)
    return f"{wide}{' | None' if default else ''}" if wide else kind


def _conversion(service: Service, owner: Shape, wire: str) -> str:
    """Return the call that makes a field of an argument: a list of any iterable, a model of a dict."""
    shape = service.shapes[owner.members[wire]]
    item = service.shapes.get(shape.item, shape)
    if owner.direction == "out" or shape.kind not in ("list", "structure"):
        return ""
    if service.is_input(item):
        return f'as_model{"s" * (item is not shape)}("{item.name}", '
    return "as_list("


def _converted(service: Service, owner: Shape, wire: str) -> str:
    call = _conversion(service, owner, wire)
    return f"{call}{snake(wire)})" if call else snake(wire)


def _summary(service: Service, shape: Shape) -> list[str]:
    for suffix, words in (("Request", "Arguments of"), ("Response", "Response of")):
        operation = shape.name.removesuffix(suffix)
        if shape.name.endswith(suffix) and operation in service.operations:
            more = "; the method describes them." if suffix == "Request" else "."
            return [f"{words} `{snake(operation)}`{more}"]
    return [service.prose["structures"][shape.name]]


def _package(service: Service) -> str:
    rows = [
        filled(f'"{family}": (', [f'"{name}"' for name in exported_names(service, family)], "),", "    ")
        for family in sorted([*service.families, DICTS])
    ]
    stars = [f"    from .{family} import *" for family in sorted([*service.families, DICTS])]
    head = banner(service, "Every type of the service: a module for each family, loaded when a name of it is used.")
    imports = "from importlib import import_module\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
    return f"{head}\n{imports}" + "\n".join(stars) + "\n\n_FAMILIES = {\n" + "\n".join(rows) + "\n}\n" + _PACKAGE


_PACKAGE = '''_FAMILY_OF = {name: family for family, names in _FAMILIES.items() for name in names}


if not TYPE_CHECKING:  # a type checker that saw it would accept any misspelt name
    def __getattr__(name: str) -> object:
        if name == "__all__":
            return sorted(_FAMILY_OF)
        family = _FAMILY_OF.get(name, name)
        if family not in _FAMILIES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f"{__name__}.{family}")
        value: object = module if name == family else getattr(module, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*_FAMILY_OF, *_FAMILIES})


def namespace() -> dict[str, object]:
    """Return every model by name, with the other names that their annotations use; this loads all families."""
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from .._values.model import Blob, Items

    names: dict[str, object] = {"Blob": Blob, "Items": Items, "datetime": datetime}
    names |= {"Iterable": Iterable, "Mapping": Mapping, "Sequence": Sequence}
    return names | {name: getattr(import_module(f"{__name__}.{family}"), name) for name, family in _FAMILY_OF.items()}
'''
