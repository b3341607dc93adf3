"""DetectModerationLabels: the taxonomy, content types, adapters and human reviews."""

from __future__ import annotations

from tests.kit.request_members import create_running_version, create_trained_version
from tests.kit.service import ControlApi, Rekognition, blank_png

HUMAN_LOOP = {
    "HumanLoopName": "look-at-it",
    "FlowDefinitionArn": "arn:aws:sagemaker:us-east-1:123456789012:flow-definition/look",
    "DataAttributes": {"ContentClassifiers": ["FreeOfAdultContent"]},
}


def test_moderation_labels_have_parents_and_levels_of_the_taxonomy(
    rekognition: Rekognition, control: ControlApi
) -> None:
    response = rekognition(
        "DetectModerationLabels", Image=control.declared_image(moderation=[["Smoking", 80], ["Rude", 49.9]])
    )
    result = {label["Name"]: (label["ParentName"], label["TaxonomyLevel"]) for label in response["ModerationLabels"]}
    assert result == {
        "Smoking": ("Drugs & Tobacco Paraphernalia & Use", 3),
        "Drugs & Tobacco Paraphernalia & Use": ("Drugs & Tobacco", 2),
        "Drugs & Tobacco": ("", 1),
    }
    assert response["ModerationModelVersion"]


def test_a_photograph_of_a_person_has_no_moderation_labels(
    rekognition: Rekognition, astronaut: dict[str, bytes]
) -> None:
    response = rekognition("DetectModerationLabels", Image=astronaut)
    assert (response["ModerationLabels"], response["ContentTypes"]) == ([], [])


def test_content_types_are_returned(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(moderation=[], content_types=[["Animation", 88]])
    response = rekognition("DetectModerationLabels", Image=image)
    assert response["ContentTypes"] == [{"Name": "Animation", "Confidence": 88}]
    assert response["ModerationLabels"] == []
    assert "ProjectVersion" not in response


def test_no_human_review_is_started(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(moderation=[])
    assert "HumanLoopActivationOutput" not in rekognition("DetectModerationLabels", Image=image)
    response = rekognition("DetectModerationLabels", Image=image, HumanLoopConfig=HUMAN_LOOP)
    assert "HumanLoopArn" not in response["HumanLoopActivationOutput"]
    wrong = {**HUMAN_LOOP, "HumanLoopName": "Look"}
    code = rekognition.error_code("DetectModerationLabels", Image=image, HumanLoopConfig=wrong)
    assert code == "ValidationException"


def test_an_adapter_is_named_until_it_has_expired(rekognition: Rekognition, control: ControlApi) -> None:
    feature = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
    adapter = create_trained_version(
        rekognition, rekognition("CreateProject", ProjectName="a", **feature)["ProjectArn"]
    )
    image = control.declared_image(moderation=["Smoking"])

    def used_adapter() -> object:
        return rekognition("DetectModerationLabels", Image=image, ProjectVersion=adapter).get("ProjectVersion")

    assert used_adapter() == adapter
    for status, expected in (("DEPRECATED", adapter), ("EXPIRED", None)):
        control.request("POST", "/versions", {"project_version_arn": adapter, "status": status})
        assert used_adapter() == expected


def test_an_unknown_adapter_is_not_found(rekognition: Rekognition, control: ControlApi) -> None:
    adapter = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1"
    code = rekognition.error_code("DetectModerationLabels", Image={"Bytes": blank_png()}, ProjectVersion=adapter)
    assert code == "ResourceNotFoundException"


def test_a_model_is_not_an_adapter_and_an_adapter_is_not_a_model(rekognition: Rekognition, control: ControlApi) -> None:
    image = control.declared_image(moderation=[], custom_labels=[])
    model = create_running_version(rekognition)
    assert rekognition.error_code("DetectModerationLabels", Image=image, ProjectVersion=model) == (
        "InvalidParameterException"
    )
    feature = {"Feature": "CONTENT_MODERATION", "AutoUpdate": "DISABLED"}
    adapter = create_trained_version(
        rekognition, rekognition("CreateProject", ProjectName="a", **feature)["ProjectArn"]
    )
    for operation, members in (
        ("DetectCustomLabels", {"Image": image}),
        ("StartProjectVersion", {"MinInferenceUnits": 1}),
        ("StopProjectVersion", {}),
    ):
        code = rekognition.error_code(operation, ProjectVersionArn=adapter, **members)
        assert (operation, code) == (operation, "InvalidParameterException")
