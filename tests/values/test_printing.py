"""Models as rich and IPython print them."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from rich.console import Console
from rich.pretty import Pretty

from rekog import Model, from_wire, models
from rekog.models import AuditImage, BoundingBox, DetectLabelsResponse, Emotion, EmotionName, Instance, Label, Parent
from tests.kit.samples import sample

Printed = Callable[[object], str]

BOX = BoundingBox(left=1 / 3, top=0.5, width=0.12345678, height=0.25)
CAT = Label(name="Cat", confidence=99.123456, instances=[Instance(bounding_box=BOX, confidence=90.0)])


def by_rich(value: object) -> str:
    """Return the text that rich prints on a terminal, without its guides."""
    file = io.StringIO()
    Console(file=file, width=80).print(Pretty(value, indent_guides=False))
    return file.getvalue().rstrip("\n")


def by_ipython(value: object) -> str:
    """Return the text that IPython prints."""
    library: Any = import_module("IPython.lib.pretty")  # its types are incomplete
    text: str = library.pretty(value)
    return text


both = pytest.mark.parametrize("printed", [by_rich, by_ipython])


@both
def test_a_short_model_is_one_line_with_rounded_numbers(printed: Printed) -> None:
    assert printed(BOX) == "BoundingBox(width=0.1235, height=0.25, left=0.3333, top=0.5)"


@both
def test_a_long_answer_has_a_line_for_each_field_without_those_that_are_none(printed: Printed) -> None:
    assert (
        printed(DetectLabelsResponse(labels=[CAT], label_model_version="3.0"))
        == """\
DetectLabelsResponse(
    labels=[
        Label(
            name='Cat',
            confidence=99.1235,
            instances=[
                Instance(
                    bounding_box=BoundingBox(
                        width=0.1235,
                        height=0.25,
                        left=0.3333,
                        top=0.5
                    ),
                    confidence=90.0,
                    dominant_colors=[]
                )
            ],
            parents=[],
            aliases=[],
            categories=[]
        )
    ],
    label_model_version='3.0'
)"""
    )


@both
def test_a_member_of_an_enum_is_plain_text(printed: Printed) -> None:
    assert printed(Emotion(type=EmotionName.HAPPY, confidence=9.0)) == "Emotion(type='HAPPY', confidence=9.0)"


@both
def test_bytes_are_not_printed(printed: Printed) -> None:
    assert printed(AuditImage(bytes=b"secret")) == "AuditImage(bytes=<6 bytes>)"


@both
def test_a_long_list_shows_its_first_items(printed: Printed) -> None:
    lines = printed(Label(name="Cat", confidence=1.0, parents=[Parent(name="Animal")] * 53)).splitlines()
    assert sum("Parent(name='Animal')" in line for line in lines) == 50
    assert lines[lines.index("    aliases=[],") - 2 :][:2] == ["        ... 3 more", "    ],"]


@both
def test_a_list_of_the_maximum_is_whole_and_a_longer_one_says_how_many_are_left(printed: Printed) -> None:
    for number, more in ((50, ""), (51, "... 1 more")):
        text = printed(Label(name="Cat", confidence=1.0, parents=[Parent(name="Animal")] * number))
        assert text.count("Parent(name='Animal')") == 50
        assert ("... " in text) == bool(more)
        assert more in text


def test_a_model_in_itself_ends() -> None:
    label = Label(name="Cat", confidence=1.0)
    label.instances = [label]  # type: ignore[list-item]  # an untyped caller may do so
    assert "instances=[Label(...)]" in by_ipython(label)


def test_repr_has_all_digits_on_one_line() -> None:
    assert repr(BOX) == f"BoundingBox(width=0.12345678, height=0.25, left={1 / 3!r}, top=0.5)"


@both
def test_every_response_is_printed(printed: Printed) -> None:
    names = [name for name in dir(models) if name.endswith("Response")]
    answers: list[Model] = [from_wire(getattr(models, name), sample(name)) for name in names]
    assert len(answers) > 70
    assert [type(each).__name__ for each in answers if not printed(each).startswith(type(each).__name__)] == []
