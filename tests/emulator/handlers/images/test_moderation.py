"""DetectModerationLabels: content types, adapters, human loops and limits, over the transport."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rekog import RekognitionClient, ServiceError, models
from rekog.emulator import Emulator
from tests.kit.wire import WireClient, image_file, plain_image

IMAGE = image_file(plain_image())
MISSING = "arn:aws:rekognition:us-east-1:123456789012:project/safe/version/one/1700000000000"


@pytest.fixture
def client(emulator: Emulator) -> Iterator[RekognitionClient]:
    with RekognitionClient.local(emulator) as opened:
        yield opened


def test_a_response_has_content_types_and_the_models_version(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, moderation=[("Alcoholic Beverages", 88)], content_types=[("Animated", 99)])
    response = client.detect_moderation_labels(IMAGE)
    assert [each.name for each in response.moderation_labels] == ["Alcoholic Beverages", "Alcohol"]
    assert response.content_types == [models.ContentType(name="Animated", confidence=99)]
    assert (response.moderation_model_version, response.project_version) == ("7.0", None)
    assert response.human_loop_activation_output is None


def test_a_response_without_content_types_has_an_empty_list(emulator: Emulator) -> None:
    emulator.declare(IMAGE, moderation=[])
    assert WireClient(emulator)("DetectModerationLabels", Image={"Bytes": IMAGE}).body["ContentTypes"] == []


def test_content_types_alone_declare_no_moderation_labels() -> None:
    with Emulator(vision="off") as emulator, RekognitionClient.local(emulator) as client:
        emulator.declare(IMAGE, content_types=["Animated"])
        with pytest.raises(ServiceError, match="can't detect the moderation"):
            client.detect_moderation_labels(IMAGE)


def test_a_human_loop_is_never_triggered(emulator: Emulator, client: RekognitionClient) -> None:
    emulator.declare(IMAGE, moderation=[])
    loop = models.HumanLoopConfig(human_loop_name="review", flow_definition_arn="arn:aws:sagemaker:us-east-1:1:flow/x")
    response = client.detect_moderation_labels(IMAGE, human_loop_config=loop)
    assert response.human_loop_activation_output == models.HumanLoopActivationOutput()


def test_an_unknown_adapter_is_refused_before_a_broken_image(client: RekognitionClient) -> None:
    with pytest.raises(ServiceError) as caught:
        client.detect_moderation_labels(b"\xff\xd8\xff no image", project_version=MISSING)
    assert caught.value.code == "ResourceNotFoundException"


def test_an_image_of_10001_pixels_is_too_large(client: RekognitionClient) -> None:
    with pytest.raises(ServiceError) as caught:
        client.detect_moderation_labels(image_file(plain_image(10_001, 80)))
    assert caught.value.code == "ImageTooLargeException"
