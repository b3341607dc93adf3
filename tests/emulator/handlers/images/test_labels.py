"""DetectLabels: features, filters, properties and limits, over the transport."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from rekog import RekognitionClient, ServiceError, models
from tests.kit.wire import ASTRONAUT, image_file, plain_image

if TYPE_CHECKING:
    from rekog.emulator import Emulator

IMAGE = image_file(plain_image())
GENERAL, PROPERTIES = models.DetectLabelsFeatureName.GENERAL_LABELS, models.DetectLabelsFeatureName.IMAGE_PROPERTIES
ONLY_BUSES = models.DetectLabelsSettings(general_labels=models.GeneralLabelsSettings(label_inclusion_filters=["Bus"]))


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


def names(labels: list[models.Label]) -> list[str]:
    return [each.name for each in labels]


def test_a_filtered_response_has_the_model_version_and_no_image_properties(
    emulator: Emulator, client: RekognitionClient
) -> None:
    emulator.declare(IMAGE, labels=["Cat", "Bus"])
    response = client.detect_labels(IMAGE, settings=ONLY_BUSES)
    assert names(response.labels) == ["Bus"]
    assert (response.label_model_version, response.image_properties) == ("3.0", None)
    assert response.orientation_correction is None


def test_a_label_keeps_all_its_declared_members(emulator: Emulator, client: RekognitionClient) -> None:
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
def test_general_labels_are_the_default_feature(
    emulator: Emulator, client: RekognitionClient, features: list[models.DetectLabelsFeatureName] | None
) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    response = client.detect_labels(IMAGE, features=features)
    assert (names(response.labels), response.image_properties) == (["Cat"], None)


def test_properties_alone_need_no_declaration_and_return_no_labels(client: RekognitionClient) -> None:
    response = client.detect_labels(IMAGE, features=[PROPERTIES])
    assert response.labels == []
    assert response.image_properties is not None


@pytest.mark.parametrize("name", ["min_confidence", "max_labels", "settings"])
def test_arguments_for_general_labels_are_refused_without_that_feature(client: RekognitionClient, name: str) -> None:
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
    emulator.declare(image_file(flag), labels=[{"Name": "Sea", "Instances": [[0.5, 0, 0.5, 1]]}])
    response = client.detect_labels(image_file(flag), features=[GENERAL, PROPERTIES])
    (instance,) = response.labels[0].instances
    assert [(colour.css_color, colour.pixel_percent) for colour in instance.dominant_colors] == [("blue", 100)]


def test_an_instance_that_was_declared_with_colours_keeps_them(emulator: Emulator, client: RekognitionClient) -> None:
    instance = {"BoundingBox": [0, 0, 1, 1], "DominantColors": [{"CSSColor": "red"}]}
    emulator.declare(IMAGE, labels=[{"Name": "Sea", "Instances": [instance]}])
    (returned,) = client.detect_labels(IMAGE, features=[GENERAL, PROPERTIES]).labels[0].instances
    assert returned.dominant_colors == [models.DominantColor(css_color="red")]


@pytest.mark.parametrize(("limit", "expected"), [(0, 0), (1, 1), (2, 2), (None, 3)])
def test_max_dominant_colors_limits_the_colours(client: RekognitionClient, limit: int | None, expected: int) -> None:
    flag = Image.new("RGB", (90, 90), "red")
    flag.paste("blue", (30, 0, 60, 90))
    flag.paste("lime", (60, 0, 90, 90))
    requested = models.DetectLabelsSettings(
        image_properties=models.DetectLabelsImagePropertiesSettings(max_dominant_colors=limit)
    )
    properties = client.detect_labels(image_file(flag), features=[PROPERTIES], settings=requested).image_properties
    assert properties is not None
    assert len(properties.dominant_colors) == expected


def test_an_image_of_10001_pixels_is_too_large_and_one_of_79_too_small(client: RekognitionClient) -> None:
    for size, code in (((10_001, 80), "ImageTooLargeException"), ((79, 80), "InvalidParameterException")):
        with pytest.raises(ServiceError) as caught:
            client.detect_labels(image_file(plain_image(*size)), features=[PROPERTIES])
        assert caught.value.code == code


def test_a_photograph_has_properties_like_those_of_the_service(client: RekognitionClient) -> None:
    properties = client.detect_labels(ASTRONAUT.read_bytes(), features=[PROPERTIES]).image_properties
    assert properties is not None
    assert properties.quality is not None
    assert properties.foreground is not None
    assert properties.background is not None
    assert properties.foreground.quality is not None
    assert (properties.quality.contrast or 0) > 50
    assert properties.foreground.quality.contrast is None
    assert properties.dominant_colors[0].css_color == "black"


def test_absent_members_of_a_label_are_empty_lists(client: RekognitionClient, emulator: Emulator) -> None:
    emulator.declare(IMAGE, labels=["Cat"])
    nothing: list[object] = []
    assert client.call("DetectLabels", {"Image": {"Bytes": IMAGE}})["Labels"] == [
        {"Name": "Cat", "Confidence": 100, "Instances": nothing, "Parents": nothing, "Aliases": nothing,
         "Categories": nothing}
    ]  # fmt: skip
