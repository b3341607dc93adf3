"""DetectLabels without a declaration: the labels that networks, or a user's detector, see in the pixels."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from rekog import RekognitionClient, errors, models
from rekog.emulator import Box, DecodedImage, DetectedLabel, Emulator, LabelBox
from tests.kit.photographs import photograph
from tests.kit.wire import image_file, plain_image


class BirdWatcher:
    """A detector of a user: a kite in a quarter of each image, and a name that the vocabulary does not have."""

    def detect(self, image: DecodedImage) -> Sequence[DetectedLabel]:
        box = LabelBox(Box(image.width / 2, 0.0, image.width / 2, image.height / 2), 0.9)
        return [DetectedLabel("Kite Bird", 0.9, [box]), DetectedLabel("Milvus milvus", 0.7)]


@pytest.fixture(scope="module")
def client() -> Iterator[RekognitionClient]:
    with Emulator() as emulator, RekognitionClient.local(emulator) as opened:
        yield opened


def by_name(response: models.DetectLabelsResponse) -> dict[str, models.Label]:
    return {label.name: label for label in response.labels}


@pytest.mark.slow
def test_the_first_example_of_the_readme_sees_a_cat(client: RekognitionClient) -> None:
    labels = client.detect_labels(photograph("cat"), max_labels=10, min_confidence=80.0).labels
    assert [label.name for label in labels] == ["Animal", "Mammal", "Pet", "Cat"]
    assert [len(label.instances) for label in labels] == [0, 0, 0, 1]


def test_a_seen_label_has_all_ancestors_its_aliases_and_its_category(client: RekognitionClient) -> None:
    labels = by_name(client.detect_labels(photograph("coffee")))
    assert set(labels) == {"Cup", "Espresso", "Coffee", "Beverage", "Dining Table", "Table", "Furniture"}
    assert [parent.name for parent in labels["Espresso"].parents] == ["Coffee", "Beverage"]
    assert [alias.name for alias in labels["Beverage"].aliases] == ["Drink"]
    assert [category.name for category in labels["Dining Table"].categories] == ["Furniture and Furnishings"]


def test_each_ancestor_is_a_label_with_its_own_relations(client: RekognitionClient) -> None:
    labels = by_name(client.detect_labels(photograph("astronaut"), min_confidence=5))
    for label in labels.values():
        assert {parent.name for parent in label.parents} <= set(labels)
        assert len(label.categories) == 1
        for parent in label.parents:
            assert labels[parent.name].confidence >= label.confidence
            assert {each.name for each in labels[parent.name].parents} < {each.name for each in label.parents}


def test_filters_and_limits_apply_to_seen_labels(client: RekognitionClient) -> None:
    only = models.DetectLabelsSettings(
        general_labels=models.GeneralLabelsSettings(label_category_inclusion_filters=["Animals and Pets"])
    )
    labels = client.detect_labels(photograph("cat"), max_labels=2, settings=only).labels
    assert [label.name for label in labels] == ["Animal", "Mammal"]


def test_a_plain_image_has_no_labels(client: RekognitionClient) -> None:
    assert client.detect_labels(image_file(plain_image())).labels == []


def test_declared_labels_replace_seen_ones() -> None:
    with Emulator() as emulator, RekognitionClient.local(emulator) as client:
        emulator.declare(photograph("cat"), labels=["Sofa"])
        assert list(by_name(client.detect_labels(photograph("cat")))) == ["Sofa"]


@pytest.mark.slow
def test_several_threads_see_the_same(client: RekognitionClient) -> None:
    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(client.detect_labels, [photograph("coffee")] * 4))
    assert responses == [responses[0]] * 4


def test_a_detector_of_the_user_replaces_the_networks() -> None:
    with (
        Emulator(label_detector=BirdWatcher(), vision="off") as emulator,
        RekognitionClient.local(emulator) as client,
    ):
        labels = by_name(client.detect_labels(image_file(plain_image())))
    assert {name: label.confidence for name, label in labels.items()} == {
        "Kite Bird": 90.0,
        "Bird": 90.0,
        "Animal": 90.0,
        "Milvus milvus": 70.0,
    }
    (instance,) = labels["Kite Bird"].instances
    assert instance.bounding_box == models.BoundingBox(left=0.5, top=0.0, width=0.5, height=0.5)
    assert (labels["Milvus milvus"].parents, labels["Milvus milvus"].categories) == ([], [])


def test_without_the_networks_undeclared_labels_are_refused() -> None:
    with (
        Emulator(vision="off") as emulator,
        RekognitionClient.local(emulator) as client,
        pytest.raises(errors.NotServedByEmulatorError, match=r"declare\(image, labels=\[\.\.\.\]\)"),
    ):
        client.detect_labels(photograph("cat"))


def test_a_missing_package_is_named_with_the_command_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rekog_weights", None)
    text = r"the package rekog-weights, which is not installed: pip install \./weights '\.\[vision\]' in a clone"
    with (
        Emulator() as emulator,
        RekognitionClient.local(emulator) as client,
        pytest.raises(errors.NotServedByEmulatorError, match=text),
    ):
        client.detect_labels(photograph("cat"))
