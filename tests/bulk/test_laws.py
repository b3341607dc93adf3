"""Laws of runs: each source has one outcome and one call, within the limits, over any failures, ends and repeats."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rekog import RekognitionClient
from rekog.bulk import BulkProgress, BulkRun, TooManyFailuresError
from rekog.errors import RekogError
from tests.bulk.runs import image, labelled
from tests.kit.backends import AT_ONCE, KEYS, Scripted, Unused, error_reply, json_reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rekog.models import DetectLabelsResponse
    from tests.kit.backends import Reply, Sent, Transport

URLS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["s3://", "S3://"]),
    st.text(max_size=4) | st.just("bucket"),
    st.sampled_from(["/", ""]),
    st.text(max_size=4) | st.just("photos/ä b.jpg"),
)
CONTENTS = st.builds(
    bytes.__add__, st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"/9j/"]), st.binary(max_size=9)
)
FEW = settings(max_examples=12, deadline=None)


def client_of(transport: Transport, **arguments: Any) -> RekognitionClient:
    return RekognitionClient("eu-west-1", credentials=KEYS, transport=transport, retry=AT_ONCE, **arguments)


@settings(max_examples=40, deadline=None)
@given(source=URLS | CONTENTS, strict=st.booleans())
@example("s3://ab/a", False)  # the bucket is too short
@example("s3://a bucket/a", True)  # of letters that only `strict` refuses
@example(image("without a header"), True)
@example(image("x" * 5_242_872), False)
@example(image("x" * 5_242_873), False)  # one byte is too many
def test_a_run_sends_an_image_as_the_method_of_the_client_does(source: str | bytes, strict: bool) -> None:
    transport = Scripted(json_reply({"Labels": []}))
    client = client_of(transport, strict=strict)
    with client.bulk.detect_labels([source], max_labels=5) as run:
        (outcome,) = run
    try:
        client.detect_labels(source, max_labels=5)
        expected = None
    except RekogError as error:
        expected = str(error)
    assert (None if outcome.error is None else str(outcome.error)) == expected
    assert [sent.wire for sent in transport.sent[:1]] == [sent.wire for sent in transport.sent[1:]]


@FEW
@given(
    fails=st.lists(st.booleans(), max_size=12),
    concurrency=st.integers(1, 4),
    max_failures=st.none() | st.integers(0, 4),
    taken=st.none() | st.integers(1, 12),
)
def test_a_run_over_any_failures(
    fails: list[bool], concurrency: int, max_failures: int | None, taken: int | None
) -> None:
    lock = threading.Lock()
    called: list[int] = []
    seen: list[BulkProgress] = []
    pulled = under_way = most = held = 0

    def sources() -> Iterator[int]:
        nonlocal pulled, held
        for source in range(len(fails)):
            pulled += 1
            held = max(held, pulled - len(seen))
            yield source

    def function(source: int) -> int:
        nonlocal under_way, most
        with lock:
            called.append(source)
            under_way += 1
            most = max(most, under_way)
        with lock:
            under_way -= 1
        if fails[source]:
            raise RekogError(f"no {source}")
        return source * source

    run = client_of(Unused()).bulk.map(
        function, sources(), concurrency=concurrency, max_failures=max_failures, on_progress=seen.append
    )
    found: list[int] = []
    passed = max_failures is not None and sum(fails) > max_failures
    with suppress(TooManyFailuresError), run:
        for outcome in run:
            assert (outcome.key, outcome.from_checkpoint) == (str(outcome.source), False)
            assert (str(outcome.error), outcome.ok) == (
                (f"no {outcome.source}", False) if fails[outcome.source] else ("None", True)
            )
            assert fails[outcome.source] or outcome.answer == outcome.source**2
            found.append(outcome.source)
            if len(found) == taken:
                break
        else:
            assert not passed
            assert sorted(found) == list(range(len(fails)))
    assert len(set(found)) == len(found)
    assert len(set(called)) == len(called) >= len(found)
    assert most <= concurrency
    assert held <= 2 * concurrency
    last = run.progress
    assert [progress.done for progress in seen] == list(range(1, len(found) + 1))
    assert (last.done, last.failed, last.from_checkpoint) == (len(found), sum(fails[each] for each in found), 0)
    if passed and taken is None:
        assert max_failures is not None
        assert last.failed > max_failures


@FEW
@given(
    names=st.lists(st.tuples(st.text(max_size=3), st.booleans()), max_size=8, unique_by=lambda pair: pair[0]),
    taken=st.integers(0, 8),
    cut=st.integers(0, 30),
)
def test_runs_with_one_checkpoint_call_each_source_until_it_has_an_answer(
    names: list[tuple[str, bool]], taken: int, cut: int
) -> None:
    fails = {f"source {name}": fails for name, fails in names}
    wire = Scripted(lambda sent: error_or_label(sent, fails))
    client = client_of(wire)
    sources = [image(name) for name in fails]

    with TemporaryDirectory() as folder:
        path = Path(folder, "labels.jsonl")

        def make() -> BulkRun[bytes, DetectLabelsResponse]:
            return client.bulk.detect_labels(sources, key=key_of, checkpoint=path, concurrency=2)

        with make() as first:
            reported = dict(zip(range(taken), first, strict=False)) if taken else {}
        recorded = {json.loads(line)["key"]: "answer" in json.loads(line) for line in path.read_text().splitlines()[1:]}
        assert recorded.keys() >= {outcome.key for outcome in reported.values()}
        assert recorded == {key: not fails[key] for key in recorded}
        assert len(wire.sent) == len(recorded)
        whole = path.read_bytes()
        torn = whole.splitlines(keepends=True)[-1][: -1 - cut]  # a line that a killed process has not finished
        path.write_bytes(whole + torn)
        wire.sent.clear()
        with make() as second:
            found = {outcome.key: outcome for outcome in second}
        known = {key for key, answered in recorded.items() if answered}
        assert found.keys() == fails.keys()
        assert {key for key, outcome in found.items() if outcome.from_checkpoint} == known
        assert len(wire.sent) == len(fails) - len(known)
        for key, outcome in found.items():
            assert outcome.ok is not fails[key]
            assert fails[key] or outcome.answer.labels[0].name == key
            assert fails[key] or outcome.answer.response_metadata.request_id == "request-1"
        progress = second.progress
        assert (progress.total, progress.done, progress.failed) == (len(fails), len(fails), sum(fails.values()))
        assert progress.from_checkpoint == len(known)
        assert path.read_bytes().startswith(whole)


def key_of(source: bytes) -> str:
    return source[8:].decode()


def error_or_label(sent: Sent, fails: dict[str, bool]) -> Reply:
    reply = labelled(sent)
    name: str = json.loads(reply.content)["Labels"][0]["Name"]
    return error_reply("ImageTooLargeException", name) if fails[name] else reply
