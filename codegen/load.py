"""Read the service model and the decisions into a small tree that the renderers walk."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs
import botocore
import botocore.loaders

from rekog._core.names import snake

from .known import (
    LISTED,
    TOKENS,
    Json,
    UnknownFeatureError,
    check_decisions,
    check_model,
    check_pattern,
    check_prose,
    exactly,
    only,
)

HERE = Path(__file__).parent
Direction: TypeAlias = Literal["in", "out", "both"]
Use: TypeAlias = tuple[str, Direction]
"""Family and direction of a shape."""

MATCHERS = {"path", "pathAll", "pathAny", "error", "empty"}


@attrs.frozen
class Shape:
    """A type of the model: its constraints, members and, for an enum, values."""

    name: str
    kind: str
    min: float | None = None
    max: float | None = None
    pattern: str = ""
    enum: tuple[str, ...] = ()
    members: Mapping[str, str] = {}
    required: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    item: str = ""
    key: str = ""
    sensitive: bool = False
    family: str = "common"
    direction: Direction = "out"
    error: bool = False


@attrs.frozen
class Operation:
    name: str
    family: str
    errors: tuple[str, ...]
    media: tuple[str, ...]
    idempotency_token: str | None
    positional: tuple[str, ...]
    deprecated: str


@attrs.frozen
class Paging:
    operation: str
    items: str
    paired: str = ""


@attrs.frozen(kw_only=True)
class Waiter:
    """A waiter with the names of decisions.toml; acceptors are (state, matcher, path or error, expected)."""

    name: str
    operation: str
    summary: str
    arguments: tuple[str, ...] = attrs.field(converter=tuple[str, ...])
    required: tuple[str, ...] = attrs.field(default=(), converter=tuple[str, ...])
    fixed: Mapping[str, object] = {}
    where: str = ""
    delay: int
    max_attempts: int
    message: str = ""
    acceptors: tuple[tuple[str, str, str, str], ...] = attrs.field(converter=tuple[tuple[str, str, str, str], ...])

    @property
    def result(self) -> str:
        """The return type of its method, with `None` if a rule takes an error as success."""
        response = f"{self.operation}Response"
        can_be_none = any(tuple(rule[:2]) == ("success", "error") for rule in self.acceptors)
        return f"{response} | None" if can_be_none else response


@attrs.frozen
class Service:
    """The input of the renderers."""

    version: str
    shapes: Mapping[str, Shape]
    operations: Mapping[str, Operation]
    paging: Mapping[str, Paging]
    waiters: tuple[Waiter, ...]
    prose: Json

    def structures(self, family: str) -> list[Shape]:
        """Return a family's structures by name, errors left out."""
        return [s for s in self.shapes.values() if s.kind == "structure" and s.family == family and not s.error]

    def enums(self, family: str) -> list[Shape]:
        """Return a family's enums by name."""
        return [s for s in self.shapes.values() if s.enum and s.family == family]

    def is_input(self, shape: Shape) -> bool:
        """Return whether a shape is a structure inside of requests, which callers pass as a model or as a dict."""
        is_inner = shape.name.removesuffix("Request") not in self.operations
        return is_inner and shape.kind == "structure" and shape.direction != "out"

    @property
    def families(self) -> list[str]:
        return ["common", *sorted({o.family for o in self.operations.values()})]


def read_installed() -> Service:
    """Read the model, paginators and waiters of the installed botocore, and our own two files."""
    loader: Any = botocore.loaders.Loader()  # Any: botocore has no types
    model, paginators, waiters = (
        loader.load_service_model("rekognition", kind) for kind in ("service-2", "paginators-1", "waiters-2")
    )
    decisions, prose = (tomllib.loads((HERE / name).read_text("utf-8")) for name in ("decisions.toml", "prose.toml"))
    return build(model, paginators["pagination"], waiters["waiters"], decisions, prose, botocore.__version__)


def build(model: Json, paginators: Json, waiters: Json, decisions: Json, prose: Json, version: str) -> Service:
    """Turn the files' contents into a `Service`; raise `UnknownFeatureError` at the first unknown feature."""
    check_model(model, paginators, waiters)
    check_decisions(decisions, model)
    families = {name: family for family, names in decisions["families"].items() for name in names}
    operations = {name: _operation(name, model, families[name], decisions) for name in sorted(model["operations"])}
    uses = _uses(model, operations)
    shapes = {name: _shape(name, raw, decisions, uses) for name, raw in sorted(model["shapes"].items())}
    service = Service(version, shapes, operations, {}, (), prose)
    service = attrs.evolve(service, paging=_paging(service, paginators, decisions))
    service = attrs.evolve(service, shapes=dict(sorted({**shapes, **_listed(service)}.items())))
    structures = [shape for shape in service.shapes.values() if shape.kind == "structure"]
    check_prose(
        prose,
        {operation.name: operation.errors for operation in operations.values()},
        {shape.name: shape.members for shape in structures if not shape.error},
        {shape.name: shape.members for shape in structures if shape.error},
    )
    return attrs.evolve(service, waiters=_waiters(service, waiters, decisions))


def _operation(name: str, model: Json, family: str, decisions: Json) -> Operation:
    members = model["shapes"][f"{name}Request"]["members"]
    return Operation(
        name=name,
        family=family,
        errors=tuple(sorted(error["shape"] for error in model["operations"][name].get("errors", ()))),
        media=tuple(snake(wire) for wire, member in members.items() if member["shape"] in ("Image", "Video")),
        idempotency_token=next((wire for wire, member in members.items() if member.get("idempotencyToken")), None),
        positional=tuple(decisions["positional"].get(name, ())),
        deprecated=decisions["deprecated"].get(name, ""),
    )


def _uses(model: Json, operations: Mapping[str, Operation]) -> dict[str, Use]:
    """Return each shape's family and direction, from the operations that reach it."""
    reached: dict[str, set[Use]] = {}

    def reach(name: str, use: Use) -> None:
        if use in reached.setdefault(name, set()):
            return
        reached[name].add(use)
        shape = model["shapes"][name]
        targets = [shape[key] for key in ("member", "key", "value") if key in shape]
        for target in [*targets, *shape.get("members", {}).values()]:
            reach(target["shape"], use)

    for operation in operations.values():
        reach(f"{operation.name}Request", (operation.family, "in"))
        reach(f"{operation.name}Response", (operation.family, "out"))
    merged: dict[str, Use] = {}
    for name, uses in reached.items():
        families = {family for family, _ in uses}
        directions: set[Direction] = {direction for _, direction in uses}
        family = min(families) if len(families) == 1 else "common"
        merged[name] = (family, min(directions) if len(directions) == 1 else "both")
    return merged


def _shape(name: str, raw: Json, decisions: Json, uses: Mapping[str, Use]) -> Shape:
    family, direction = uses.get(name, ("common", "out"))
    members = {wire: member["shape"] for wire, member in raw.get("members", {}).items()}
    always, required = frozenset(decisions["always"].get(name, ())), frozenset(raw.get("required", ()))
    later = frozenset(decisions["later"].get(name, ()))
    pattern = decisions["patterns"].get(name, raw.get("pattern", ""))
    check_pattern(name, pattern)
    return Shape(
        name=name,
        kind=raw["type"],
        min=raw.get("min"),
        max=raw.get("max"),
        pattern=pattern,
        enum=tuple(raw.get("enum", ())),
        members=members,
        required=required,
        always=always if direction == "in" else always | required,
        later=later,
        item=raw.get("value", raw.get("member", {})).get("shape", ""),
        key=raw.get("key", {}).get("shape", ""),
        sensitive=raw.get("sensitive", False),
        family=family,
        direction=direction,
        error=raw.get("exception", False),
    )


def _listed(service: Service) -> dict[str, Shape]:
    """Return the structure of an item of two paired lists, which the service model does not have."""
    listed: dict[str, Shape] = {}
    for page in filter(lambda page: page.paired, service.paging.values()):
        if LISTED in service.shapes:
            raise UnknownFeatureError(f"the service model has a {LISTED} of its own")
        lists = service.shapes[f"{page.operation}Response"].members
        members = {wire.removesuffix("s"): service.shapes[lists[wire]].item for wire in (page.items, page.paired)}
        always, family = frozenset({page.items.removesuffix("s")}), service.operations[page.operation].family
        listed[LISTED] = Shape(name=LISTED, kind="structure", members=members, always=always, family=family)
    return listed


def _paging(service: Service, paginators: Json, decisions: Json) -> dict[str, Paging]:
    paged = [
        name
        for name in service.operations
        if all("NextToken" in service.shapes[name + side].members for side in ("Request", "Response"))
    ]
    pages = {name: Paging(name, items) for name, items in decisions["paging"].items()}
    for name, raw in paginators.items():
        pages[name] = Paging(name, *([raw["result_key"]] if isinstance(raw["result_key"], str) else raw["result_key"]))
    exactly("paginators with decisions.toml [paging]", pages, paged)
    for page in pages.values():
        request, response = (service.shapes[page.operation + side] for side in ("Request", "Response"))
        lists = [wire for wire, name in response.members.items() if service.shapes[name].kind == "list"]
        only(f"paging of {page.operation}", filter(None, (page.items, page.paired)), lists)
        only(f"paging of {page.operation}", ["MaxResults"], request.members)
    return dict(sorted(pages.items()))


def _waiters(service: Service, modelled: Json, decisions: Json) -> tuple[Waiter, ...]:
    raws = {name: _modelled_waiter(service, name, raw) for name, raw in modelled.items()}
    used = {raw["kind"] for raw in decisions["waiters"].values() if "kind" in raw}
    exactly("decisions.toml [waiter_kinds]", decisions["waiter_kinds"], used)
    for name, raw in decisions["waiters"].items():
        raws[name] = {**decisions["waiter_kinds"].get(raw.get("kind"), {}), **raw}
        raws[name].pop("kind", None)
    return tuple(_waiter(service, name, raw) for name, raw in sorted(raws.items()))


def _modelled_waiter(service: Service, name: str, raw: Json) -> dict[str, Any]:
    """Return a waiter of the model in the form of decisions.toml; botocore has an awaited error under `expected`."""
    acceptors = raw["acceptors"]
    request = service.shapes.get(f"{raw['operation']}Request", Shape("", ""))
    ordered = sorted(request.members, key=lambda wire: wire not in request.required)
    path = next((a["argument"] for a in acceptors if "argument" in a), "")
    return {
        "summary": f"Wait as the service model's own {name} waiter does.",
        "operation": raw["operation"],
        "arguments": [wire for wire in ordered if wire not in TOKENS.values()],
        "delay": raw["delay"],
        "max_attempts": raw["maxAttempts"],
        "message": _beside(path, "StatusMessage") if path else "",
        "acceptors": [
            (a["state"], a["matcher"], a.get("argument", a["expected"]), a["expected"] if "argument" in a else "")
            for a in acceptors
        ],
    }


def _waiter(service: Service, name: str, raw: Json) -> Waiter:
    where, fields = f"the waiter {name}", {field.name: field for field in attrs.fields(Waiter)}
    exactly(where, {"name", *raw, *(n for n, field in fields.items() if field.default is not attrs.NOTHING)}, fields)
    only(f"{where}'s operation", [raw["operation"]], service.operations)
    request = service.shapes[f"{raw['operation']}Request"]
    sent = {*raw["arguments"], *raw.get("fixed", ())}
    only(f"{where} for {request.name}", sent, request.members)
    exactly(f"{where} for {request.name}", sent & request.required, request.required)
    only(f"{where}'s required", raw.get("required", ()), raw["arguments"])
    for state, matcher, argument, expected in raw["acceptors"]:
        only(f"{where}'s acceptor", [state, matcher], {"success", "failure", *MATCHERS})
        if matcher == "error":
            only(f"{where}'s acceptor", [argument], [s.name for s in service.shapes.values() if s.error])
        else:
            target = _at(service, raw["operation"], argument, where)
            only(f"{where} at {argument}", [expected], target.enum or [expected] * isinstance(expected, str))
    for path in filter(None, (raw.get("message"), raw.get("where") and _beside(raw["acceptors"][0][2], raw["where"]))):
        _at(service, raw["operation"], path, where)
    required = [wire for wire in raw["arguments"] if wire in request.required or wire in raw.get("required", ())]
    values: dict[str, Any] = {**raw, "name": name, "required": required}
    return Waiter(**values)


def _beside(path: str, wire: str) -> str:
    """Return the path of a sibling of the last member of a path."""
    return ".".join([*path.split(".")[:-1], wire])


def _at(service: Service, operation: str, path: str, where: str) -> Shape:
    """Return the shape at a path in a response; `[]` steps into a list."""
    shape = service.shapes[f"{operation}Response"]
    for part in path.split("."):
        wire = part.removesuffix("[]")
        if wire not in shape.members:
            raise UnknownFeatureError(f"{where} reads {path}, but {shape.name} has no {wire}")
        shape = service.shapes[shape.members[wire]]
        if part.endswith("[]"):
            if shape.kind != "list":
                raise UnknownFeatureError(f"{where} reads {path}, but {wire} is no list")
            shape = service.shapes[shape.item]
    return shape
