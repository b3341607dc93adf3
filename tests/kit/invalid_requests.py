"""Requests that break one constraint of the service model: each constraint of each member of each operation.

They are generated from the model that botocore ships, read as plain JSON. The path of a constraint contains the names
of members from the request down, `ITEM` for the items of a list, and `KEY` and `VALUE` for those of a map.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, cast
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

Rule: TypeAlias = Literal["required", "type", "min", "max", "pattern", "enum"]
Path: TypeAlias = tuple[str, ...]

ITEM, KEY, VALUE = "[item]", "{key}", "{value}"
ABSENT = object()
"""A value that means: omit the member."""

_FILE: Any = import_module("botocore.loaders").Loader().load_service_model("rekognition", "service-2")
SHAPES: dict[str, Any] = _FILE["shapes"]
OPERATIONS: tuple[str, ...] = tuple(sorted(_FILE["operations"]))

_LENGTHS = ("string", "blob", "list", "map")
_ODD = " !\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~\t\n\x00\x7f\u00e9\u00f1\u0661\uff11\u4e2d\u2603\U0001f600"
"""Characters that some pattern forbids. Two of them are digits that `[0-9]` does not match."""

_VALID: Mapping[str, Any] = {
    "DatasetArn": "arn:aws:rekognition:us-east-1:123456789012:project/p/dataset/train/1",
    "FaceId": "00000000-0000-4000-8000-000000000000",
    "LivenessSessionId": "00000000-0000-4000-8000-000000000000",
    "KinesisDataArn": "arn:aws:kinesis:us-east-1:123456789012:stream/found",
    "KinesisVideoArn": "arn:aws:kinesisvideo:us-east-1:123456789012:stream/gate/1",
    "KinesisVideoStreamFragmentNumber": "1",
    "ProjectArn": "arn:aws:rekognition:us-east-1:123456789012:project/p/1",
    "ProjectVersionArn": "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1",
    "ProjectVersionId": "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1",
    "RoleArn": "arn:aws:iam::123456789012:role/rekognition",
    "SNSTopicArn": "arn:aws:sns:us-east-1:123456789012:topic",
    "Version": "1.0.0",
}
"""Valid texts for the patterns that do not match a few letters."""


class Constraint(NamedTuple):
    """A constraint of the model: its path, its rule, and the shape that defines it."""

    path: Path
    rule: Rule
    shape: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)} {self.rule}"


def constraints(operation: str) -> list[Constraint]:
    """Return each constraint that a request of an operation can break."""
    return list(_within(_request(operation), ()))


def _request(operation: str) -> str:
    name: str = _FILE["operations"][operation]["input"]["shape"]
    return name


def _within(name: str, path: Path, *, required: bool = False) -> Iterator[Constraint]:
    shape = SHAPES[name]
    if path:
        yield from (Constraint(path, rule, name) for rule in _rules(shape, path[-1], required=required))
    for member, inner in shape.get("members", {}).items():
        yield from _within(inner["shape"], (*path, member), required=member in shape.get("required", ()))
    for step, inner in ((ITEM, "member"), (KEY, "key"), (VALUE, "value")):
        if inner in shape:
            yield from _within(shape[inner]["shape"], (*path, step))


def _rules(shape: Any, step: str, *, required: bool) -> Iterator[Rule]:
    if required:
        yield "required"
    if step != KEY:  # in JSON every key is a text
        yield "type"
    if "min" in shape and not (shape["type"] in _LENGTHS and shape["min"] == 0):  # no length is less than 0
        yield "min"
    if "max" in shape:
        yield "max"
    if "pattern" in shape:
        yield "pattern"
    if "enum" in shape:
        yield "enum"


def request_with(operation: str, members: Mapping[str, Any], path: Path, value: object) -> dict[str, Any]:
    """Return valid members with a value at a path, and with only required members on this path."""
    return cast("dict[str, Any]", _around(_request(operation), dict(members), path, value))  # cast: a structure is one


def _around(name: str, known: Any, path: Path, value: object) -> Any:
    if not path:
        return value
    shape, step, rest = SHAPES[name], path[0], path[1:]
    if step == ITEM:
        item = shape["member"]["shape"]
        others = known[1:] if known else [valid_value(item)] * (shape.get("min", 1) - 1)
        return [_around(item, known[0] if known else valid_value(item), rest, value), *others]
    if step == KEY:
        return {value: valid_value(shape["value"]["shape"])}
    if step == VALUE:
        inner = shape["value"]["shape"]
        return {valid_value(shape["key"]["shape"]): _around(inner, valid_value(inner), rest, value)}
    inner = shape["members"][step]["shape"]
    members = {**valid_value(name), **known}
    if value is ABSENT and not rest:
        return {member: item for member, item in members.items() if member != step}
    return {**members, step: _around(inner, members[step] if step in members else valid_value(inner), rest, value)}


def valid_value(name: str) -> Any:
    """Return a valid value of a shape, without optional members."""
    shape = SHAPES[name]
    minimum = shape.get("min", 0)
    match shape["type"]:
        case "structure":
            return {member: valid_value(shape["members"][member]["shape"]) for member in shape.get("required", ())}
        case "list":
            return [valid_value(shape["member"]["shape"])] * minimum
        case "map":
            return {}
        case "string":
            return shape["enum"][0] if "enum" in shape else _VALID.get(name, "a" * max(1, minimum))
        case "blob":
            return b"a" * minimum
        case "boolean":
            return True
        case _:
            return minimum


def invalid_value(constraint: Constraint, random: Random) -> Any:
    """Return a value that breaks a constraint, and where possible no other constraint of the member."""
    shape = SHAPES[constraint.shape]
    match constraint.rule:
        case "required":
            return random.choice((ABSENT, None))
        case "type":
            return random.choice(_other_types(shape["type"], random))
        case "min" if shape["type"] in _LENGTHS:
            return _of_length(constraint.shape, random.randrange(shape["min"]))
        case "min":
            return _under(shape, random)
        case "max" if shape["type"] in _LENGTHS:
            return _of_length(constraint.shape, shape["max"] + random.choice((1, 1, 2, 10, 100)))
        case "max":
            return _over(shape, random)
        case "pattern":
            return _unmatched(constraint.shape, random)
        case "enum":
            return _misspelled(shape["enum"], random)


def _other_types(kind: str, random: Random) -> list[Any]:
    texts: list[Any] = ["", "text", "1", "true", "null", "{}"]
    numbers: list[Any] = [0, 1, -7, random.randrange(10**6)]
    fractions: list[Any] = [0.5, random.random() + 1]
    flags: list[Any] = [True, False]
    lists: list[Any] = [[], [1], ["text"], [{}], [[]]]
    objects: list[Any] = [{}, {"a": "b"}, {"Value": 1}]
    match kind:
        case "string":
            return [*numbers, *fractions, *flags, *lists, *objects]
        case "blob":
            return ["*", "a", "====", "YQ=", "YWJj\u00e9", *numbers, *fractions, *flags, *lists, *objects]
        case "integer" | "long":
            return [*texts, *fractions, *flags, *lists, *objects]
        case "float":
            return [*texts, *flags, *lists, *objects]
        case "boolean":
            return [*texts, *numbers, *fractions, *lists, *objects]
        case "list":
            return [*texts, *numbers, *fractions, *flags, *objects]
        case _:
            return [*texts, *numbers, *fractions, *flags, *lists]


def _of_length(name: str, length: int) -> Any:
    shape = SHAPES[name]
    match shape["type"]:
        case "list":
            return [valid_value(shape["member"]["shape"])] * length
        case "map":
            return {f"k{number}": valid_value(shape["value"]["shape"]) for number in range(length)}
        case "blob":
            return b"a" * length
        case _:
            text: str = valid_value(name)
            return (text + text[-1:] * length)[:length]


def _under(shape: Any, random: Random) -> float:
    minimum: int = shape["min"]
    if shape["type"] == "float":
        return random.choice((minimum - 1, minimum - 1e-6, minimum - random.random() - 1e-9, minimum - 1e30))
    return minimum - random.choice((1, 2, random.randrange(1, 2**31 - 1)))


def _over(shape: Any, random: Random) -> float:
    maximum: int = shape["max"]
    if shape["type"] == "float":
        return random.choice((maximum + 1, maximum + 1e-4, maximum + random.random() + 1e-6, maximum + 1e30))
    return maximum + random.choice((1, 2, random.randrange(1, 2**31 - 1 - maximum)))


def _misspelled(members: list[str], random: Random) -> str:
    member = random.choice(members)
    candidates = (member.swapcase(), member[:-1], f"{member}S", f" {member}", f"{member}\n", "", f"{member},{member}")
    return random.choice([text for text in candidates if text not in members])


def _unmatched(name: str, random: Random) -> str:
    """Return a text of valid length that differs by one character from a text that the pattern allows."""
    shape = SHAPES[name]
    text: str = valid_value(name)
    while True:
        position = random.randrange(len(text) + 1)
        odd = random.choice(_ODD)
        candidate = random.choice(
            (text[:position] + odd + text[position:], text[:position] + odd + text[position + 1 :], odd)
        )
        if name == "TagKey":
            candidate = random.choice((candidate, "aws:a", "aws:"))
        fits = shape.get("min", 0) <= len(candidate) <= shape.get("max", len(candidate))
        if fits and not pattern_allows(shape["pattern"], candidate):
            return candidate


def pattern_allows(pattern: str, text: str) -> bool:
    r"""Return whether a pattern of the model allows a text, as in Java, where \d, \w and \S mean ASCII.

    >>> pattern_allows(r"[\p{L}]+", "\u00e9"), pattern_allows(r"\d+", "\u0661"), pattern_allows(r"[a-z]+", "ab\n")
    (True, False, False)
    """
    for name, letter in (("L", "a"), ("N", "0"), ("Z", " ")):
        if rf"\p{{{name}}}" in pattern:
            pattern = pattern.replace(rf"\p{{{name}}}", {"L": "a-zA-Z", "N": "0-9", "Z": " "}[name])
            text = "".join(letter if each > "\x7f" and category(each)[0] == name else each for each in text)
    return re.fullmatch(pattern, text, re.ASCII) is not None


def reported_location(constraint: Constraint) -> str:
    """Return the path that the front end reports: names in lower camel case, items by number.

    A broken constraint of a plain item is reported for its list or map.
    """
    path = constraint.path
    if constraint.rule != "type" and path[-1] in (ITEM, KEY, VALUE) and SHAPES[constraint.shape]["type"] != "structure":
        path = path[:-1]
    words = {ITEM: "1.member", VALUE: valid_value("TagKey")}
    return ".".join(words.get(step) or step[:1].lower() + step[1:] for step in path)


def reported_text(constraint: Constraint) -> str:
    """Return the text with which the front end reports a broken constraint."""
    shape = SHAPES[constraint.shape]
    measure = "length" if shape["type"] in _LENGTHS else "value"
    match constraint.rule:
        case "required":
            return "Member must not be null"
        case "min":
            return f"Member must have {measure} greater than or equal to {shape['min']}"
        case "max":
            return f"Member must have {measure} less than or equal to {shape['max']}"
        case "pattern":
            return "Member must satisfy regular expression pattern: "
        case "enum":
            return f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"
        case "type":
            return " must be "
