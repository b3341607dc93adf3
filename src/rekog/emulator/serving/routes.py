"""The table of routes of the control API. Each route has a function, which calls a method of the emulator."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Callable
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
from .console import console_file, console_page, list_operations, perform
from .control_request import as_audit_image, as_image, as_items, as_object, as_source, as_texts, check_texts

if TYPE_CHECKING:
    from ..._core.flow import HttpResponse
    from ..emulator import Emulator
    from ..front.calls import Call
    from ..front.exchange import Reply
    from ..services.sns import Notification
    from .control_request import ControlRequest, Json

PREFIX = "/_rekog/"
_MAX_BYTES = 64 * 1024**2
_MAX_DIGITS = 18
_MAX_FILE_BYTES = 1024**3
"""Maximum size of an object or a snapshot, which are held in memory."""


Result: TypeAlias = "Json | bytes | HttpResponse | Reply"
"""What a route returns: JSON or bytes for a response of status 200, or the response, or the reply with its faults."""


class Route(NamedTuple):
    """A method, a path below the prefix, the function of the route, and its description.

    A path that ends in `/` matches all longer paths, too. `max_bytes` is the maximum size of a body. A route that is
    `quick` runs in the event loop, so that it never waits for a thread.
    """

    method: str
    path: str
    run: Callable[[Emulator, ControlRequest], Result]
    description: str
    max_bytes: int = _MAX_BYTES
    quick: bool = False


# --- Functions of the routes --------------------------------------------------------------------------------------


def _routes(_emulator: Emulator, _request: ControlRequest) -> Json:
    return {
        "routes": [{"method": each.method, "path": PREFIX + each.path, "says": each.description} for each in ROUTES]
    }


def _health(_emulator: Emulator, _request: ControlRequest) -> Json:
    return {"status": "ok", "version": _version()}


@cache
def _version() -> str:
    return version("rekog")


def _declare(emulator: Emulator, request: ControlRequest) -> Json:
    toml = request.content_type == "application/toml"
    document: object = tomllib.loads(request.body.decode("utf-8-sig")) if toml else json.loads(request.body)
    if is_mapping(document) and "of" in document:
        document = {"declare": [document]}
    emulator.declare_document(document)
    return {}


def _forget(emulator: Emulator, request: ControlRequest) -> Json:
    members = request.members("of", "capabilities")
    of = members.get("of")
    emulator.forget(None if of is None else as_source(of), *as_texts(members.get("capabilities", []), "capabilities"))
    return {}


def _put_object(emulator: Emulator, request: ControlRequest) -> Json:
    return {"version_id": emulator.put_object(*_object_name(request), request.body)}


def _get_object(emulator: Emulator, request: ControlRequest) -> bytes:
    return emulator.get_object(*_object_name(request), request.query.get("version_id"))


def _get_clock(emulator: Emulator, _request: ControlRequest) -> Json:
    return {"now": emulator.clock(), "manual": isinstance(emulator.clock, ManualClock)}


def _advance_clock(emulator: Emulator, request: ControlRequest) -> Json:
    seconds = request.members(required=("advance",))["advance"]
    clock = emulator.clock
    if not isinstance(clock, ManualClock):
        raise TypeError("the clock is not a manual one: start the emulator with --clock manual")
    clock.advance(cast("float", seconds))  # cast: it checks the values
    return {"now": clock()}


def _get_durations(emulator: Emulator, _request: ControlRequest) -> Json:
    return attrs.asdict(emulator.durations)


def _set_durations(emulator: Emulator, request: ControlRequest) -> Json:
    emulator.durations = Durations.of(json.loads(request.body))
    return attrs.asdict(emulator.durations)


def _list_faults(emulator: Emulator, _request: ControlRequest) -> Json:
    return {"faults": [_fault(fault) for fault in emulator.faults.listed]}


def _add_fault(emulator: Emulator, request: ControlRequest) -> Json:
    members = request.members(*(field.name for field in attrs.fields(Fault)))
    if is_sequence(members.get("latency")):
        members["latency"] = tuple(cast("list[float]", members["latency"]))  # cast: Fault checks it
    add = cast("Callable[..., Fault]", emulator.faults.add)  # cast: Fault checks the values
    return _fault(add(**members))


def _throttle(emulator: Emulator, request: ControlRequest) -> Json:
    members = request.members("region")
    check_texts(members, "region")
    throttle = cast("Callable[..., None]", emulator.faults.throttle_by_tps)  # cast: checked above
    throttle(**members)
    return {}


def _clear_faults(emulator: Emulator, _request: ControlRequest) -> Json:
    emulator.faults.clear()
    return {}


def _declare_liveness(emulator: Emulator, request: ControlRequest) -> Json:
    members = request.members(
        "status", "confidence", "reference_image", "audit_images", "challenge", "feedback", "sdk_type",
        required=("session_id",),
    )  # fmt: skip
    if members.get("reference_image") is not None:
        members["reference_image"] = as_audit_image(members["reference_image"], "reference_image")
    if members.get("challenge") is not None:
        members["challenge"] = from_wire(models.Challenge, as_object(members["challenge"], "challenge"), strict=True)
    audit_images = as_items(members.get("audit_images", []), "audit_images")
    members["audit_images"] = [as_audit_image(image, "audit_images") for image in audit_images]
    feedback = as_items(members.get("feedback", []), "feedback")
    items = [as_object(item, "feedback") for item in feedback]
    members["feedback"] = [from_wire(models.FeedbackItem, item, strict=True) for item in items]
    check_texts(members, "status", "sdk_type", required=("session_id",))
    session = members.pop("session_id")
    declare = cast("Callable[..., None]", emulator.declare_liveness)  # cast: it checks the values
    declare(session, **members)
    return {}


def _declare_version(emulator: Emulator, request: ControlRequest) -> Json:
    members = request.members("f1_score", "status", "message", required=("project_version_arn",))
    check_texts(members, "status", "message", required=("project_version_arn",))
    declare = cast("Callable[..., None]", emulator.declare_version)  # cast: it checks the values
    declare(**members)
    return {}


def _declare_stream(emulator: Emulator, request: ControlRequest) -> Json:
    members = request.members("message", required=("stream_processor_arn", "status"))
    check_texts(members, "message", required=("stream_processor_arn", "status"))
    declare = cast("Callable[..., None]", emulator.declare_stream_processor)  # cast: it checks the values
    declare(**members)
    return {}


def _add_celebrity(emulator: Emulator, request: ControlRequest) -> Json:
    members = request.members("id", "urls", "gender", required=("name", "images"))
    check_texts(members, "id", "gender", required=("name",))
    name = members.pop("name")
    images = [as_image(text) for text in as_texts(members.pop("images"), "images")]
    add = cast("Callable[..., str]", emulator.add_celebrity)  # cast: it checks the values
    return {"id": add(name, images, **members)}


def _reset(emulator: Emulator, request: ControlRequest) -> Json:
    members = request.members("account", "region")
    check_texts(members, "account", "region")
    reset = cast("Callable[..., None]", emulator.reset)  # cast: checked above
    reset(**members)
    return {}


def _snapshot(emulator: Emulator, _request: ControlRequest) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot"
        emulator.snapshot(file)
        return file.read_bytes()


def _restore(emulator: Emulator, request: ControlRequest) -> Json:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot"
        file.write_bytes(request.body)
        emulator.restore(file)
    return {}


def _list_calls(emulator: Emulator, request: ControlRequest) -> Json:
    wanted = request.query.get("operation")
    calls = emulator.calls if wanted is None else emulator.calls.of(wanted)
    last = request.query.get("last")
    if last is not None and not (last.isdecimal() and len(last) <= _MAX_DIGITS):
        raise ValueError(f"last must be a number of calls, not {last!r}")
    return {"calls": [_call(call) for call in calls[len(calls) - min(int(last), len(calls)) if last else 0 :]]}


def _clear_calls(emulator: Emulator, _request: ControlRequest) -> Json:
    emulator.calls.clear()
    return {}


def _list_notifications(emulator: Emulator, _request: ControlRequest) -> Json:
    return {"notifications": [_notification(each) for each in emulator.notifications]}


# --- Conversions --------------------------------------------------------------------------------------------------


def _object_name(request: ControlRequest) -> tuple[str, str]:
    """Return the bucket and the key of a path."""
    bucket, _, key = request.rest.partition("/")
    if not bucket or not key:
        raise ValueError(f"the path must be {PREFIX}objects/BUCKET/KEY")
    return unquote(bucket), unquote(key)


def _fault(fault: Fault) -> Json:
    return {name: value for name, value in attrs.asdict(fault).items() if value is not None and value is not False}


def _call(call: Call) -> Json:
    return attrs.asdict(call, recurse=False)


def _notification(notification: Notification) -> Json:
    return attrs.asdict(notification, recurse=False)


ROUTES = (
    Route("GET", "", _routes, "this list"),
    Route("GET", "health", _health, "status and version", quick=True),
    Route("GET", "console", console_page, "a page for browsers: images, collections, calls, faults, clock"),
    Route("GET", "console/", console_file, "console/FILE: a file of this page"),
    Route("GET", "operations", list_operations, "the names of the operations, and the scope of requests"),
    Route("POST", "operations/", perform, "operations/OPERATION: a request without a signature, in a ?region="),
    Route("POST", "declare", _declare, "declare content: a document (JSON, or TOML as application/toml) or one entry"),
    Route("POST", "forget", _forget, "remove declarations: some capabilities, all of one `of`, or everything"),
    Route("PUT", "objects/", _put_object, "objects/BUCKET/KEY: store the body as an S3 object", _MAX_FILE_BYTES),
    Route("GET", "objects/", _get_object, "objects/BUCKET/KEY: the bytes of the object, or of one ?version_id="),
    Route("GET", "clock", _get_clock, "the emulator's time, and whether its clock is a manual one"),
    Route("POST", "clock", _advance_clock, "advance a manual clock by `advance` seconds"),
    Route("GET", "durations", _get_durations, "the durations of asynchronous steps"),
    Route("PUT", "durations", _set_durations, "set durations: a number of seconds for all, or an object by name"),
    Route("GET", "faults", _list_faults, "the list of faults"),
    Route("POST", "faults", _add_fault, "add a fault"),
    Route("DELETE", "faults", _clear_faults, "remove all faults and throttling"),
    Route("POST", "faults/throttle", _throttle, "throttle by the published rates, in a `region` or everywhere"),
    Route("POST", "liveness", _declare_liveness, "declare the result of a liveness check"),
    Route("POST", "versions", _declare_version, "declare the state of a project version"),
    Route("POST", "stream-processors", _declare_stream, "let a stream processor fail"),
    Route("POST", "celebrities", _add_celebrity, "add a celebrity by `images`: base64, or s3://BUCKET/KEY"),
    Route("POST", "reset", _reset, "delete all state, or the resources of an account in a region"),
    Route("GET", "snapshot", _snapshot, "the whole state as one file"),
    Route("PUT", "snapshot", _restore, "replace the state by such a file", _MAX_FILE_BYTES),
    Route("GET", "calls", _list_calls, "the recorded calls: those of one ?operation=, the ?last= of them"),
    Route("DELETE", "calls", _clear_calls, "delete the recorded calls"),
    Route("GET", "notifications", _list_notifications, "the messages to SNS topics"),
)
"""All routes of the control API. A test compares docs/emulator.md with them."""
