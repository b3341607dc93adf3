"""Arguments in other forms: dicts for models, any iterable for a list."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any

import pytest

from rekog import models
from rekog._core.names import snake
from rekog._generated.operations import OPERATIONS
from rekog._generated.shapes import SHAPES
from rekog._values.model import field_names
from rekog.models import (
    DetectLabelsSettings,
    DetectLabelsSettingsDict,
    DetectTextFilters,
    GeneralLabelsSettings,
    Point,
    RegionOfInterest,
)
from tests.kit.backends import PNG, Backend, Scripted, json_reply

CATS = {"GeneralLabels": {"LabelInclusionFilters": ["Cat"]}}
SETTINGS: dict[str, DetectLabelsSettings | DetectLabelsSettingsDict] = {
    "dict": {"general_labels": {"label_inclusion_filters": ["Cat"]}},
    "dict of a model": {"general_labels": GeneralLabelsSettings(label_inclusion_filters=["Cat"])},
    "model of a dict": DetectLabelsSettings(general_labels={"label_inclusion_filters": ["Cat"]}),
    "dict with a set": {"general_labels": {"label_inclusion_filters": {"Cat"}}},
    "dict with None": {"general_labels": {"label_inclusion_filters": ["Cat"]}, "image_properties": None},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_dict_may_replace_a_model(
    backend: Backend, settings: DetectLabelsSettings | DetectLabelsSettingsDict
) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.detect_labels(PNG, settings=settings))
    assert transport.sent[0].wire["Settings"] == CATS


def test_a_dict_that_replaces_a_field_of_a_model_later_is_sent(backend: Backend) -> None:
    settings: Any = DetectLabelsSettings()
    settings.general_labels = {"label_inclusion_filters": ("Cat",)}
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.detect_labels(PNG, settings=settings))
    assert transport.sent[0].wire["Settings"] == CATS


def test_a_model_of_a_dict_has_models_as_fields() -> None:
    polygon = ({"x": 0.5, "y": float(n)} for n in range(2))
    filters = DetectTextFilters(regions_of_interest=({"polygon": polygon} for _ in "a"))  # type: ignore[misc]  # the types of the dicts are not inferred
    assert filters.regions_of_interest == [RegionOfInterest(polygon=[Point(x=0.5, y=0.0), Point(x=0.5, y=1.0)])]


OBJECT = {"bucket": "photos", "name": "k"}


def test_any_mapping_may_replace_a_model(backend: Backend) -> None:
    settings: Any = MappingProxyType({"general_labels": MappingProxyType({"label_inclusion_filters": ["Cat"]})})
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.detect_labels(PNG, settings=settings))
    assert transport.sent[0].wire["Settings"] == CATS


@pytest.mark.parametrize(
    "image",
    [{"s3_object": {"bucket": "photos", "name": "k"}}, {"bucket": "photos", "name": "k"}],
    ids=["image", "object"],
)
def test_a_dict_may_replace_an_image_or_a_video(backend: Backend, image: Any) -> None:
    transport = Scripted(lambda sent: json_reply({"JobId": "1"} if sent.operation.startswith("Start") else {}))
    client = backend.client(transport)
    backend.run(lambda: client.detect_labels(image))
    backend.run(lambda: client.start_face_detection(image))
    s3_object = {"S3Object": {"Bucket": "photos", "Name": "k"}}
    assert [sent.wire for sent in transport.sent] == [{"Image": s3_object}, {"Video": s3_object}]


def test_a_dict_may_hold_the_bytes_of_an_image(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.detect_labels({"bytes": PNG}))
    assert transport.sent[0].wire == {"Image": {"Bytes": base64.b64encode(PNG).decode()}}


ITERABLES: dict[str, Callable[[], Iterable[str]]] = {
    "list": lambda: ["a", "b"],
    "tuple": lambda: ("a", "b"),
    "set": lambda: {"a"} | {"b"},
    "frozenset": lambda: frozenset("ab"),
    "generator": lambda: (name for name in "ab"),
    "map": lambda: map(str.lower, "AB"),
    "keys": {"a": 1, "b": 2}.keys,
    "values": {1: "a", 2: "b"}.values,
    "deque": lambda: deque("ab"),
}


@pytest.mark.parametrize("ids", ITERABLES.values(), ids=ITERABLES)
def test_any_iterable_may_be_a_list(backend: Backend, ids: Callable[[], Iterable[str]]) -> None:
    transport = Scripted()
    client = backend.client(transport)
    backend.run(lambda: client.delete_faces("people", ids()))
    assert sorted(transport.sent[0].wire["FaceIds"]) == ["a", "b"]


def test_a_generator_serves_all_pages_of_a_listing() -> None:
    faces: list[object] = []
    pages = iter([{"Faces": faces, "NextToken": "1"}, {"Faces": faces, "NextToken": "2"}, {"Faces": faces}])
    transport = Scripted(lambda _: json_reply(next(pages)))
    client = Backend("sync", None).client(transport)
    assert list(client.paginate_list_faces("people", face_ids=(name for name in "ab"))) == []
    assert [sent.wire["FaceIds"] for sent in transport.sent] == [["a", "b"]] * 3


def test_a_generator_serves_all_polls_of_a_waiter() -> None:
    projects: list[object] = [{"ProjectArn": "arn", "Status": "DELETING"}]
    polls = iter([{"ProjectDescriptions": projects}, {"ProjectDescriptions": projects[1:]}])
    transport = Scripted(lambda _: json_reply(next(polls)))
    client = Backend("sync", None).client(transport)
    client.wait_until_project_deleted((name for name in "a"), delay=0)
    assert [sent.wire["ProjectNames"] for sent in transport.sent] == [["a"]] * 2


# --- The TypedDicts ----------------------------------------------------------------------------------------------

DICTS = sorted(name for name in models.dicts.__all__)


def _inputs() -> set[str]:
    """Return the structures inside of requests, by the shape table."""
    reached: set[str] = set()
    left = [f"{operation}Request" for operation in OPERATIONS]
    while left:
        shape = SHAPES[left.pop()]
        targets = {*shape.members.values(), shape.item} - {"", *reached}
        reached |= targets
        left += targets
    return {name for name in reached if SHAPES[name].kind == "structure"}


def test_every_structure_of_a_request_has_a_typed_dict() -> None:
    assert sorted(f"{name}Dict" for name in _inputs()) == DICTS


@pytest.mark.parametrize("name", DICTS)
def test_a_typed_dict_has_the_fields_of_its_model_and_requires_those_of_the_service(name: str) -> None:
    kind, model, shape = getattr(models, name), getattr(models, name[:-4]), SHAPES[name[:-4]]

    assert tuple(kind.__annotations__) == field_names(model)
    assert {snake(wire) for wire in shape.required} <= kind.__required_keys__
    assert [
        n for n in kind.__required_keys__ if model.__init__.__kwdefaults__ and n in model.__init__.__kwdefaults__
    ] == []


def test_loading_models_loads_no_typed_dict() -> None:
    import subprocess
    import sys

    code = "import sys; import rekog.models.images; print('rekog.models.dicts' in sys.modules)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout == "False\n"
