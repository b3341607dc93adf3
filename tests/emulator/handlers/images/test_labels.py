"""DetectLabels: features, filters, properties and limits, over the transport."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from rekog import RekognitionClient, ServiceError, models
from tests.kit.wire import ASTRONAUT, encoded, plain

if TYPE_CHECKING:
    from rekog.emulator import Emulator

IMAGE = encoded(plain())
GENERAL, PROPERTIES = models.DetectLabelsFeatureName.GENERAL_LABELS, models.DetectLabelsFeatureName.IMAGE_PROPERTIES
ONLY_BUSES = models.DetectLabelsSettings(general_labels=models.GeneralLabelsSettings(label_inclusion_filters=["Bus"]))


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


def names(labels: list[models.Label]) -> list[str]:
    return [each.name for each in labels]


def test_a_filtered_answer_has_the_model_version_and_nothing_of_the_pixels(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(IMAGE, labels=["Cat", "Bus"])
    response = client.detect_labels(IMAGE, settings=ONLY_BUSES)
    assert names(response.labels) == ["Bus"]
    assert (response.label_model_version, response.image_properties) == ("3.0", None)
    assert response.orientation_correction is None


def test_a_label_keeps_all_that_was_declared_of_it(emulator: Emulator, client: RekognitionClient) -> None:
    box = models.BoundingBox(left=0.1, top=0.2, width=0.3, height=0.4)
    whole = models.Label(
        name="Cat",
        confidence=91.5,
        instances=[models.Instance(bounding_box=box, confidence=80)],
        parents=[models.Parent(name="Animal")],
        aliases=[models.LabelAlias(name="Kitty")],
        categories=[models.LabelCategory(name="Animals and Pets")],
    )
    emulator.declare(IMAGE, labels=[whole])
    assert whole in client.detect_labels(IMAGE).labels


@pytest.mark.parametrize("features", [None, [], [GENERAL]])
def test_general_labels_are_what_is_wanted_when_nothing_is_said(
    emulator: Emulator, client: RekognitionClient, features: list[models.DetectLabelsFeatureName] | None
) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    response = client.detect_labels(IMAGE, features=features)
    assert (names(response.labels), response.image_properties) == (["Cat"], None)


def test_properties_alone_need_no_declaration_and_bring_no_labels(client: RekognitionClient) -> None:
    response = client.detect_labels(IMAGE, features=[PROPERTIES])
    assert response.labels == []
    assert response.image_properties is not None


@pytest.mark.parametrize("name", ["min_confidence", "max_labels", "settings"])
def test_what_is_for_general_labels_is_refused_without_them(client: RekognitionClient, name: str) -> None:
    with pytest.raises(ServiceError, match="only with the feature GENERAL_LABELS") as caught:
        client.detect_labels(
            IMAGE,
            features=[PROPERTIES],
            min_confidence=50 if name == "min_confidence" else None,
            max_labels=3 if name == "max_labels" else None,
            settings=ONLY_BUSES if name == "settings" else None,
        )
    assert caught.value.code == "InvalidParameterException"


def test_with_both_features_instances_have_the_colours_in_their_boxes(
    emulator: Emulator, client: RekognitionClient
) -> None:
    flag = Image.new("RGB", (100, 100), "red")
    flag.paste("blue", (50, 0, 100, 100))
    emulator.declare(encoded(flag), labels=[{"Name": "Sea", "Instances": [[0.5, 0, 0.5, 1]]}])
    response = client.detect_labels(encoded(flag), features=[GENERAL, PROPERTIES])
    (instance,) = response.labels[0].instances
    assert [(colour.css_color, colour.pixel_percent) for colour in instance.dominant_colors] == [("blue", 100)]


def test_an_instance_that_was_declared_with_colours_keeps_them(emulator: Emulator, client: RekognitionClient) -> None:
    instance = {"BoundingBox": [0, 0, 1, 1], "DominantColors": [{"CSSColor": "red"}]}
    emulator.declare(IMAGE, labels=[{"Name": "Sea", "Instances": [instance]}])
    (told,) = client.detect_labels(IMAGE, features=[GENERAL, PROPERTIES]).labels[0].instances
    assert told.dominant_colors == [models.DominantColor(css_color="red")]


@pytest.mark.parametrize(("most", "expected"), [(0, 0), (1, 1), (2, 2), (None, 3)])
def test_no_more_dominant_colours_are_given_than_asked_for(
    client: RekognitionClient, most: int | None, expected: int
) -> None:
    flag = Image.new("RGB", (90, 90), "red")
    flag.paste("blue", (30, 0, 60, 90))
    flag.paste("lime", (60, 0, 90, 90))
    wanted = models.DetectLabelsSettings(
        image_properties=models.DetectLabelsImagePropertiesSettings(max_dominant_colors=most)
    )
    found = client.detect_labels(encoded(flag), features=[PROPERTIES], settings=wanted).image_properties
    assert found is not None
    assert len(found.dominant_colors) == expected


def test_an_image_of_10001_pixels_is_too_large_and_one_of_79_too_small(client: RekognitionClient) -> None:
    for size, code in (((10_001, 80), "ImageTooLargeException"), ((79, 80), "InvalidParameterException")):
        with pytest.raises(ServiceError) as caught:
            client.detect_labels(encoded(plain(*size)), features=[PROPERTIES])
        assert caught.value.code == code


def test_a_photograph_has_properties_like_those_of_the_service(client: RekognitionClient) -> None:
    found = client.detect_labels(ASTRONAUT.read_bytes(), features=[PROPERTIES]).image_properties
    assert found is not None
    assert found.quality is not None
    assert found.foreground is not None
    assert found.background is not None
    assert found.foreground.quality is not None
    assert (found.quality.contrast or 0) > 50
    assert found.foreground.quality.contrast is None
    assert found.dominant_colors[0].css_color == "black"


def test_what_a_label_does_not_have_is_an_empty_list(client: RekognitionClient, emulator: Emulator) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    nothing: list[object] = []
    assert client.call("DetectLabels", {"Image": {"Bytes": IMAGE}})["Labels"] == [
        {"Name": "Cat", "Confidence": 100, "Instances": nothing, "Parents": nothing, "Aliases": nothing,
         "Categories": nothing}
    ]  # fmt: skip
