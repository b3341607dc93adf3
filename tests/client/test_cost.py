"""Meters and budgets: what a call counts as, the price table, and limits that concurrent calls cannot pass."""

from __future__ import annotations

import pickle
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from rekog import RetryPolicy, cost
from rekog._core.call import Caller
from rekog._core.flow import HttpRequest, TakeSlot
from rekog._core.watched import watched
from rekog._generated.operations import METHODS, OPERATIONS
from rekog._settings.sources import FixedSource
from rekog.config import Config
from rekog.cost import Budget, Meter, PriceGroup, PriceTable, PriceTier
from rekog.cost._ledger import Ledger, StartedJob
from rekog.cost._prices import PRICES
from rekog.errors import (
    BudgetExceededError,
    ConfigError,
    ConnectionLostError,
    DecodeError,
    InvalidParameterException,
)
from tests.kit.backends import KEYS, PNG, Backend, Scripted, Step, Unused, error_reply, json_reply
from tests.kit.flows import no_release
from tests.kit.samples import arguments

THROTTLED = error_reply("ThrottlingException", "Rate exceeded")


def units(meter: Meter) -> dict[str, tuple[int, int]]:
    """Return the billed and the unconfirmed units of each group."""
    return {row.group: (int(row.quantity), int(row.unconfirmed)) for row in meter.rows()}


def billed(meter: Meter) -> dict[str, float]:
    """Return the billed units of each group."""
    return {row.group: float(row.quantity) for row in meter.rows()}


# --- What a call counts as ---------------------------------------------------------------------------------------

GROUPS = {
    "image-group-1": {
        "AssociateFaces", "CompareFaces", "DisassociateFaces", "IndexFaces", "SearchFaces", "SearchFacesByImage",
        "SearchUsers", "SearchUsersByImage",
    },
    "image-group-2": {
        "DetectFaces", "DetectLabels", "DetectModerationLabels", "DetectProtectiveEquipment", "DetectText",
        "RecognizeCelebrities",
    },
    "face-liveness": {"CreateFaceLivenessSession"},
}  # fmt: skip


def test_each_operation_counts_in_its_group_or_not_at_all() -> None:
    counted: dict[str, set[str]] = {}
    client = Backend("sync", None).client(Scripted(json_reply({"JobId": "1"})))
    for name in OPERATIONS:
        meter = Meter()
        client.with_options(meter=meter).call(name, arguments(name))
        for group in billed(meter):
            counted.setdefault(group, set()).add(name)
    assert counted == GROUPS


@pytest.mark.parametrize(
    ("features", "groups"),
    [
        (None, {"image-group-2": 1}),
        (["GENERAL_LABELS"], {"image-group-2": 1}),
        (["IMAGE_PROPERTIES"], {"image-properties": 1}),
        (["GENERAL_LABELS", "IMAGE_PROPERTIES"], {"image-group-2": 1, "image-properties": 1}),
    ],
)
def test_each_feature_of_detect_labels_is_counted(backend: Backend, features: Any, groups: dict[str, float]) -> None:
    meter = Meter()
    client = backend.client(Scripted(json_reply({"Labels": []})), meter=meter)
    backend.run(lambda: client.detect_labels(PNG, features=features))
    assert billed(meter) == groups


def test_stored_faces_are_those_of_the_response(backend: Backend) -> None:
    meter = Meter()
    script = Scripted(json_reply({"FaceRecords": ["a", "b", "c"]}), json_reply(), json_reply({"FaceRecords": []}))
    client = backend.client(script, meter=meter)
    for _ in range(3):
        backend.run(lambda: client.call("IndexFaces", {"CollectionId": "a", "Image": {"Bytes": PNG}}))
    assert billed(meter) == {"image-group-1": 3, "stored-faces": 3}
    assert meter.total == Decimal("0.00303")


@pytest.mark.parametrize(
    ("step", "row"),
    [
        (error_reply("InvalidParameterException"), None),
        (httpx.ConnectError("refused"), None),
        (httpx.WriteTimeout("slow"), None),
        (httpx.PoolTimeout("busy"), None),
        (httpx.ReadError("reset"), (0, 1)),
        (httpx.ReadTimeout("slow"), (0, 1)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failed_attempt_is_not_billed_and_a_lost_response_is_unconfirmed(
    backend: Backend, step: Step, row: tuple[int, int] | None
) -> None:
    meter = Meter()
    client = backend.client(Scripted(step), meter=meter, retry=RetryPolicy(mode="off"))
    with pytest.raises(Exception, match=r"DetectFaces"):
        backend.run(lambda: client.detect_faces(PNG))
    assert units(meter).get("image-group-2") == row


def test_a_retried_call_is_billed_once(backend: Backend) -> None:
    meter = Meter()
    script = Scripted(THROTTLED, httpx.ReadError("reset"), json_reply({"FaceDetails": []}))
    client = backend.client(script, meter=meter)
    backend.run(lambda: client.detect_faces(PNG))
    assert units(meter) == {"image-group-2": (1, 1)}


@pytest.mark.parametrize("content", [b"<html>", b"[]"])
def test_a_response_that_is_no_json_object_is_billed(backend: Backend, content: bytes) -> None:
    meter = Meter()
    client = backend.client(Scripted(json_reply()._replace(content=content)), meter=meter)
    with pytest.raises(DecodeError):
        backend.run(lambda: client.index_faces("people", PNG))
    assert billed(meter) == {"image-group-1": 1}


def test_a_cancelled_request_is_unconfirmed_and_a_cancelled_wait_is_not() -> None:
    meter = Meter()
    caller = watched(Caller(Config(region_name="eu-west-1", meter=(meter,)), FixedSource(KEYS)))
    waiting = caller.call(METHODS["search_faces"], collection_id="a", face_id="b")
    assert isinstance(next(waiting), TakeSlot)
    waiting.close()
    assert units(meter) == {}
    sent = caller.call(METHODS["search_faces"], collection_id="a", face_id="b")
    next(sent)
    assert isinstance(sent.send(no_release), HttpRequest)
    sent.close()
    assert units(meter) == {"image-group-1": (0, 1)}


# --- Video jobs --------------------------------------------------------------------------------------------------

STARTED = json_reply({"JobId": "job"})
RUNNING = json_reply({"JobStatus": "IN_PROGRESS"})
DONE = json_reply({"JobStatus": "SUCCEEDED", "VideoMetadata": {"DurationMillis": 90_000}})
FAILED = json_reply({"JobStatus": "FAILED"})
SEGMENTS = json_reply({"JobStatus": "SUCCEEDED", "VideoMetadata": [{"DurationMillis": 90_000}]})


def test_a_video_job_is_counted_once_by_its_duration(backend: Backend) -> None:
    meter = Meter()
    client = backend.client(Scripted(STARTED, RUNNING, DONE), meter=meter)
    backend.run(lambda: client.start_label_detection("s3://videos/b.mp4"))
    for _ in range(4):
        assert (meter.unfinished_jobs, billed(meter)) == ((1, {}) if meter.unfinished_jobs else (0, {"video": 1.5}))
        backend.run(lambda: client.get_label_detection("job"))
    assert (meter.unfinished_jobs, billed(meter), meter.total) == (0, {"video": 1.5}, Decimal("0.15"))


def test_the_duration_of_a_job_in_progress_is_not_counted(backend: Backend) -> None:
    meter = Meter()
    early = json_reply({"JobStatus": "IN_PROGRESS", "VideoMetadata": {"DurationMillis": 30_000}})
    client = backend.client(Scripted(STARTED, early, DONE), meter=meter)
    backend.run(lambda: client.start_label_detection("s3://videos/b.mp4"))
    backend.run(lambda: client.get_label_detection("job"))
    assert (meter.unfinished_jobs, billed(meter)) == (1, {})
    backend.run(lambda: client.get_label_detection("job"))
    assert (meter.unfinished_jobs, billed(meter)) == (0, {"video": 1.5})


def test_each_type_of_segment_is_counted(backend: Backend) -> None:
    meter = Meter()
    client = backend.client(Scripted(STARTED, SEGMENTS), meter=meter)
    backend.run(lambda: client.start_segment_detection("s3://videos/b.mp4", segment_types=["SHOT", "TECHNICAL_CUE"]))
    backend.run(lambda: client.get_segment_detection("job"))
    assert billed(meter) == {"video-segments": 3}


def test_a_failed_job_and_a_job_of_another_program_count_nothing(backend: Backend) -> None:
    meter = Meter()
    client = backend.client(Scripted(DONE, STARTED, STARTED, FAILED), meter=meter)
    backend.run(lambda: client.get_label_detection("other"))
    for _ in range(2):  # with one token, so that the service starts one job
        backend.run(lambda: client.start_label_detection("s3://videos/b.mp4", client_request_token="a"))
    assert meter.unfinished_jobs == 1
    assert "video jobs whose minutes are not known yet: 1" in str(meter)
    backend.run(lambda: client.get_label_detection("job"))
    assert (meter.unfinished_jobs, billed(meter)) == (0, {})


# --- Sums --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "cost"),
    [(0, "0"), (1, "0.001"), (1_000_000, "1000"), (1_000_001, "1000.0008"), (6_000_000, "4800"), ("40e6", "24200")],
)
def test_a_tier_applies_to_the_units_above_the_one_before(quantity: Any, cost: str) -> None:
    assert PriceTable.default().groups["image-group-1"].cost(quantity) == Decimal(cost)


def test_earlier_units_of_the_month_fill_the_tiers_and_are_not_in_the_sum() -> None:
    meter = Meter(earlier={"image-group-2": 999_999})
    meter.add("image-group-2", 2)
    assert meter.total == Decimal("0.0018")


def test_several_clients_and_threads_share_a_meter() -> None:
    meter = Meter()
    clients = [Backend("sync", None).client(Scripted(json_reply({"FaceDetails": []})), meter=meter) for _ in range(2)]

    def call_all() -> None:
        for client in clients * 10:
            client.detect_faces(PNG)

    threads = [threading.Thread(target=call_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert billed(meter) == {"image-group-2": 80}


def test_with_options_adds_a_meter_and_counts_once_in_each(backend: Backend) -> None:
    first, second = Meter(), Meter()
    client = backend.client(Scripted(json_reply({"FaceDetails": []})), meter=first)
    backend.run(lambda: client.with_options(meter=second).detect_faces(PNG))
    assert (billed(first), billed(second)) == ({"image-group-2": 1}, {"image-group-2": 1})
    backend.run(lambda: client.with_options(meter=[first, second]).detect_faces(PNG))
    assert (billed(first), billed(second)) == ({"image-group-2": 2}, {"image-group-2": 2})


def test_the_summary_is_a_table(backend: Backend) -> None:
    meter = Meter()
    client = backend.client(
        Scripted(json_reply({"FaceDetails": []}), httpx.ReadError("reset")), meter=meter, retry=RetryPolicy(mode="off")
    )
    backend.run(lambda: client.detect_faces(PNG))
    with pytest.raises(ConnectionLostError):
        backend.run(lambda: client.search_faces("people", face_id="11111111-2222-3333-4444-555555555555"))
    meter.add("custom-labels-inference", 1.5)
    assert str(meter).splitlines() == [
        "Amazon Rekognition in us-east-1, prices of 2026-11-30 in USD",
        "group                     quantity  unconfirmed     cost  unit",
        "Images, group 1                  0            1  0.00100  image",
        "Images, group 2                  1            0  0.00100  image",
        "Custom labels, inference       1.5            0  6.00000  hour and inference unit",
        "total                                            6.00200",
        "calls in eu-west-1 have the prices of us-east-1",
    ]
    assert repr(meter) == "<Meter: 6.00200 USD>"


def test_the_summary_names_the_regions_that_have_other_prices_only(backend: Backend) -> None:
    meter = Meter()
    here = backend.client(Scripted(json_reply({"FaceDetails": []})), meter=meter, region_name="us-east-1")
    backend.run(lambda: here.detect_faces(PNG))
    assert "calls in" not in str(meter)
    there = backend.client(Scripted(json_reply({"FaceDetails": []})), meter=meter, region_name="eu-west-1")
    backend.run(lambda: there.detect_faces(PNG))
    assert "calls in eu-west-1 have the prices of us-east-1" in str(meter)


def test_the_summary_of_an_unused_meter_has_its_total_only() -> None:
    assert str(Meter()).splitlines()[1:] == [
        "group  quantity  unconfirmed     cost  unit",
        "total                         0.00000",
    ]


def test_two_threads_that_read_the_results_of_a_job_count_it_once() -> None:
    ledger = Ledger(PriceTable.default(), {}, None)
    ledger.start_job("job", StartedJob("video", 1, {}))
    for _ in range(2):
        ledger.end_job("job", Decimal(1))
    assert ledger.total == Decimal("0.1")


def test_a_meter_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="a Budget cannot be pickled, because a copy would count apart"):
        pickle.dumps(Budget(5))


@pytest.mark.parametrize("value", [3, "meter", [Meter(), None], Meter], ids=["number", "text", "list", "class"])
def test_another_meter_is_refused(backend: Backend, value: Any) -> None:
    with pytest.raises(ConfigError, match=r"^meter must be a rekog\.cost\.Meter or Budget, or several of them, not"):
        backend.client(Unused(), meter=value)


@pytest.mark.parametrize("value", [-1, "a", None, True, float("nan"), float("inf")], ids=repr)
def test_another_quantity_is_refused(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"^quantity must be a number, 0 or more, not"):
        Meter().add("video", value)


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^there is no price group 'videos': there are image-group-1, "):
        Meter().add("videos", 1)
    with pytest.raises(ConfigError, match=r"^there is no price group 'videos'"):
        Meter(earlier={"videos": 1})


# --- Budgets -----------------------------------------------------------------------------------------------------


def test_a_call_that_would_pass_the_limit_is_not_sent(backend: Backend) -> None:
    budget, transport = Budget("0.0025"), Scripted(json_reply({"FaceDetails": []}))
    client = backend.client(transport, meter=budget)
    for _ in range(2):
        backend.run(lambda: client.detect_faces(PNG))
    with pytest.raises(BudgetExceededError) as caught:
        backend.run(lambda: client.detect_faces(PNG))
    error = caught.value
    assert (error.operation, error.limit, error.left, error.price) == (
        "DetectFaces", Decimal("0.0025"), Decimal("0.0005"), Decimal("0.001"),
    )  # fmt: skip
    assert str(error).startswith("DetectFaces was not sent: it costs up to 0.001")
    assert len(transport.sent) == 2
    backend.run(lambda: client.call("ListCollections", {}))  # costs nothing
    assert (budget.limit, budget.left, budget.total) == (Decimal("0.0025"), Decimal("0.0005"), Decimal("0.002"))
    assert str(budget).splitlines()[-1] == "limit 0.00250, left 0.00050"


def test_the_limit_itself_may_be_spent() -> None:
    budget = Budget(0.3)
    client = Backend("sync", None).client(Scripted(json_reply({"FaceDetails": []})), meter=budget)
    budget.add("video", 2.99)
    client.detect_faces(PNG)
    assert budget.left == 0
    with pytest.raises(BudgetExceededError):
        client.detect_faces(PNG)


class Together(Scripted):
    """Answers when as many requests as this have arrived."""

    def __init__(self, count: int) -> None:
        super().__init__(json_reply({"FaceDetails": []}))
        self._count, self._barrier = count, threading.Barrier(count)
        self._arrived = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._barrier.wait(60)
        return super().handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._arrived += 1
        with anyio.fail_after(60):
            while self._arrived < self._count:
                await anyio.lowlevel.checkpoint()
        return await super().handle_async_request(request)


def test_concurrent_calls_cannot_pass_the_limit(backend: Backend) -> None:
    budget, transport = Budget("0.003"), Together(3)
    client: Any = backend.client(transport, meter=budget)
    refused: list[BudgetExceededError] = []

    def call() -> None:
        try:
            client.detect_faces(PNG)
        except BudgetExceededError as error:
            refused.append(error)

    async def awaited() -> None:
        try:
            await client.detect_faces(PNG)
        except BudgetExceededError as error:
            refused.append(error)

    backend.together(*[backend.choose(call, awaited)] * 8)
    assert (len(transport.sent), len(refused), float(budget.left)) == (3, 5, 0.0)


def test_a_reserved_price_is_released_when_the_call_fails(backend: Backend) -> None:
    budget = Budget("0.001")
    script = Scripted(error_reply("InvalidParameterException"), json_reply({"FaceDetails": []}))
    client = backend.client(script, meter=budget)
    with pytest.raises(InvalidParameterException):
        backend.run(lambda: client.detect_faces(PNG))
    assert budget.left == Decimal("0.001")
    backend.run(lambda: client.detect_faces(PNG))
    assert budget.left == 0


def test_a_retry_after_a_lost_response_needs_its_price_again(backend: Backend) -> None:
    budget, transport = Budget("0.001"), Scripted(httpx.ReadError("reset"))
    client = backend.client(transport, meter=budget)
    with pytest.raises(BudgetExceededError) as caught:
        backend.run(lambda: client.detect_faces(PNG))
    assert len(transport.sent) == 1
    assert caught.value.__notes__[0].startswith("The attempt before ended in: ")
    assert units(budget) == {"image-group-2": (0, 1)}


def test_a_retry_after_an_error_of_the_service_uses_the_reserved_price(backend: Backend) -> None:
    budget = Budget("0.001")
    client = backend.client(Scripted(THROTTLED, json_reply({"FaceDetails": []})), meter=budget)
    backend.run(lambda: client.detect_faces(PNG))
    assert units(budget) == {"image-group-2": (1, 0)}


def test_the_second_of_two_budgets_may_refuse(backend: Backend) -> None:
    first, second = Budget(1), Budget(0)
    client = backend.client(Unused(), meter=[first, second])
    with pytest.raises(BudgetExceededError):
        backend.run(lambda: client.detect_faces(PNG))
    assert first.left == 1


@pytest.mark.parametrize(("most", "price"), [(None, "0.002"), (3, "0.00103"), (999, "0.002")])
def test_index_faces_reserves_the_faces_that_it_may_store(backend: Backend, most: int | None, price: str) -> None:
    members: dict[str, Any] = {"CollectionId": "people", "Image": {"Bytes": PNG}}
    members |= {} if most is None else {"MaxFaces": most}
    client = backend.client(Unused(), meter=Budget(0))
    with pytest.raises(BudgetExceededError) as caught:
        backend.run(lambda: client.call("IndexFaces", members))
    assert caught.value.price == Decimal(price)


@pytest.mark.parametrize(
    "name", ["CreateProjectVersion", "StartMediaAnalysisJob", "StartProjectVersion", "StartStreamProcessor"]
)
def test_an_operation_of_unknown_price_is_not_sent(backend: Backend, name: str) -> None:
    client = backend.client(Unused(), meter=Budget(1000))
    with pytest.raises(BudgetExceededError, match="its price is not known before it") as caught:
        backend.run(lambda: client.call(name, arguments(name)))
    assert caught.value.price is None


def test_a_video_job_needs_an_assumed_length(backend: Backend) -> None:
    client = backend.client(Unused(), meter=Budget(1000))
    with pytest.raises(BudgetExceededError, match="reserves 10 minutes for each start"):
        backend.run(lambda: client.start_label_detection("s3://videos/b.mp4"))


def test_a_video_job_reserves_its_assumed_minutes_until_its_results_are_read(backend: Backend) -> None:
    budget = Budget(1, video_minutes=10)
    client = backend.client(Scripted(STARTED, RUNNING, DONE), meter=budget)
    backend.run(lambda: client.start_label_detection("s3://videos/b.mp4"))
    assert (budget.left, budget.total) == (Decimal(0), Decimal(0))
    with pytest.raises(BudgetExceededError):
        backend.run(lambda: client.start_text_detection("s3://videos/b.mp4"))
    backend.run(lambda: client.get_label_detection("job"))
    assert budget.left == 0
    backend.run(lambda: client.get_label_detection("job"))
    assert (budget.left, budget.total) == (Decimal("0.85"), Decimal("0.15"))


def test_a_repeated_start_of_one_job_reserves_once(backend: Backend) -> None:
    budget = Budget(1, video_minutes=2)
    client = backend.client(Scripted(STARTED), meter=budget)
    for _ in range(3):
        backend.run(lambda: client.start_label_detection("s3://videos/b.mp4", client_request_token="a"))
    assert budget.left == Decimal("0.8")


# --- Tables of prices --------------------------------------------------------------------------------------------


def own_table(**changes: Any) -> PriceTable:
    return PriceTable.default().__replace__(**changes)


def test_dir_shows_the_public_names() -> None:
    assert dir(cost) == ["Amount", "Budget", "Meter", "MeterRow", "PriceGroup", "PriceTable", "PriceTier"]


def test_the_table_states_its_region_date_and_source() -> None:
    table = PriceTable.default()
    assert (table.region_name, table.currency, table.date.isoformat()) == ("us-east-1", "USD", "2026-11-30")
    assert "https://aws.amazon.com/rekognition/pricing/" in table.source
    assert {name for group in table.groups.values() for name in group.operations} <= OPERATIONS.keys()


def test_a_table_of_ones_own_replaces_the_prices(backend: Backend, tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    text = Path(PRICES).read_text("utf-8").replace('"USD"', '"EUR"').replace("price = 0.001 ", "price = 0.5 ")
    path.write_text(text, "utf-8")
    meter = Meter(PriceTable.read(path))
    client = backend.client(Scripted(json_reply({"FaceDetails": []})), meter=meter)
    backend.run(lambda: client.detect_faces(PNG))
    assert (meter.total, meter.rows()[0].currency, meter.prices.region_name) == (Decimal("0.5"), "EUR", "us-east-1")


def test_a_table_may_be_made_in_python() -> None:
    group = PriceGroup(title="Minutes", unit="minute", tiers=[PriceTier(price=2, up_to=10), PriceTier(price="0.5")])
    meter = Meter(own_table(groups={**PriceTable.default().groups, "video": group}))
    meter.add("video", 12)
    assert meter.total == 21


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"groups": {}}, "prices must have the groups image-properties, stored-faces, video, video-segments: "),
        ({"groups": 3}, "PriceTable.groups must be a mapping of names to groups"),
        ({"groups": {"a": 3}}, "PriceTable.groups.a must be a group with operations, tiers, title, unit"),
        ({"groups": {"a": {"title": "a", "unit": "b", "tiers": [{"prize": 1}]}}}, "must be tiers with price and up_to"),
        ({"groups": {"a": {"title": "a", "unit": "b", "tiers": 3}}}, "PriceGroup.tiers must be a list of tiers"),
        ({"groups": {"a": {"title": "a", "unit": "b", "tiers": []}}}, "each tier but the last must have an up_to"),
        (
            {"groups": {"a": {"title": "a", "unit": "b", "tiers": [{"price": 1}, {"price": 1}]}}},
            "PriceTable.groups.a: each tier but the last must have an up_to above the one before",
        ),
        (
            {"groups": {"a": {"title": "a", "unit": "b", "tiers": [{"price": 1, "up_to": 1}]}}},
            "PriceTable.groups.a: each tier but the last",
        ),
        *(
            (
                {"groups": {"a": {"title": "a", "unit": "b", "tiers": [{"price": 1, "up_to": end} for end in ends]}}},
                "PriceTable.groups.a: each tier but the last must have an up_to above the one before",
            )
            for ends in ([5, 5, None], [5, 3, None])
        ),
        ({"date": "2026-01-01"}, "PriceTable.date must be a date"),
        ({"region_name": 3}, "PriceTable.region_name must be a str"),
    ],
)
def test_a_malformed_table_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Meter(own_table(**change))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a = ", "cannot be read as a table of prices: "),
        ("region_name = 'a'", "must have region_name, currency, date, source, groups; see currency"),
        (None, "cannot be read as a table of prices: "),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "prices.toml"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(ConfigError) as caught:
        PriceTable.read(path)
    assert message in str(caught.value)
