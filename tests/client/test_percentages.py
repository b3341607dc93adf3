"""Percentages that look like shares: a warning at the caller's line, an error in a strict client."""

from __future__ import annotations

import asyncio
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from rekog import AsyncRekognitionClient, RekognitionClient, errors, models, to_wire
from rekog._core.validate import problems, suspicions
from rekog._generated.shapes import SHAPES
from rekog.errors import ParamValidationError, RekogWarning
from tests.kit.backends import KEYS, PNG, Backend, Scripted, Unused

RULE = "min_confidence=0.8 is 0.8 percent; for 80 percent write 80"


def once(client: RekognitionClient, share: float = 0.8) -> object:
    return client.detect_labels(PNG, min_confidence=share)


async def awaited(client: AsyncRekognitionClient) -> None:
    await client.detect_labels(PNG, min_confidence=0.8)


def line(function: Callable[..., object]) -> tuple[str, int]:
    """Return the file of a function with one line, and the number of this line."""
    return function.__code__.co_filename, function.__code__.co_firstlineno + 1


@pytest.fixture
def client() -> RekognitionClient:
    return Backend("sync", None).client(Scripted())


def test_a_share_in_place_of_a_percentage_warns_and_is_sent(backend: Backend) -> None:
    transport = Scripted()
    client = backend.client(transport)

    with pytest.warns(RekogWarning) as caught:
        backend.run(lambda: client.detect_labels(PNG, min_confidence=0.8))

    assert [str(warning.message) for warning in caught] == [f"detect_labels: {RULE}"]
    assert transport.sent[0].wire["MinConfidence"] == 0.8


def test_the_warning_is_at_the_line_of_the_call(client: RekognitionClient) -> None:
    with pytest.warns(RekogWarning) as caught:
        once(client)

    assert (caught[0].filename, caught[0].lineno) == line(once)


def test_the_warning_is_at_the_line_of_the_await() -> None:
    async def main() -> None:
        async with AsyncRekognitionClient("eu-west-1", credentials=KEYS, transport=Scripted()) as client:
            await awaited(client)

    with pytest.warns(RekogWarning) as caught:
        asyncio.run(main())

    assert (caught[0].filename, caught[0].lineno) == line(awaited)


def test_a_line_warns_once_for_each_argument(client: RekognitionClient) -> None:
    def other(client: RekognitionClient) -> object:
        return client.compare_faces(PNG, PNG, similarity_threshold=0.9)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for share in (0.8, 0.7, 0.9):
            once(client, share)
            other(client)
        once(client, 0.6)

    assert [str(warning.message) for warning in caught] == [
        f"detect_labels: {RULE}",
        "compare_faces: similarity_threshold=0.9 is 0.9 percent; for 90 percent write 90",
    ]


def test_two_lines_warn_twice(client: RekognitionClient) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        client.detect_labels(PNG, min_confidence=0.8)
        client.detect_labels(PNG, min_confidence=0.8)

    assert len({warning.lineno for warning in caught}) == len(caught) == 2


@pytest.mark.parametrize("value", [0, 0.0, 1.001, 50, 100, None])
def test_other_percentages_do_not_warn(client: RekognitionClient, value: float | None) -> None:
    client.detect_labels(PNG, min_confidence=value)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(("value", "percent"), [(1, "100"), (1.0, "100"), (0.07, "7"), (0.005, "0.5")])
def test_each_number_above_0_and_up_to_1_is_suspect(strict: bool, value: float, percent: str) -> None:
    client = Backend("sync", None).client(Scripted(), strict=strict)

    with pytest.raises(
        (ParamValidationError, RekogWarning), match=f"{value} is {value} percent; for {percent} percent"
    ):
        client.detect_labels(PNG, min_confidence=value)


def test_a_strict_client_refuses_a_share(backend: Backend) -> None:
    client = backend.client(Unused(), strict=True)

    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: client.detect_labels(PNG, min_confidence=0.8, max_labels=-1))

    assert caught.value.problems == (
        "max_labels: must be at least 0, not -1",
        "min_confidence: 0.8 is 0.8 percent; for 80 percent write 80",
    )


def test_an_invalid_argument_beside_it_is_the_only_problem(backend: Backend) -> None:
    client = backend.client(Unused())

    with pytest.raises(ParamValidationError) as caught:
        backend.run(lambda: client.detect_labels(PNG, min_confidence=0.8, max_labels=-1))

    assert caught.value.problems == ("max_labels: must be at least 0, not -1",)


NESTED: dict[str, tuple[str, dict[str, Any], str]] = {
    "model": (
        "detect_text",
        {"image": PNG, "filters": models.DetectTextFilters(word_filter=models.DetectionFilter(min_confidence=0.5))},
        "filters.word_filter.min_confidence=0.5",
    ),
    "dict": (
        "detect_text",
        {"image": PNG, "filters": {"word_filter": {"min_confidence": 0.5}}},
        "filters.word_filter.min_confidence=0.5",
    ),
    "threshold": (
        "search_faces_by_image",
        {"collection_id": "staff", "image": PNG, "face_match_threshold": 0.5},
        "face_match_threshold=0.5",
    ),
    "raw call": (
        "call",
        {"operation": "DetectFaces", "params": {"Image": {"Bytes": PNG}}},
        "",
    ),
    "argument of a raw call": (
        "call",
        {"operation": "DetectLabels", "params": {"Image": {"Bytes": PNG}, "MinConfidence": 0.5}},
        "DetectLabels: MinConfidence=0.5",
    ),
}


@pytest.mark.parametrize(("method", "arguments", "text"), NESTED.values(), ids=NESTED)
def test_arguments_at_any_depth_are_checked(
    client: RekognitionClient, method: str, arguments: dict[str, Any], text: str
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        getattr(client, method)(**arguments)

    assert [text in str(warning.message) for warning in caught] == [True] * bool(text)


def test_a_box_is_a_ratio_and_does_not_warn(client: RekognitionClient) -> None:
    box = models.BoundingBox(width=0.5, height=0.5, left=0.1, top=0.1)
    sizes = models.DetectionFilter(min_bounding_box_height=0.5, min_bounding_box_width=0.5)
    client.detect_text(PNG, filters={"regions_of_interest": [{"bounding_box": box}], "word_filter": sizes})


def test_the_emulator_and_to_wire_take_a_share_as_it_is() -> None:
    assert to_wire(models.DetectionFilter(min_confidence=0.5)) == {"MinConfidence": 0.5}
    assert problems("DetectLabelsRequest", {"Image": {}, "MinConfidence": 0.5}, full=True) == []


def test_the_checked_shapes_are_the_percentages_of_the_model() -> None:
    numbers = [name for name, shape in SHAPES.items() if shape.kind in ("float", "double", "integer", "long")]
    suspect = [name for name in numbers if [p.rule for p in suspicions(name, 1, full=False)] == ["percent"]]

    assert sorted(suspect) == ["MinCoveragePercentage", "Percent"]


def test_the_warning_is_public_and_pickles(client: RekognitionClient) -> None:
    with pytest.warns(RekogWarning) as caught:
        once(client)

    loaded = pickle.loads(pickle.dumps(caught[0].message))
    assert (type(loaded), str(loaded)) == (errors.RekogWarning, f"detect_labels: {RULE}")
    assert issubclass(RekogWarning, UserWarning)
