"""Stream processors: settings of the two kinds, statuses, lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog import models
from rekog.emulator import Limits
from rekog.errors import WaiterFailedError
from tests.kit.custom_labels import ACCOUNT, START, Bench, assert_invalid, error_code, open_bench, refusal
from tests.kit.wire import WireClient

VIDEO = f"arn:aws:kinesisvideo:us-east-1:{ACCOUNT}:stream/gate/1"
DATA = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/found"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/rekognition"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:found"
EMPTY: dict[str, Any] = {}
KINDS, ONE_AREA = "either FaceSearch or ConnectedHome", "either a BoundingBox or a Polygon"
BOTH_SELECTORS, ONE_POSITION = "needs StartSelector and StopSelector", "one of ProducerTimestamp and FragmentNumber"
BOX: dict[str, Any] = {"BoundingBox": {"Width": 0.5, "Height": 0.5, "Left": 0, "Top": 0}}
SELECTORS: dict[str, Any] = {
    "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1}},
    "StopSelector": {"MaxDurationInSeconds": 30},
}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as opened:
        opened.client.create_collection("people")
        yield opened


@pytest.fixture
def slow_bench() -> Iterator[Bench]:
    with open_bench(60) as opened:
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
    """Return the wire form of a processor that searches for faces; a change to None omits a member."""
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
    """Return the wire form of a processor that detects labels; a change to None omits a member."""
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


def create(bench: Bench, wire: dict[str, Any]) -> str:
    return str(bench.client.call("CreateStreamProcessor", wire)["StreamProcessorArn"])


def status(bench: Bench, name: str = "gate") -> str:
    return str(bench.client.describe_stream_processor(name).status)


def start(bench: Bench, name: str = "gate", **selectors: object) -> str:
    return str(bench.client.call("StartStreamProcessor", {"Name": name, **selectors})["SessionId"])


# --- create and describe


def test_the_arn_ends_with_the_name(bench: Bench) -> None:
    assert create(bench, faces()) == f"arn:aws:rekognition:us-east-1:{ACCOUNT}:streamprocessor/gate"


@pytest.mark.parametrize(
    "wire",
    [
        faces(),
        home(),
        home(KmsKeyId="key", RegionsOfInterest=[BOX], DataSharingPreference={"OptIn": True}),
    ],
)
def test_a_description_has_all_members_of_the_request(bench: Bench, wire: dict[str, Any]) -> None:
    arn = create(bench, wire)
    assert bench.client.call("DescribeStreamProcessor", {"Name": "gate"}) == {
        **wire,
        "StreamProcessorArn": arn,
        "Status": "STOPPED",
        "CreationTimestamp": START,
        "LastUpdateTimestamp": START,
    }


def test_a_description_has_explicit_defaults(bench: Bench) -> None:
    create(bench, faces(Settings={"FaceSearch": {"CollectionId": "people"}}))
    create(
        bench,
        home(
            Name="door",
            Input={"KinesisVideoStream": {"Arn": f"{VIDEO}0"}},
            Settings={"ConnectedHome": {"Labels": ["ALL"]}},
        ),
    )
    described = [bench.client.describe_stream_processor(name).settings for name in ("gate", "door")]
    assert described == [
        models.StreamProcessorSettings(
            face_search=models.FaceSearchSettings(collection_id="people", face_match_threshold=80)
        ),
        models.StreamProcessorSettings(connected_home=models.ConnectedHomeSettings(labels=["ALL"], min_confidence=50)),
    ]


@pytest.mark.parametrize(
    ("wire", "rule"),
    [
        (faces(Settings={}), KINDS),
        (faces(Settings={"FaceSearch": {"CollectionId": "people"}, "ConnectedHome": {"Labels": ["PET"]}}), KINDS),
        (faces(Settings={"FaceSearch": {}}), "must have a CollectionId"),
        (faces(Settings={"FaceSearch": {"CollectionId": "unknown"}}), "The collection id: unknown does not exist"),
        (faces(Input={}), "Arn of a KinesisVideoStream"),
        (faces(Input={"KinesisVideoStream": {}}), "Arn of a KinesisVideoStream"),
        (faces(Output={}), "Arn of a KinesisDataStream"),
        (faces(Output={"KinesisDataStream": {}}), "Arn of a KinesisDataStream"),
        (
            faces(Output={"KinesisDataStream": {"Arn": DATA}, "S3Destination": {"Bucket": "found"}}),
            "Arn of a KinesisDataStream",
        ),
        (faces(KmsKeyId="key"), "KmsKeyId can't be given"),
        (faces(RegionsOfInterest=[BOX]), "RegionsOfInterest can't be given"),
        (faces(NotificationChannel={"SNSTopicArn": TOPIC}), "NotificationChannel can't be given"),
        (
            faces(RegionsOfInterest=[], KmsKeyId="key", NotificationChannel={"SNSTopicArn": TOPIC}),
            "NotificationChannel, KmsKeyId, RegionsOfInterest can't be given for a face search.",
        ),
        (home(Settings={"ConnectedHome": {"Labels": ["Dog", "PET", "Car"]}}), "PACKAGE, ALL, not Dog, Car."),
        (home(Output={"KinesisDataStream": {"Arn": DATA}}), "S3Destination with a Bucket"),
        (
            home(Output={"KinesisDataStream": {"Arn": DATA}, "S3Destination": {"Bucket": "found"}}),
            "S3Destination with a Bucket",
        ),
        (home(Output={"S3Destination": {}}), "S3Destination with a Bucket"),
        (home(NotificationChannel=None), "needs a NotificationChannel"),
        (home(Settings={"ConnectedHome": {"Labels": ["PERSON", "Car"]}}), "PERSON, PET, PACKAGE, ALL, not Car."),
        (home(RegionsOfInterest=[EMPTY]), ONE_AREA),
        (home(RegionsOfInterest=[{**BOX, "Polygon": [{"X": 0, "Y": 0}] * 3}]), ONE_AREA),
        (home(RegionsOfInterest=[{"Polygon": [{"X": 0, "Y": 0}] * 2}]), "3 to 10 points"),
        (home(RegionsOfInterest=[{"Polygon": [{"X": 0, "Y": 0}] * 11}]), "3 to 10 points"),
    ],
)
def test_inconsistent_settings_are_refused(bench: Bench, wire: dict[str, Any], rule: str) -> None:
    assert_invalid(lambda: create(bench, wire), rule)
    assert bench.client.list_stream_processors().stream_processors == []


def test_a_second_processor_of_a_name_is_refused(bench: Bench) -> None:
    create(bench, faces())
    assert refusal(lambda: create(bench, home())) == ("ResourceInUseException", "Stream processor name already in use.")


def test_a_video_stream_has_one_processor(bench: Bench) -> None:
    create(bench, faces())
    busy = ("ResourceInUseException", f"Another stream processor reads {VIDEO}.")
    assert refusal(lambda: create(bench, faces(Name="door"))) == busy
    bench.client.delete_stream_processor("gate")
    create(bench, faces(Name="door"))


def test_a_processor_over_the_limit_is_refused() -> None:
    with open_bench(limits=Limits(stream_processors=1)) as bench:
        create(bench, home())
        other = {"KinesisVideoStream": {"Arn": f"{VIDEO}0"}}
        assert error_code(lambda: create(bench, home(Name="door", Input=other))) == "LimitExceededException"


@pytest.mark.parametrize("verb", ["Describe", "Start", "Stop", "Update", "Delete"])
def test_an_unknown_processor_is_not_found(bench: Bench, verb: str) -> None:
    assert (
        error_code(lambda: bench.client.call(f"{verb}StreamProcessor", {"Name": "none"})) == "ResourceNotFoundException"
    )


# --- list


def test_a_list_has_names_and_statuses_sorted_by_name(bench: Bench) -> None:
    for name in ("b", "a"):
        bench.client.create_stream_processor(**search(name))
    start(bench, "b")
    assert bench.client.call("ListStreamProcessors") == {
        "StreamProcessors": [{"Name": "a", "Status": "STOPPED"}, {"Name": "b", "Status": "RUNNING"}]
    }


@settings(derandomize=True, max_examples=15, deadline=None)
@given(names=st.sets(st.sampled_from(["a", "b", "B", "c-1", "x" * 128, "x" * 127])), size=st.integers(1, 4))
def test_the_pages_together_have_all_processors_in_order(names: set[str], size: int) -> None:
    with open_bench() as bench:
        bench.client.create_collection("people")
        for name in names:
            bench.client.create_stream_processor(**search(name))
        pages = list(bench.client.paginate_list_stream_processors(page_size=size).pages())
    assert [item.name for page in pages for item in page.stream_processors] == sorted(names)
    assert all(len(page.next_token or "") <= 255 for page in pages)


def test_a_page_size_over_the_maximum_is_accepted(bench: Bench) -> None:
    bench.client.create_stream_processor(**search())
    assert len(bench.client.list_stream_processors(max_results=5000).stream_processors) == 1


def test_an_unknown_page_token_is_refused(bench: Bench) -> None:
    assert (
        error_code(lambda: bench.client.list_stream_processors(next_token="abc")) == "InvalidPaginationTokenException"
    )


# --- run


def test_a_search_runs_until_it_is_stopped(slow_bench: Bench) -> None:
    slow_bench.client.create_stream_processor(**search())
    session = start(slow_bench)
    assert (len(session), status(slow_bench)) == (36, "STARTING")
    slow_bench.client.wait_until_stream_processor_running("gate", delay=0, on_poll=slow_bench.advance_on_poll)
    slow_bench.clock.advance(10**6)
    assert status(slow_bench) == "RUNNING"
    slow_bench.client.stop_stream_processor("gate")
    assert status(slow_bench) == "STOPPING"
    slow_bench.client.wait_until_stream_processor_stopped("gate", delay=0, on_poll=slow_bench.advance_on_poll)


def test_each_start_has_a_new_session_id(bench: Bench) -> None:
    bench.client.create_stream_processor(**search())
    first = start(bench)
    bench.client.stop_stream_processor("gate")
    assert start(bench) != first


@pytest.mark.parametrize(("selector", "seconds"), [({"MaxDurationInSeconds": 30}, 30), ({}, 10)])
def test_label_detection_stops_after_its_duration(slow_bench: Bench, selector: dict[str, int], seconds: int) -> None:
    create(slow_bench, home())
    start(slow_bench, StartSelector=SELECTORS["StartSelector"], StopSelector=selector)
    statuses: list[str] = []
    for interval in (60, seconds - 1, 1):
        slow_bench.clock.advance(interval)
        statuses.append(status(slow_bench))
    assert statuses == ["RUNNING", "RUNNING", "STOPPED"]
    updated = slow_bench.client.describe_stream_processor("gate").last_update_timestamp
    assert updated is not None
    assert updated.timestamp() == START + 60 + seconds


def test_the_end_of_a_session_that_was_stopped_early_does_not_stop_the_next(bench: Bench) -> None:
    create(bench, home())
    start(bench, **SELECTORS)
    assert status(bench) == "RUNNING"
    bench.client.stop_stream_processor("gate")
    assert status(bench) == "STOPPED"
    bench.clock.advance(20)
    start(bench, **SELECTORS)
    bench.clock.advance(15)
    assert status(bench) == "RUNNING"
    bench.clock.advance(15)
    assert status(bench) == "STOPPED"


def test_selectors_for_a_face_search_are_refused(bench: Bench) -> None:
    bench.client.create_stream_processor(**search())
    assert_invalid(lambda: start(bench, **SELECTORS), "for label detection only")


@pytest.mark.parametrize(
    ("selectors", "rule"),
    [
        ({}, BOTH_SELECTORS),
        ({"StartSelector": SELECTORS["StartSelector"]}, BOTH_SELECTORS),
        ({"StopSelector": SELECTORS["StopSelector"]}, BOTH_SELECTORS),
        ({**SELECTORS, "StartSelector": {}}, ONE_POSITION),
        ({**SELECTORS, "StartSelector": {"KVSStreamStartSelector": {}}}, ONE_POSITION),
        (
            {**SELECTORS, "StartSelector": {"KVSStreamStartSelector": {"ProducerTimestamp": 1, "FragmentNumber": "1"}}},
            ONE_POSITION,
        ),
    ],
)
def test_label_detection_requires_both_selectors(bench: Bench, selectors: dict[str, Any], rule: str) -> None:
    create(bench, home())
    assert_invalid(lambda: start(bench, **selectors), rule)


ALLOWED = {
    "STOPPED": ["Start", "Update", "Delete"],
    "STARTING": [],
    "RUNNING": ["Stop"],
    "STOPPING": [],
    "FAILED": ["Start", "Update", "Delete"],
    "UPDATING": [],
}
TEXTS = {"Stop": "Processor not available for stopping stream.", "Delete": "Cannot delete stream processor."}


def create_with_status(slow_bench: Bench, expected: str) -> str:
    """Create a processor for labels, and bring it to a status."""
    arn = create(slow_bench, home())
    if expected in ("STARTING", "RUNNING", "STOPPING", "FAILED"):
        start(slow_bench, StartSelector=SELECTORS["StartSelector"], StopSelector={"MaxDurationInSeconds": 120})
    if expected in ("RUNNING", "STOPPING"):
        slow_bench.clock.advance(60)
    if expected == "STOPPING":
        slow_bench.client.stop_stream_processor("gate")
    if expected == "FAILED":
        slow_bench.emulator.declare_stream_processor(arn, status="FAILED")
    if expected == "UPDATING":
        slow_bench.client.update_stream_processor("gate")
    return arn


@pytest.mark.parametrize("state", ALLOWED)
@pytest.mark.parametrize("verb", ["Start", "Stop", "Update", "Delete"])
def test_a_call_with_the_wrong_status_is_refused(slow_bench: Bench, state: str, verb: str) -> None:
    create_with_status(slow_bench, state)
    assert status(slow_bench) == state
    wire = {"Name": "gate", **(SELECTORS if verb == "Start" else {})}
    if verb in ALLOWED[state]:
        slow_bench.client.call(f"{verb}StreamProcessor", wire)
    else:
        assert refusal(lambda: slow_bench.client.call(f"{verb}StreamProcessor", wire)) == (
            "ResourceInUseException",
            TEXTS.get(verb, f"Stream processor is {state}."),
        )


def test_a_processor_fails_when_its_collection_is_deleted(bench: Bench) -> None:
    bench.client.create_stream_processor(**search())
    start(bench)
    assert status(bench) == "RUNNING"
    bench.client.delete_collection("people")
    processor = bench.client.describe_stream_processor("gate")
    assert (processor.status, processor.status_message) == ("FAILED", "The collection id: people does not exist")
    assert bench.client.list_stream_processors().stream_processors[0].status == "FAILED"
    missing = ("ResourceNotFoundException", "The collection id: people does not exist.")
    assert refusal(lambda: start(bench)) == missing


def test_a_processor_fails_at_the_time_at_which_its_collection_is_deleted(slow_bench: Bench) -> None:
    slow_bench.client.create_stream_processor(**search())
    start(slow_bench)
    slow_bench.clock.advance(100)
    slow_bench.client.delete_collection("people")
    slow_bench.clock.advance(100)
    description = slow_bench.client.call("DescribeStreamProcessor", {"Name": "gate"})
    assert (description["Status"], description["LastUpdateTimestamp"]) == ("FAILED", START + 100)


def test_a_new_collection_of_the_same_id_does_not_resume_a_search(bench: Bench) -> None:
    bench.client.create_stream_processor(**search())
    start(bench)
    bench.client.delete_collection("people")
    bench.client.create_collection("people")
    assert status(bench) == "FAILED"
    start(bench)
    assert status(bench) == "RUNNING"


def test_a_stopped_processor_does_not_fail_when_its_collection_is_deleted(bench: Bench) -> None:
    bench.client.create_stream_processor(**search())
    bench.client.delete_collection("people")
    assert status(bench) == "STOPPED"


def test_searches_of_other_collections_and_regions_do_not_fail(bench: Bench) -> None:
    bench.client.create_stream_processor(**search())
    start(bench)
    bench.client.create_collection("others")
    bench.client.delete_collection("others")
    elsewhere = WireClient(bench.emulator, "eu-west-1")
    elsewhere("CreateCollection", CollectionId="people")
    elsewhere("DeleteCollection", CollectionId="people")
    assert status(bench) == "RUNNING"


def test_a_processor_that_is_declared_to_fail_ends_its_waiter(slow_bench: Bench) -> None:
    arn = create(slow_bench, home())
    start(slow_bench, **SELECTORS)
    slow_bench.emulator.declare_stream_processor(arn, status="FAILED", message="no role")
    with pytest.raises(WaiterFailedError, match="no role"):
        slow_bench.client.wait_until_stream_processor_running("gate", delay=0)
    slow_bench.clock.advance(1000)
    assert status(slow_bench) == "FAILED"
    start(slow_bench, **SELECTORS)
    assert slow_bench.client.describe_stream_processor("gate").status_message is None


def test_a_message_with_half_a_surrogate_pair_is_refused(slow_bench: Bench) -> None:
    arn = create(slow_bench, home())
    start(slow_bench, **SELECTORS)
    with pytest.raises(ValueError, match="message must be text, without half a surrogate pair"):
        slow_bench.emulator.declare_stream_processor(arn, status="FAILED", message="\ud800")


def test_a_declaration_for_a_processor_that_does_not_run_is_refused(bench: Bench) -> None:
    arn = create(bench, home())
    others = (arn + "s", arn.replace("streamprocessor/", "collection/"))
    texts: list[str] = []
    for each, status in ((arn, "FAILED"), (arn, "STOPPED"), *((other, "FAILED") for other in others)):
        with pytest.raises((ValueError, LookupError)) as caught:
            bench.emulator.declare_stream_processor(each, status=status)  # type: ignore[arg-type]  # not typed
        texts.append(str(caught.value))
    assert texts == [
        "a stream processor that is STOPPED can't become FAILED",
        "status must be FAILED, not 'STOPPED'",
        *(f"there is no stream processor {other}" for other in others),
    ]


@pytest.mark.parametrize("state", ["STARTING", "RUNNING"])
def test_a_processor_that_is_declared_to_fail_has_a_message_and_the_time(slow_bench: Bench, state: str) -> None:
    arn = create_with_status(slow_bench, state)
    slow_bench.clock.advance(7)
    slow_bench.emulator.declare_stream_processor(arn, status="FAILED")
    described = slow_bench.client.call("DescribeStreamProcessor", {"Name": "gate"})
    assert (described["Status"], described["StatusMessage"]) == ("FAILED", "Declared to be FAILED.")
    assert described["LastUpdateTimestamp"] == slow_bench.clock()


# --- update


def test_an_update_changes_only_the_given_settings_after_its_duration(slow_bench: Bench) -> None:
    create(slow_bench, home(RegionsOfInterest=[BOX]))
    change = {
        "SettingsForUpdate": {"ConnectedHomeForUpdate": {"Labels": ["PACKAGE"]}},
        "DataSharingPreferenceForUpdate": {"OptIn": False},
    }
    slow_bench.clock.advance(5)
    slow_bench.client.call("UpdateStreamProcessor", {"Name": "gate", **change})
    assert status(slow_bench) == "UPDATING"
    slow_bench.client.wait_until_stream_processor_stopped("gate", delay=0, on_poll=slow_bench.advance_on_poll)
    description = slow_bench.client.call("DescribeStreamProcessor", {"Name": "gate"})
    assert description["Settings"] == {"ConnectedHome": {"Labels": ["PACKAGE"], "MinConfidence": 60}}
    assert description["RegionsOfInterest"] == [BOX]
    assert description["DataSharingPreference"] == {"OptIn": False}
    assert description["LastUpdateTimestamp"] == START + 65


def test_an_update_deletes_parameters(bench: Bench) -> None:
    create(bench, home(RegionsOfInterest=[BOX]))
    bench.client.update_stream_processor(
        "gate", parameters_to_delete=["ConnectedHomeMinConfidence", "RegionsOfInterest"]
    )
    description = bench.client.call("DescribeStreamProcessor", {"Name": "gate"})
    assert description["Settings"] == {"ConnectedHome": {"Labels": ["PERSON", "PET"], "MinConfidence": 50}}
    assert "RegionsOfInterest" not in description


def test_an_update_sets_regions_of_interest(bench: Bench) -> None:
    create(bench, home())
    triangle = models.RegionOfInterest(polygon=[models.Point(x=0, y=0), models.Point(x=1, y=0), models.Point(x=0, y=1)])
    bench.client.update_stream_processor("gate", regions_of_interest_for_update=[triangle])
    assert bench.client.describe_stream_processor("gate").regions_of_interest == [triangle]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (
            {
                "SettingsForUpdate": {"ConnectedHomeForUpdate": {"MinConfidence": 2}},
                "ParametersToDelete": ["ConnectedHomeMinConfidence"],
            },
            "updated and deleted",
        ),
        ({"RegionsOfInterestForUpdate": [BOX], "ParametersToDelete": ["RegionsOfInterest"]}, "updated and deleted"),
        ({"SettingsForUpdate": {"ConnectedHomeForUpdate": {"Labels": ["Car"]}}}, "not Car."),
        ({"RegionsOfInterestForUpdate": [EMPTY]}, ONE_AREA),
    ],
)
def test_an_inconsistent_update_is_refused(bench: Bench, change: dict[str, Any], rule: str) -> None:
    create(bench, home())
    assert_invalid(lambda: bench.client.call("UpdateStreamProcessor", {"Name": "gate", **change}), rule)


def test_one_parameter_is_deleted_and_others_are_updated(bench: Bench) -> None:
    create(bench, home(RegionsOfInterest=[BOX]))
    triangle = {"Polygon": [{"X": 0, "Y": 0}, {"X": 1, "Y": 0}, {"X": 0, "Y": 1}]}

    def update(**change: object) -> dict[str, Any]:
        bench.client.call("UpdateStreamProcessor", {"Name": "gate", **change})
        described = bench.client.call("DescribeStreamProcessor", {"Name": "gate"})
        assert described["Status"] == "STOPPED"
        return described

    settings: dict[str, Any] = {"ConnectedHomeForUpdate": {"Labels": ["ALL"]}}
    described = update(SettingsForUpdate=settings, ParametersToDelete=["ConnectedHomeMinConfidence"])
    assert described["Settings"] == {"ConnectedHome": {"Labels": ["ALL"], "MinConfidence": 50}}
    assert described["RegionsOfInterest"] == [BOX]
    described = update(RegionsOfInterestForUpdate=[triangle], ParametersToDelete=["ConnectedHomeMinConfidence"])
    assert (described["RegionsOfInterest"], described["Settings"]["ConnectedHome"]["Labels"]) == ([triangle], ["ALL"])
    settings = {"ConnectedHomeForUpdate": {"MinConfidence": 70}}
    described = update(SettingsForUpdate=settings, ParametersToDelete=["RegionsOfInterest"])
    assert described["Settings"] == {"ConnectedHome": {"Labels": ["ALL"], "MinConfidence": 70}}
    assert "RegionsOfInterest" not in described
    assert update(ParametersToDelete=["RegionsOfInterest"])["Settings"] == described["Settings"]
    unchanged = update()
    assert unchanged["Settings"] == described["Settings"]
    assert unchanged["Output"] == {"S3Destination": {"Bucket": "found", "KeyPrefix": "gate/"}}


def test_a_search_is_not_updated(bench: Bench) -> None:
    bench.client.create_stream_processor(**search())
    assert_invalid(lambda: bench.client.update_stream_processor("gate"), "Only stream processors for label detection")


# --- delete


def test_the_name_of_a_deleted_processor_is_free_after_the_duration(slow_bench: Bench) -> None:
    create(slow_bench, home())
    slow_bench.client.delete_stream_processor("gate")
    assert error_code(lambda: slow_bench.client.describe_stream_processor("gate")) == "ResourceNotFoundException"
    assert slow_bench.client.list_stream_processors().stream_processors == []
    assert error_code(lambda: create(slow_bench, home())) == "ResourceInUseException"
    slow_bench.clock.advance(60)
    create(slow_bench, home())


def test_processors_survive_a_restart(tmp_path: Any) -> None:
    with open_bench(data=tmp_path) as bench:
        create(bench, home())
        start(bench, **SELECTORS)
    with open_bench(data=tmp_path) as bench:
        assert status(bench) == "RUNNING"
        bench.clock.advance(30)
        assert status(bench) == "STOPPED"


def test_a_page_size_may_be_larger_than_any_number_of_the_database(bench: Bench) -> None:
    create(bench, home())
    listed = WireClient(bench.emulator)("ListStreamProcessors", MaxResults=2**63)
    assert [processor["Name"] for processor in listed.body["StreamProcessors"]] == ["gate"]
