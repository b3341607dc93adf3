"""The rules of every shape and their whole texts: kinds, limits at both sides of each bound, members, percentages."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rekog._core.names import snake
from rekog._core.validate import Key, Problem, described, dotted, problems, suspicions
from rekog._generated.shapes import SHAPES
from tests.kit.samples import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rekog._core.operation import Shape

KINDS = {
    "string": "text",
    "integer": "a whole number",
    "long": "a whole number",
    "float": "a finite number",
    "boolean": "True or False",
    "blob": "bytes",
    "timestamp": "a point in time",
    "list": "a list",
    "map": "a mapping of text to text",
}
VALUES: list[tuple[Any, str, set[str]]] = [
    ("a", "str", {"string", "timestamp"}),
    (7, "int", {"integer", "long", "float", "timestamp"}),
    (7.5, "float", {"float", "timestamp"}),
    (True, "bool", {"boolean"}),
    (math.inf, "inf", set()),
    (-math.inf, "-inf", set()),
    (math.nan, "nan", set()),
    (b"a", "bytes", {"blob"}),
    (bytearray(b"a"), "bytearray", {"blob"}),
    (memoryview(b"a"), "memoryview", {"blob"}),
    ([], "list", {"list"}),
    ((), "tuple", {"list"}),
    ({}, "dict", {"map", "structure"}),
    (None, "NoneType", set()),
    ({"a"}, "set", set()),
    (datetime(2026, 1, 1, tzinfo=UTC), "datetime", set()),
]


def texts(name: str, value: object, *, full: bool = False, python_names: bool = True) -> list[str]:
    return [described(problem, python_names=python_names) for problem in problems(name, value, full=full)]


def own(name: str, value: object, rule: str, *, full: bool) -> list[str]:
    """Return the texts of the broken rules of one kind of a value itself, without those of its items."""
    found = problems(name, value, full=full)
    return [described(each, python_names=False) for each in found if each.rule == rule and not each.path]


def test_a_value_of_another_kind_is_named_for_every_shape() -> None:
    for name, shape in SHAPES.items():
        article = "an" if re.match("[AEIO]|U[^s]|S3", name) else "a"
        named = {False: KINDS.get(shape.kind, "a mapping"), True: KINDS.get(shape.kind, f"{article} {name}")}
        for value, kind, fitting in VALUES:
            for python_names, word in named.items():
                wrong = [each for each in problems(name, value, full=False) if each.rule == "type" and not each.path]
                found = [described(each, python_names=python_names) for each in wrong]
                if shape.kind in fitting:
                    assert found == []
                else:
                    (text,) = found
                    assert text.partition(": ")[2].startswith(f"must be {word}, not {kind}"), (name, value)
                    has_remedy = kind == "str" and shape.kind == "list" and SHAPES[shape.item].kind == "string"
                    assert has_remedy or text == f"the whole: must be {word}, not {kind}"


def sized(shape: Shape, size: int) -> Any:
    """Return a value of a shape with this length, or this number."""
    return {
        "string": lambda: "a" * size, "blob": lambda: bytes(size), "list": lambda: [None] * size,
        "map": lambda: dict.fromkeys(map(str, range(size)), ""),
    }.get(shape.kind, lambda: size)()  # fmt: skip


UNITS = {"string": " characters", "blob": " bytes", "list": " members", "map": " members"}


def test_every_limit_is_checked_at_its_bound() -> None:
    for name, shape in SHAPES.items():
        verb, unit = ("have", UNITS[shape.kind]) if shape.kind in UNITS else ("be", "")
        if shape.min is not None:
            low = int(shape.min)
            assert own(name, sized(shape, low), "min", full=False) == []
            if low > 0 or not unit:
                text = f"the whole: must {verb} at least {shape.min}{unit}, not {low - 1}"
                assert own(name, sized(shape, low - 1), "min", full=False) == [text]
        if shape.max is not None:
            high = int(shape.max)
            text = f"the whole: must {verb} at most {shape.max}{unit}, not {high + 1}"
            assert own(name, sized(shape, high), "max", full=True) == []
            assert own(name, sized(shape, high + 1), "max", full=True) == [text]
            assert own(name, sized(shape, high + 1), "max", full=False) == []


def test_a_view_has_its_length_in_bytes() -> None:
    view = memoryview(bytes(12)).cast("I")
    assert own("ImageBlob", view, "max", full=True) == []
    too_long = memoryview(bytes(5_242_884)).cast("I")
    text = "the whole: must have at most 5242880 bytes, not 5242884"
    assert own("ImageBlob", too_long, "max", full=True) == [text]


def structures() -> Iterator[tuple[str, Shape]]:
    return ((name, shape) for name, shape in SHAPES.items() if shape.kind == "structure")


def test_each_required_member_is_missed_by_its_name() -> None:
    for name, shape in structures():
        for value in ({}, dict.fromkeys(shape.required)):
            found = problems(name, value, full=False)
            assert [each.path for each in found] == [(member,) for member in shape.required]
            for member, problem in zip(shape.required, found, strict=True):
                kind = KINDS.get(SHAPES[shape.members[member]].kind, "a mapping")
                assert described(problem, python_names=False) == f"{member}: required, and must be {kind}"
                assert described(problem, python_names=True).startswith(f"{snake(member)}: required, and must be ")


def test_an_unknown_member_is_named_with_all_known_ones() -> None:
    for name, shape in structures():
        found = problems(name, {**sample(name), "QQQ": 1}, full=False)
        problem = next(each for each in found if each.rule == "unknown")
        known = ", ".join(sorted(shape.members)) or "none"
        assert described(problem, python_names=False) == f"QQQ: no such member; there are {known}"
        known = ", ".join(sorted(map(snake, shape.members))) or "none"
        assert described(problem, python_names=True) == f"qqq: no such member; there are {known}"


def test_a_member_by_another_name_is_recognised() -> None:
    known = "no such member; there are Height, Left, Top, Width"
    for given, hint in (("width", "; did you mean Width?"), ("Widht", "; did you mean Width?"), ("Colour", "")):
        assert texts("BoundingBox", {given: 1}, python_names=False) == [f"{given}: {known}{hint}"]
    known = "no such member; there are height, left, top, width"
    for given, hint in (("Width", "; did you mean width?"), ("widht", "; did you mean width?"), ("colour", "")):
        problem = Problem((Key(given),), "unknown", "BoundingBox")
        assert described(problem, python_names=True) == f"{given}: {known}{hint}"


def test_patterns_and_members_of_enums_are_checked_in_full_only() -> None:
    for name, shape in SHAPES.items():
        if shape.kind != "string":
            continue
        value = "\0\n" * int(shape.min or 1)
        if shape.enum:
            assert own(name, value, "enum", full=True) == [f"the whole: must be one of {', '.join(shape.enum)}"]
            assert [own(name, each, "enum", full=True) for each in shape.enum] == [[]] * len(shape.enum)
        if shape.pattern and ".*" not in shape.pattern:
            assert own(name, value, "pattern", full=True) == [f"the whole: must match the pattern {shape.pattern}"]
        assert texts(name, value) == []


@pytest.mark.parametrize("full", [False, True])
def test_a_percentage_of_one_or_less_is_suspected_and_no_problem(full: bool) -> None:
    for value, text in [
        (0.8, "0.8 is 0.8 percent; for 80 percent write 80"), (1, "1 is 1 percent; for 100 percent write 100"),
        (1.0, "1.0 is 1.0 percent; for 100 percent write 100"), (0.25, "0.25 is 0.25 percent; for 25 percent write 25"),
        (0, None), (0.0, None), (1.01, None), (80, None),
    ]:  # fmt: skip
        found = suspicions("Percent", value, full=full)
        assert [described(each, python_names=True) for each in found] == ([f"the whole: {text}"] if text else [])
        assert problems("Percent", value, full=full) == []
    assert suspicions("BoundingBoxWidth", 0.5, full=full) == []
    assert suspicions("AuditImagesLimit", 1, full=full) == []


def test_rules_apply_to_each_item_of_lists_and_each_key_and_value_of_maps() -> None:
    assert texts("FaceIdList", ["", 7], full=True)[-1] == "[1]: must be text, not int"
    long = "k" * 129
    assert texts("TagMap", {long: 7}, full=True) == [
        f"{long}: must have at most 128 characters, not 129",
        f"{long}: must be text, not int",
    ]
    assert texts("TagMap", {"UserId": 7}) == ["UserId: must be text, not int"]  # a key keeps its letters


def test_paths_have_dots_brackets_and_the_names_of_their_side() -> None:
    path = ("Image", "S3Object", 3, 0, "Bucket", Key("OwnKey"), 1)
    assert dotted(path, python_names=True) == "image.s3_object[3][0].bucket.OwnKey[1]"
    assert dotted(path, python_names=False) == "Image.S3Object[3][0].Bucket.OwnKey[1]"
    assert dotted((2, "Name"), python_names=False) == "[2].Name"
    assert dotted((), python_names=True) == ""


def test_a_text_in_place_of_a_list_of_texts_has_a_remedy() -> None:
    for name, value, remedy in [
        ("Attributes", "ALL", ': write ["ALL"]'), ("Attributes", "ALLE", ": put it in a list, [...]"),
        ("FaceIdList", "secret", ": put it in a list, [...]"), ("Labels", "Cat", ""), ("Attributes", b"ALL", ""),
    ]:  # fmt: skip
        text = f"the whole: must be a list, not {type(value).__name__}{remedy}"
        assert texts(name, value) == [text]
    problem = Problem((), "type", "Percent", "a")
    assert described(problem, python_names=False) == "the whole: must be a finite number, not str"
