"""Render the data tables: operations, shapes with their constraints, pagers, waiters, modelled errors."""

from __future__ import annotations

from rekog._core.names import snake
from rekog._core.retries.rules import classify

from .known import LISTED
from .load import Paging, Service, Shape, Waiter
from .text import WIDTH, annotation, banner, docstring, filled, model_imports, packed

COMMON_ERRORS = (
    "AccessDeniedException", "InternalServerError", "InvalidParameterException",
    "ProvisionedThroughputExceededException", "ThrottlingException",
)  # fmt: skip


def render(service: Service) -> dict[str, str]:
    """Return the table modules by path."""
    return {
        "_generated/operations.py": _operations(service),
        "_generated/shapes.py": _shapes(service),
        "_generated/paging.py": _paging(service),
        "_generated/waiting.py": _waiting(service),
        "_generated/errors.py": _errors(service),
    }


def _module(service: Service, doc: str, imports: str, rows: list[str], tables: str) -> str:
    """Return a module of typed records and the tables that hold them by name."""
    body = "\n".join(rows)
    models = "\n".join(model_imports(service, body, "..models.", "    "))
    return (
        f"{banner(service, doc)}\nfrom typing import TYPE_CHECKING, Any\n\n{imports}\n\n"
        f"if TYPE_CHECKING:\n{models}\n\n{body}\n\n{tables}\n"
    )


def _operations(service: Service) -> str:
    lines: list[str] = []
    for operation in service.operations.values():
        errors = tuple(e for e in operation.errors if e not in COMMON_ERRORS)
        parts = [f'"{operation.name}"', f'"{operation.family}"', _tuple(errors)]
        if operation.media:
            parts.append(f"media={_tuple(operation.media)}")
        if operation.idempotency_token:
            parts.append(f'idempotency_token="{operation.idempotency_token}"')
        kind = f"Operation[{operation.name}Request, {operation.name}Response]"
        lines.append(packed(f"{snake(operation.name).upper()}: {kind} = Operation(", parts, ")"))
    table = _table("OPERATIONS", "Operation[Any, Any]", {n: snake(n).upper() for n in service.operations})
    methods = "METHODS: dict[str, Operation[Any, Any]] = {o.method_name: o for o in OPERATIONS.values()}"
    tables = f"{table}\n{methods}\nCOMMON_ERRORS = {_tuple(COMMON_ERRORS)}"
    imports = "from .._core.operation import Operation"
    return _module(service, "The operations, as records.", imports, lines, tables)


def _table(name: str, kind: str, rows: dict[str, str]) -> str:
    """Return a dict of records by name; its type contains `Any`, because each record has its own types."""
    return packed(f"{name}: dict[str, {kind}] = {{", (f'"{key}": {value}' for key, value in rows.items()), "}")


def _tuple(names: tuple[str, ...]) -> str:
    return filled("(", [f'"{n}"' for n in names], ",)" if len(names) == 1 else ")")


def _shapes(service: Service) -> str:
    rows = [packed(f'"{s.name}": Shape(', _shape(s), "),", "    ") for s in service.shapes.values() if not s.error]
    lines = _merged(rows)
    return (
        f"{banner(service, 'Every type of the model with its constraints, for validation.')}\n"
        "from .._core.operation import Shape\n\nSHAPES: dict[str, Shape] = {\n" + "\n".join(lines) + "\n}\n"
    )


def _merged(rows: list[str]) -> list[str]:
    """Put short rows together on one line."""
    lines = [""]
    for row in rows:
        together = f"{lines[-1]} {row.strip()}"
        if lines[-1] and "\n" not in row + lines[-1] and len(together) <= WIDTH:
            lines[-1] = together
        else:
            lines.append(row)
    return lines[1:]


def _shape(shape: Shape) -> list[str]:
    parts = [f'"{shape.kind}"']
    for name in ("min", "max"):
        value = getattr(shape, name)
        if value is not None:
            parts.append(f"{name}={value}")
    if shape.pattern:
        parts.append(f"pattern={_raw(shape.pattern)}")
    if shape.enum:
        parts.append(f"enum={_tuple(shape.enum)}")
    if shape.members:
        items = [f'"{wire}": "{target}"' for wire, target in shape.members.items()]
        items[0] = f"members={{{items[0]}"
        items[-1] += "}"
        parts += items
    if shape.required:
        parts.append(f"required={_tuple(tuple(sorted(shape.required)))}")
    for name in ("item", "key"):
        if getattr(shape, name):
            parts.append(f'{name}="{getattr(shape, name)}"')
    if shape.sensitive:
        parts.append("sensitive=True")
    return parts


def _raw(pattern: str) -> str:
    return f'r"{pattern}"' if '"' not in pattern else repr(pattern)


def _paging(service: Service) -> str:
    lines: list[str] = []
    for page in service.paging.values():
        parts = [f"ops.{snake(page.operation).upper()}", f'"{snake(page.items)}"']
        if page.paired:
            parts.append(f'"{snake(page.paired)}"')
        kind = f"Paged[{page_item(service, page)}, {page.operation}Response]"
        lines.append(packed(f"{snake(page.operation).upper()}: {kind} = Paged(", parts, ")"))
    table = _table("PAGED", "Paged[Any, Any]", {snake(n): snake(n).upper() for n in service.paging})
    imports = "from .._core.paging_rules import Paged\nfrom . import operations as ops"
    return _module(service, "The list that each paged operation pages through.", imports, lines, table)


def page_item(service: Service, page: Paging) -> str:
    if page.paired:
        return LISTED
    items = service.shapes[service.shapes[f"{page.operation}Response"].members[page.items]]
    return annotation(service, items.item, "out")


def _waiting(service: Service) -> str:
    table = _table("WAITERS", "WaiterRule[Any]", {snake(w.name): snake(w.name).upper() for w in service.waiters})
    imports = "from .._core.waiting_rules import Acceptor, WaiterRule\nfrom . import operations as ops"
    rows = [_waiter(waiter) for waiter in service.waiters]
    return _module(service, "The rules by which each waiter stops.", imports, rows, table)


def _waiter(waiter: Waiter) -> str:
    acceptors: list[str] = []
    for state, matcher, argument, expected in waiter.acceptors:
        path = _tuple((argument,)) if matcher == "error" else _path(argument)
        acceptors.append(f'Acceptor("{state}", "{matcher}", {path}, "{expected}")')
    name, polled = snake(waiter.name), snake(waiter.operation).upper()
    parts = [f'"{name}"', f"ops.{polled}", str(waiter.delay), str(waiter.max_attempts)]
    parts.append(filled("(", acceptors, ",)" if len(acceptors) == 1 else ")"))
    if waiter.message:
        parts.append(f"message={_path(waiter.message)}")
    if waiter.fixed:
        fixed = ", ".join(f'"{snake(k)}": {_literal(v)}' for k, v in waiter.fixed.items())
        parts.append(f"fixed={{{fixed}}}")
    if waiter.where:
        parts.append(f'where="{snake(waiter.where)}"')
    kind = f"WaiterRule[{waiter.result}]"
    return (
        f"{snake(waiter.name).upper()}: {kind} = WaiterRule(\n    {', '.join(parts[:4])},\n    "
        + ",\n    ".join(part.replace("\n", "\n    ") for part in parts[4:])
        + ",\n)"
    )


def _literal(value: object) -> str:
    return repr(value).replace("'", '"')


def _path(path: str) -> str:
    return _tuple(tuple(snake(part.removesuffix("[]")) for part in path.split(".")))


def _errors(service: Service) -> str:
    errors = [s for s in service.shapes.values() if s.error]
    lines: list[str] = []
    for shape in errors:
        lines += [f"class {shape.name}(ServiceError):", *docstring([service.prose["errors"][shape.name]], "    "), ""]
        classes = classify(shape.name, status=0)._asdict()
        lines += [
            *(f"    {name} = True" for name, applies in classes.items() if applies),
            *([""] * any(classes.values())),
        ]
        for wire in shape.members:
            lines += [
                "    @property",
                f"    def {snake(wire)}(self) -> str | None:",
                f'        """{service.prose["fields"][f"{shape.name}.{wire}"]}"""',
                f'        return self._detail("{wire}")',
                "",
            ]
        lines.append("")
    exported = filled("__all__ = [", [f'"{s.name}"' for s in errors], "]")
    modules = 'for _kind in MODELLED.values():\n    _kind.__module__ = "rekog.errors"  # the public module\n'
    table = filled("MODELLED: dict[str, type[ServiceError]] = {", (f'"{s.name}": {s.name}' for s in errors), "}")
    head = banner(service, "The errors that the service model lists, under the service's own names.")
    return (
        f"{head}\nfrom .._values.errors import ServiceError\n\n{exported}\n\n\n"
        + "\n".join(lines)
        + f"{table}\n\n{modules}"
    )
