"""Tools that evaluate annotations at run time find every name: validators, dependency injection, documentation."""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pydantic
import pytest

from rekog import AsyncRekognitionClient, CallOptions, RekognitionClient, models
from rekog._values.model import Model, Response, field_names
from rekog.models import CreateCollectionResponse
from tests.api.surface import CREATED
from tests.property.models import CLASSES

PUBLIC = (
    "rekog config conversion credentials emulator errors images models paging testing transports waiting".replace(
        " ", " rekog."
    )
).split()


def functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the name and each public function: of modules, constructors, methods and properties."""
    for module in map(importlib.import_module, PUBLIC):
        for name in getattr(module, "__all__"):  # noqa: B009 (modules have it, types.ModuleType does not)
            value = getattr(module, name)
            if inspect.isfunction(value):
                yield f"{module.__name__}.{name}", value
            elif inspect.isclass(value):
                for key, method in inspect.getmembers(value, callable):
                    public = name not in CREATED if key == "__init__" else not key.startswith("_")
                    if public and hasattr(method, "__annotations__"):
                        yield f"{module.__name__}.{name}.{key}", method
                for key, member in inspect.getmembers(value, lambda member: isinstance(member, property)):
                    if not key.startswith("_") and member.fget.__module__.startswith("rekog."):
                        yield f"{module.__name__}.{name}.{key}", member.fget


def unresolved(evaluate: Callable[[Callable[..., object]], object]) -> list[str]:
    """Return the functions whose annotations have a name that is not found."""
    names: list[str] = []
    for name, function in functions():
        try:
            evaluate(function)
        except NameError as error:
            names.append(f"{name}: {error}")
    return names


def test_there_are_methods_of_clients_and_models_among_the_functions() -> None:
    names = {name for name, _ in functions()}
    assert len(names) > 600
    assert {
        "rekog.RekognitionClient.__init__", "rekog.AsyncRekognitionClient.detect_faces", "rekog.models.Face.__init__",
        "rekog.conversion.converter", "rekog.ServiceError.__init__", "rekog.emulator.Emulator.declare",
        "rekog.emulator.Emulator.calls", "rekog.emulator.FaceDetector.detect", "rekog.RekognitionClient.emulator",
    } <= names  # fmt: skip


def test_the_types_of_every_function_are_found() -> None:
    assert unresolved(typing.get_type_hints) == []


def test_every_signature_can_be_evaluated() -> None:
    assert unresolved(lambda function: inspect.signature(function, eval_str=True)) == []


@pytest.mark.parametrize("kind", [RekognitionClient, AsyncRekognitionClient])
def test_the_types_of_a_method_are_those_that_its_annotations_name(kind: type[Any]) -> None:
    hints = typing.get_type_hints(kind.detect_faces)
    assert hints["return"] is models.DetectFacesResponse
    assert {models.Image, bytes, str} <= set(typing.get_args(hints["image"]))
    assert typing.get_type_hints(kind.create_collection)["return"] is CreateCollectionResponse


def test_a_model_has_the_types_of_its_fields() -> None:
    for kind in CLASSES:
        hints = typing.get_type_hints(kind)
        names = field_names(kind)
        assert [name for name in hints if name in names] == list(names), kind
        if issubclass(kind, Response):
            types = {field.name: field.type for field in attrs.fields(kind)}
            assert {name: hints[name] for name in names} == types, kind


def test_the_classes_of_settings_have_the_types_of_their_fields() -> None:
    found: dict[str, list[str]] = {}
    for module in map(importlib.import_module, PUBLIC):
        for name in getattr(module, "__all__"):  # noqa: B009 (as above)
            kind: Any = getattr(module, name)
            if inspect.isclass(kind) and "_annotations" in vars(kind) and not issubclass(kind, Model):
                hints = typing.get_type_hints(kind)
                assert inspect.get_annotations(kind, eval_str=True).keys() <= hints.keys()
                found[name] = [key for key in vars(kind)["_annotations"] if key not in hints]
    assert {"Timeout", "RetryPolicy", "CallOptions", "Config", "Credentials", "ResponseMetadata", "Poll"} <= set(found)
    assert [name for name, missing in found.items() if missing] == []


def test_the_data_classes_of_the_emulator_have_the_types_of_their_fields() -> None:
    from rekog.emulator import Call, DetectedFace, Fault, Landmarks, Notification, Point, VideoFacts

    assert typing.get_type_hints(Landmarks)["nose"] is Point
    for kind in (Call, DetectedFace, Fault, Notification, VideoFacts):
        hints: dict[str, object] = typing.get_type_hints(kind)
        assert hints
        assert [name for name, hint in hints.items() if isinstance(hint, str)] == []


def test_a_copy_of_the_annotations_of_settings_has_types() -> None:
    from rekog.config import Timeout

    copied = dict(Timeout.__annotations__)
    assert len(Timeout.__annotations__) == 4
    assert list(Timeout.__annotations__) == list(copied)
    assert list(copied) == ["total", "connect", "read", "pool"]
    assert copied.items() <= typing.get_type_hints(Timeout).items()


def test_pydantic_validates_the_arguments_of_a_method() -> None:
    with RekognitionClient.local() as client:
        validated: Any = pydantic.validate_call(client.create_collection)
        assert validated("people", options=CallOptions(timeout=5)).status_code == 200
        with pytest.raises(pydantic.ValidationError, match="should be a valid string"):
            validated(7)


def test_the_module_of_the_aliases_has_no_other_lazy_names() -> None:
    from rekog import images

    assert not hasattr(images, "AudioInput")
