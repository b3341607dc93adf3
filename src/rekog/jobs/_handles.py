"""Handles of jobs: their state, the wait for their end, their results. `_generated/jobs.py` has one for each kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from .._core.waiting_rules import OnPoll, values_at, wait
from .._values.errors import ParamValidationError
from .._values.lazy import LazyModule
from .._values.public import publish

if TYPE_CHECKING:
    from .. import models, paging
    from .._core.call import Caller
    from .._core.flow import Flow
    from .._core.operation import Operation
    from .._core.waiting_rules import WaiterRule
    from .._drivers.aio import AsyncDriver  # noqa: F401 (in quotes below)
    from .._drivers.sync import SyncDriver  # noqa: F401 (as above)
    from .._settings.values import AnyCallOptions
    from ..config import CallOptions, CallOptionsDict
    from ._notifications import JobNotification
else:  # for tools that evaluate annotations
    models, paging = LazyModule("rekog.models"), LazyModule("rekog.paging")

Driver = TypeVar("Driver")
Item = TypeVar("Item")
Page = TypeVar("Page")
Started = TypeVar("Started", bound="_Handle[Any, Any]")

OUTLIVED = 10
"""Polls in succession that may fail: 50 seconds without a network do not end the wait for a video job."""
_ONE_ITEM: Mapping[str, object] = {"max_results": 1}


class _Handle(Generic[Driver, Page]):
    """A job by its id: the operation that reads it, and the rule by which a wait ends."""

    kind: ClassVar[str]
    _read: ClassVar[Operation[Any, Any]]
    _rule: ClassVar[WaiterRule[Any]]
    _page: ClassVar[Mapping[str, object]] = {}

    def __init__(self, driver: Driver, caller: Caller, job_id: str) -> None:
        if not _is_text(job_id):
            text = f"job_id: must be the text that the start call returned, not {job_id!r}"
            raise ParamValidationError(f"{self.kind}: {text}", problems=[text])
        self._driver = driver
        self._caller = caller
        self.job_id = job_id

    def _key(self) -> Mapping[str, object]:
        return {"job_id": self.job_id}

    def _state(self, options: AnyCallOptions | None) -> Flow[str]:
        response = yield from self._caller.call(self._read, options, **self._key(), **self._page)
        states = values_at(response, self._rule.acceptors[0].path)
        return str(states[0]) if states else ""

    def _wait(
        self,
        timeout: float | None,
        delay: float | None,
        max_attempts: int | None,
        on_poll: OnPoll[Any] | None,
        options: AnyCallOptions | None,
    ) -> Flow[Page]:
        rule: WaiterRule[Page] = self._rule._replace(outlives=OUTLIVED)
        return wait(self._caller, rule, options, delay, max_attempts, timeout, on_poll, **self._key())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.job_id}>"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


class _Owner(Generic[Driver]):
    """The driver and the calls of a client."""

    def __init__(self, driver: Driver, caller: Caller) -> None:
        self._driver = driver
        self._caller = caller

    def _of(self, kinds: Mapping[str, type[Started]], notification: JobNotification) -> Started:
        found = kinds.get(notification.kind)
        if found is None:
            text = f"notification: there is no kind of job {notification.kind!r}; there are {', '.join(kinds)}"
            raise ParamValidationError(text, problems=[text])
        return found(self._driver, self._caller, notification.job_id)


class Job(_Handle["SyncDriver", Page]):
    """A job. `kind` is its kind, such as `label_detection`, and `job_id` the id that the service gave it."""

    def status(self, *, options: CallOptions | CallOptionsDict | None = None) -> str:
        """Return the state of the job, such as IN_PROGRESS, SUCCEEDED or FAILED."""
        return self._driver.run(self._state(options))

    def wait(
        self,
        *,
        timeout: float | None = None,
        delay: float | None = None,
        max_attempts: int | None = None,
        on_poll: OnPoll[Page] | None = None,
        options: CallOptions | CallOptionsDict | None = None,
    ) -> Page:
        """Poll until the job has succeeded, and return the response that says so.

        `timeout` limits the whole wait, `delay` is the pause between two polls, both in seconds. `on_poll` is called
        with a `Poll` after each poll. Up to ten polls in succession may fail with an error that a retry may avoid, such
        as a lost connection. Raise `JobFailedError` when the job has failed, and `WaiterTimeoutError` when no time or
        no attempt is left.
        """
        return self._driver.run(self._wait(timeout, delay, max_attempts, on_poll, options))


class VideoJob(Job[Page], Generic[Item, Page]):
    """The analysis of a stored video. Iterate over it for its results once it has ended."""

    _page = _ONE_ITEM

    def results(
        self,
        *,
        max_items: int | None = None,
        page_size: int | None = None,
        starting_token: str | None = None,
        options: CallOptions | CallOptionsDict | None = None,
    ) -> paging.Pager[Item, Page]:
        """Return a pager over the results; it raises an error while the job is in progress, or if it has failed."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[Item]:
        """Return an iterator over the results; it raises an error while the job is in progress, or if it has failed."""
        return iter(self.results())


class AsyncJob(_Handle["AsyncDriver", Page]):
    """A job, for tasks. `kind` is its kind, such as `label_detection`, and `job_id` the id that the service gave it."""

    async def status(self, *, options: CallOptions | CallOptionsDict | None = None) -> str:
        """Return the state of the job, such as IN_PROGRESS, SUCCEEDED or FAILED."""
        return await self._driver.run(self._state(options))

    async def wait(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 (as for the client's waiters)
        delay: float | None = None,
        max_attempts: int | None = None,
        on_poll: OnPoll[Page] | None = None,
        options: CallOptions | CallOptionsDict | None = None,
    ) -> Page:
        """Poll until the job has succeeded, and return the response that says so; see `Job.wait`.

        It may be cancelled at any time: the job goes on at the service.
        """
        return await self._driver.run(self._wait(timeout, delay, max_attempts, on_poll, options))


class AsyncVideoJob(AsyncJob[Page], Generic[Item, Page]):
    """The analysis of a stored video, for tasks. Iterate over it for its results once it has ended."""

    _page = _ONE_ITEM

    def results(
        self,
        *,
        max_items: int | None = None,
        page_size: int | None = None,
        starting_token: str | None = None,
        options: CallOptions | CallOptionsDict | None = None,
    ) -> paging.AsyncPager[Item, Page]:
        """Return a pager over the results; it raises an error while the job is in progress, or if it has failed."""
        raise NotImplementedError

    def __aiter__(self) -> AsyncIterator[Item]:
        """Return an iterator over the results; it raises an error while the job is in progress, or if it has failed."""
        return aiter(self.results())


class Training(_Handle[Driver, "models.DescribeProjectVersionsResponse"]):
    """The training of a version of a project, which is read by the project's ARN and the version's name."""

    kind = "training"

    def __init__(self, driver: Driver, caller: Caller, project_arn: str, version_name: str) -> None:
        super().__init__(driver, caller, version_name)
        self.project_arn = project_arn

    def _key(self) -> Mapping[str, object]:
        return {"project_arn": self.project_arn, "version_names": [self.job_id]}


class StartedJobs(_Owner["SyncDriver"]):
    """The methods of `Jobs` that are the same for each kind."""

    def _start(self, operation: Operation[Any, Any], options: AnyCallOptions | None, /, **arguments: object) -> str:
        return _id_of(self._driver.run(self._caller.call(operation, options, **arguments)))


class AsyncStartedJobs(_Owner["AsyncDriver"]):
    """The methods of `AsyncJobs` that are the same for each kind."""

    async def _start(
        self, operation: Operation[Any, Any], options: AnyCallOptions | None, /, **arguments: object
    ) -> str:
        return _id_of(await self._driver.run(self._caller.call(operation, options, **arguments)))


def _id_of(response: Any) -> str:
    """Return the id of a started job. For a training it is the name in its ARN, `.../version/NAME/TIMESTAMP`."""
    job_id: str | None = getattr(response, "job_id", None)
    if job_id is not None:
        return job_id
    return str(response.project_version_arn).partition("/version/")[2].partition("/")[0]


publish("rekog.jobs", Job, VideoJob, AsyncJob, AsyncVideoJob)
