"""Random valid values of every shape, made from the service model that botocore ships, not from ours.

Only what the service would accept and send: bounds, patterns, enum members and required members are kept. The members
that `decisions.toml` calls always present are required, too: our models have no way to leave them out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from hypothesis import strategies as st

Wire: TypeAlias = dict[str, Any]
Strategy: TypeAlias = st.SearchStrategy[Any]

_FILE: Any = import_module("botocore.loaders").Loader().load_service_model("rekognition", "service-2")
MODEL: Any = import_module("botocore.model").ServiceModel(_FILE, "rekognition")
OPERATIONS: tuple[str, ...] = tuple(MODEL.operation_names)

_DECISIONS = tomllib.loads((Path(__file__).parents[2] / "codegen" / "decisions.toml").read_text("utf-8"))
ALWAYS: Mapping[str, list[str]] = _DECISIONS["always"]

# Patterns that need care: two are not Python's, and botocore's text of the third holds a range that looks like a slip.
_LETTERS = st.characters(categories=("L", "N", "Z"), include_characters="_.:/=+-@")
_SPECIAL: Mapping[str, Strategy] = {
    "TagKey": st.text(_LETTERS, min_size=1, max_size=8).filter(lambda key: not key.startswith("aws:")),
    "TagValue": st.text(_LETTERS, max_size=8),
    "GeneralLabelsFilterValue": st.from_regex("[A-Za-z0-9àâèçñó'-_(). ]{0,8}", fullmatch=True),
}
_TEXT = st.characters(codec="utf-8")
_SPREAD = 3  # how many items or characters more than the least
_LONG = 2**63 - 1
_INTEGER = 2**31 - 1

# What a picture's bytes begin with: our client refuses to send others.
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def request_of(operation: str) -> Strategy:
    """Make arguments of an operation, as a wire dict with blobs as bytes."""
    return _values(f"{operation}Request")


def answer_of(operation: str) -> Strategy:
    """Make an answer of an operation, as a wire dict with blobs as bytes and timestamps as on the wire."""
    return _values(f"{operation}Response")


def with_token(operation: str, wire: Wire) -> Wire:
    """Return arguments with the idempotency token that both libraries would otherwise fill in at random."""
    return {**dict.fromkeys(MODEL.operation_model(operation).idempotent_members, "token"), **wire}


def shape(name: str) -> Any:
    """Return botocore's shape of a name."""
    return MODEL.shape_for(name)


@cache
def _values(name: str) -> Strategy:
    found = shape(name)
    if name == "Image":
        return _image()
    if name == "Video":  # the service reads videos from S3 only, but its model requires no member
        return _in_s3()
    match found.type_name:
        case "structure":
            return _structure(found)
        case "list":
            least = found.metadata.get("min", 0)
            most = min(least + _SPREAD, found.metadata.get("max", least + _SPREAD))
            return st.lists(_values(found.member.name), min_size=least, max_size=most)
        case "map":
            return st.dictionaries(_values(found.key.name), _values(found.value.name), max_size=_SPREAD)
        case _:
            return _scalar(found)


def _structure(found: Any) -> Strategy:
    needed = {*found.required_members, *ALWAYS.get(found.name, ())}
    members = {name: _values(member.name) for name, member in found.members.items()}
    required = {name: values for name, values in members.items() if name in needed}
    optional = {name: values for name, values in members.items() if name not in needed}
    return st.fixed_dictionaries(required, optional=optional)


def _image() -> Strategy:
    # The service takes bytes or an S3 object, which the model cannot say.
    data = st.builds(bytes.__add__, st.sampled_from(_STARTS), _scalar(shape("ImageBlob")))
    return st.fixed_dictionaries({"Bytes": data}) | _in_s3()


def _in_s3() -> Strategy:
    # Nor can the model say that a picture or video is found by its bucket and name only.
    members = {name: _values(member.name) for name, member in shape("S3Object").members.items()}
    version = {"Version": members.pop("Version")}
    return st.fixed_dictionaries({"S3Object": st.fixed_dictionaries(members, optional=version)})


def _scalar(found: Any) -> Strategy:
    least, most = found.metadata.get("min"), found.metadata.get("max")
    match found.type_name:
        case "string":
            return _text(found)
        case "boolean":
            return st.booleans()
        case "blob":
            return st.binary(min_size=least or 0, max_size=(least or 0) + 24)
        case "integer" | "long":
            bound = _INTEGER if found.type_name == "integer" else _LONG
            return st.integers(-bound if least is None else least, bound if most is None else most)
        case "float":
            return st.floats(least, most, allow_nan=False, allow_infinity=False) | st.integers(
                -100 if least is None else least, 100 if most is None else most
            )
        case "timestamp":
            seconds = st.integers(0, 4_000_000_000) | st.floats(0, 4e9)
            return seconds | seconds.map(lambda moment: datetime.fromtimestamp(moment, UTC).isoformat())
        case kind:
            raise NotImplementedError(f"{found.name} is a {kind}: teach this module about it")


def _text(found: Any) -> Strategy:
    if found.enum:
        return st.sampled_from(found.enum)
    if found.name in _SPECIAL:
        return _SPECIAL[found.name]
    least, most = found.metadata.get("min", 0), found.metadata.get("max", 10**6)
    pattern = found.metadata.get("pattern")
    if pattern is None:
        return st.text(_TEXT, min_size=least, max_size=min(most, least + 12))
    java = re.compile(pattern, re.ASCII)  # to Java, which reads the patterns at the service, \d and \w are about ASCII
    return st.from_regex(java, fullmatch=True, alphabet=_TEXT).filter(lambda text: least <= len(text) <= most)
