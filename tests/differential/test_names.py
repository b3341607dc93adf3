"""The surface: names, idempotency and paging as botocore's model of the service has them."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

from rekog import AsyncRekognitionClient, RekognitionClient, models
from rekog._core.names import snake
from rekog._generated.operations import METHODS
from rekog._generated.operations import OPERATIONS as OURS
from rekog._values.model import field_names
from tests.differential.oracle import their_client
from tests.differential.strategies import MODEL, OPERATIONS, shape

xform_name: Any = import_module("botocore").xform_name

FILLED_IN = ("AssociateFaces", "CreateUser", "DeleteUser", "DisassociateFaces", "StartMediaAnalysisJob")
STRUCTURES = [name for name in MODEL.shape_names if shape(name).type_name == "structure" and name in dir(models)]


@pytest.mark.parametrize("client", [RekognitionClient, AsyncRekognitionClient])
def test_there_is_a_method_for_each_operation_under_botocores_name(client: type[object]) -> None:
    names = [xform_name(name) for name in OPERATIONS]

    assert len(names) == 75
    assert [name for name in names if not callable(getattr(client, name, None))] == []


def test_operations_are_known_by_botocores_names() -> None:
    assert sorted(OURS) == sorted(OPERATIONS)
    assert {name: found.name for name, found in METHODS.items()} == {xform_name(name): name for name in OPERATIONS}


def test_arguments_are_the_members_of_the_request_required_ones_first() -> None:
    for operation in OPERATIONS:
        found = shape(f"{operation}Request")
        parameters = inspect.signature(getattr(RekognitionClient, snake(operation))).parameters
        required = [name for name, p in parameters.items() if p.default is p.empty and name != "self"]

        assert {*parameters} - {"self", "options"} == {snake(name) for name in found.members}
        assert {*required} == {snake(name) for name in found.required_members}
        assert list(parameters)[1 : len(required) + 1] == required


def test_fields_are_the_members_of_each_structure() -> None:
    ours = {name: field_names(getattr(models, name)) for name in STRUCTURES}

    assert ours == {name: tuple(snake(wire) for wire in shape(name).members) for name in STRUCTURES}


def test_fields_have_the_names_that_botocores_rule_gives() -> None:
    wires = {wire for name in STRUCTURES for wire in shape(name).members}

    assert {wire: snake(wire) for wire in wires} == {wire: xform_name(wire) for wire in wires}


def test_every_structure_has_a_model_except_the_errors() -> None:
    structures = {name for name in MODEL.shape_names if shape(name).type_name == "structure"}

    assert structures - {*STRUCTURES} == {error.name for error in MODEL.error_shapes}


def test_exactly_five_operations_fill_in_an_idempotency_token() -> None:
    ours = {name: [found.idempotency_token] for name, found in OURS.items() if found.idempotency_token}
    theirs = {name: MODEL.operation_model(name).idempotent_members for name in OPERATIONS}

    assert ours == {name: members for name, members in theirs.items() if members}
    assert tuple(sorted(ours)) == FILLED_IN


def test_what_botocore_pages_and_more_can_be_paged() -> None:
    for operation in OPERATIONS:
        method = snake(operation)
        with RekognitionClient("eu-west-1") as client:
            members = MODEL.operation_model(operation).output_shape.members

            assert client.can_paginate(method) >= their_client().can_paginate(method)
            assert client.can_paginate(method) == ("NextToken" in members)


def test_waiters_of_botocore_are_among_ours() -> None:
    with RekognitionClient("eu-west-1") as client:
        assert {*their_client().waiter_names} <= {*client.waiter_names}
