"""Render `_generated/codec/`: a function to the wire form of each structure and one from it, without checks."""

from __future__ import annotations

import re

from rekog._core.names import snake

from .load import Service, Shape
from .text import WIDTH, banner, is_present, model_imports, packed

_CALL = re.compile(r"\b((?:encode|decode)_\w+)\(")

LOAD = '''
from types import ModuleType


def load(family: str) -> ModuleType:
    """Return the module of a family. Tools that bundle applications read import statements, and no computed names."""
    match family:
'''
UNKNOWN = """
        case _:
            raise ModuleNotFoundError(f"there is no family {family!r}")
"""


def render(service: Service) -> dict[str, str]:
    """Return the codec modules by path."""
    files = {f"_generated/codec/{family}.py": _module(service, family) for family in service.families}
    doc = "Codecs by family: `encode_X` gives the wire dict of a model, `decode_X` the model of a wire dict."
    loads = [
        line
        for family in service.families
        for line in (f'        case "{family}":', f"            from . import {family}", f"            return {family}")
    ]
    return files | {"_generated/codec/__init__.py": f"{banner(service, doc)}{LOAD}" + "\n".join(loads) + UNKNOWN}


def _module(service: Service, family: str) -> str:
    structures = service.structures(family)
    text = "\n".join(part for s in structures for part in (_encoder(service, s), _decoder(service, s)))
    enums = sorted(name for name, shape in service.shapes.items() if shape.enum and f"{_lookup(name)}(" in text)
    tables = "".join(f"{_lookup(name)}: Lookup = {{e.value: e for e in {name}}}.get\n" for name in enums)
    helpers = [h for h in ("blob", "epoch", "listed", "moment", "new", "text") if f"{h}(" in text]
    lines: list[str] = []
    if helpers:
        lines.append(f"from ..._core.scalars import {', '.join(helpers)}")
    shared = sorted({c for c in _CALL.findall(text) if service.shapes[c.partition("_")[2]].family != family})
    lines += model_imports(service, text + tables, "...models.")
    if shared:
        lines.append(packed("from .common import (", shared, ")"))
    # Of a member that may be missing though its type says otherwise.
    pragma = "# pyright: reportUnnecessaryComparison=false\n"
    head = pragma + banner(service, f"Codecs of the {family} models.")
    imports = "\n".join(lines)
    return (
        f"{head}\nfrom collections.abc import Callable\nfrom typing import Any, TypeAlias\n\n{imports}\n\n"
        f"Wire: TypeAlias = dict[str, Any]\nLookup: TypeAlias = Callable[[Any, Any], Any]\n{tables}\n\n{text}\n"
    )


def _lookup(enum: str) -> str:
    return f"_{snake(enum)}"


def _encoder(service: Service, shape: Shape) -> str:
    # None may be in place of any member: a caller left it out, or it was missing in the response.
    full = [wire for wire in shape.members if _is_full_list(service, shape, wire)]
    literal = [f'"{wire}": {_out(service, shape, wire)}' for wire in full]
    head = f"def encode_{shape.name}({'m' if shape.members else '_'}: {shape.name}) -> Wire:"
    if len(full) == len(shape.members):
        return "\n".join([head, packed("return {", literal, "}", "    ")]) + "\n"
    lines = [head, packed("w: Wire = {", literal, "}", "    ")]
    for wire in shape.members:
        if wire not in full:
            value = f"m.{snake(wire)}"
            is_list = service.shapes[shape.members[wire]].kind == "list" and shape.direction == "out"
            test = value if is_list else f"{value} is not None"
            lines.append(f'    if {test}: w["{wire}"] = {_out(service, shape, wire)}')
    return "\n".join([*lines, "    return w"]) + "\n"


def _is_full_list(service: Service, owner: Shape, wire: str) -> bool:
    """Return whether a member is a list of a response that the service sends even when it is empty."""
    return is_present(owner, wire) and owner.direction == "out" and service.shapes[owner.members[wire]].kind == "list"


def _out(service: Service, owner: Shape, wire: str) -> str:
    shape, value = service.shapes[owner.members[wire]], f"m.{snake(wire)}"
    if shape.kind == "structure":
        return f"encode_{shape.name}({value})"
    if shape.kind == "timestamp":
        return f"epoch({value})"
    if shape.enum:
        return f"text({value})"
    item = service.shapes.get(shape.item, shape)
    if shape.kind == "list" and (item.kind == "structure" or item.enum):
        # Callers may pass any value: without the check an empty string would pass for an empty list.
        items = value if owner.direction == "out" else f"listed({value})"
        return f"[{'text' if item.enum else f'encode_{item.name}'}(v) for v in {items}]"
    return value


def _decoder(service: Service, shape: Shape) -> str:
    if not shape.members:
        return f"def decode_{shape.name}(_: Wire) -> {shape.name}:\n    return {shape.name}()\n"
    # Setting the slots one by one takes half the time of a call of `__init__` with keywords.
    parts = [f"m.{snake(wire)} = {_in(service, shape, wire)}" for wire in shape.members]
    get = "; g = w.get" if sum("g(" in part for part in parts) > 2 else ""
    if not get:
        parts = [re.sub(r"\bg\(", "w.get(", part) for part in parts]
    lines = [f"def decode_{shape.name}(w: Wire) -> {shape.name}:", f"    m = new({shape.name}){get}"]
    for part in (*parts, "return m"):
        together = f"{lines[-1]}; {part}"
        if len(together) <= WIDTH:
            lines[-1] = together
        else:
            lines.append(f"    {part}")
    return "\n".join(lines) + "\n"


def _in(service: Service, owner: Shape, wire: str) -> str:
    """Return the expression of one member: absent equals null; a missing always-present member raises KeyError."""
    shape = service.shapes[owner.members[wire]]
    if owner.direction == "out" and shape.kind == "list":
        item = _value(service, shape.item, "v")
        return f'g("{wire}") or []' if item == "v" else f'[{item} for v in g("{wire}") or ()]'
    if is_present(owner, wire):
        if shape.enum:
            return f'{_lookup(shape.name)}(v := w["{wire}"], v)'
        return _value(service, shape.name, f'w["{wire}"]')
    if shape.enum:
        return f'{_lookup(shape.name)}(v := g("{wire}"), v)'
    value = _value(service, shape.name, "v")
    return f'g("{wire}")' if value == "v" else f'None if (v := g("{wire}")) is None else {value}'


def _value(service: Service, name: str, value: str) -> str:
    shape = service.shapes[name]
    if shape.kind == "structure":
        return f"decode_{name}({value})"
    if shape.enum:
        return f"{_lookup(name)}({value}, {value})"
    if shape.kind in ("blob", "timestamp"):
        return f"{'blob' if shape.kind == 'blob' else 'moment'}({value})"
    if shape.kind == "list":
        item = _value(service, shape.item, "i")
        return value if item == "i" else f"[{item} for i in {value}]"
    return value
