"""Public names, their modules, and the figures in the documents."""

from __future__ import annotations

import inspect
import re
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import rekog
from rekog import AsyncRekognitionClient, Credentials, RekognitionClient, errors, models
from rekog._generated.errors import MODELLED
from rekog._generated.operations import METHODS, OPERATIONS
from rekog._generated.paging import PAGED
from rekog._generated.waiting import WAITERS
from rekog._values.model import Model

# The contract: names that tests, benchmarks and examples rely on.
CONTRACT = [
    "AsyncPager",
    "AsyncRekognitionClient",
    "AsyncTransport",
    "Attempt",
    "CallOptions",
    "Credentials",
    "Image",
    "ImageInput",
    "Model",
    "Pager",
    "RateLimit",
    "RekogError",
    "RekognitionClient",
    "Response",
    "ResponseMetadata",
    "RetryPolicy",
    "S3Object",
    "ServiceError",
    "Timeout",
    "Transport",
    "Video",
    "VideoInput",
    "WireResponse",
    "bulk",
    "config",
    "conversion",
    "cost",
    "credentials",
    "errors",
    "from_wire",
    "images",
    "jobs",
    "models",
    "paging",
    "people",
    "to_wire",
    "transports",
    "waiting",
]


def test_the_public_names_are_the_contract() -> None:
    assert rekog.__all__ == CONTRACT


# Modules that `from rekog import *` does not load.
LARGE = ["emulator", "otel", "testing"]
ALIASES = {"ImageInput": rekog.images.ImageInput, "VideoInput": rekog.images.VideoInput}


@pytest.mark.parametrize("name", [*CONTRACT, *LARGE])
def test_every_public_name_resolves(name: str) -> None:
    value = getattr(rekog, name)
    assert value is ALIASES[name] if name in ALIASES else value.__name__.rpartition(".")[2] == name


def test_a_resolved_name_is_cached() -> None:
    resolved = rekog.Image
    assert vars(rekog)["Image"] is resolved


def test_dir_shows_the_public_names() -> None:
    assert dir(rekog) == sorted([*CONTRACT, *LARGE, "__version__"])


def test_an_unknown_name_is_an_attribute_error() -> None:
    package: Any = rekog
    with pytest.raises(AttributeError, match="module 'rekog' has no attribute 'Rekognition'"):
        _ = package.Rekognition


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert rekog.__version__ == version("rekog")


# --- Figures -----------------------------------------------------------------------------------------------------


def test_there_are_75_operations() -> None:
    assert len(OPERATIONS) == len(METHODS) == 75


def test_there_are_18_paged_operations() -> None:
    assert len(PAGED) == 18


def test_there_are_20_waiters() -> None:
    assert len(RekognitionClient("eu-west-1").waiter_names) == len(WAITERS) == 20


def public_classes(parent: type) -> set[str]:
    names: list[str] = getattr(models, "__all__")  # noqa: B009 (created on demand)
    values = {name: getattr(models, name) for name in names}
    return {name for name, value in values.items() if isinstance(value, type) and issubclass(value, parent)}


def test_there_are_303_models() -> None:
    assert len(public_classes(Model)) == 303


def test_there_are_45_enums() -> None:
    assert len(public_classes(Enum)) == 45


def test_the_figures_of_the_readme_are_these() -> None:
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    actual = {
        "operations": len(OPERATIONS),
        "models": len(public_classes(Model)),
        "open enums": len(public_classes(Enum)),
        "pagers": len(PAGED),
        "waiters": len(WAITERS),
    }
    stated = {name: {int(number) for number in re.findall(rf"(\d+) {name}\b", text)} for name in actual}
    assert stated == {name: {number} for name, number in actual.items()}


def test_there_are_23_modelled_errors() -> None:
    assert len(MODELLED) == 23


def test_every_operation_has_request_and_response() -> None:
    types = {o.name: (o.input_type.__name__, o.output_type.__name__) for o in OPERATIONS.values()}
    assert types == {name: (f"{name}Request", f"{name}Response") for name in OPERATIONS}


def test_the_errors_of_every_operation_are_modelled() -> None:
    assert {error for operation in OPERATIONS.values() for error in operation.errors} <= set(MODELLED)


def test_every_modelled_error_is_in_errors() -> None:
    assert {name for name in MODELLED if getattr(errors, name) is not MODELLED[name]} == set()


def test_every_name_of_models_resolves() -> None:
    names: list[str] = getattr(models, "__all__")  # noqa: B009 (created on demand)
    assert [name for name in names if getattr(models, name, None) is None] == []


def test_families_are_modules_of_models() -> None:
    assert models.images.DetectLabelsRequest is models.DetectLabelsRequest


def test_an_unknown_model_is_an_attribute_error() -> None:
    package: Any = models
    with pytest.raises(AttributeError, match="has no attribute 'Imago'"):
        _ = package.Imago


# --- Signatures --------------------------------------------------------------------------------------------------


def public(kind: type) -> dict[str, Any]:
    return {name: value for name, value in inspect.getmembers(kind) if not name.startswith("_")}


def test_both_clients_have_the_same_public_names() -> None:
    assert {*public(RekognitionClient), "aclose"} == set(public(AsyncRekognitionClient))  # for `contextlib.aclosing`


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    values = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind, parameter.default) for parameter in values]


FUNCTIONS = sorted(name for name, value in public(RekognitionClient).items() if callable(value))


def test_both_clients_have_the_same_parameters() -> None:
    one, other = public(RekognitionClient), public(AsyncRekognitionClient)
    assert [name for name in FUNCTIONS if parameters(one[name]) != parameters(other[name])] == []


def annotated(function: Any) -> dict[str, str]:
    annotations: dict[str, str] = dict(function.__annotations__)
    annotations.pop("return")
    return annotations


def test_both_clients_have_the_same_types() -> None:
    one, other = public(RekognitionClient), public(AsyncRekognitionClient)
    assert [name for name in METHODS if annotated(one[name]) != annotated(other[name])] == []


def test_methods_of_the_async_client_are_coroutines() -> None:
    methods = public(AsyncRekognitionClient)
    assert [name for name in METHODS if not inspect.iscoroutinefunction(methods[name])] == []


def parameters_of(method: str) -> dict[str, inspect.Parameter]:
    return dict(list(inspect.signature(public(RekognitionClient)[method]).parameters.items())[1:])


def test_arguments_are_the_fields_of_the_request() -> None:
    fields = {name: set(inspect.signature(operation.input_type).parameters) for name, operation in METHODS.items()}
    assert {name: set(parameters_of(name)) - {"options"} for name in METHODS} == fields


def positional(method: str) -> list[inspect.Parameter]:
    return [p for p in parameters_of(method).values() if p.kind is not p.KEYWORD_ONLY]


def test_options_are_keywords() -> None:
    pairs = [(name, parameter) for name in FUNCTIONS for parameter in positional(name)]
    assert [(name, p.name) for name, p in pairs if p.default is not p.empty] == [
        ("call", "params"),
        ("generate_presigned_url", "params"),
    ]


def test_two_arguments_at_most_are_positional() -> None:
    assert [name for name in FUNCTIONS if len(positional(name)) > 2] == []


@pytest.mark.parametrize(
    ("method", "names"),
    [
        ("search_faces_by_image", ["collection_id", "image"]),
        ("start_face_search", ["collection_id", "video"]),
        ("associate_faces", ["collection_id", "user_id"]),
        ("create_user", ["collection_id", "user_id"]),
        ("compare_faces", ["source_image", "target_image"]),
        ("create_project_version", ["project_arn"]),
        ("copy_project_version", []),
        ("wait_until_user_active", ["collection_id", "user_id"]),
    ],
)
def test_the_resource_comes_before_the_subject(method: str, names: list[str]) -> None:
    assert [parameter.name for parameter in positional(method)] == names


def test_the_constructor_of_a_model_takes_keywords_only() -> None:
    kinds = (getattr(models, name) for name in public_classes(Model))
    every = [(kind, p) for kind in kinds for p in inspect.signature(kind).parameters.values()]
    assert [(kind.__name__, p.name) for kind, p in every if p.kind is not p.KEYWORD_ONLY] == []


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_every_paged_operation_has_a_pager(kind: type) -> None:
    assert {f"paginate_{name}" for name in PAGED} == {name for name in public(kind) if name.startswith("paginate_")}


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_every_waiter_has_a_method(kind: type) -> None:
    assert {f"wait_until_{name}" for name in WAITERS} == {name for name in public(kind) if name.startswith("wait_")}


DEFAULTS = {
    "region_name": None,
    "endpoint_url": None,
    "profile_name": None,
    "credentials": None,
    "retry": None,
    "timeout": None,
    "rate_limit": None,
    "use_fips_endpoint": None,
    "use_dualstack_endpoint": None,
    "transport": None,
    "max_connections": 64,
    "proxy": None,
    "verify": None,
    "headers": None,
    "user_agent_extra": None,
    "on_attempt": (),
    "meter": (),
    "strict": False,
}


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_a_client_has_these_arguments(kind: type) -> None:
    values = inspect.signature(kind).parameters.values()
    assert {parameter.name: parameter.default for parameter in values} == DEFAULTS


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_only_the_region_is_a_positional_argument(kind: type) -> None:
    positional = [p.name for p in inspect.signature(kind).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    assert positional == ["region_name"]


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_retries_and_timeouts_have_these_defaults(kind: type[RekognitionClient]) -> None:
    config = kind("eu-west-1", credentials=Credentials("AKID", "secret")).config
    assert (config.retry, config.timeout) == (
        rekog.RetryPolicy(mode="standard", max_attempts=3),
        rekog.Timeout(connect=5, read=60),
    )


CONNECTIONS = {"transport", "proxy", "verify", "profile_name"}


def test_a_local_client_has_the_arguments_of_the_constructor_except_those_of_connections() -> None:
    constructor = dict(inspect.signature(RekognitionClient).parameters)
    local = dict(inspect.signature(RekognitionClient.local).parameters)
    assert set(constructor) - set(local) == CONNECTIONS
    assert set(local) - set(constructor) == {"emulator"}
    assert {p.name: p.annotation for p in local.values() if p.name in constructor} == {
        p.name: p.annotation for p in constructor.values() if p.name in local
    }


@pytest.mark.parametrize(
    ("kind", "positional"),
    [
        (Credentials, ["access_key_id", "secret_access_key", "session_token"]),
        (rekog.Timeout, ["total"]),
        (rekog.RetryPolicy, []),
        (rekog.CallOptions, []),
        (RekognitionClient.local, ["emulator"]),
        (RekognitionClient.with_options, ["self"]),
    ],
)
def test_settings_are_keywords_except_these(kind: Any, positional: list[str]) -> None:
    parameters = inspect.signature(kind).parameters.values()
    assert [each.name for each in parameters if each.kind is not each.KEYWORD_ONLY] == positional


def test_options_of_a_call_have_timeout_retry_and_headers() -> None:
    assert {"timeout", "retry", "headers"} <= set(inspect.signature(rekog.CallOptions).parameters)


def test_the_methods_of_the_contract_are_callable() -> None:
    for name in (
        "call",
        "generate_presigned_url",
        "get_paginator",
        "can_paginate",
        "get_waiter",
        "close",
        "local",
        "with_options",
    ):
        assert callable(getattr(RekognitionClient, name))


def test_models_share_one_parent() -> None:
    assert issubclass(rekog.Image, Model)
