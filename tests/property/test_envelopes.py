"""The law of envelopes: a message is found in any nesting of them, as text or as a mapping, in order."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.errors import ParamValidationError
from rekog.jobs import parse_notifications, parse_stream_notifications, parse_stream_records

KINDS: dict[
    str, tuple[Callable[[Any], list[Any]], dict[str, object], Callable[[Any], object], list[str], list[str]]
] = {
    "job": (
        parse_notifications,
        {"Status": "SUCCEEDED", "API": "StartFaceSearch"},
        lambda found: found.job_id,
        ["Message", "body", "Body", "Sns"],
        ["Records", "Messages"],
    ),
    "stream": (
        parse_stream_notifications,
        {"eventNamespace": {"type": "LABEL_DETECTED"}},
        lambda found: found.session_id,
        ["Message", "body", "Body", "Sns"],
        ["Records", "Messages"],
    ),
    "record": (
        parse_stream_records,
        {"FaceSearchResponse": []},
        lambda found: found.stream_arn,
        ["kinesis", "Data", "data"],
        ["Records", "records"],
    ),
}  # the function, members of a message, the member with its name, the envelopes of one message, and those of several


def message(kind: str, name: str) -> dict[str, object]:
    """Return a message with a name."""
    members = KINDS[kind][1]
    if kind == "job":
        return {**members, "JobId": name}
    if kind == "stream":
        return {**members, "sessionId": name}
    return {**members, "InputInformation": {"KinesisVideo": {"StreamArn": name}}}


def itself(value: object) -> object:
    return value


def in_base64(value: object) -> object:
    return base64.b64encode(json.dumps(value).encode()).decode()


Nested = tuple[Any, list[str], int]  # an envelope, the names in it, the number of envelopes around the innermost one


def envelopes(kind: str) -> st.SearchStrategy[Nested]:
    _, _, _, inner, lists = KINDS[kind]
    forms = [itself, json.dumps, *([in_base64] if kind == "record" else [])]

    def around_one(given_: Nested, name: str, form: Callable[[object], object]) -> Nested:
        value, names, depth = given_
        return {name: form(value), "Type": "Notification"}, names, depth + 1

    def around_many(given_: list[Nested], name: str, form: Callable[[object], object]) -> Nested:
        values = {name: [form(value) for value, _, _ in given_]}
        return (
            values,
            [each for _, names, _ in given_ for each in names],
            max((each[2] for each in given_), default=0) + 1,
        )

    leaves = st.text(max_size=2).map(lambda name: (message(kind, name), [name], 0))
    return st.recursive(
        leaves,
        lambda nested: st.one_of(
            st.builds(around_one, nested, st.sampled_from(inner), st.sampled_from(forms)),
            st.builds(around_many, st.lists(nested, max_size=3), st.sampled_from(lists), st.sampled_from(forms)),
        ),
        max_leaves=4,
    )


@settings(max_examples=40)
@given(st.one_of([st.tuples(st.just(kind), envelopes(kind)) for kind in KINDS]))
def test_messages_are_found_in_any_envelopes(nested: tuple[str, Nested]) -> None:
    kind, (value, names, depth) = nested
    parse, _, name_of, *_ = KINDS[kind]
    if depth < 8:
        for given_ in (value, json.dumps(value), json.dumps(value).encode()):
            assert [name_of(found) for found in parse(given_)] == names


@pytest.mark.parametrize("kind", list(KINDS))
def test_seven_envelopes_are_read_and_eight_are_not(kind: str) -> None:
    parse, _, name_of, inner, _ = KINDS[kind]
    value: dict[str, object] = message(kind, "deep")
    for _ in range(7):
        value = {inner[0]: value}
    assert [name_of(found) for found in parse(value)] == ["deep"]
    with pytest.raises(ParamValidationError, match=rf"^{parse.__name__}: message: "):
        parse({inner[0]: value})
