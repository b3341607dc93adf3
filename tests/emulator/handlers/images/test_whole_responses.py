"""Whole responses of the operations on images with declared content, and the bounds of their images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator import Emulator
from tests.kit.custom_labels import Bench, open_bench
from tests.kit.people import People
from tests.kit.wire import WireClient, image_file, plain_image

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = image_file(plain_image(120, 110))
BOX = {"Left": 0.1, "Top": 0.2, "Width": 0.3, "Height": 0.4}
MAX_BYTES = 4 * 1024 * 1024


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(vision="off") as opened:
        yield opened


def call(emulator: Emulator, operation: str, **members: Any) -> dict[str, Any]:
    response = WireClient(emulator)(operation, Image={"Bytes": IMAGE}, **members)
    assert response.status == 200, response.body
    return response.body


def test_moderation_has_labels_versions_content_types_and_an_output_of_a_human_loop(emulator: Emulator) -> None:
    emulator.declare(IMAGE, moderation=[("Weapons", 80), ("Alcohol", 49)], content_types=[("Animation", 70)])
    weapons = {"Name": "Weapons", "ParentName": "Violence", "Confidence": 80, "TaxonomyLevel": 2}
    violence = {"Name": "Violence", "ParentName": "", "Confidence": 80, "TaxonomyLevel": 1}
    expected = {
        "ModerationLabels": [weapons, violence],
        "ModerationModelVersion": "7.0",
        "ContentTypes": [{"Name": "Animation", "Confidence": 70}],
    }
    assert call(emulator, "DetectModerationLabels") == expected
    config = {"HumanLoopName": "loop", "FlowDefinitionArn": "arn:aws:sagemaker:us-east-1:1:flow-definition/a"}
    with_loop = call(emulator, "DetectModerationLabels", HumanLoopConfig=config)
    assert with_loop == {**expected, "HumanLoopActivationOutput": {}}
    assert call(emulator, "DetectModerationLabels", MinConfidence=81)["ModerationLabels"] == []
    emulator.declare(IMAGE, content_types=[])
    assert call(emulator, "DetectModerationLabels")["ContentTypes"] == []


def test_text_has_lines_and_words_that_pass_the_filters(emulator: Emulator) -> None:
    emulator.declare(IMAGE, text=[{"DetectedText": "one two", "Confidence": 95, "Geometry": {"BoundingBox": BOX}}])
    response = call(emulator, "DetectText")
    assert response.keys() == {"TextDetections", "TextModelVersion"}
    assert response["TextModelVersion"] == "3.0"
    found = [
        tuple(each.get(name) for name in ("Type", "Id", "ParentId", "DetectedText"))
        for each in response["TextDetections"]
    ]
    assert found == [("LINE", 0, None, "one two"), ("WORD", 1, 0, "one"), ("WORD", 2, 0, "two")]
    for filters in (
        {"WordFilter": {"MinConfidence": 96}},
        {"RegionsOfInterest": [{"BoundingBox": {**BOX, "Left": 0.6}}]},
    ):
        assert call(emulator, "DetectText", Filters=filters)["TextDetections"] == []


def test_an_invalid_area_of_text_is_refused_before_the_image_is_read(emulator: Emulator) -> None:
    response = WireClient(emulator)("DetectText", Image={"Bytes": b"no image"}, Filters={"RegionsOfInterest": [{}]})
    assert response.refusal == (
        "InvalidParameterException",
        "A region of interest must have either a BoundingBox or a Polygon.",
    )


def test_equipment_has_persons_and_on_request_a_summary(emulator: Emulator) -> None:
    emulator.declare(
        IMAGE, ppe=[{"BoundingBox": BOX, "BodyParts": [{"Name": "FACE", "EquipmentDetections": ["FACE_COVER"]}]}]
    )
    wanted = {"MinConfidence": 80, "RequiredEquipmentTypes": ["FACE_COVER"]}
    plain = call(emulator, "DetectProtectiveEquipment")
    (person,) = plain["Persons"]
    assert plain == {"ProtectiveEquipmentModelVersion": "1.0", "Persons": [person]}
    assert (person["Id"], person["BoundingBox"]) == (0, BOX)
    assert call(emulator, "DetectProtectiveEquipment", SummarizationAttributes=wanted) == {
        **plain,
        "Summary": {
            "PersonsWithRequiredEquipment": [0],
            "PersonsWithoutRequiredEquipment": [],
            "PersonsIndeterminate": [],
        },
    }


def test_arguments_for_general_labels_are_refused_with_the_names_of_all(emulator: Emulator) -> None:
    text = "MinConfidence, MaxLabels and Settings.GeneralLabels are valid only with the feature GENERAL_LABELS."
    settings = {"GeneralLabels": {"LabelInclusionFilters": ["Bus"]}}
    only = {"Image": {"Bytes": IMAGE}, "Features": ["IMAGE_PROPERTIES"]}
    for members in ({"MinConfidence": 0}, {"MaxLabels": 0}, {"Settings": settings}):
        refusal = WireClient(emulator)("DetectLabels", **only, **members).refusal
        assert refusal == ("InvalidParameterException", text)
    colours = {"ImageProperties": {"MaxDominantColors": 1}}
    response = call(emulator, "DetectLabels", Features=["IMAGE_PROPERTIES"], Settings=colours)
    assert response.keys() == {"ImageProperties", "LabelModelVersion", "Labels"}
    assert len(response["ImageProperties"]["DominantColors"]) == 1


def test_a_comparison_has_the_source_face_and_each_target_face_in_one_list() -> None:
    with Emulator(vision="off") as emulator:
        people = People(emulator)
        smiling = {"Identity": "Ann", "Smile": [True, 90], "Emotions": [["HAPPY", 99]], "Beard": True}
        source, target = people.image("Ann"), people.image("Bob", smiling)
        images = {"SourceImage": {"Bytes": source}, "TargetImage": {"Bytes": target}}
        bob, ann = people.wire.faces(target)
        (face,) = people.wire.faces(source)
        response = people.wire("CompareFaces", **images).body
        similarity = response["FaceMatches"][0]["Similarity"]
        seen = {"Smile": {"Value": True, "Confidence": 90.0}, "Emotions": [{"Type": "HAPPY", "Confidence": 99.0}]}
        assert response == {
            "SourceImageFace": {"BoundingBox": face["BoundingBox"], "Confidence": face["Confidence"]},
            "FaceMatches": [{"Similarity": similarity, "Face": {**ann, **seen}}],
            "UnmatchedFaces": [bob],
        }
        assert similarity > 98
        for threshold, matches in ((similarity, 1), (100, 0), (0, 2)):
            again = people.wire("CompareFaces", **images, SimilarityThreshold=threshold).body
            assert (len(again["FaceMatches"]), len(again["UnmatchedFaces"])) == (matches, 2 - matches)


def test_celebrities_have_all_their_members_and_the_other_faces_are_unrecognised() -> None:
    with Emulator(vision="off") as emulator:
        people = People(emulator)
        urls = ["www.wikidata.org/wiki/Q11641"]
        emulator.add_celebrity("Grace Hopper", people.image("Grace"), id="Q11641", urls=urls, gender="Female")
        image = people.image("Bob", "Grace")
        bob, grace = people.wire.faces(image)
        response = people.wire("RecognizeCelebrities", Image={"Bytes": image}).body
        confidence = response["CelebrityFaces"][0]["MatchConfidence"]
        assert response == {
            "CelebrityFaces": [
                {
                    "Id": "Q11641",
                    "Name": "Grace Hopper",
                    "Urls": urls,
                    "KnownGender": {"Type": "Female"},
                    "MatchConfidence": confidence,
                    "Face": grace,
                },
            ],
            "UnrecognizedFaces": [bob],
        }
        assert confidence > 98


def test_each_face_overlaps_one_declared_celebrity_at_most() -> None:
    """Of two faces that overlap a declared one, the nearer is that of the celebrity."""
    with Emulator(vision="off") as emulator:
        people = People(emulator)
        boxes = [[0.1, 0.1, 0.3, 0.3], [0.12, 0.1, 0.3, 0.3], [0.6, 0.6, 0.2, 0.2]]
        image = people.image(*({"BoundingBox": box} for box in boxes))
        far = [0.0, 0.7, 0.2, 0.2]
        emulator.declare(image, celebrities=[{"Name": "Zoe", "Face": boxes[1]}, {"Name": "Yan", "Face": far}])
        response = people.wire("RecognizeCelebrities", Image={"Bytes": image}).body
    assert [celebrity["Name"] for celebrity in response["CelebrityFaces"]] == ["Zoe", "Yan"]
    others = [face["BoundingBox"] for face in response["UnrecognizedFaces"]]
    assert [[round(box[side], 3) for side in ("Left", "Top")] for box in others] == [[0.1, 0.1], [0.6, 0.6]]


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Bench, str]]:
    """An emulator with a running model, and the ARN of the model."""
    with open_bench() as bench:
        arn = bench.train_version(bench.create_project())
        bench.client.start_project_version(arn, min_inference_units=1)
        yield bench, arn


def test_custom_labels_have_all_declared_members(running: tuple[Bench, str]) -> None:
    bench, arn = running
    bench.emulator.declare(
        IMAGE, custom_labels=[("cat", 80), {"Name": "dog", "Confidence": 90, "Geometry": [0.1, 0.2, 0.3, 0.4]}]
    )
    assert call(bench.emulator, "DetectCustomLabels", ProjectVersionArn=arn) == {
        "CustomLabels": [
            {"Name": "dog", "Confidence": 90, "Geometry": {"BoundingBox": BOX}},
            {"Name": "cat", "Confidence": 80},
        ]
    }


def test_the_images_of_two_operations_have_64_to_4096_pixels_and_4_mb(running: tuple[Bench, str]) -> None:
    bench, arn = running
    wire = WireClient(bench.emulator)
    small, large = "InvalidParameterException", "ImageTooLargeException"
    images = {
        **{image_file(plain_image(*size)): None for size in ((64, 64), (4096, 64), (64, 4096))},
        **{image_file(plain_image(*size)): small for size in ((63, 64), (64, 63))},
        **{image_file(plain_image(*size)): large for size in ((4097, 64), (64, 4097))},
        IMAGE + bytes(MAX_BYTES - len(IMAGE)): None,
        IMAGE + bytes(MAX_BYTES + 1 - len(IMAGE)): large,
    }
    calls: dict[str, dict[str, str]] = {
        "DetectCustomLabels": {"ProjectVersionArn": arn},
        "DetectProtectiveEquipment": {},
    }
    for image, code in images.items():
        bench.emulator.declare(image, custom_labels=[], ppe=[])
        for operation, members in calls.items():
            response = wire(operation, Image={"Bytes": image}, **members)
            assert (operation, len(image), response.body.get("__type")) == (operation, len(image), code)
