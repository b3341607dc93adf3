"""Read the service model and the decisions into a small tree that the renderers walk.

What the tree cannot express stops the generator: an unknown trait, type, member key or waiter rule is never guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs
import botocore
import botocore.loaders

from rekog._core.names import snake

HERE = Path(__file__).parent
Direction: TypeAlias = Literal["in", "out", "both"]
Json: TypeAlias = Mapping[str, Any]

KEYS = {
    "model": {"version", "metadata", "operations", "shapes", "documentation"},
    "metadata": {
        "apiVersion", "auth", "endpointPrefix", "jsonVersion", "protocol", "protocols", "serviceFullName", "serviceId",
        "signatureVersion", "signingName", "targetPrefix", "uid",
    },
    "operation": {"name", "http", "input", "output", "errors", "documentation", "idempotent"},
    "structure": {"type", "members", "required", "documentation", "exception", "fault", "error"},
    "member": {"shape", "documentation", "idempotencyToken", "jsonvalue"},
    "list": {"type", "member", "min", "max", "documentation"},
    "map": {"type", "key", "value", "min", "max", "documentation"},
    "string": {"type", "min", "max", "pattern", "enum", "documentation", "sensitive"},
    "blob": {"type", "min", "max", "documentation", "sensitive"},
    "timestamp": {"type", "documentation"},
    "boolean": {"type", "documentation"},
    **{kind: {"type", "min", "max", "documentation"} for kind in ("integer", "long", "float", "double")},
}  # fmt: skip
WAITER_MATCHERS = {"path", "pathAll", "pathAny", "error", "empty"}


class UnknownFeatureError(Exception):
    """The model has something that the generator does not know; it must be taught, never guessed."""


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
    deprecated: str


@attrs.frozen
class Paging:
    operation: str
    items: str
    paired: str


@attrs.frozen
class Waiter:
    name: str
    operation: str
    summary: str
    arguments: tuple[str, ...]
    required: tuple[str, ...]
    fixed: Mapping[str, object]
    where: str
    delay: int
    max_attempts: int
    message: str
    acceptors: tuple[tuple[str, str, str, str], ...]


@attrs.frozen
class Service:
    """Everything that the renderers need."""

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

    @property
    def families(self) -> list[str]:
        return ["common", *sorted({o.family for o in self.operations.values()})]


def read_installed() -> Service:
    """Read the model, paginators and waiters of the installed botocore, and our own two files."""
    loader: Any = botocore.loaders.Loader()  # Any: botocore has no types
    model, paginators, waiters = (
        loader.load_service_model("rekognition", kind) for kind in ("service-2", "paginators-1", "waiters-2")
    )
    decisions = tomllib.loads((HERE / "decisions.toml").read_text("utf-8"))
    prose = tomllib.loads((HERE / "prose.toml").read_text("utf-8"))
    return build(model, paginators["pagination"], waiters["waiters"], decisions, prose, botocore.__version__)


def build(model: Json, paginators: Json, waiters: Json, decisions: Json, prose: Json, version: str) -> Service:
    """Turn the files' contents into a `Service`; raise `UnknownFeatureError` at the first thing not known."""
    _known("model", model, "the service model")
    _known("metadata", model["metadata"], "the service model's metadata")
    if model["metadata"]["protocol"] != "json" or model["metadata"]["jsonVersion"] != "1.1":
        raise UnknownFeatureError(f"protocol {model['metadata']['protocol']} {model['metadata'].get('jsonVersion')}")
    families = {name: family for family, names in decisions["families"].items() for name in names}
    operations = {name: _operation(name, model, families, decisions) for name in sorted(model["operations"])}
    _same("families", families, operations)
    places = _places(model, operations)
    shapes = {name: _shape(name, model["shapes"], decisions, places) for name in sorted(model["shapes"])}
    for table in ("always", "patterns"):
        _same(f"decisions [{table}]", decisions[table], shapes, all_of=False)
    service = Service(version, shapes, operations, {}, (), prose)
    service = attrs.evolve(service, paging=_paging(service, paginators, decisions))
    return attrs.evolve(service, waiters=_waiters(service, waiters, decisions))


def _known(what: str, found: Json, where: str) -> None:
    unknown = set(found) - KEYS[what]
    if unknown:
        raise UnknownFeatureError(f"{where} has {what} keys that the generator does not know: {sorted(unknown)}")


def _same(what: str, given: Mapping[str, object], known: Mapping[str, object], *, all_of: bool = True) -> None:
    unknown, forgotten = set(given) - set(known), set(known) - set(given)
    wrong = unknown | forgotten if all_of else unknown
    if wrong:
        raise UnknownFeatureError(f"{what} and the service model differ: {sorted(wrong)}")


def _operation(name: str, model: Json, families: Mapping[str, str], decisions: Json) -> Operation:
    raw = model["operations"][name]
    _known("operation", raw, name)
    if raw["http"] != {"method": "POST", "requestUri": "/"}:
        raise UnknownFeatureError(f"{name} is not POST /: {raw['http']}")
    for side, suffix in (("input", "Request"), ("output", "Response")):
        if set(raw[side]) != {"shape"} or raw[side]["shape"] != name + suffix:
            raise UnknownFeatureError(f"{name}'s {side} is not a plain {name}{suffix}: {raw[side]}")
    if name not in families:
        raise UnknownFeatureError(f"{name} is in no family of decisions.toml")
    members = model["shapes"][f"{name}Request"]["members"]
    tokens = [wire for wire, member in members.items() if member.get("idempotencyToken")]
    media = [snake(wire) for wire, member in members.items() if member["shape"] in ("Image", "Video")]
    errors = sorted(error["shape"] for error in raw["errors"])
    deprecated = decisions["deprecated"].get(name, "")
    return Operation(name, families[name], tuple(errors), tuple(media), tokens[0] if tokens else None, deprecated)


def _places(model: Json, operations: Mapping[str, Operation]) -> dict[str, tuple[str, Direction]]:
    """Find each shape's family and direction: by the operations that reach it."""
    families: dict[str, set[str]] = {}
    directions: dict[str, set[Direction]] = {}

    def reach(name: str, family: str, direction: Direction, seen: set[str]) -> None:
        if name in seen:
            return
        seen.add(name)
        families.setdefault(name, set()).add(family)
        directions.setdefault(name, set()).add(direction)
        shape = model["shapes"][name]
        targets = [shape[key] for key in ("member", "key", "value") if key in shape]
        for target in [*targets, *shape.get("members", {}).values()]:
            reach(target["shape"], family, direction, seen)

    for operation in operations.values():
        reach(f"{operation.name}Request", operation.family, "in", set())
        reach(f"{operation.name}Response", operation.family, "out", set())
    return {
        name: (
            min(found) if len(found) == 1 else "common",
            "both" if len(directions[name]) == 2 else min(directions[name]),
        )
        for name, found in families.items()
    }


def _shape(name: str, shapes: Json, decisions: Json, places: Mapping[str, tuple[str, Direction]]) -> Shape:
    raw = shapes[name]
    kind = raw["type"]
    if kind not in KEYS:
        raise UnknownFeatureError(f"{name} has the type {kind}")
    _known(kind, raw, name)
    members = raw.get("members", {})
    for wire, member in members.items():
        _known("member", member, f"{name}.{wire}")
    family, direction = places.get(name, ("common", "out"))
    always = frozenset(decisions["always"].get(name, ()))
    if always - set(members):
        raise UnknownFeatureError(f"decisions [always] {name} has no member {sorted(always - set(members))}")
    required: frozenset[str] = frozenset(raw.get("required", ()))
    item: Json = raw["value"] if kind == "map" else raw.get("member", {"shape": ""})
    return Shape(
        name=name,
        kind="string" if kind == "enum" else kind,
        min=raw.get("min"),
        max=raw.get("max"),
        pattern=decisions["patterns"].get(name, raw.get("pattern", "")),
        enum=tuple(raw.get("enum", ())),
        members={wire: member["shape"] for wire, member in members.items()},
        required=required,
        always=always if direction == "in" else always | required,
        item=item["shape"],
        key=raw["key"]["shape"] if kind == "map" else "",
        sensitive=raw.get("sensitive", False),
        family=family,
        direction=direction,
        error=raw.get("exception", False),
    )


def _paging(service: Service, paginators: Json, decisions: Json) -> dict[str, Paging]:
    paged = {
        name: name
        for name in service.operations
        if all("NextToken" in service.shapes[name + side].members for side in ("Request", "Response"))
    }
    found: dict[str, Paging] = {}
    for name, raw in paginators.items():
        rules = (raw["input_token"], raw["output_token"], raw["limit_key"])
        if rules != ("NextToken", "NextToken", "MaxResults"):
            raise UnknownFeatureError(f"the paginator of {name} uses {rules}")
        keys = raw["result_key"] if isinstance(raw["result_key"], list) else [raw["result_key"]]
        if len(keys) > 2:
            raise UnknownFeatureError(f"the paginator of {name} has {len(keys)} result keys")
        found[name] = Paging(name, keys[0], keys[1] if len(keys) == 2 else "")
    found |= {name: Paging(name, items, "") for name, items in decisions["paging"].items()}
    _same("paginators with decisions [paging]", found, paged)
    for paging in found.values():
        response = service.shapes[f"{paging.operation}Response"]
        for wire in filter(None, (paging.items, paging.paired)):
            if wire not in response.members or service.shapes[response.members[wire]].kind != "list":
                raise UnknownFeatureError(f"{response.name} has no list {wire} to page")
    return dict(sorted(found.items()))


def _waiters(service: Service, modelled: Json, decisions: Json) -> tuple[Waiter, ...]:
    raws: dict[str, dict[str, Any]] = {}
    for name, raw in modelled.items():
        rules = [[a["state"], a["matcher"], a["argument"], a["expected"]] for a in raw["acceptors"]]
        request = service.shapes[f"{raw['operation']}Request"]
        raws[name] = {
            "summary": f"Wait as the service model's own {name} waiter does.",
            "operation": raw["operation"],
            "arguments": sorted(request.members, key=lambda wire: wire not in request.required),
            "delay": raw["delay"],
            "max_attempts": raw["maxAttempts"],
            "message": f"{rules[0][2].partition('.')[0]}.StatusMessage",
            "acceptors": rules,
        }
    for name, raw in decisions["waiters"].items():
        raws[name] = {**decisions["waiter_kinds"].get(raw.get("kind", ""), {}), **raw}
    return tuple(_waiter(service, name, raw) for name, raw in sorted(raws.items()))


def _waiter(service: Service, name: str, raw: Json) -> Waiter:
    if raw["operation"] not in service.operations:
        raise UnknownFeatureError(f"the waiter {name} polls {raw['operation']}, which is no operation")
    request = service.shapes[f"{raw['operation']}Request"]
    unknown = set(raw["arguments"]) - set(request.members)
    if unknown:
        raise UnknownFeatureError(f"the waiter {name} has arguments that {request.name} lacks: {sorted(unknown)}")
    for state, matcher, argument, _expected in raw["acceptors"]:
        if state not in {"success", "failure"} or matcher not in WAITER_MATCHERS:
            raise UnknownFeatureError(f"the waiter {name} has an acceptor {state} {matcher}")
        if matcher != "error":
            _check_path(service, f"{raw['operation']}Response", argument, name)
    return Waiter(
        name=name,
        operation=raw["operation"],
        summary=raw["summary"],
        arguments=tuple(raw["arguments"]),
        required=tuple(w for w in raw["arguments"] if w in request.required or w in raw.get("required", ())),
        fixed=raw.get("fixed", {}),
        where=raw.get("where", ""),
        delay=raw["delay"],
        max_attempts=raw["max_attempts"],
        message=raw.get("message", ""),
        acceptors=tuple((a, b, c, d) for a, b, c, d in raw["acceptors"]),
    )


def _check_path(service: Service, response: str, path: str, waiter: str) -> None:
    shape = service.shapes[response]
    for part in path.split("."):
        wire = part.removesuffix("[]")
        if wire not in shape.members:
            raise UnknownFeatureError(f"the waiter {waiter} looks at {path}, but {shape.name} has no {wire}")
        shape = service.shapes[shape.members[wire]]
        if part.endswith("[]"):
            shape = service.shapes[shape.item]
