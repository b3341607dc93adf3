"""The public interface: names, idempotency tokens, paging and waiters match botocore's model of the service."""

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
from tests.differential.oracle import botocore_client
from tests.differential.strategies import MODEL, OPERATIONS, shape_of

xform_name: Any = import_module("botocore").xform_name

WITH_TOKEN = ("AssociateFaces", "CreateUser", "DeleteUser", "DisassociateFaces", "StartMediaAnalysisJob")
STRUCTURES = [name for name in MODEL.shape_names if shape_of(name).type_name == "structure" and name in dir(models)]


@pytest.mark.parametrize("client", [RekognitionClient, AsyncRekognitionClient])
def test_each_operation_has_a_method_with_botocores_name(client: type[object]) -> None:
    names = [xform_name(name) for name in OPERATIONS]

    assert len(names) == 75
    assert [name for name in names if not callable(getattr(client, name, None))] == []


def test_operations_are_listed_by_botocores_names() -> None:
    assert sorted(OURS) == sorted(OPERATIONS)
    assert {name: operation.name for name, operation in METHODS.items()} == {
        xform_name(name): name for name in OPERATIONS
    }


def test_parameters_are_the_members_of_the_request_required_ones_first() -> None:
    for operation in OPERATIONS:
        request = shape_of(f"{operation}Request")
        parameters = inspect.signature(getattr(RekognitionClient, snake(operation))).parameters
        required = [name for name, p in parameters.items() if p.default is p.empty and name != "self"]

        assert {*parameters} - {"self", "options"} == {snake(name) for name in request.members}
        assert {*required} == {snake(name) for name in request.required_members}
        assert list(parameters)[1 : len(required) + 1] == required


def test_fields_are_the_members_of_each_structure() -> None:
    ours = {name: field_names(getattr(models, name)) for name in STRUCTURES}

    assert ours == {name: tuple(snake(wire) for wire in shape_of(name).members) for name in STRUCTURES}


def test_field_names_follow_botocores_rule() -> None:
    wire_names = {wire for name in STRUCTURES for wire in shape_of(name).members}

    assert {wire: snake(wire) for wire in wire_names} == {wire: xform_name(wire) for wire in wire_names}


def test_every_structure_has_a_model_except_the_errors() -> None:
    structures = {name for name in MODEL.shape_names if shape_of(name).type_name == "structure"}

    assert structures - {*STRUCTURES} == {error.name for error in MODEL.error_shapes}


def test_the_same_five_operations_have_an_idempotency_token() -> None:
    tokens = {name: [ours.idempotency_token] for name, ours in OURS.items() if ours.idempotency_token}
    theirs = {name: MODEL.operation_model(name).idempotent_members for name in OPERATIONS}

    assert tokens == {name: members for name, members in theirs.items() if members}
    assert tuple(sorted(tokens)) == WITH_TOKEN


def test_every_operation_with_a_page_token_can_be_paged_including_botocores() -> None:
    for operation in OPERATIONS:
        method = snake(operation)
        with RekognitionClient("eu-west-1") as client:
            members = MODEL.operation_model(operation).output_shape.members

            assert client.can_paginate(method) >= botocore_client().can_paginate(method)
            assert client.can_paginate(method) == ("NextToken" in members)


def test_every_waiter_of_botocore_exists() -> None:
    with RekognitionClient("eu-west-1") as client:
        assert {*botocore_client().waiter_names} <= {*client.waiter_names}
