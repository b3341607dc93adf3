"""The features that the generator knows. Any other one in the model, decisions or prose stops the run, by name."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

from rekog._core.names import snake
from rekog._core.operation import TARGET_PREFIX

Json: TypeAlias = Mapping[str, Any]

NUMBERS = ("integer", "long", "float", "double")
SHAPE_KEYS = {
    "structure": {"type", "members", "required", "documentation", "exception", "fault"},
    "list": {"type", "member", "min", "max", "documentation"},
    "map": {"type", "key", "value", "min", "max", "documentation"},
    "string": {"type", "min", "max", "pattern", "enum", "documentation", "sensitive"},
    "blob": {"type", "min", "max", "documentation", "sensitive"},
    "timestamp": {"type", "documentation"},
    "boolean": {"type", "documentation"},
    **{number: {"type", "min", "max", "documentation"} for number in NUMBERS},
}
LIST_ITEMS = {"structure", "string", "boolean", *NUMBERS}
MODEL_KEYS = {"version", "metadata", "operations", "shapes", "documentation"}
METADATA = {
    "protocol": "json",
    "jsonVersion": "1.1",
    "signatureVersion": "v4",
    "targetPrefix": TARGET_PREFIX,
    "endpointPrefix": "rekognition",
}
METADATA_KEYS = {*METADATA, *"apiVersion auth protocols serviceFullName serviceId signingName uid".split()}
OPERATION_KEYS = {"name", "http", "input", "output", "errors", "documentation", "idempotent"}
MEMBER_KEYS = {"shape", "documentation", "idempotencyToken", "jsonvalue"}
TOKENS = {"input_token": "NextToken", "output_token": "NextToken", "limit_key": "MaxResults"}
PAIRED = ["CollectionIds", "FaceModelVersions"]
LISTED = "ListedCollection"  # our model of an item of these two lists
WAITER_KEYS = {"description", "operation", "delay", "maxAttempts", "acceptors"}
ACCEPTOR_KEYS = {"state", "matcher", "argument", "expected"}
DECISIONS = ("families", "positional", "always", "later", "patterns", "paging", "deprecated", "waiters", "waiter_kinds")
POSITIONAL = 2  # arguments that a method takes by position, at most
# Names that the generated methods and models use themselves.
RESERVED = set(
    "self options response_metadata max_items page_size starting_token delay max_attempts timeout on_poll".split()
)


class UnknownFeatureError(Exception):
    """The input has an unknown feature or lacks a needed one; the generator never guesses."""


class NewOperationError(UnknownFeatureError):
    """The service model has operations that decisions.toml does not list."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"decisions.toml [families] lacks {', '.join(names)}")
        self.names = names


def only(where: str, names: Iterable[str], known: Collection[str]) -> None:
    """Stop at unknown names."""
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise UnknownFeatureError(f"{where} has unknown names: {', '.join(unknown)}")


def exactly(where: str, names: Collection[str], known: Collection[str]) -> None:
    """Stop at unknown names and at missing ones."""
    only(where, names, known)
    missing = sorted(set(known) - set(names))
    if missing:
        raise UnknownFeatureError(f"{where} lacks {', '.join(missing)}")


def check_model(model: Json, paginators: Json, waiters: Json) -> None:
    """Stop at the first feature of botocore's three files that no renderer handles."""
    only("the service model", model, MODEL_KEYS)
    only("the metadata", model["metadata"], METADATA_KEYS)
    for key, value in METADATA.items():
        if model["metadata"].get(key) != value:
            raise UnknownFeatureError(f"the metadata's {key} is {model['metadata'].get(key)}, not {value}")
    for name, raw in model["operations"].items():
        _check_operation(name, raw)
    for name, raw in model["shapes"].items():
        _check_shape(name, raw, model)
    for name, raw in paginators.items():
        _check_paginator(f"the paginator of {name}", raw)
    for name, raw in waiters.items():
        only(f"the waiter {name}", raw, WAITER_KEYS)
        for acceptor in raw["acceptors"]:
            only(f"an acceptor of the waiter {name}", acceptor, ACCEPTOR_KEYS)


def _check_operation(name: str, raw: Json) -> None:
    only(name, raw, OPERATION_KEYS)
    if raw["http"] != {"method": "POST", "requestUri": "/"}:
        raise UnknownFeatureError(f"{name} is not POST /: {raw['http']}")
    for side, suffix in (("input", "Request"), ("output", "Response")):
        if raw.get(side) != {"shape": name + suffix}:
            raise UnknownFeatureError(f"{name}'s {side} is not a plain {name}{suffix}: {raw.get(side)}")


def _check_shape(name: str, raw: Json, model: Json) -> None:
    kinds = {other: shape["type"] for other, shape in model["shapes"].items()}
    if raw["type"] not in SHAPE_KEYS:
        raise UnknownFeatureError(f"{name} has the type {raw['type']}")
    only(name, raw, SHAPE_KEYS[raw["type"]])
    _check_names(name, [snake(wire) for wire in raw.get("members", {})])
    _check_names(name, [snake(value) for value in raw.get("enum", ())], keywords=True)
    if raw["type"] == "list" and kinds[raw["member"]["shape"]] not in LIST_ITEMS:
        raise UnknownFeatureError(f"{name} is a list of {raw['member']['shape']}, a {kinds[raw['member']['shape']]}")
    if raw["type"] == "map" and {kinds[raw[side]["shape"]] for side in ("key", "value")} != {"string"}:
        raise UnknownFeatureError(f"{name} is a map, but not from string to string")
    is_request = name.endswith("Request") and name.removesuffix("Request") in model["operations"]
    tokens = 0
    for wire, member in raw.get("members", {}).items():
        only(f"{name}.{wire}", member, MEMBER_KEYS)
        tokens += member.get("idempotencyToken", False)
        is_string = kinds[member["shape"]] == "string"
        if not is_string and (raw.get("exception") or member.get("jsonvalue") or member.get("idempotencyToken")):
            raise UnknownFeatureError(f"{name}.{wire} must be a string, not {kinds[member['shape']]}")
    if tokens > is_request:
        raise UnknownFeatureError(f"{name} has {tokens} idempotency tokens; only a request may have one")


def _check_names(owner: str, names: list[str], *, keywords: bool = False) -> None:
    valid = [n for n in names if n.isidentifier() and (keywords or not (keyword.iskeyword(n) or n in RESERVED))]
    invalid = sorted({n for n in names if n not in valid or names.count(n) > 1})
    if invalid:
        raise UnknownFeatureError(f"{owner} has names that Python code cannot use: {', '.join(invalid)}")


def _check_paginator(where: str, raw: Json) -> None:
    only(where, raw, {*TOKENS, "result_key", "non_aggregate_keys"})
    tokens = {key: raw.get(key) for key in TOKENS}
    if tokens != TOKENS:
        raise UnknownFeatureError(f"{where} uses {tokens}")
    if not isinstance(raw["result_key"], str) and raw["result_key"] != PAIRED:
        raise UnknownFeatureError(f"{where} has the result keys {', '.join(raw['result_key'])}")


def check_decisions(decisions: Json, model: Json) -> None:
    """Stop at tables and names that do not fit the model; paging and waiters are checked where they are read."""
    exactly("decisions.toml", decisions, DECISIONS)
    families = [name for names in decisions["families"].values() for name in names]
    only("decisions.toml [families]", families, model["operations"])
    if new := sorted(set(model["operations"]) - set(families)):
        raise NewOperationError(new)
    only("decisions.toml [deprecated]", decisions["deprecated"], model["operations"])
    for table in ("always", "later", "patterns"):
        only(f"decisions.toml [{table}]", decisions[table], model["shapes"])
    for table in ("always", "later"):
        for name, members in decisions[table].items():
            only(f"decisions.toml [{table}] {name}", members, model["shapes"][name]["members"])
    _check_positional(decisions["positional"], model)


def _check_positional(positional: Json, model: Json) -> None:
    """Stop unless each operation with required members names those that its method takes by position, two at most."""
    required = {name: model["shapes"][f"{name}Request"].get("required", ()) for name in model["operations"]}
    exactly("decisions.toml [positional]", positional, [name for name, members in required.items() if members])
    for name, members in positional.items():
        only(f"decisions.toml [positional] {name}", members, required[name])
        if len(members) > POSITIONAL:
            raise UnknownFeatureError(f"decisions.toml [positional] {name} has more than {POSITIONAL} members")


def check_pattern(name: str, pattern: str) -> None:
    """Stop at a pattern that Python's `re` cannot compile."""
    try:
        re.compile(pattern)
    except re.error as error:
        hint = "write an equivalent in decisions.toml [patterns]"
        raise UnknownFeatureError(f"{name} has a pattern that Python cannot compile ({error}): {hint}") from error


def check_prose(prose: Json, operations: Mapping[str, tuple[str, ...]], structures: Json, errors: Json) -> None:
    """Stop at missing prose and at prose of unknown names; operations have their errors, the others their members."""
    exactly("prose.toml", prose, ("operations", "errors", "structures", "members", "fields"))
    own = {n for n in structures if n.removesuffix("Request").removesuffix("Response") not in operations}
    for table, names in (("operations", operations), ("errors", errors), ("structures", own)):
        exactly(f"prose.toml [{table}]", prose[table], names)
    fields = [f"{name}.{wire}" for name, members in {**structures, **errors}.items() for wire in members]
    only("prose.toml [fields]", prose["fields"], fields)
    only("prose.toml [members]", prose["members"], {field.partition(".")[2] for field in fields})
    needed = {f"{name}.{wire}" for name, members in errors.items() for wire in members}
    exactly("prose.toml [fields] of errors", needed & set(prose["fields"]), needed)
    for name, entry in prose["operations"].items():
        exactly(f"prose.toml [operations.{name}]", {"details", *entry}, ("summary", "details", "catch", "example"))
        only(f"prose.toml [operations.{name}] catch", entry["catch"], operations[name])
    texts = [text for table in prose.values() for entry in table.values() for text in _texts(entry)]
    invalid = [text for text in texts if '"' in text or "\\" in text]
    examples = [entry["example"] for entry in prose["operations"].values()]
    invalid += [code for code in examples if '"""' in code or "\\" in code or "client." not in code]
    if invalid:
        raise UnknownFeatureError(f"prose.toml has a text that does not fit into a docstring: {invalid[0]}")


def _texts(entry: str | Json) -> list[str]:
    return [entry] if isinstance(entry, str) else [entry["summary"], entry.get("details", "")]
