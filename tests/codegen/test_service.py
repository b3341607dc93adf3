"""`_generated/service.py`: a protocol for each family, and the table that finds an operation's handler."""

from __future__ import annotations

import inspect
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import pytest

from codegen.__main__ import render
from rekog._core.handler_result import InWireForm
from rekog._generated import service
from rekog._generated.operations import OPERATIONS
from tests.codegen.tiny import tiny_service

FAMILIES = sorted({operation.family for operation in OPERATIONS.values()})


def _protocol(family: str) -> type:
    name = "".join(part.capitalize() for part in family.split("_"))
    protocol: type = getattr(service, f"{name}Handlers")
    return protocol


def _methods(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]


def test_the_service_has_one_property_for_each_family() -> None:
    properties = {name: value for name, value in vars(service.Service).items() if isinstance(value, property)}

    assert list(properties) == FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_a_protocol_has_the_methods_of_its_family_in_alphabetical_order(family: str) -> None:
    names = sorted(name for name, operation in OPERATIONS.items() if operation.family == family)

    assert _methods(_protocol(family)) == [OPERATIONS[name].method_name for name in names]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_handler_takes_a_context_and_the_operations_request_by_position(name: str) -> None:
    operation = OPERATIONS[name]
    signature = inspect.signature(getattr(_protocol(operation.family), operation.method_name))
    parameters = list(signature.parameters.values())[1:]

    assert [(p.name, p.annotation) for p in parameters] == [("context", "C_contra"), ("request", f"{name}Request")]
    assert {p.kind for p in parameters} == {inspect.Parameter.POSITIONAL_ONLY}
    assert signature.return_annotation == f"HandlerResult[{name}Response]"


def test_the_table_finds_every_handler_in_its_family() -> None:
    handlers = {o.name: object() for o in OPERATIONS.values()}
    families = {
        family: SimpleNamespace(**{o.method_name: handlers[o.name] for o in OPERATIONS.values() if o.family == family})
        for family in FAMILIES
    }
    whole = cast("service.Service[Any]", SimpleNamespace(**families))  # cast: a namespace in the form of a service

    assert list(service.HANDLERS) == list(OPERATIONS)
    assert {name: find(whole) for name, find in service.HANDLERS.items()} == handlers


def test_importing_the_protocols_loads_no_models() -> None:
    code = "import sys, rekog._generated.service as s; print([n for n in sys.modules if n.startswith('rekog.models')])"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert process.stdout == "[]\n"


def test_finding_a_handler_loads_only_its_own_family() -> None:
    class Lazy:
        @property
        def tags(self) -> SimpleNamespace:
            return SimpleNamespace(tag_resource="handler")

    handler: object = service.HANDLERS["TagResource"](cast("service.Service[Any]", Lazy()))  # cast: one family of ten

    assert handler == "handler"


def test_the_tiny_model_gets_a_protocol_for_each_of_its_families() -> None:
    text = render(tiny_service())["_generated/service.py"]

    assert [line for line in text.splitlines() if line.startswith("class ")] == [
        "class OldHandlers(Protocol[C_contra]):",
        "class ThingsHandlers(Protocol[C_contra]):",
        "class Service(Protocol[C_contra]):",
        "class FindHandler(Protocol):",
    ]


def test_a_response_in_wire_form_is_frozen() -> None:
    response: InWireForm[Any] = InWireForm({"Labels": []})

    assert response.wire == {"Labels": []}
    with pytest.raises(AttributeError):
        response.wire = {}  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # the assignment is under test
