"""Public classes and functions name public modules, in tracebacks, in `help` and in pickles."""

from __future__ import annotations

import inspect
import pickle
import pickletools
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from rekog import RekognitionClient, models
from rekog.emulator import Emulator
from tests.api import surface


def public_objects() -> Iterator[tuple[str, Any]]:
    """Yield the public classes and functions of the package by module and name."""
    for module in surface.PUBLIC:
        for name in surface.exported(module):
            value: Any = getattr(import_module(module), name)
            if inspect.isclass(value) or inspect.isfunction(value):
                yield f"{module}.{name}", value


OBJECTS = dict(public_objects())


def is_public(module: str) -> bool:
    """Tell whether a module is public; types of the service are found in the modules of their families too."""
    return module in surface.PUBLIC or module.startswith("rekog.models.")


def test_there_are_classes_and_functions_among_the_objects() -> None:
    assert len(OBJECTS) > 500
    assert {"rekog.RekognitionClient", "rekog.models.Face", "rekog.from_wire"} <= OBJECTS.keys()


def test_a_public_object_names_a_public_module_that_has_it() -> None:
    assert [name for name, value in OBJECTS.items() if not is_public(value.__module__)] == []
    for name, value in OBJECTS.items():
        assert getattr(import_module(value.__module__), value.__name__) is value, name


def test_a_pickle_of_a_public_class_names_its_public_module() -> None:
    for name, value in OBJECTS.items():
        if inspect.isclass(value):
            pickled = pickle.dumps(value)
            named = [str(argument) for _, argument, _ in pickletools.genops(pickled) if isinstance(argument, str)]
            assert is_public(named[0]), name
            assert pickle.loads(pickled) is value, name


def test_objects_of_an_emulator_name_its_public_module() -> None:
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        client.create_collection("people")
        values = emulator, emulator.calls[0], emulator.transport(), emulator.asgi()
        assert {type(value).__module__ for value in values} == {"rekog.emulator"}


def test_a_pickled_model_names_no_private_module() -> None:
    pickled = pickle.dumps(models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4))
    assert b"._" not in pickled
