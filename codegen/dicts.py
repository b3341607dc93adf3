"""Render `src/rekog/models/dicts.py`: the structures of requests as TypedDicts.

One module, which is loaded when a program names a TypedDict: creating one takes Python five times as long as creating a
model. Its types are in quotes and not deferred, because Python reads the required keys when it creates the class.
"""

from __future__ import annotations

from rekog._core.names import snake

from .load import Service, Shape
from .text import DICTS, annotation, banner, dict_name, exported_names, filled, imported, is_present, model_imports

ANY_DICT = """

for _name in __all__:
    globals()[_name].__get_pydantic_core_schema__ = any_dict  # only tools read it"""


def render(service: Service) -> dict[str, str]:
    """Return the module by path."""
    inputs = [shape for shape in service.shapes.values() if service.is_input(shape)]
    types = " ".join(_type(service, shape, wire) for shape in inputs for wire in shape.members)
    lines = [
        banner(service, "The structures of requests as dicts: accepted wherever the model is.").rpartition("\n\n")[0],
        "",
        *imported("collections.abc", ("Iterable",), types),
        "from typing import Required, TypedDict\n",
        *imported(".._values.model", ("Blob",), types),
        *(["from .._values.narrow import any_dict"] if inputs else []),
        *model_imports(service, types, ".", without=DICTS),
        filled("\n__all__ = [", [f'"{name}"' for name in exported_names(service, DICTS)], "]"),
        *(_typed_dict(service, shape) for shape in inputs),
        *([ANY_DICT] if inputs else []),
    ]
    return {f"models/{DICTS}.py": "\n".join(lines) + "\n"}


def _typed_dict(service: Service, shape: Shape) -> str:
    lines = [f"\n\nclass {dict_name(shape)}(TypedDict, total=False):", f'    """`{shape.name}` as a dict."""\n']
    for wire in shape.members:
        kind = f'"{_type(service, shape, wire)}"'
        lines.append(f"    {snake(wire)}: {f'Required[{kind}]' if is_present(shape, wire) else kind}")
    return "\n".join(lines)


def _type(service: Service, shape: Shape, wire: str) -> str:
    kind = annotation(service, shape.members[wire], "argument")
    return kind if is_present(shape, wire) else f"{kind} | None"
