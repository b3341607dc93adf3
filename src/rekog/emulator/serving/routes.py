"""The routes of the control API: one function and one row of `ROUTES` each, over the emulator's own methods."""

from __future__ import annotations

import json
import tempfile
import tomllib
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast
from urllib.parse import unquote

import attrs

from ... import models
from ..._core.wire import from_wire
from ..._values.narrow import is_mapping, is_sequence
from ..front.faults import Fault
from ..settings import Durations, ManualClock

if TYPE_CHECKING:
    from ..emulator import Emulator
    from ..front.calls import Call
    from ..services.sns import Notification

PREFIX = "/_rekog/"

Json: TypeAlias = "Mapping[str, object]"


class Asked(NamedTuple):
    """A request to a route: what is behind its path, its query, and its body."""

    rest: str
    query: Mapping[str, str]
    body: bytes
    content_type: str

    def members(self, *allowed: str, required: tuple[str, ...] = ()) -> dict[str, object]:
        """Return the body's members, of which there may be no others than these."""
        said: object = json.loads(self.body or b"{}")
        if not is_mapping(said):
            raise ValueError("the body must be a JSON object")
        if unknown := set(said) - {*allowed, *required}:
            raise ValueError(
                f"no such member: {', '.join(sorted(unknown))}; there are {', '.join([*required, *allowed])}"
            )
        if missing := set(required) - set(said):
            raise ValueError(f"required: {', '.join(sorted(missing))}")
        return dict(said)


class Route(NamedTuple):
    """A method and a path below the prefix (one that ends in / has more behind it), what is done, and what it says."""

    method: str
    path: str
    run: Callable[[Emulator, Asked], Json | bytes]
    says: str


# --- What the routes do -------------------------------------------------------------------------------------------


def _routes(_emulator: Emulator, _asked: Asked) -> Json:
    return {"routes": [{"method": each.method, "path": PREFIX + each.path, "says": each.says} for each in ROUTES]}


def _health(_emulator: Emulator, _asked: Asked) -> Json:
    return {"status": "ok", "version": _version()}


@cache
def _version() -> str:
    return version("rekog")


def _declare(emulator: Emulator, asked: Asked) -> Json:
    toml = asked.content_type == "application/toml"
    document: object = tomllib.loads(asked.body.decode()) if toml else json.loads(asked.body)
    if is_mapping(document) and "of" in document:
        document = {"declare": [document]}
    emulator.declare_document(document)
    return {}


def _forget(emulator: Emulator, asked: Asked) -> Json:
    said = asked.members("of", "capabilities")
    of = said.get("of")
    emulator.forget(None if of is None else _named(of), *_texts(said.get("capabilities", [])))
    return {}


def _put_object(emulator: Emulator, asked: Asked) -> Json:
    return {"version_id": emulator.put_object(*_place(asked), asked.body)}


def _get_object(emulator: Emulator, asked: Asked) -> bytes:
    return emulator.get_object(*_place(asked), asked.query.get("version_id"))


def _get_clock(emulator: Emulator, _asked: Asked) -> Json:
    return {"now": emulator.clock(), "manual": isinstance(emulator.clock, ManualClock)}


def _advance_clock(emulator: Emulator, asked: Asked) -> Json:
    seconds = asked.members(required=("advance",))["advance"]
    clock = emulator.clock
    if not isinstance(clock, ManualClock):
        raise TypeError("the clock is not a manual one: start the emulator with --clock manual")
    clock.advance(cast("float", seconds))  # cast: it checks what JSON says
    return {"now": clock()}


def _get_durations(emulator: Emulator, _asked: Asked) -> Json:
    return attrs.asdict(emulator.durations)


def _set_durations(emulator: Emulator, asked: Asked) -> Json:
    emulator.durations = Durations.of(json.loads(asked.body))
    return attrs.asdict(emulator.durations)


def _list_faults(emulator: Emulator, _asked: Asked) -> Json:
    return {"faults": [_fault(fault) for fault in emulator.faults.listed]}


def _add_fault(emulator: Emulator, asked: Asked) -> Json:
    said = asked.members(*(field.name for field in attrs.fields(Fault)))
    if is_sequence(said.get("latency")):
        said["latency"] = tuple(cast("list[float]", said["latency"]))  # cast: Fault checks it
    add = cast("Callable[..., Fault]", emulator.faults.add)  # cast: Fault checks what JSON says
    return _fault(add(**said))


def _throttle(emulator: Emulator, asked: Asked) -> Json:
    said = asked.members("region")
    _check_texts(said, "region")
    throttle = cast("Callable[..., None]", emulator.faults.throttle_by_tps)  # cast: it was checked
    throttle(**said)
    return {}


def _clear_faults(emulator: Emulator, _asked: Asked) -> Json:
    emulator.faults.clear()
    return {}


def _declare_liveness(emulator: Emulator, asked: Asked) -> Json:
    said = asked.members(
        "status", "confidence", "reference_image", "audit_images", "challenge", "feedback", "sdk_type",
        required=("session_id",),
    )  # fmt: skip
    if said.get("reference_image") is not None:
        said["reference_image"] = _audit_image(said["reference_image"])
    said["audit_images"] = [_audit_image(image) for image in _items(said.get("audit_images", []))]
    if said.get("challenge") is not None:
        said["challenge"] = from_wire(models.Challenge, _object(said["challenge"]))
    said["feedback"] = [from_wire(models.FeedbackItem, _object(item)) for item in _items(said.get("feedback", []))]
    _check_texts(said, "status", "sdk_type", required=("session_id",))
    session = said.pop("session_id")
    declare = cast("Callable[..., None]", emulator.declare_liveness)  # cast: it checks what JSON says
    declare(session, **said)
    return {}


def _declare_version(emulator: Emulator, asked: Asked) -> Json:
    said = asked.members("f1_score", "status", "message", required=("project_version_arn",))
    _check_texts(said, "status", "message", required=("project_version_arn",))
    declare = cast("Callable[..., None]", emulator.declare_version)  # cast: it checks what JSON says
    declare(**said)
    return {}


def _declare_stream(emulator: Emulator, asked: Asked) -> Json:
    said = asked.members("message", required=("stream_processor_arn", "status"))
    _check_texts(said, "message", required=("stream_processor_arn", "status"))
    declare = cast("Callable[..., None]", emulator.declare_stream_processor)  # cast: it checks what JSON says
    declare(**said)
    return {}


def _enrol(emulator: Emulator, asked: Asked) -> Json:
    said = asked.members("id", "urls", "gender", required=("name", "pictures"))
    _check_texts(said, "id", "gender", required=("name",))
    name = said.pop("name")
    images = [_image(text) for text in _texts(said.pop("pictures"))]
    enrol = cast("Callable[..., str]", emulator.enrol_celebrity)  # cast: it checks what JSON says
    return {"id": enrol(name, images, **said)}


def _reset(emulator: Emulator, asked: Asked) -> Json:
    said = asked.members("account", "region")
    _check_texts(said, "account", "region")
    reset = cast("Callable[..., None]", emulator.reset)  # cast: it was checked
    reset(**said)
    return {}


def _snapshot(emulator: Emulator, _asked: Asked) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot"
        emulator.snapshot(file)
        return file.read_bytes()


def _restore(emulator: Emulator, asked: Asked) -> Json:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot"
        file.write_bytes(asked.body)
        emulator.restore(file)
    return {}


def _list_calls(emulator: Emulator, asked: Asked) -> Json:
    wanted = asked.query.get("operation")
    calls = emulator.calls if wanted is None else emulator.calls.of(wanted)
    return {"calls": [_call(call) for call in calls]}


def _clear_calls(emulator: Emulator, _asked: Asked) -> Json:
    emulator.calls.clear()
    return {}


def _list_notifications(emulator: Emulator, _asked: Asked) -> Json:
    return {"notifications": [_notification(each) for each in emulator.notifications]}


# --- From and to JSON ---------------------------------------------------------------------------------------------


def _check_texts(said: Json, *names: str, required: tuple[str, ...] = ()) -> None:
    """Refuse members that are not text; only those that are required may not be null either."""
    for name in (*names, *required):
        value = said.get(name)
        if not isinstance(value, str) and (value is not None or name in required):
            raise TypeError(f"{name} must be text, not {value!r}")


def _place(asked: Asked) -> tuple[str, str]:
    bucket, _, key = asked.rest.partition("/")
    if not bucket or not key:
        raise ValueError(f"the path must be {PREFIX}objects/BUCKET/KEY")
    return unquote(bucket), unquote(key)


def _named(text: object) -> str:
    """Return the name of a picture; over HTTP no file of the server can be named."""
    if not isinstance(text, str) or not text.startswith(("s3://", "sha256:")):
        raise ValueError("of must begin with s3:// or sha256:")
    return text


def _image(text: str) -> str | bytes:
    return text if text.startswith("s3://") else b64decode(text, validate=True)


def _audit_image(value: object) -> bytes | models.AuditImage:
    if isinstance(value, str):
        return b64decode(value, validate=True)
    wire = dict(_object(value))
    if "Bytes" in wire:
        wire["Bytes"] = b64decode(str(wire["Bytes"]), validate=True)
    return from_wire(models.AuditImage, wire)


def _object(value: object) -> Json:
    if not is_mapping(value):
        raise TypeError(f"a JSON object is needed, not {type(value).__name__}")
    return value


def _items(value: object) -> list[object]:
    if not is_sequence(value):
        raise TypeError(f"a JSON array is needed, not {type(value).__name__}")
    return list(value)


def _texts(value: object) -> list[str]:
    texts = [item for item in _items(value) if isinstance(item, str)]
    if len(texts) < len(_items(value)):
        raise TypeError("an array of texts is needed")
    return texts


def _fault(fault: Fault) -> Json:
    return {name: value for name, value in attrs.asdict(fault).items() if value is not None and value is not False}


def _call(call: Call) -> Json:
    said = attrs.asdict(call, recurse=False, filter=lambda field, _: field.name != "scope")
    return {**said, "account": call.account, "region": call.region}


def _notification(notification: Notification) -> Json:
    return attrs.asdict(notification, recurse=False)


ROUTES = (
    Route("GET", "", _routes, "this list"),
    Route("GET", "health", _health, "whether it answers, and its version"),
    Route("POST", "declare", _declare, "declared truth: a document (JSON, or TOML as application/toml) or one entry"),
    Route("POST", "forget", _forget, "take truth back: some capabilities, all of one `of`, or everything"),
    Route("PUT", "objects/", _put_object, "objects/BUCKET/KEY: the body becomes an S3 object"),
    Route("GET", "objects/", _get_object, "objects/BUCKET/KEY: its bytes, of one ?version_id="),
    Route("GET", "clock", _get_clock, "the emulator's time, and whether it is moved by hand"),
    Route("POST", "clock", _advance_clock, "let `advance` seconds pass on a manual clock"),
    Route("GET", "durations", _get_durations, "how long asynchronous steps take"),
    Route("PUT", "durations", _set_durations, "a number of seconds for all of them, or an object for each"),
    Route("GET", "faults", _list_faults, "the faults that were added"),
    Route("POST", "faults", _add_fault, "add a fault"),
    Route("DELETE", "faults", _clear_faults, "let nothing go wrong, and throttle nothing"),
    Route("POST", "faults/throttle", _throttle, "throttle by the published rates, in a `region` or everywhere"),
    Route("POST", "liveness", _declare_liveness, "how a liveness check goes"),
    Route("POST", "versions", _declare_version, "what becomes of a project version"),
    Route("POST", "stream-processors", _declare_stream, "let a stream processor fail"),
    Route("POST", "celebrities", _enrol, "make a celebrity known by `pictures`: base64, or s3://BUCKET/KEY"),
    Route("POST", "reset", _reset, "forget everything, or the resources of an account's region"),
    Route("GET", "snapshot", _snapshot, "the whole state as one file"),
    Route("PUT", "snapshot", _restore, "put such a file in place of the state"),
    Route("GET", "calls", _list_calls, "what was asked, of one ?operation="),
    Route("DELETE", "calls", _clear_calls, "forget what was asked"),
    Route("GET", "notifications", _list_notifications, "what went to SNS topics"),
)
"""The whole control API. docs/emulator.md is compared with it by a test."""
