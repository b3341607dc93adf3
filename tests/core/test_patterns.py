"""The service's patterns are matched in linear time."""

from __future__ import annotations

import re
from itertools import product

import pytest

from rekog._core.validate import LINEAR, problems
from rekog._generated.shapes import SHAPES

PATTERNED = {shape.pattern: name for name, shape in SHAPES.items() if shape.pattern}
ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/"
BEGINNINGS = ("", "a", ARN, f"{ARN}version/", "arn:aws:sns:", "arn:aws:kinesis:", "arn:aws:iam::123456789012:role/")
UNITS = ("a", "1", "-", "a-", " ", ".", "/", ":", ":aaaaaaaaaaaa:a")
ENDS = ("\n!", "!")
PIECES = {
    r"(^arn:aws:sns:.*:\w{12}:.+$)": ("arn:aws:sns:", ":", "a", "aaaaaaaaaaaa", ":aaaaaaaaaaaa:", "\n", "\u00e9"),
    r".*\S.*": (" ", "\n", "a", "\t", "\u00a0", "\r"),
}


@pytest.mark.parametrize("name", PATTERNED.values())
def test_a_long_text_is_matched_in_linear_time(name: str) -> None:
    # In quadratic time this takes minutes, and the timeout of pytest ends it.
    for beginning, unit, end in product(BEGINNINGS, UNITS, ENDS):
        for problem in problems(name, beginning + unit * (300_000 // len(unit)) + end, full=True):
            assert problem.rule in ("max", "pattern")


@pytest.mark.parametrize("pattern", LINEAR)
def test_a_rewritten_pattern_matches_the_same_texts(pattern: str) -> None:
    ours, service = (re.compile(text, re.ASCII) for text in (LINEAR[pattern], pattern))
    texts = ["".join(pieces) for length in range(6) for pieces in product(PIECES[pattern], repeat=length)]
    matched = [text for text in texts if service.fullmatch(text)]
    assert matched
    assert matched == [text for text in texts if ours.fullmatch(text)]


def test_a_problem_has_the_pattern_of_the_service() -> None:
    (problem,) = problems("SNSTopicArn", "topic", full=True)
    assert (problem.rule, problem.shape.pattern) == ("pattern", r"(^arn:aws:sns:.*:\w{12}:.+$)")


@pytest.mark.parametrize(("name", "text"), [("RoleArn", "arn:aws:iam::{}:role/r"), ("Version", "{}.0.0")])
def test_only_ascii_digits_are_digits(name: str, text: str) -> None:
    digits = "1" * (12 if name == "RoleArn" else 1)
    arabic = digits.replace("1", "\u0661")
    assert problems(name, text.format(digits), full=True) == []
    assert [problem.rule for problem in problems(name, text.format(arabic), full=True)] == ["pattern"]


def test_letters_of_all_scripts_are_letters_of_a_tag() -> None:
    assert problems("TagValue", "\u00e9\u4e2d", full=True) == []
