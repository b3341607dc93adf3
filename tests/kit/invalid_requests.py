"""Requests that break one rule of the service model in one place: every rule, in every place, of every operation.

All of it is made from the model that botocore ships, read as plain JSON. A place is a path from the request down: names
of members, `ITEM` for what a list holds, `KEY` and `VALUE` for what a map holds.
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
"""In place of a value: the member is left out."""

_FILE: Any = import_module("botocore.loaders").Loader().load_service_model("rekognition", "service-2")
SHAPES: dict[str, Any] = _FILE["shapes"]
OPERATIONS: tuple[str, ...] = tuple(sorted(_FILE["operations"]))

_LENGTHS = ("string", "blob", "list", "map")
_ODD = " !\"#$%&'()*+,-./0:;<=>?@A[\\]^_`a{|}~\t\n\x00\x7f\u00e9\u00f1\u0661\uff11\u4e2d\u2603\U0001f600"
"""Characters that one pattern or another forbids. Two of them are digits that `[0-9]` does not mean."""

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
"""Valid texts of the patterns that a few letters don't match."""


class Constraint(NamedTuple):
    """A rule of the model at a place: what it bounds, and the shape that says so."""

    path: Path
    rule: Rule
    shape: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)} {self.rule}"


def constraints(operation: str) -> list[Constraint]:
    """Return every rule that a request of an operation can break, with its place."""
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
    if step != KEY:  # in JSON a key is a text, whatever is meant
        yield "type"
    if "min" in shape and not (shape["type"] in _LENGTHS and shape["min"] == 0):  # nothing is shorter than 0
        yield "min"
    if "max" in shape:
        yield "max"
    if "pattern" in shape:
        yield "pattern"
    if "enum" in shape:
        yield "enum"


def request_with(operation: str, members: Mapping[str, Any], path: Path, value: object) -> dict[str, Any]:
    """Return members that work, with a value at a place, and with as little as may be around it."""
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
    """Return a value of a shape that breaks no rule, with nothing in it that may be left out."""
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


def invalid_value(location: Constraint, random: Random) -> Any:
    """Return a value that breaks the rule of a place, and where it can be no other rule of it."""
    shape = SHAPES[location.shape]
    match location.rule:
        case "required":
            return random.choice((ABSENT, None))
        case "type":
            return random.choice(_other_types(shape["type"], random))
        case "min" if shape["type"] in _LENGTHS:
            return _of_length(location.shape, random.randrange(shape["min"]))
        case "min":
            return _under(shape, random)
        case "max" if shape["type"] in _LENGTHS:
            return _of_length(location.shape, shape["max"] + random.choice((1, 1, 2, 10, 100)))
        case "max":
            return _over(shape, random)
        case "pattern":
            return _unmatched(location.shape, random)
        case "enum":
            return _misspelt(shape["enum"], random)


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


def _misspelt(members: list[str], random: Random) -> str:
    member = random.choice(members)
    candidates = (member.swapcase(), member[:-1], f"{member}S", f" {member}", f"{member}\n", "", f"{member},{member}")
    return random.choice([text for text in candidates if text not in members])


def _unmatched(name: str, random: Random) -> str:
    """Return a text of a length that is allowed, which differs in one place from one that the pattern allows."""
    shape = SHAPES[name]
    text: str = valid_value(name)
    while True:
        location = random.randrange(len(text) + 1)
        odd = random.choice(_ODD)
        candidate = random.choice(
            (text[:location] + odd + text[location:], text[:location] + odd + text[location + 1 :], odd)
        )
        if name == "TagKey":
            candidate = random.choice((candidate, "aws:a", "aws:"))
        fits = shape.get("min", 0) <= len(candidate) <= shape.get("max", len(candidate))
        if fits and not pattern_allows(shape["pattern"], candidate):
            return candidate


def pattern_allows(pattern: str, text: str) -> bool:
    r"""Tell whether a pattern of the model allows a text: as Java reads it, where \d, \w and \S are about ASCII.

    >>> matches(r"[\p{L}]+", "\u00e9"), matches(r"\d+", "\u0661"), matches(r"[a-z]+", "ab\n")
    (True, False, False)
    """
    for name, letter in (("L", "a"), ("N", "0"), ("Z", " ")):
        if rf"\p{{{name}}}" in pattern:
            pattern = pattern.replace(rf"\p{{{name}}}", {"L": "a-zA-Z", "N": "0-9", "Z": " "}[name])
            text = "".join(letter if each > "\x7f" and category(each)[0] == name else each for each in text)
    return re.fullmatch(pattern, text, re.ASCII) is not None


def reported_location(location: Constraint) -> str:
    """Return where the front end tells of a broken rule: names in lower camel case, items by number.

    What is wrong with a plain item is told of its list, or of its map.
    """
    path = location.path
    if location.rule != "type" and path[-1] in (ITEM, KEY, VALUE) and SHAPES[location.shape]["type"] != "structure":
        path = path[:-1]
    words = {ITEM: "1.member", VALUE: valid_value("TagKey")}
    return ".".join(words.get(step) or step[:1].lower() + step[1:] for step in path)


def reported_text(location: Constraint) -> str:
    """Return the words with which the front end tells of a broken rule."""
    shape = SHAPES[location.shape]
    measure = "length" if shape["type"] in _LENGTHS else "value"
    match location.rule:
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
