"""Render `_generated/service.py`: a protocol for the handlers of each family, and the table that finds a handler."""

from __future__ import annotations

from rekog._core.names import snake

from .load import Operation, Service
from .text import banner, filled, model_imports, packed

HEAD = """
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from .._core.handler_result import HandlerResult
    from .._values.model import Response
"""
TYPES = """
C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)
"""
FINDERS = '''
# Any: each handler takes the request class of its own operation, and one table holds them all.
Handler: TypeAlias = "Callable[[C, Any], HandlerResult[Response]]"


class FindHandler(Protocol):
    """Return the handler of one operation."""

    def __call__(self, service: Service[C], /) -> Handler[C]: ...


# Functions, not lambdas: mypy does not check the body of a lambda against a generic type.
'''


def render(service: Service) -> dict[str, str]:
    """Return the module by path."""
    families = {f: [o for o in service.operations.values() if o.family == f] for f in service.families}
    families = {family: operations for family, operations in families.items() if operations}
    protocols = [_protocol(family, operations) for family, operations in families.items()]
    protocols.append(_service(list(families)))
    body = "\n\n".join(protocols)
    models = "\n".join(model_imports(service, body, "..models.", "    "))
    finders = "\n".join(_finder(operation) for operation in service.operations.values())
    rows = [f'"{name}": _{snake(name)}' for name in service.operations]
    table = packed("HANDLERS: Mapping[str, FindHandler] = {", rows, "}")
    doc = "Types for an implementation of the service: the handlers of each family, and the table of all handlers."
    text = f"{banner(service, doc)}{HEAD}{models}\n{TYPES}\n\n{body}\n{FINDERS}{finders}\n\n{table}\n"
    return {"_generated/service.py": text}


def _finder(operation: Operation) -> str:
    name = snake(operation.name)
    return f"def _{name}(service: Service[C]) -> Handler[C]:\n    return service.{operation.family}.{name}"


def _protocol(family: str, operations: list[Operation]) -> str:
    lines = [f"class {_name(family)}(Protocol[C_contra]):", f'    """Handlers of the {family} family."""', ""]
    for operation in operations:
        parameters = ["self", "context: C_contra", f"request: {operation.name}Request", "/"]
        closing = f") -> HandlerResult[{operation.name}Response]: ..."
        lines.append(filled(f"def {snake(operation.name)}(", parameters, closing, "    "))
    return "\n".join(lines) + "\n"


def _service(families: list[str]) -> str:
    lines = ["class Service(Protocol[C_contra]):", '    """The handlers of every family."""']
    for family in families:
        lines += ["", "    @property", f"    def {family}(self) -> {_name(family)}[C_contra]: ..."]
    return "\n".join(lines) + "\n"


def _name(family: str) -> str:
    return f"{''.join(map(str.capitalize, family.split('_')))}Handlers"
