"""Checkpoints: recorded outcomes, continued runs, killed runs, full disks, and files of other runs."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rekog._values.model import ResponseMetadata
from rekog.bulk import CheckpointError, Outcome, _checkpoints
from rekog.bulk._outcomes import Received
from rekog.errors import AccessDeniedException, ParamValidationError
from rekog.models import Image, S3Object
from tests.bulk.runs import SYNC, image, labelled, outcomes, walk
from tests.kit.backends import Backend, Scripted, Unused, error_reply, json_reply
from tests.kit.servers import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.kit.backends import Reply, Sent, Transport

HEADER = '{"format": "rekog.bulk", "version": 1, "operation": "DetectLabels", "parameters": {}}\n'
RECORD = '{"key": "a", "request_id": "r-1", "answer": {"Labels": [{"Name": "recorded", "Confidence": 90.0}]}}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "done.jsonl"


def named(source: bytes) -> str:
    return source[8:].decode()


def run_of(
    backend: Backend, file: Path, names: Iterable[str], transport: Transport | None = None, **arguments: Any
) -> Callable[[], object]:
    """Return a function that makes a run of DetectLabels over images with these names, which are their labels."""
    client = backend.client(transport or Scripted(labelled))
    arguments = {"key": named, **arguments}
    return lambda: client.bulk.detect_labels([image(name) for name in names], checkpoint=file, **arguments)


def found(backend: Backend, make: Callable[[], object]) -> list[tuple[str, str, bool]]:
    """Return the key, the label or the error, and the origin of each outcome."""
    return [
        (each.key, each.answer.labels[0].name if each.ok else type(each.error).__name__, each.from_checkpoint)
        for each in outcomes(backend, make)
    ]


def answered(key: str, body: bytes = b"{}") -> Outcome[str, Received]:
    """Return the outcome of a source whose response has arrived."""
    return Outcome(key, key, answer=Received(body, ResponseMetadata()))


# --- Recording and continuing ------------------------------------------------------------------------------------


def test_a_second_run_gives_the_recorded_answers_without_calls(backend: Backend, file: Path) -> None:
    first = found(backend, run_of(backend, file, "abc"))
    second = found(backend, run_of(backend, file, "abc", Unused()))
    assert first == [("a", "a", False), ("b", "b", False), ("c", "c", False)]
    assert second == [("a", "a", True), ("b", "b", True), ("c", "c", True)]


def test_new_sources_are_called_and_appended(backend: Backend, file: Path) -> None:
    walk(backend, run_of(backend, file, "ab"))
    transport = Scripted(labelled)
    assert [origin for *_, origin in found(backend, run_of(backend, file, "abcd", transport))] == [1, 1, 0, 0]
    assert len(transport.sent) == 2
    assert len(file.read_text().splitlines()) == 5


def test_the_file_has_a_header_and_an_object_for_each_source(backend: Backend, file: Path) -> None:
    walk(backend, run_of(backend, file, "a", max_labels=5, features=iter(["GENERAL_LABELS"])))
    header, record = map(json.loads, file.read_text().splitlines())
    assert header == {
        "format": "rekog.bulk",
        "version": 1,
        "operation": "DetectLabels",
        "parameters": {"features": ["GENERAL_LABELS"], "max_labels": 5},
    }
    assert list(record) == ["key", "request_id", "answer"]
    assert (record["key"], record["request_id"]) == ("a", "request-1")
    assert record["answer"]["Labels"][0]["Name"] == "a"


def test_a_recorded_answer_equals_the_received_one_and_has_its_request_id(backend: Backend, file: Path) -> None:
    (received,) = outcomes(backend, run_of(backend, file, "a"))
    (recorded,) = outcomes(backend, run_of(backend, file, "a"))
    assert recorded.answer == received.answer
    assert recorded.answer.response_metadata.request_id == "request-1"


def test_an_error_is_recorded_for_readers_and_called_again(backend: Backend, file: Path) -> None:
    refused = Scripted(error_reply("ImageTooLargeException", "too large"))
    assert found(backend, run_of(backend, file, "a", refused)) == [("a", "ImageTooLargeException", False)]
    record = json.loads(file.read_text().splitlines()[1])
    assert record["key"] == "a"
    assert record["error"]["type"] == "ImageTooLargeException"
    assert "too large" in record["error"]["message"]
    assert found(backend, run_of(backend, file, "a")) == [("a", "a", False)]
    assert found(backend, run_of(backend, file, "a", Unused())) == [("a", "a", True)]


def test_an_outcome_is_in_the_file_before_it_is_handed_out(backend: Backend, file: Path) -> None:
    def each(outcome: Any) -> None:
        assert f'"key": "{outcome.key}"' in file.read_text()

    assert walk(backend, run_of(backend, file, "abcdef"), each).progress.done == 6


def test_outcomes_that_were_not_handed_out_are_recorded(backend: Backend, file: Path) -> None:
    transport = Scripted(labelled)
    walk(backend, run_of(backend, file, map(str, range(100)), transport), lambda _outcome: True)
    assert len(file.read_text().splitlines()) == len(transport.sent) + 1


def test_finish_fills_the_checkpoint(backend: Backend, file: Path) -> None:
    make: Any = run_of(backend, file, "abc")
    assert backend.run(lambda: make().finish()).done == 3
    assert len(file.read_text().splitlines()) == 4


def test_the_progress_counts_recorded_answers(backend: Backend, file: Path) -> None:
    walk(backend, run_of(backend, file, "ab"))
    progress = walk(backend, run_of(backend, file, "abc")).progress
    assert (progress.done, progress.from_checkpoint, progress.total) == (3, 2, 3)


@SYNC
@pytest.mark.parametrize("encoded", ["as it is", "with line ends", "empty"])
def test_an_answer_is_recorded_as_it_was_received_in_one_line(backend: Backend, file: Path, encoded: str) -> None:
    wire = {"Labels": [{"Name": "Straße", "Confidence": 90.0}], "Later": {"Unknown": True}}
    texts = {
        "as it is": f"  {json.dumps(wire)}\r",
        "with line ends": json.dumps(wire, indent=1, ensure_ascii=False),
        "empty": "",
    }
    body = texts[encoded].encode()
    received = outcomes(backend, run_of(backend, file, "a", Scripted(json_reply()._replace(content=body))))
    (record,) = file.read_bytes().splitlines()[1:]
    assert ("Later" in json.loads(record)["answer"]) is (encoded != "empty")
    assert outcomes(backend, run_of(backend, file, "a", Unused()))[0].answer == received[0].answer


def test_a_body_in_utf_16_is_put_into_a_line_of_utf_8() -> None:
    body = '{"LabelModelVersion": "3.0"}'.encode("utf-16-le")  # orjson refuses it, and Python's module reads it
    assert _checkpoints.in_line(Received(body, ResponseMetadata())).body == b'{"LabelModelVersion": "3.0"}'


@pytest.mark.parametrize("body", [b'{"Labels": [}', b'{"Labels": 5}', b'{"Labels": [\n', b"[1]"])
def test_a_response_that_cannot_be_decoded_is_recorded_as_an_error_and_called_again(
    backend: Backend, file: Path, body: bytes
) -> None:
    broken = json_reply()._replace(content=body)
    make = run_of(backend, file, "a", Scripted(broken))
    assert found(backend, make) == [("a", "DecodeError", False)]
    records = [json.loads(line) for line in file.read_bytes().splitlines()[1:]]
    assert not any("answer" in record for record in records)
    assert [record["error"]["type"] for record in records if "error" in record] == ["DecodeError"]
    assert found(backend, run_of(backend, file, "a")) == [("a", "a", False)]


def test_a_broken_answer_that_cannot_be_removed_ends_the_run(
    backend: Backend, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str, mode: str, **options: Any) -> Any:
        if mode == "r+b":
            raise PermissionError(errno.EACCES, "Permission denied")
        return open(path, mode, **options)

    monkeypatch.setattr(_checkpoints, "open", refused, raising=False)
    with pytest.raises(CheckpointError, match="cannot be written: Permission denied"):
        walk(backend, run_of(backend, file, "a", Scripted(json_reply()._replace(content=b'{"Labels": 5}'))))


def test_a_line_is_found_among_others(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rekog._generated.operations import DETECT_LABELS

    monkeypatch.setattr(_checkpoints, "WINDOW", 1)
    checkpoint = _checkpoints.Checkpoint(file, DETECT_LABELS)
    checkpoint.open({})
    for key in "abcdef":
        checkpoint.add(answered(key, b'{"Labels": 5}'))
    checkpoint.flush()
    checkpoint.retract("b", Received(b'{"Labels": 5}', ResponseMetadata()))
    checkpoint.close()
    records = [json.loads(line) for line in file.read_bytes().splitlines()[1:]]
    assert [record["key"] for record in records if "answer" in record] == list("acdef")
    assert records[1] == {"key": "b"}


class FullDisk:
    """A file that takes some bytes and then no more."""

    def __init__(self, file: Any, room: int) -> None:
        self._file = file
        self._room = room

    def write(self, data: memoryview[int]) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = min(len(data), self._room, 30)  # in pieces, as a system call may
        self._room -= taken
        self._file.write(data[:taken])
        return taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def test_outcomes_that_arrive_together_are_written_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rekog._generated.operations import DETECT_LABELS

    written: list[bytes] = []

    class Counted(FullDisk):
        def write(self, data: memoryview[int]) -> int:
            written.append(bytes(data))
            return len(data)

    checkpoint = _checkpoints.Checkpoint(file, DETECT_LABELS)
    checkpoint.open({})
    monkeypatch.setattr(checkpoint, "_written", Counted(checkpoint._written, 0))  # pyright: ignore[reportPrivateUsage]
    for key in "abc":
        checkpoint.add(answered(key))
    checkpoint.flush()
    checkpoint.flush()  # nothing is left
    checkpoint.retract("d", Received(b"{}", ResponseMetadata()))  # its line was not written, because the disk was full
    assert [[json.loads(line)["key"] for line in each.splitlines()] for each in written] == [["a", "b", "c"]]
    checkpoint.close()


@pytest.mark.parametrize("taken", [0, 1, 1000])
def test_a_line_whose_write_was_interrupted_is_in_the_file_once(
    file: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    from rekog._generated.operations import DETECT_LABELS

    interrupts = [True]

    class Interrupted(FullDisk):
        def write(self, data: memoryview[int]) -> int:
            if interrupts:
                interrupts.clear()
                self._file.write(data[: self._room])
                raise KeyboardInterrupt
            self._file.write(data)
            return len(data)

    checkpoint = _checkpoints.Checkpoint(file, DETECT_LABELS)
    checkpoint.open({})
    written: Any = checkpoint._written  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(checkpoint, "_written", Interrupted(written, taken))
    checkpoint.add(answered("a"))
    with pytest.raises(KeyboardInterrupt):
        checkpoint.flush()
    checkpoint.add(answered("b"))
    checkpoint.close()
    assert [json.loads(line)["key"] for line in file.read_bytes().splitlines()[1:]] == ["a", "b"]


def test_an_outcome_that_is_added_twice_has_one_line(file: Path) -> None:
    from rekog._generated.operations import DETECT_LABELS

    checkpoint = _checkpoints.Checkpoint(file, DETECT_LABELS)
    checkpoint.open({})
    outcome = answered("a")
    for flushes in (False, True, False):
        checkpoint.add(outcome)
        if flushes:
            checkpoint.flush()
    checkpoint.close()
    assert [json.loads(line)["key"] for line in file.read_bytes().splitlines()[1:]] == ["a"]


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("step", ["add", "flush"])
def test_an_interrupt_while_outcomes_are_recorded_loses_none(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: str, lines: int
) -> None:
    usual: Callable[..., None] = getattr(_checkpoints.Checkpoint, step)
    interrupts = [True]

    def interrupted(*arguments: object) -> None:
        if threading.current_thread() is threading.main_thread() and interrupts and run.progress.seconds:
            interrupts.clear()
            raise KeyboardInterrupt
        usual(*arguments)

    def answered_late(sent: Sent) -> Reply:
        assert until(lambda: run._listening)  # pyright: ignore[reportPrivateUsage]  # the program waits
        reply = labelled(sent)
        return reply._replace(content=reply.content + b"\n" * (lines - 1))

    backend = Backend("sync", None)
    run: Any = run_of(backend, file, "a", Scripted(answered_late))()
    monkeypatch.setattr(_checkpoints.Checkpoint, step, interrupted)
    with pytest.raises(KeyboardInterrupt), run:
        list(run)
    assert not interrupts
    assert found(backend, run_of(backend, file, "a", Unused())) == [("a", "a", True)]
    backend.close_all()


# --- Keys --------------------------------------------------------------------------------------------------------

NAMED: dict[str, tuple[Any, str]] = {
    "text": ("photos/a.jpg", "photos/a.jpg"),
    "path": (Path("photos", "a.jpg"), "photos/a.jpg"),
    "URL": ("s3://bucket/a.jpg", "s3://bucket/a.jpg"),
    "S3Object": (S3Object(bucket="bucket", name="a.jpg"), "s3://bucket/a.jpg"),
    "version": (S3Object(bucket="bucket", name="a.jpg", version="7"), "s3://bucket/a.jpg?versionId=7"),
    "Image": (Image(s3_object=S3Object(bucket="bucket", name="a.jpg")), "s3://bucket/a.jpg"),
}


class OtherPath(os.PathLike[str]):
    def __fspath__(self) -> str:
        return "other/a.jpg"


@SYNC
@pytest.mark.parametrize("name", [*NAMED, "PathLike"])
def test_a_source_with_a_name_is_its_own_key(backend: Backend, file: Path, name: str) -> None:
    source, key = NAMED.get(name, (OtherPath(), "other/a.jpg"))
    client = backend.client(Scripted(json_reply({"Labels": []})))
    (outcome,) = outcomes(backend, lambda: client.bulk.detect_labels([source], checkpoint=file))
    assert outcome.key == key


def test_bytes_need_a_key_for_the_checkpoint_only(backend: Backend, file: Path) -> None:
    client = backend.client(Scripted(labelled))
    (outcome,) = outcomes(backend, lambda: client.bulk.detect_labels([image("a")]))
    assert outcome.key == "0"
    with pytest.raises(ParamValidationError, match=r"key: a bytes \(source 0\) has no name for the checkpoint: give"):
        walk(backend, lambda: client.bulk.detect_labels([image("a")], checkpoint=file))


@SYNC
def test_one_key_for_two_sources_is_refused(backend: Backend, file: Path) -> None:
    def same(_source: object) -> str:
        return "same"

    with pytest.raises(ParamValidationError, match=r"key: returned 'same' for two sources \(the second is source 1\)"):
        walk(backend, run_of(backend, file, "ab", key=same))


@SYNC
def test_a_path_may_occur_twice(backend: Backend, file: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(image("a"))
    client = backend.client(Scripted(labelled))
    assert len(outcomes(backend, lambda: client.bulk.detect_labels([path, path], checkpoint=file))) == 2
    again = outcomes(backend, lambda: client.bulk.detect_labels([path, path], checkpoint=file))
    assert [outcome.from_checkpoint for outcome in again] == [True, True]


@SYNC
def test_a_key_may_have_any_characters(backend: Backend, file: Path) -> None:
    key = 'an "odd"\nname\udc80ü'

    def function(_source: object) -> str:
        return key

    walk(backend, run_of(backend, file, "a", key=function))
    assert found(backend, run_of(backend, file, "a", Unused(), key=function)) == [(key, "a", True)]


# --- Files of other runs -----------------------------------------------------------------------------------------

OTHERS = {
    "another file": ("some notes\n", "exists and is no checkpoint: give another path"),
    "other JSON": ('{"a": 1}\n', "exists and is no checkpoint"),
    "without an end": ('{"format": "rekog.bulk"}', "exists and is no checkpoint"),
    "an image": (image("a").decode("latin-1"), "exists and is no checkpoint"),
    "a later version": (HEADER.replace("1", "2"), "has version 2; this version of rekog reads 1"),
    "another operation": (HEADER.replace("Labels", "Text"), "is of DetectText, not of DetectLabels: give another path"),
    "another argument": (HEADER.replace("{}", '{"max_labels": 5}'), "other parameters: max_labels was 5 and is None"),
    "a line that is no record": (f"{HEADER}[]\n{RECORD}", "has no record in line 2: repair or remove that line"),
    "a line that is not JSON": (f"{HEADER}{RECORD}\0\0\n{RECORD}", "has no record in line 3"),
    "a line without a key": (f'{HEADER}{{"answer": {{}}}}\n', "has no record in line 2"),
}


@SYNC
@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_run_is_refused_and_left_as_it_is(backend: Backend, file: Path, name: str) -> None:
    content, problem = OTHERS[name]
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(CheckpointError) as caught:
        walk(backend, run_of(backend, file, "a", Unused()))
    assert problem in str(caught.value)
    assert repr(str(file)) in str(caught.value)
    assert file.read_bytes() == content.encode("latin-1")


@SYNC
@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ({"max_labels": 5}, {"max_labels": 6}, "max_labels was 5 and is 6"),
        ({}, {"settings": {"general_labels": {"label_inclusion_filters": ["Cat"]}}}, "settings was None and is"),
    ],
)
def test_a_run_with_other_parameters_is_refused_by_their_name(
    backend: Backend, file: Path, before: dict[str, Any], after: dict[str, Any], difference: str
) -> None:
    walk(backend, run_of(backend, file, "a", **before))
    with pytest.raises(CheckpointError, match=difference):
        walk(backend, run_of(backend, file, "a", Unused(), **after))


def test_another_source_image_of_a_comparison_is_another_parameter(backend: Backend, file: Path) -> None:
    client = backend.client(Scripted(json_reply({"FaceMatches": []})))

    def make(name: str) -> Any:
        return lambda: client.bulk.compare_faces([image("t")], source_image=image(name), checkpoint=file, key=named)

    walk(backend, make("s"))
    assert outcomes(backend, make("s"))[0].from_checkpoint
    with pytest.raises(CheckpointError, match=r"source_image was .*sha256:.* and is .*sha256:"):
        walk(backend, make("other"))


def test_a_folder_that_is_missing_is_an_error(backend: Backend, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be opened: No such file or directory"):
        walk(backend, run_of(backend, tmp_path / "none" / "done.jsonl", "a", Unused()))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_device_and_a_pipe_are_errors(backend: Backend, file: Path) -> None:
    os.mkfifo(file)
    for path in (file, Path(os.devnull)):
        with pytest.raises(CheckpointError, match="is a device or a pipe: give the path of a file"):
            walk(backend, run_of(backend, path, "a", Unused()))


def test_a_file_that_changed_during_the_run_is_an_error(backend: Backend, file: Path) -> None:
    between = RECORD.replace('"a"', '"c"').replace(
        "recorded", "recorded" * io.DEFAULT_BUFFER_SIZE
    )  # longer than the buffer of a file
    file.write_text(HEADER + RECORD + between + RECORD.replace('"a"', '"b"'))

    def each(_outcome: object) -> None:
        file.write_text("x" * 500)

    with pytest.raises(CheckpointError, match="has no readable answer of 'b'"):
        walk(backend, run_of(backend, file, "ab", Unused()), each)


# --- Killed runs -------------------------------------------------------------------------------------------------


@SYNC
@pytest.mark.parametrize("length", [1, 20, len(RECORD) - 1])
def test_a_last_line_that_was_cut_is_removed_and_called_again(backend: Backend, file: Path, length: int) -> None:
    file.write_text(HEADER + RECORD + RECORD.replace('"a"', '"b"')[:length])
    assert found(backend, run_of(backend, file, "ab")) == [("a", "recorded", True), ("b", "b", False)]
    assert [json.loads(line).get("key") for line in file.read_text().splitlines()] == [None, "a", "b"]


@SYNC
@pytest.mark.parametrize("length", [0, 1, len(HEADER) - 1])
def test_a_file_that_was_cut_within_its_header_is_a_new_one(backend: Backend, file: Path, length: int) -> None:
    file.write_text(HEADER[:length])
    walk(backend, run_of(backend, file, "a"))
    assert file.read_text().startswith(HEADER)
    assert len(file.read_text().splitlines()) == 2


KILLED = """
import os, sys
from rekog import RekognitionClient, Credentials
from tests.bulk.runs import image, labelled
from tests.kit.backends import Scripted
client = RekognitionClient("eu-west-1", credentials=Credentials("a", "b"), transport=Scripted(labelled))
images = [image(str(number)) for number in range(10**6)]
with client.bulk.detect_labels(images, checkpoint=sys.argv[1], key=lambda source: source[8:].decode()) as run:
    for outcome in run:
        os.write(1, f"{outcome.key}\\n".encode())
"""


def test_a_killed_run_has_recorded_all_that_it_has_reported(file: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(file)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    reported = [process.stdout.readline() for _ in range(100)]
    process.kill()
    reported += process.stdout.readlines()
    process.communicate(timeout=60)
    keys = {line.decode().strip() for line in reported if line.endswith(b"\n")}
    lines = file.read_bytes().splitlines(keepends=True)
    recorded = {json.loads(line)["key"] for line in lines[1:] if line.endswith(b"\n")}
    assert len(keys) >= 100
    assert keys <= recorded
    later = Backend("sync", None)
    assert {key for key, _, origin in found(later, run_of(later, file, keys, Unused())) if origin} == keys
    later.close_all()


# --- Full disks --------------------------------------------------------------------------------------------------


def full_disk(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    def opened(path: str, mode: str, **options: Any) -> Any:
        file = open(path, mode, **options)  # noqa: SIM115 (closed by the checkpoint)
        return FullDisk(file, room) if mode == "ab" else file

    monkeypatch.setattr(_checkpoints, "open", opened, raising=False)


def test_a_full_disk_ends_the_run_after_the_outcomes_that_have_arrived(
    backend: Backend, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_disk(monkeypatch, 500)
    taken: list[Any] = []
    with pytest.raises(CheckpointError, match="cannot be written: No space left on device; the run ends"):
        walk(backend, run_of(backend, file, map(str, range(60))), taken.append)
    lines = file.read_bytes().splitlines(keepends=True)
    assert 1 < len(lines) < 10
    assert all(line.endswith(b"}\n") for line in lines)  # no part of a line is left
    assert len(taken) >= len(lines)  # the answers that could not be recorded are handed out too
    monkeypatch.undo()
    assert sum(origin for *_, origin in found(backend, run_of(backend, file, map(str, range(60))))) == len(lines) - 1


def test_a_full_disk_after_break_is_an_error_too(backend: Backend, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full_disk(monkeypatch, 300)
    transport = Scripted(labelled)
    with pytest.raises(CheckpointError, match="cannot be written"):
        walk(
            backend,
            run_of(backend, file, map(str, range(100)), transport),
            lambda _outcome: len(transport.sent) > 6,
        )


def test_a_full_disk_at_the_header_is_an_error_and_sends_nothing(
    backend: Backend, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full_disk(monkeypatch, 10)
    with pytest.raises(CheckpointError, match="cannot be written: No space left on device"):
        walk(backend, run_of(backend, file, "a", Unused()))
    assert file.read_bytes() == b""


def test_a_file_that_cannot_be_synced_is_an_error(
    backend: Backend, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(CheckpointError, match="cannot be synced: Input/output error"):
        walk(backend, run_of(backend, file, "a"))


def test_a_worker_that_outlives_an_interrupted_program_writes_nothing(file: Path) -> None:
    from rekog._generated.operations import DETECT_LABELS

    checkpoint = _checkpoints.Checkpoint(file, DETECT_LABELS)
    checkpoint.open({})
    checkpoint.close()
    checkpoint.add(Outcome("a", "a", error=AccessDeniedException("no")))
    checkpoint.flush()
    checkpoint.close()
    assert checkpoint.answer("a") is None
    assert file.read_text() == HEADER


def test_an_error_that_ends_the_run_is_not_recorded(backend: Backend, file: Path) -> None:
    def refused(sent: Sent) -> Reply:
        return error_reply("AccessDeniedException", "no")

    with pytest.raises(AccessDeniedException):
        walk(backend, run_of(backend, file, "ab", Scripted(refused)))
    assert file.read_text() == HEADER
