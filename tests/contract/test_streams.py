"""Stream processors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kit.request_members import (
    FACE_COLLECTION,
    TOPIC,
    connected_home_processor,
    face_search_processor,
)

if TYPE_CHECKING:
    from tests.kit.clients import Json
    from tests.kit.service import ControlApi, Rekognition


SELECTORS: Json = {
    "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1}},
    "StopSelector": {"MaxDurationInSeconds": 30},
}
TWO_STARTS = {"ProducerTimestamp": 1, "FragmentNumber": "1"}
AREA = [{"BoundingBox": {"Left": 0, "Top": 0, "Width": 1, "Height": 1}}]
GATE, DOOR = {"Name": "gate"}, {"Name": "door"}


@pytest.fixture
def processors(rekognition: Rekognition, control: ControlApi) -> None:
    """Create a processor of each kind: gate searches faces, door detects people and pets."""
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    rekognition("CreateStreamProcessor", **face_search_processor())
    rekognition("CreateStreamProcessor", **connected_home_processor())


def status(rekognition: Rekognition, name: str) -> str:
    return str(rekognition("DescribeStreamProcessor", Name=name)["Status"])


# --- settings


@pytest.mark.usefixtures("processors")
def test_a_processor_is_described_as_created(rekognition: Rekognition) -> None:
    for members in (face_search_processor(), connected_home_processor()):
        result = rekognition("DescribeStreamProcessor", Name=members["Name"])
        for name in ("Name", "Input", "Output", "RoleArn"):
            assert result[name] == members[name]
        assert result["Status"] == "STOPPED"
        assert result["StreamProcessorArn"].endswith(f":streamprocessor/{members['Name']}")
    assert rekognition("ListStreamProcessors")["StreamProcessors"] == [
        {"Name": "door", "Status": "STOPPED"},
        {"Name": "gate", "Status": "STOPPED"},
    ]


@pytest.mark.usefixtures("processors")
def test_settings_have_defaults(rekognition: Rekognition) -> None:
    search = rekognition("DescribeStreamProcessor", **GATE)["Settings"]["FaceSearch"]
    assert search == {"CollectionId": FACE_COLLECTION, "FaceMatchThreshold": 80}
    home = rekognition("DescribeStreamProcessor", **DOOR)["Settings"]["ConnectedHome"]
    assert (sorted(home["Labels"]), home["MinConfidence"]) == (["PERSON", "PET"], 50)


def test_a_low_threshold_is_valid_and_optional_members_are_kept(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    search = {"FaceSearch": {"CollectionId": FACE_COLLECTION, "FaceMatchThreshold": 10}}
    rekognition(
        "CreateStreamProcessor", **face_search_processor(Settings=search, DataSharingPreference={"OptIn": False})
    )
    assert rekognition("DescribeStreamProcessor", **GATE)["DataSharingPreference"] == {"OptIn": False}
    optional: Json = {"KmsKeyId": "key", "RegionsOfInterest": AREA * 10, "Tags": {"team": "red"}}
    rekognition("CreateStreamProcessor", **connected_home_processor(**optional))
    result = rekognition("DescribeStreamProcessor", **DOOR)
    assert (result["KmsKeyId"], result["RegionsOfInterest"]) == ("key", AREA * 10)
    assert result["NotificationChannel"] == {"SNSTopicArn": TOPIC}
    tags = rekognition("ListTagsForResource", ResourceArn=result["StreamProcessorArn"])["Tags"]
    assert tags == {"team": "red"}
    rekognition("DeleteStreamProcessor", **DOOR)
    code = rekognition.error_code("ListTagsForResource", ResourceArn=result["StreamProcessorArn"])
    assert code == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "wrong",
    [
        face_search_processor(NotificationChannel={"SNSTopicArn": TOPIC}),
        face_search_processor(RegionsOfInterest=AREA),
        face_search_processor(KmsKeyId="key"),
        face_search_processor(Output={"S3Destination": {"Bucket": "results"}}),
        face_search_processor(Settings={}),
        face_search_processor(Settings={"FaceSearch": {"CollectionId": "nobody"}}),
        connected_home_processor(NotificationChannel=None),
        connected_home_processor(
            Output={"KinesisDataStream": {"Arn": "arn:aws:kinesis:us-east-1:123456789012:stream/results"}}
        ),
        connected_home_processor(Settings={"ConnectedHome": {"Labels": ["COW"]}}),
        connected_home_processor(
            Settings={**face_search_processor()["Settings"], **connected_home_processor()["Settings"]}
        ),
    ],
)
def test_settings_of_the_wrong_kind_are_refused(rekognition: Rekognition, control: ControlApi, wrong: Json) -> None:
    rekognition("CreateCollection", CollectionId=FACE_COLLECTION)
    assert rekognition.error_code("CreateStreamProcessor", **wrong) == "InvalidParameterException"
    assert rekognition("ListStreamProcessors")["StreamProcessors"] == []


@pytest.mark.usefixtures("processors")
def test_a_processor_name_is_unique(rekognition: Rekognition) -> None:
    refusal = rekognition.refusal("CreateStreamProcessor", **face_search_processor())
    assert (refusal.code, refusal.message) == ("ResourceInUseException", "Stream processor name already in use.")


@pytest.mark.usefixtures("processors")
def test_a_video_stream_has_one_processor(rekognition: Rekognition) -> None:
    taken = face_search_processor()["Input"]
    assert (
        rekognition.error_code("CreateStreamProcessor", **face_search_processor("yard", Input=taken))
        == "ResourceInUseException"
    )


@pytest.mark.usefixtures("processors")
def test_label_settings_are_updated(rekognition: Rekognition) -> None:
    settings = {"ConnectedHomeForUpdate": {"Labels": ["ALL"], "MinConfidence": 70}}
    door = {"Name": "door"}
    rekognition("UpdateStreamProcessor", **door, SettingsForUpdate=settings, RegionsOfInterestForUpdate=AREA)
    result = rekognition("DescribeStreamProcessor", **door)
    assert result["Settings"] == {"ConnectedHome": {"Labels": ["ALL"], "MinConfidence": 70}}
    assert result["RegionsOfInterest"] == AREA
    rekognition("UpdateStreamProcessor", **door, ParametersToDelete=["RegionsOfInterest"])
    assert "RegionsOfInterest" not in rekognition("DescribeStreamProcessor", **door)
    twice = {"RegionsOfInterestForUpdate": AREA, "ParametersToDelete": ["RegionsOfInterest"]}
    for wrong in ({**door, **twice}, {"Name": "gate", "SettingsForUpdate": settings}):
        assert rekognition.error_code("UpdateStreamProcessor", **wrong) == "InvalidParameterException"


@pytest.mark.usefixtures("processors")
def test_a_confidence_is_updated_or_deleted_but_not_both(rekognition: Rekognition) -> None:
    change = {"SettingsForUpdate": {"ConnectedHomeForUpdate": {"MinConfidence": 70}}}
    delete = {"ParametersToDelete": ["ConnectedHomeMinConfidence"]}

    def confidence() -> float:
        home = rekognition("DescribeStreamProcessor", **DOOR)["Settings"]["ConnectedHome"]
        assert sorted(home["Labels"]) == ["PERSON", "PET"]
        return float(home["MinConfidence"])

    rekognition("UpdateStreamProcessor", **DOOR, **change, DataSharingPreferenceForUpdate={"OptIn": True})
    assert confidence() == 70
    assert rekognition("DescribeStreamProcessor", **DOOR)["DataSharingPreference"] == {"OptIn": True}
    assert rekognition.error_code("UpdateStreamProcessor", **DOOR, **change, **delete) == "InvalidParameterException"
    rekognition("UpdateStreamProcessor", **DOOR, **delete)
    assert confidence() == 50
    unknown = {"SettingsForUpdate": {"ConnectedHomeForUpdate": {"Labels": ["COW"]}}}
    assert rekognition.error_code("UpdateStreamProcessor", **DOOR, **unknown) == "InvalidParameterException"


# --- states


@pytest.mark.usefixtures("processors")
def test_a_processor_goes_through_its_states(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"stream": 10})
    gate = {"Name": "gate"}
    assert rekognition.error_code("StopStreamProcessor", **gate) == "ResourceInUseException"
    assert rekognition("StartStreamProcessor", **gate)["SessionId"]
    assert status(rekognition, "gate") == "STARTING"
    control.advance_clock(10)
    assert status(rekognition, "gate") == "RUNNING"
    for operation in ("StartStreamProcessor", "DeleteStreamProcessor"):
        assert rekognition.error_code(operation, **gate) == "ResourceInUseException"
    assert rekognition("StopStreamProcessor", **gate) == {}
    assert status(rekognition, "gate") == "STOPPING"
    control.advance_clock(10)
    assert status(rekognition, "gate") == "STOPPED"
    rekognition("DeleteStreamProcessor", **gate)
    assert rekognition.error_code("DescribeStreamProcessor", **gate) == "ResourceNotFoundException"


@pytest.mark.usefixtures("processors")
def test_a_processor_that_changes_its_state_refuses_changes(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"stream": 10})
    rekognition("StartStreamProcessor", **GATE)
    for expected in ("STARTING", "STOPPING"):
        assert status(rekognition, "gate") == expected
        for operation in ("StartStreamProcessor", "DeleteStreamProcessor", "StopStreamProcessor"):
            assert rekognition.error_code(operation, **GATE) == "ResourceInUseException"
        control.advance_clock(10)
        if expected == "STARTING":
            rekognition("StopStreamProcessor", **GATE)
    rekognition("UpdateStreamProcessor", **DOOR, ParametersToDelete=["ConnectedHomeMinConfidence"])
    assert status(rekognition, "door") == "UPDATING"
    control.advance_clock(10)
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
def test_a_label_session_ends_by_itself(rekognition: Rekognition, control: ControlApi) -> None:
    assert rekognition.error_code("StartStreamProcessor", Name="door") == "InvalidParameterException"
    assert rekognition.error_code("StartStreamProcessor", Name="gate", **SELECTORS) == "InvalidParameterException"
    rekognition("StartStreamProcessor", Name="door", **SELECTORS)
    control.advance_clock(29)
    assert status(rekognition, "door") == "RUNNING"
    assert rekognition.error_code("UpdateStreamProcessor", Name="door") == "ResourceInUseException"
    control.advance_clock(1)
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize(
    "selectors",
    [
        {"StartSelector": SELECTORS["StartSelector"]},
        {"StopSelector": SELECTORS["StopSelector"]},
        {**SELECTORS, "StartSelector": {}},
        {**SELECTORS, "StartSelector": {"KVSStreamStartSelector": {}}},
        {**SELECTORS, "StartSelector": {"KVSStreamStartSelector": TWO_STARTS}},
    ],
)
def test_a_label_session_needs_one_start_and_a_stop(rekognition: Rekognition, selectors: Json) -> None:
    assert rekognition.error_code("StartStreamProcessor", **DOOR, **selectors) == "InvalidParameterException"
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize(
    "selectors",
    [
        {**SELECTORS, "StartSelector": {"KVSStreamStartSelector": {"FragmentNumber": "x"}}},
        {**SELECTORS, "StopSelector": {"MaxDurationInSeconds": 121}},
    ],
)
def test_the_selectors_of_a_label_session_are_within_their_limits(rekognition: Rekognition, selectors: Json) -> None:
    assert rekognition.error_code("StartStreamProcessor", **DOOR, **selectors) == "ValidationException"
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize(("stop", "seconds"), [({}, 10), ({"MaxDurationInSeconds": 120}, 120)])
def test_a_label_session_runs_for_ten_seconds_by_default(
    rekognition: Rekognition, control: ControlApi, stop: Json, seconds: int
) -> None:
    start = {"KVSStreamStartSelector": {"FragmentNumber": "123"}}
    rekognition("StartStreamProcessor", **DOOR, StartSelector=start, StopSelector=stop)
    control.advance_clock(seconds - 1)
    assert status(rekognition, "door") == "RUNNING"
    control.advance_clock(1)
    assert status(rekognition, "door") == "STOPPED"


@pytest.mark.usefixtures("processors")
def test_deleting_the_collection_fails_the_processor(rekognition: Rekognition) -> None:
    rekognition("StartStreamProcessor", Name="gate")
    rekognition("DeleteCollection", CollectionId=FACE_COLLECTION)
    assert status(rekognition, "gate") == "FAILED"


@pytest.mark.usefixtures("processors")
def test_a_failed_processor_has_a_message_and_starts_again(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("StartStreamProcessor", **GATE)
    arn = rekognition("DescribeStreamProcessor", **GATE)["StreamProcessorArn"]
    control.request(
        "POST", "/stream-processors", {"stream_processor_arn": arn, "status": "FAILED", "message": "no signal"}
    )
    result = rekognition("DescribeStreamProcessor", **GATE)
    assert (result["Status"], result["StatusMessage"]) == ("FAILED", "no signal")
    rekognition("StartStreamProcessor", **GATE)
    assert status(rekognition, "gate") == "RUNNING"


@pytest.mark.usefixtures("processors")
def test_a_processor_publishes_nothing(rekognition: Rekognition, control: ControlApi) -> None:
    rekognition("StartStreamProcessor", **DOOR, **SELECTORS)
    control.advance_clock(60)
    assert status(rekognition, "door") == "STOPPED"
    assert control.notifications() == []


@pytest.mark.usefixtures("processors")
def test_each_change_sets_the_last_update_time(rekognition: Rekognition, control: ControlApi) -> None:
    def timestamps() -> tuple[float, float]:
        result = rekognition("DescribeStreamProcessor", **DOOR)
        return result["CreationTimestamp"], result["LastUpdateTimestamp"]

    created, changed = timestamps()
    assert created == changed
    for operation, more in (
        ("UpdateStreamProcessor", {"ParametersToDelete": ["RegionsOfInterest"]}),
        ("StartStreamProcessor", SELECTORS),
        ("StopStreamProcessor", {}),
    ):
        control.advance_clock(1)
        rekognition(operation, **DOOR, **more)
        before, (created_again, changed) = changed, timestamps()
        assert created_again == created
        assert changed - before == pytest.approx(1)


@pytest.mark.usefixtures("processors")
def test_a_deleted_name_may_be_blocked_for_a_while(rekognition: Rekognition, control: ControlApi) -> None:
    control.set_durations({"deleting": 5})
    rekognition("DeleteStreamProcessor", **GATE)
    assert rekognition.error_code("DescribeStreamProcessor", **GATE) == "ResourceNotFoundException"
    assert rekognition.error_code("CreateStreamProcessor", **face_search_processor()) == "ResourceInUseException"
    control.advance_clock(5)
    rekognition("CreateStreamProcessor", **face_search_processor())
