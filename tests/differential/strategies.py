"""Random valid values of every shape, made from the service model that botocore ships, not from ours.

The values are those that the service accepts and sends: they keep bounds, patterns, enum members and required members.
The members that `decisions.toml` lists as always present are required too: our models cannot omit them.
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

# Special patterns: `re` cannot read the first two, and the third has a range in botocore that is probably a mistake.
_LETTERS = st.characters(categories=("L", "N", "Z"), include_characters="_.:/=+-@")
_SPECIAL: Mapping[str, Strategy] = {
    "TagKey": st.text(_LETTERS, min_size=1, max_size=8).filter(lambda key: not key.startswith("aws:")),
    "TagValue": st.text(_LETTERS, max_size=8),
    "GeneralLabelsFilterValue": st.from_regex("[A-Za-z0-9àâèçñó'-_(). ]{0,8}", fullmatch=True),
}
_TEXT = st.characters(codec="utf-8")
_SPREAD = 3  # items or characters above the minimum
_LONG = 2**63 - 1
_INTEGER = 2**31 - 1

# The first bytes of an image: our client refuses others.
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def request_of(operation: str) -> Strategy:
    """Make arguments of an operation, as a wire dict with blobs as bytes."""
    return _values(f"{operation}Request")


def response_of(operation: str) -> Strategy:
    """Make a response of an operation, as a wire dict with blobs as bytes and timestamps as on the wire."""
    return _values(f"{operation}Response")


def with_token(operation: str, wire: Wire) -> Wire:
    """Return arguments with a fixed idempotency token: both libraries would add a random one."""
    return {**dict.fromkeys(MODEL.operation_model(operation).idempotent_members, "token"), **wire}


def shape_of(name: str) -> Any:
    """Return botocore's shape with this name."""
    return MODEL.shape_for(name)


@cache
def _values(name: str) -> Strategy:
    shape = shape_of(name)
    if name == "Image":
        return _image()
    if name == "Video":  # the service reads videos from S3 only, but its model requires no member
        return _in_s3()
    match shape.type_name:
        case "structure":
            return _structure(shape)
        case "list":
            minimum = shape.metadata.get("min", 0)
            maximum = min(minimum + _SPREAD, shape.metadata.get("max", minimum + _SPREAD))
            return st.lists(_values(shape.member.name), min_size=minimum, max_size=maximum)
        case "map":
            return st.dictionaries(_values(shape.key.name), _values(shape.value.name), max_size=_SPREAD)
        case _:
            return _scalar(shape)


def _structure(shape: Any) -> Strategy:
    always = {*shape.required_members, *ALWAYS.get(shape.name, ())}
    members = {name: _values(member.name) for name, member in shape.members.items()}
    required = {name: values for name, values in members.items() if name in always}
    optional = {name: values for name, values in members.items() if name not in always}
    return st.fixed_dictionaries(required, optional=optional)


def _image() -> Strategy:
    # The service requires bytes or an S3 object, which the model cannot express.
    data = st.builds(bytes.__add__, st.sampled_from(_STARTS), _scalar(shape_of("ImageBlob")))
    return st.fixed_dictionaries({"Bytes": data}) | _in_s3()


def _in_s3() -> Strategy:
    # The service requires bucket and name, which the model cannot express either.
    members = {name: _values(member.name) for name, member in shape_of("S3Object").members.items()}
    version = {"Version": members.pop("Version")}
    return st.fixed_dictionaries({"S3Object": st.fixed_dictionaries(members, optional=version)})


def _scalar(shape: Any) -> Strategy:
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    match shape.type_name:
        case "string":
            return _text(shape)
        case "boolean":
            return st.booleans()
        case "blob":
            return st.binary(min_size=minimum or 0, max_size=(minimum or 0) + 24)
        case "integer" | "long":
            bound = _INTEGER if shape.type_name == "integer" else _LONG
            return st.integers(-bound if minimum is None else minimum, bound if maximum is None else maximum)
        case "float":
            numbers = st.floats(minimum, maximum, allow_nan=False, allow_infinity=False) | st.integers(
                -100 if minimum is None else minimum, 100 if maximum is None else maximum
            )
            # Our client warns of a percentage that looks like a share.
            return (
                numbers.filter(lambda number: number == 0 or number > 1) if (minimum, maximum) == (0, 100) else numbers
            )
        case "timestamp":
            seconds = st.integers(0, 4_000_000_000) | st.floats(0, 4e9)
            return seconds | seconds.map(lambda second: datetime.fromtimestamp(second, UTC).isoformat())
        case kind:
            raise NotImplementedError(f"the shape {shape.name} has the type {kind}, which this module does not support")


def _text(shape: Any) -> Strategy:
    if shape.enum:
        return st.sampled_from(shape.enum)
    if shape.name in _SPECIAL:
        return _SPECIAL[shape.name]
    minimum, maximum = shape.metadata.get("min", 0), shape.metadata.get("max", 10**6)
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return st.text(_TEXT, min_size=minimum, max_size=min(maximum, minimum + 12))
    java = re.compile(pattern, re.ASCII)  # the service reads patterns with Java, where \d and \w match ASCII only
    return st.from_regex(java, fullmatch=True, alphabet=_TEXT).filter(lambda text: minimum <= len(text) <= maximum)
