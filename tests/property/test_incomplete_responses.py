"""Laws of responses that lack members: every call returns, and only the missing members are missing in its response."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import Credentials, RekognitionClient, from_wire, to_wire
from rekog._core.flow import HttpResponse
from rekog._core.rejected.incomplete import decode_incomplete, fields_of
from rekog._generated.operations import OPERATIONS
from rekog._generated.shapes import SHAPES
from rekog._values.model import field_names
from rekog._values.narrow import is_mapping, is_sequence
from rekog.conversion import converter
from rekog.errors import DecodeError
from tests.kit.flows import first_request
from tests.kit.samples import arguments, sample

if TYPE_CHECKING:
    from rekog._core.call import Caller
    from rekog._core.flow import Flow
    from rekog._values.model import Model, Response

Path: TypeAlias = tuple[str | int, ...]

LAW = settings(derandomize=True, max_examples=25, deadline=None)
PYTHON, WIRE = converter("python"), converter()
CLIENTS = {
    strict: RekognitionClient(
        "eu-west-1", credentials=Credentials("AKID", "secret"), strict=["answers"] if strict else []
    )
    for strict in (False, True)
}


def call(operation: str, wire: object, *, strict: bool = False) -> Response:
    """Return the response of a call for the body that it receives."""
    record = OPERATIONS[operation]
    request: Model = from_wire(record.input_type, arguments(operation))
    fields = {name: getattr(request, name) for name in field_names(type(request))}
    caller: Caller = getattr(CLIENTS[strict], "_caller")  # noqa: B009 (the Flows of the client are not public)
    flow: Flow[Any] = caller.call(record, **fields)
    first_request(flow)
    try:
        flow.send(HttpResponse(200, {}, json.dumps(wire).encode()))
    except StopIteration as end:
        response: Response = end.value
        return response
    raise AssertionError("the call sent a second request")


def entries(value: object) -> list[tuple[str | int, object]]:
    """Return the members of a JSON object, or the items of a list with their indices."""
    if is_mapping(value):
        return list(value.items())
    return list(enumerate(value)) if is_sequence(value) else []


def members(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each member of each object in a JSON value."""
    for key, item in entries(value):
        if isinstance(key, str):
            yield (*path, key)
        yield from members(item, (*path, key))


def leaves(value: object, path: Path = ()) -> dict[Path, object]:
    """Return the texts and numbers in a JSON value by their paths; empty lists, empty objects and nulls have none."""
    if not (is_mapping(value) or is_sequence(value)):
        return {} if value is None else {path: value}
    return {inner: leaf for key, item in entries(value) for inner, leaf in leaves(item, (*path, key)).items()}


def without(wire: Any, paths: list[Path], nulls: set[Path]) -> Any:
    """Return a copy of a JSON value without the members at some paths; those of `nulls` are null instead."""
    changed = json.loads(json.dumps(wire))
    for *parents, name in sorted(paths, key=len, reverse=True):
        inner = changed
        for part in parents:
            inner = inner[part]
        if (*parents, name) in nulls:
            inner[name] = None
        else:
            del inner[name]
    return changed


@st.composite
def incomplete(draw: st.DrawFn) -> tuple[str, Any]:
    """Make the name of an operation, and a response of it that lacks members at any depth."""
    operation = draw(st.sampled_from(sorted(OPERATIONS)))
    wire = sample(f"{operation}Response", draw(st.integers(0, 3)))
    paths = list(members(wire))
    lacking = draw(st.sets(st.sampled_from(paths))) if paths else set[Path]()
    nulls = draw(st.sets(st.sampled_from(sorted(lacking, key=str)))) if lacking else set[Path]()
    return operation, without(wire, sorted(lacking, key=str), nulls)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_call_whose_response_is_an_empty_object_returns(operation: str) -> None:
    response = call(operation, {})
    assert all(getattr(response, name) in (None, []) for name in fields_of(f"{operation}Response"))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_call_returns_whichever_single_member_is_missing(operation: str) -> None:
    wire = sample(f"{operation}Response")
    for path in members(wire):
        for nulls in (set[Path](), {path}):
            left = without(wire, [path], nulls)
            assert leaves(json_form(to_wire(call(operation, left)))) == leaves(left)


@given(drawn=incomplete())
@LAW
def test_only_missing_members_are_missing_in_the_response(drawn: tuple[str, Any]) -> None:
    operation, wire = drawn
    assert leaves(json_form(to_wire(call(operation, wire)))) == leaves(wire)


@given(drawn=incomplete())
@LAW
def test_a_wire_dict_of_an_incomplete_response_has_no_none(drawn: tuple[str, Any]) -> None:
    assert "null" not in json.dumps(json_form(to_wire(call(*drawn))))


ROUND_TRIPS: dict[str, Callable[[Response], object]] = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "wire": lambda model: from_wire(type(model), to_wire(model)),
    "wire converter": lambda model: WIRE.structure(WIRE.unstructure(model), type(model)),
    "python converter": lambda model: PYTHON.structure(json.loads(json.dumps(PYTHON.unstructure(model))), type(model)),
}


@pytest.mark.parametrize("round_trip", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
@given(drawn=incomplete())
@LAW
def test_an_incomplete_response_is_equal_after_a_round_trip(
    round_trip: Callable[[Response], object], drawn: tuple[str, Any]
) -> None:
    response = call(*drawn)
    assert round_trip(response) == response
    assert repr(round_trip(response)) == repr(response)


def lacks_a_present_member(name: str, wire: Any) -> bool:
    """Tell whether a member is missing, other than a list, that the model declares as always present."""
    for field in fields_of(name).values():
        value, shape = wire.get(field.wire), SHAPES[field.shape]
        if value is None and field.is_present:
            return True
        items = value if shape.kind == "list" and value else [value]
        inner = shape.item if shape.kind == "list" else field.shape
        if value and SHAPES[inner].kind == "structure" and any(lacks_a_present_member(inner, item) for item in items):
            return True
    return False


@given(drawn=incomplete())
@LAW
def test_strict_clients_refuse_a_response_that_lacks_a_present_member(drawn: tuple[str, Any]) -> None:
    operation, wire = drawn
    if lacks_a_present_member(f"{operation}Response", wire):
        with pytest.raises(DecodeError, match="is missing"):
            call(operation, wire, strict=True)
    else:
        assert call(operation, wire, strict=True) == call(operation, wire)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("exact", [True, False])
def test_a_complete_response_is_decoded_as_by_its_codec(operation: str, exact: bool) -> None:
    wire = sample(f"{operation}Response")
    decoded = decode_incomplete(f"{operation}Response", wire, strict=True, exact=exact)
    assert decoded == OPERATIONS[operation].decode_output(wire)
    assert repr(decoded) == repr(OPERATIONS[operation].decode_output(wire))


def json_form(wire: Any) -> Any:
    """Return a wire dict with blobs as the base64 text of `sample`."""
    return json.loads(json.dumps(wire, default=lambda _: "AAEC"))
