"""Stream processors: create, describe, list, start, stop, update, delete.

A processor goes through all its states, but reads no video, writes no results and sends no messages. A processor that
searches a collection fails when the collection is deleted, in the transaction of the deletion.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from .... import models
from ...._core.scalars import epoch, moment
from ...._core.wire import from_wire
from ... import refusals
from ...scope import arn, owner
from ...state import schedule, tokens
from ...state.rows import collections, streams
from ...state.schedule import Step, StepKind
from ...texts import check_texts
from . import settings

if TYPE_CHECKING:
    import sqlite3

    from ...context import Context
    from ...state.rows.streams import StreamRow


MAX_PAGE = 1000
STARTABLE = ("STOPPED", "FAILED")

StreamStatus: TypeAlias = Literal["FAILED"]


def create_stream_processor(
    context: Context, request: models.CreateStreamProcessorRequest
) -> models.CreateStreamProcessorResponse:
    """Create a processor of one of the two kinds; it is STOPPED at first."""
    description = settings.check_new(request)
    processor_arn = arn(context.scope, f"streamprocessor/{request.name}")
    video_stream, search = settings.video_stream(request.input), request.settings.face_search
    collection_id = search.collection_id if search else None
    limit = context.limits.stream_processors
    with context.state.write() as connection:
        full = streams.count(connection, context.scope) >= limit
        busy = streams.reads(connection, context.scope, video_stream)
        free = streams.insert(
            connection,
            context.scope,
            name=request.name,
            arn=processor_arn,
            created=context.clock(),
            video_stream=video_stream,
            collection_id=collection_id,
            description=description,
            tags=request.tags or {},
        )
        if not free:
            raise refusals.resource_in_use("Stream processor name already in use.")
        if collection_id is not None and collections.find(connection, context.scope, collection_id) is None:
            raise refusals.invalid_parameter(f"The collection id: {collection_id} does not exist")  # our wording
        if busy:
            raise refusals.resource_in_use(f"Another stream processor reads {video_stream}.")  # our wording
        if full:
            raise refusals.limit_exceeded("stream processors", limit)
    return models.CreateStreamProcessorResponse(stream_processor_arn=processor_arn)


def describe_stream_processor(
    context: Context, request: models.DescribeStreamProcessorRequest
) -> models.DescribeStreamProcessorResponse:
    """Describe a processor."""
    with context.state.read() as connection:
        row = find_stream(context, connection, request.name)
    wire = {
        **row.description,
        "Name": row.name,
        "StreamProcessorArn": row.arn,
        "Status": row.status,
        "StatusMessage": row.message,
        "CreationTimestamp": epoch(moment(row.created)),
        "LastUpdateTimestamp": epoch(moment(row.updated)),
    }
    return from_wire(models.DescribeStreamProcessorResponse, wire)


def list_stream_processors(
    context: Context, request: models.ListStreamProcessorsRequest
) -> models.ListStreamProcessorsResponse:
    """List names and statuses, sorted by name; a larger MaxResults counts as 1000 (both assumed)."""
    limit = min(request.max_results or MAX_PAGE, MAX_PAGE)
    listing, secret = ("ListStreamProcessors", *context.scope), context.state.token_secret
    last = tokens.unseal(secret, listing, request.next_token) if request.next_token is not None else ""
    with context.state.read() as connection:
        rows = streams.after(connection, context.scope, last, limit + 1)
    page = rows[:limit]
    return models.ListStreamProcessorsResponse(
        stream_processors=[models.StreamProcessor(name=row.name, status=row.status) for row in page],
        next_token=tokens.seal(secret, listing, page[-1].name) if len(rows) > limit else None,
    )


def start_stream_processor(
    context: Context, request: models.StartStreamProcessorRequest
) -> models.StartStreamProcessorResponse:
    """Start a processor: for labels for the duration in its StopSelector, for faces until it is stopped."""
    now, session = context.clock(), str(uuid.uuid4())
    with context.state.write() as connection:
        row = find_stream(context, connection, request.name)
        seconds = settings.check_selectors(request, searches=row.collection_id is not None)
        if row.status not in STARTABLE:
            raise refusals.resource_in_use(f"Stream processor is {row.status}.")  # our wording
        if row.collection_id and collections.find(connection, context.scope, row.collection_id) is None:
            raise refusals.resource_missing(f"The collection id: {row.collection_id}")
        streams.begin_session(connection, row.key, session, now)
        running = now + context.durations.stream
        _schedule_status(context, connection, row._replace(session=session), running, ("STARTING", "RUNNING"))
        if seconds is not None:
            _schedule_status(
                context, connection, row._replace(session=session), running + seconds, ("RUNNING", "STOPPED")
            )
    return models.StartStreamProcessorResponse(session_id=session)


def stop_stream_processor(
    context: Context, request: models.StopStreamProcessorRequest
) -> models.StopStreamProcessorResponse:
    """Stop a running processor."""
    now = context.clock()
    with context.state.write() as connection:
        row = find_stream(context, connection, request.name)
        if not streams.move(connection, row.key, "RUNNING", "STOPPING", now=now, session=row.session):
            raise refusals.resource_in_use("Processor not available for stopping stream.")
        _schedule_status(context, connection, row, now + context.durations.stream, ("STOPPING", "STOPPED"))
    return models.StopStreamProcessorResponse()


def update_stream_processor(
    context: Context, request: models.UpdateStreamProcessorRequest
) -> models.UpdateStreamProcessorResponse:
    """Change the settings of a processor for labels that is not running; it is STOPPED afterwards."""
    settings.check_update(request)
    now = context.clock()
    with context.state.write() as connection:
        row = find_stream(context, connection, request.name)
        if row.collection_id is not None:
            raise refusals.invalid_parameter("Only stream processors for label detection can be updated.")
        if row.status not in STARTABLE:
            raise refusals.resource_in_use(f"Stream processor is {row.status}.")  # our wording
        streams.update(connection, row.key, settings.updated(row.description, request), now)
        _schedule_status(context, connection, row, now + context.durations.stream, ("UPDATING", "STOPPED"))
    return models.UpdateStreamProcessorResponse()


def delete_stream_processor(
    context: Context, request: models.DeleteStreamProcessorRequest
) -> models.DeleteStreamProcessorResponse:
    """Delete a processor that is stopped or failed; its name can be used again after some time."""
    with context.state.write() as connection:
        row = find_stream(context, connection, request.name)
        if row.status not in STARTABLE:
            raise refusals.resource_in_use("Cannot delete stream processor.")
        streams.mark_deleted(connection, row)
        due = context.clock() + context.durations.deleting
        schedule.add(connection, context.scope, due, StepKind.FREE_STREAM_NAME, {"key": row.key})
    return models.DeleteStreamProcessorResponse()


def finish_step(context: Context, step: Step) -> None:
    """Move a processor to the status that its step leads to, unless its status or session has changed meanwhile."""
    before, after = str(step.detail["before"]), str(step.detail["after"])
    session = step.detail["session"]
    with context.state.write() as connection:
        if schedule.remove_if_pending(connection, step):
            session_id = None if session is None else str(session)
            streams.move(connection, schedule.row_key(step), before, after, now=step.due, session=session_id)


def free_name(context: Context, step: Step) -> None:
    """Free the name of a deleted processor."""
    with context.state.write() as connection:
        if schedule.remove_if_pending(connection, step):
            streams.free_name(connection, schedule.row_key(step))


def declare_stream_processor(
    context: Context, processor_arn: str, *, status: StreamStatus, message: str | None
) -> None:
    """Set the declared status of a processor that is starting or running."""
    check_texts(message=message)
    if status not in get_args(StreamStatus):
        raise ValueError(f"status must be {' or '.join(get_args(StreamStatus))}, not {status!r}")
    with context.state.write() as connection:
        row = streams.find(connection, owner(processor_arn), processor_arn.rpartition("/")[2])
        if row is None or row.arn != processor_arn:
            raise LookupError(f"there is no stream processor {processor_arn}")
        if row.status not in ("STARTING", "RUNNING"):
            raise ValueError(f"a stream processor that is {row.status} can't become {status}")
        text = message or f"Declared to be {status}."
        streams.move(connection, row.key, row.status, status, now=context.clock(), session=row.session, message=text)


def find_stream(context: Context, connection: sqlite3.Connection, name: str) -> StreamRow:
    """Return a processor; refuse an unknown name."""
    row = streams.find(connection, context.scope, name)
    if row is None:
        raise refusals.resource_missing(f"Stream processor {name}")
    return row


def _schedule_status(
    context: Context, connection: sqlite3.Connection, row: StreamRow, due: float, states: tuple[str, str]
) -> None:
    before, after = states
    detail = {"key": row.key, "session": row.session, "before": before, "after": after}
    schedule.add(connection, context.scope, due, StepKind.FINISH_STREAM_STEP, detail)
