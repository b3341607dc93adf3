"""Stream processors: settings of the two kinds, states, lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator import Limits
from rekog.errors import JobFailedError
from tests.kit.custom_labels import ACCOUNT, START, Lab, code, lab, refusal
from tests.kit.wire import Wire

VIDEO = f"arn:aws:kinesisvideo:us-east-1:{ACCOUNT}:stream/gate/1"
DATA = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/found"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/rekognition"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:found"
EMPTY: dict[str, Any] = {}
BOX: dict[str, Any] = {"BoundingBox": {"Width": 0.5, "Height": 0.5, "Left": 0, "Top": 0}}
SELECTORS: dict[str, Any] = {
    "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1}},
    "StopSelector": {"MaxDurationInSeconds": 30},
}


@pytest.fixture
def room() -> Iterator[Lab]:
    with lab() as opened:
        opened.client.create_collection("people")
        yield opened


@pytest.fixture
def slow() -> Iterator[Lab]:
    with lab(60) as opened:
        opened.client.create_collection("people")
        yield opened


def search(name: str = "gate") -> dict[str, Any]:
    """Return the arguments of a processor that searches for faces."""
    return {
        "name": name,
        "input": models.StreamProcessorInput(kinesis_video_stream=models.KinesisVideoStream(arn=f"{VIDEO}{name}")),
        "output": models.StreamProcessorOutput(kinesis_data_stream=models.KinesisDataStream(arn=DATA)),
        "role_arn": ROLE,
        "settings": models.StreamProcessorSettings(face_search=models.FaceSearchSettings(collection_id="people")),
    }


def faces(**changes: object) -> dict[str, Any]:
    """Return the wire form of such a processor; a change to None leaves a member out."""
    return with_changes(
        {
            "Name": "gate",
            "Input": {"KinesisVideoStream": {"Arn": VIDEO}},
            "Output": {"KinesisDataStream": {"Arn": DATA}},
            "RoleArn": ROLE,
            "Settings": {"FaceSearch": {"CollectionId": "people", "FaceMatchThreshold": 70}},
        },
        changes,
    )


def home(**changes: object) -> dict[str, Any]:
    """Return the wire form of a processor that looks for people, pets and packages."""
    return with_changes(
        {
            "Name": "gate",
            "Input": {"KinesisVideoStream": {"Arn": VIDEO}},
            "Output": {"S3Destination": {"Bucket": "found", "KeyPrefix": "gate/"}},
            "RoleArn": ROLE,
            "Settings": {"ConnectedHome": {"Labels": ["PERSON", "PET"], "MinConfidence": 60}},
            "NotificationChannel": {"SNSTopicArn": TOPIC},
        },
        changes,
    )


def with_changes(wire: dict[str, Any], changes: dict[str, object]) -> dict[str, Any]:
    return {name: value for name, value in {**wire, **changes}.items() if value is not None}


def create(room: Lab, wire: dict[str, Any]) -> str:
    return str(room.client.call("CreateStreamProcessor", wire)["StreamProcessorArn"])


def status(room: Lab, name: str = "gate") -> str:
    return str(room.client.describe_stream_processor(name).status)


def start(room: Lab, name: str = "gate", **selectors: object) -> str:
    return str(room.client.call("StartStreamProcessor", {"Name": name, **selectors})["SessionId"])


# --- create and describe


def test_the_arn_has_the_name(room: Lab) -> None:
    assert create(room, faces()) == f"arn:aws:rekognition:us-east-1:{ACCOUNT}:streamprocessor/gate"


@pytest.mark.parametrize(
    "wire",
    [
        faces(),
        home(),
        home(KmsKeyId="key", RegionsOfInterest=[BOX], DataSharingPreference={"OptIn": True}),
    ],
)
def test_a_description_has_everything_that_was_asked_for(room: Lab, wire: dict[str, Any]) -> None:
    arn = create(room, wire)
    assert room.client.call("DescribeStreamProcessor", {"Name": "gate"}) == {
        **wire,
        "StreamProcessorArn": arn,
        "Status": "STOPPED",
        "CreationTimestamp": START,
        "LastUpdateTimestamp": START,
    }


def test_defaults_are_written_out(room: Lab) -> None:
    create(room, faces(Settings={"FaceSearch": {"CollectionId": "people"}}))
    create(
        room,
        home(
            Name="door",
            Input={"KinesisVideoStream": {"Arn": f"{VIDEO}0"}},
            Settings={"ConnectedHome": {"Labels": ["ALL"]}},
        ),
    )
    found = [room.client.describe_stream_processor(name).settings for name in ("gate", "door")]
    assert found == [
        models.StreamProcessorSettings(
            face_search=models.FaceSearchSettings(collection_id="people", face_match_threshold=80)
        ),
        models.StreamProcessorSettings(connected_home=models.ConnectedHomeSettings(labels=["ALL"], min_confidence=50)),
    ]


@pytest.mark.parametrize(
    "wire",
    [
        faces(Settings={}),
        faces(Settings={"FaceSearch": {"CollectionId": "people"}, "ConnectedHome": {"Labels": ["PET"]}}),
        faces(Settings={"FaceSearch": {}}),
        faces(Settings={"FaceSearch": {"CollectionId": "nobody"}}),
        faces(Input={}),
        faces(Input={"KinesisVideoStream": {}}),
        faces(Output={}),
        faces(Output={"KinesisDataStream": {}}),
        faces(Output={"KinesisDataStream": {"Arn": DATA}, "S3Destination": {"Bucket": "found"}}),
        faces(KmsKeyId="key"),
        faces(RegionsOfInterest=[BOX]),
        faces(NotificationChannel={"SNSTopicArn": TOPIC}),
        home(Output={"KinesisDataStream": {"Arn": DATA}}),
        home(Output={"S3Destination": {}}),
        home(NotificationChannel=None),
        home(Settings={"ConnectedHome": {"Labels": ["PERSON", "Car"]}}),
        home(RegionsOfInterest=[EMPTY]),
        home(RegionsOfInterest=[{**BOX, "Polygon": [{"X": 0, "Y": 0}] * 3}]),
        home(RegionsOfInterest=[{"Polygon": [{"X": 0, "Y": 0}] * 2}]),
        home(RegionsOfInterest=[{"Polygon": [{"X": 0, "Y": 0}] * 11}]),
    ],
)
def test_settings_that_do_not_go_together_are_refused(room: Lab, wire: dict[str, Any]) -> None:
    assert code(lambda: create(room, wire)) == "InvalidParameterException"
    assert room.client.list_stream_processors().stream_processors == []


def test_a_taken_name_is_in_use(room: Lab) -> None:
    create(room, faces())
    assert refusal(lambda: create(room, home())) == ("ResourceInUseException", "Stream processor name already in use.")


def test_a_video_stream_has_one_processor(room: Lab) -> None:
    create(room, faces())
    assert code(lambda: create(room, faces(Name="door"))) == "ResourceInUseException"
    room.client.delete_stream_processor("gate")
    create(room, faces(Name="door"))


def test_there_are_no_more_processors_than_the_limit() -> None:
    with lab(limits=Limits(stream_processors=1)) as room:
        create(room, home())
        other = {"KinesisVideoStream": {"Arn": f"{VIDEO}0"}}
        assert code(lambda: create(room, home(Name="door", Input=other))) == "LimitExceededException"


@pytest.mark.parametrize("verb", ["Describe", "Start", "Stop", "Update", "Delete"])
def test_an_unknown_processor_is_not_found(room: Lab, verb: str) -> None:
    assert code(lambda: room.client.call(f"{verb}StreamProcessor", {"Name": "none"})) == "ResourceNotFoundException"


# --- list


def test_a_list_has_names_and_states_in_the_order_of_the_names(room: Lab) -> None:
    for name in ("b", "a"):
        room.client.create_stream_processor(**search(name))
    start(room, "b")
    assert room.client.call("ListStreamProcessors") == {
        "StreamProcessors": [{"Name": "a", "Status": "STOPPED"}, {"Name": "b", "Status": "RUNNING"}]
    }


@settings(derandomize=True, max_examples=15, deadline=None)
@given(names=st.sets(st.sampled_from(["a", "b", "B", "c-1", "x" * 128, "x" * 127])), size=st.integers(1, 4))
def test_the_pages_together_are_the_list(names: set[str], size: int) -> None:
    with lab() as room:
        room.client.create_collection("people")
        for name in names:
            room.client.create_stream_processor(**search(name))
        pages = list(room.client.paginate_list_stream_processors(page_size=size).pages())
    assert [item.name for page in pages for item in page.stream_processors] == sorted(names)
    assert all(len(page.next_token or "") <= 255 for page in pages)


def test_a_page_size_over_the_maximum_is_cut(room: Lab) -> None:
    room.client.create_stream_processor(**search())
    assert len(room.client.list_stream_processors(max_results=5000).stream_processors) == 1


def test_a_token_that_was_made_up_is_refused(room: Lab) -> None:
    assert code(lambda: room.client.list_stream_processors(next_token="abc")) == "InvalidPaginationTokenException"


# --- run


def test_a_search_runs_until_it_is_stopped(slow: Lab) -> None:
    slow.client.create_stream_processor(**search())
    session = start(slow)
    assert (len(session), status(slow)) == (36, "STARTING")
    slow.client.wait_until_stream_processor_running("gate", delay=0, on_poll=slow.tick)
    slow.clock.advance(10**6)
    assert status(slow) == "RUNNING"
    slow.client.stop_stream_processor("gate")
    assert status(slow) == "STOPPING"
    slow.client.wait_until_stream_processor_stopped("gate", delay=0, on_poll=slow.tick)


def test_each_start_is_another_session(room: Lab) -> None:
    room.client.create_stream_processor(**search())
    first = start(room)
    room.client.stop_stream_processor("gate")
    assert start(room) != first


@pytest.mark.parametrize(("selector", "seconds"), [({"MaxDurationInSeconds": 30}, 30), ({}, 10)])
def test_label_detection_stops_by_itself(slow: Lab, selector: dict[str, int], seconds: int) -> None:
    create(slow, home())
    start(slow, StartSelector=SELECTORS["StartSelector"], StopSelector=selector)
    states: list[str] = []
    for passing in (60, seconds - 1, 1):
        slow.clock.advance(passing)
        states.append(status(slow))
    assert states == ["RUNNING", "RUNNING", "STOPPED"]
    updated = slow.client.describe_stream_processor("gate").last_update_timestamp
    assert updated is not None
    assert updated.timestamp() == START + 60 + seconds


def test_a_session_that_was_stopped_early_does_not_stop_the_next(room: Lab) -> None:
    create(room, home())
    start(room, **SELECTORS)
    assert status(room) == "RUNNING"
    room.client.stop_stream_processor("gate")
    assert status(room) == "STOPPED"
    room.clock.advance(20)
    start(room, **SELECTORS)
    room.clock.advance(15)
    assert status(room) == "RUNNING"
    room.clock.advance(15)
    assert status(room) == "STOPPED"


def test_a_search_has_no_selectors(room: Lab) -> None:
    room.client.create_stream_processor(**search())
    assert code(lambda: start(room, **SELECTORS)) == "InvalidParameterException"


@pytest.mark.parametrize(
    "selectors",
    [
        {},
        {"StartSelector": SELECTORS["StartSelector"]},
        {"StopSelector": SELECTORS["StopSelector"]},
        {**SELECTORS, "StartSelector": {}},
        {**SELECTORS, "StartSelector": {"KVSStreamStartSelector": {}}},
        {
            **SELECTORS,
            "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1, "FragmentNumber": "1"}},
        },
    ],
)
def test_label_detection_needs_both_selectors(room: Lab, selectors: dict[str, Any]) -> None:
    create(room, home())
    assert code(lambda: start(room, **selectors)) == "InvalidParameterException"


ALLOWED = {
    "STOPPED": ["Start", "Update", "Delete"],
    "STARTING": [],
    "RUNNING": ["Stop"],
    "STOPPING": [],
    "FAILED": ["Start", "Update", "Delete"],
    "UPDATING": [],
}
TEXTS = {"Stop": "Processor not available for stopping stream.", "Delete": "Cannot delete stream processor."}


def bring(slow: Lab, wanted: str) -> str:
    """Make a processor for labels that is in a state."""
    arn = create(slow, home())
    if wanted in ("STARTING", "RUNNING", "STOPPING", "FAILED"):
        start(slow, StartSelector=SELECTORS["StartSelector"], StopSelector={"MaxDurationInSeconds": 120})
    if wanted in ("RUNNING", "STOPPING"):
        slow.clock.advance(60)
    if wanted == "STOPPING":
        slow.client.stop_stream_processor("gate")
    if wanted == "FAILED":
        slow.emulator.declare_stream_processor(arn, status="FAILED")
    if wanted == "UPDATING":
        slow.client.update_stream_processor("gate")
    return arn


@pytest.mark.parametrize("state", ALLOWED)
@pytest.mark.parametrize("verb", ["Start", "Stop", "Update", "Delete"])
def test_a_call_in_the_wrong_state_is_in_use(slow: Lab, state: str, verb: str) -> None:
    bring(slow, state)
    assert status(slow) == state
    wire = {"Name": "gate", **(SELECTORS if verb == "Start" else {})}
    if verb in ALLOWED[state]:
        slow.client.call(f"{verb}StreamProcessor", wire)
    else:
        assert refusal(lambda: slow.client.call(f"{verb}StreamProcessor", wire)) == (
            "ResourceInUseException",
            TEXTS.get(verb, f"Stream processor is {state}."),
        )


def test_a_processor_whose_collection_goes_fails(room: Lab) -> None:
    room.client.create_stream_processor(**search())
    start(room)
    assert status(room) == "RUNNING"
    room.client.delete_collection("people")
    found = room.client.describe_stream_processor("gate")
    assert (found.status, found.status_message) == ("FAILED", "The collection id: people does not exist")
    assert room.client.list_stream_processors().stream_processors[0].status == "FAILED"
    assert code(lambda: start(room)) == "ResourceNotFoundException"


def test_a_processor_fails_at_the_time_at_which_its_collection_goes(slow: Lab) -> None:
    slow.client.create_stream_processor(**search())
    start(slow)
    slow.clock.advance(100)
    slow.client.delete_collection("people")
    slow.clock.advance(100)
    found = slow.client.call("DescribeStreamProcessor", {"Name": "gate"})
    assert (found["Status"], found["LastUpdateTimestamp"]) == ("FAILED", START + 100)


def test_another_collection_of_the_same_name_does_not_bring_a_search_back(room: Lab) -> None:
    room.client.create_stream_processor(**search())
    start(room)
    room.client.delete_collection("people")
    room.client.create_collection("people")
    assert status(room) == "FAILED"
    start(room)
    assert status(room) == "RUNNING"


def test_a_processor_that_is_stopped_outlives_its_collection(room: Lab) -> None:
    room.client.create_stream_processor(**search())
    room.client.delete_collection("people")
    assert status(room) == "STOPPED"


def test_searches_of_other_collections_and_regions_go_on(room: Lab) -> None:
    room.client.create_stream_processor(**search())
    start(room)
    room.client.create_collection("others")
    room.client.delete_collection("others")
    elsewhere = Wire(room.emulator, "eu-west-1")
    elsewhere("CreateCollection", CollectionId="people")
    elsewhere("DeleteCollection", CollectionId="people")
    assert status(room) == "RUNNING"


def test_a_processor_that_is_declared_to_fail_ends_its_waiter(slow: Lab) -> None:
    arn = create(slow, home())
    start(slow, **SELECTORS)
    slow.emulator.declare_stream_processor(arn, status="FAILED", message="no role")
    with pytest.raises(JobFailedError, match="no role"):
        slow.client.wait_until_stream_processor_running("gate", delay=0)
    slow.clock.advance(1000)
    assert status(slow) == "FAILED"
    start(slow, **SELECTORS)
    assert slow.client.describe_stream_processor("gate").status_message is None


def test_half_a_surrogate_pair_is_no_message(slow: Lab) -> None:
    arn = create(slow, home())
    start(slow, **SELECTORS)
    with pytest.raises(ValueError, match="message must be text, without half a surrogate pair"):
        slow.emulator.declare_stream_processor(arn, status="FAILED", message="\ud800")


def test_a_processor_that_does_not_run_is_not_declared_to_fail(room: Lab) -> None:
    arn = create(room, home())
    with pytest.raises(ValueError, match="a stream processor that is STOPPED can't become FAILED"):
        room.emulator.declare_stream_processor(arn, status="FAILED")
    with pytest.raises(LookupError, match="there is no stream processor"):
        room.emulator.declare_stream_processor(arn + "s", status="FAILED")


# --- update


def test_an_update_changes_what_it_names_and_takes_a_while(slow: Lab) -> None:
    create(slow, home(RegionsOfInterest=[BOX]))
    change = {
        "SettingsForUpdate": {"ConnectedHomeForUpdate": {"Labels": ["PACKAGE"]}},
        "DataSharingPreferenceForUpdate": {"OptIn": False},
    }
    slow.clock.advance(5)
    slow.client.call("UpdateStreamProcessor", {"Name": "gate", **change})
    assert status(slow) == "UPDATING"
    slow.client.wait_until_stream_processor_stopped("gate", delay=0, on_poll=slow.tick)
    found = slow.client.call("DescribeStreamProcessor", {"Name": "gate"})
    assert found["Settings"] == {"ConnectedHome": {"Labels": ["PACKAGE"], "MinConfidence": 60}}
    assert found["RegionsOfInterest"] == [BOX]
    assert found["DataSharingPreference"] == {"OptIn": False}
    assert found["LastUpdateTimestamp"] == START + 65


def test_an_update_deletes_parameters(room: Lab) -> None:
    create(room, home(RegionsOfInterest=[BOX]))
    room.client.update_stream_processor(
        "gate", parameters_to_delete=["ConnectedHomeMinConfidence", "RegionsOfInterest"]
    )
    found = room.client.call("DescribeStreamProcessor", {"Name": "gate"})
    assert found["Settings"] == {"ConnectedHome": {"Labels": ["PERSON", "PET"], "MinConfidence": 50}}
    assert "RegionsOfInterest" not in found


def test_an_update_sets_regions(room: Lab) -> None:
    create(room, home())
    triangle = models.RegionOfInterest(polygon=[models.Point(x=0, y=0), models.Point(x=1, y=0), models.Point(x=0, y=1)])
    room.client.update_stream_processor("gate", regions_of_interest_for_update=[triangle])
    assert room.client.describe_stream_processor("gate").regions_of_interest == [triangle]


@pytest.mark.parametrize(
    "change",
    [
        {
            "SettingsForUpdate": {"ConnectedHomeForUpdate": {"MinConfidence": 1}},
            "ParametersToDelete": ["ConnectedHomeMinConfidence"],
        },
        {"RegionsOfInterestForUpdate": [BOX], "ParametersToDelete": ["RegionsOfInterest"]},
        {"SettingsForUpdate": {"ConnectedHomeForUpdate": {"Labels": ["Car"]}}},
        {"RegionsOfInterestForUpdate": [EMPTY]},
    ],
)
def test_an_update_that_makes_no_sense_is_refused(room: Lab, change: dict[str, Any]) -> None:
    create(room, home())
    assert (
        code(lambda: room.client.call("UpdateStreamProcessor", {"Name": "gate", **change}))
        == "InvalidParameterException"
    )


def test_a_search_is_not_updated(room: Lab) -> None:
    room.client.create_stream_processor(**search())
    assert code(lambda: room.client.update_stream_processor("gate")) == "InvalidParameterException"


# --- delete


def test_a_name_stays_blocked_for_a_while_after_a_delete(slow: Lab) -> None:
    create(slow, home())
    slow.client.delete_stream_processor("gate")
    assert code(lambda: slow.client.describe_stream_processor("gate")) == "ResourceNotFoundException"
    assert slow.client.list_stream_processors().stream_processors == []
    assert code(lambda: create(slow, home())) == "ResourceInUseException"
    slow.clock.advance(60)
    create(slow, home())


def test_processors_are_there_after_a_restart(tmp_path: Any) -> None:
    with lab(data=tmp_path) as room:
        create(room, home())
        start(room, **SELECTORS)
    with lab(data=tmp_path) as room:
        assert status(room) == "RUNNING"
        room.clock.advance(30)
        assert status(room) == "STOPPED"
