"""Render the handles of jobs, for threads and for tasks, and the methods that return them."""

from __future__ import annotations

import attrs

from rekog._core.names import snake

from .clients import ASYNC, PAGING, PAGING_WORDS, SYNC, Kind, method
from .load import Operation, Service
from .tables import page_item
from .text import arguments, banner, filled, qualified, wrapped

TRAINING = "CreateProjectVersion"
"""The operation that starts a training; its job is read by other arguments than those of the other kinds."""
INDENT = " " * 8


@attrs.frozen(kw_only=True)
class JobKind:
    """A kind of job: its name, and the operations and the waiter that start, read and await it."""

    name: str
    start: str
    read: str
    waiter: str

    @property
    def job(self) -> str:
        """The name of the handle's class, without the prefix of the async one."""
        return f"{''.join(word.title() for word in self.name.split('_'))}Job"


def render(service: Service) -> dict[str, str]:
    """Return both modules by path."""
    return {"_generated/jobs.py": _module(service, SYNC), "_generated/async_jobs.py": _module(service, ASYNC)}


def kinds(service: Service) -> list[JobKind]:
    """Return the kinds of jobs: each operation that starts one, with the waiter for its end."""
    found: list[JobKind] = []
    for waiter in service.waiters:
        start = waiter.operation.replace("Get", "Start", 1)
        if waiter.operation.startswith("Get") and start in service.operations:
            name = snake(start.removeprefix("Start").removesuffix("Job"))
            found.append(JobKind(name=name, start=start, read=waiter.operation, waiter=snake(waiter.name).upper()))
    if TRAINING in service.operations:
        rule = "PROJECT_VERSION_TRAINING_COMPLETED"
        found.append(JobKind(name="training", start=TRAINING, read="DescribeProjectVersions", waiter=rule))
    return found


def _module(service: Service, kind: Kind) -> str:
    found = kinds(service)
    videos = [each for each in found if each.read in service.paging and each.start != TRAINING]
    parts = [_handle(service, each, kind) for each in found] + [_jobs(service, found, kind)]
    names = [f"{kind.prefix}{each.job}" for each in found]
    union = _union(f"{kind.prefix}AnyVideoJob", [f"{kind.prefix}{each.job}" for each in videos])
    exported = filled(
        "__all__ = [", [f'"{n}"' for n in sorted([*names, f"{kind.prefix}Jobs", f"{kind.prefix}AnyVideoJob"])], "]"
    )
    body = "\n\n".join(parts)
    warn = "import warnings\n" if "warnings.warn" in body else ""
    bases = [f"{kind.prefix}Job", f"{kind.prefix}StartedJobs", f"{kind.prefix}VideoJob", "Training"]
    table = filled(
        "_VIDEOS: dict[str, type[Any]] = {", [f'"{each.name}": {kind.prefix}{each.job}' for each in videos], "}"
    )
    return (
        f"{banner(service, f'The handles of jobs, for {kind.callers}.')}\n{warn}"
        "from collections.abc import Iterable, Mapping\n"
        "from typing import TYPE_CHECKING, Any, TypeAlias, cast\n\n"
        "from .._values.lazy import LazyModule\nfrom .._values.public import publish\n"
        "from ..config import CallOptions, CallOptionsDict\n"
        f"from ..jobs._handles import {', '.join(sorted(bases))}\n"
        "from . import operations as ops, paging as paging_rules, waiting as waiting_rules\n\n"
        "if TYPE_CHECKING:\n    from .. import images, models, paging\n"
        "    from ..jobs._notifications import JobNotification\n"
        f"    from .._drivers.{kind.home} import {kind.driver}  # noqa: F401 (in quotes)\n"
        "else:  # loaded on first use, or by a tool that evaluates annotations\n"
        "    images, models, paging = "
        '(LazyModule(f"rekog.{name}") for name in ("images", "models", "paging"))\n\n'
        f"{exported}\n\n\n{body}\n\n{union}\n{table}\n"
        f'publish("rekog.jobs", {", ".join([*names, f"{kind.prefix}Jobs"])})\n'
    )


def _union(name: str, members: list[str]) -> str:
    """Return a type alias, a member on each line."""
    return f"{name}: TypeAlias = (\n    {f'{chr(10)}    | '.join(members)}\n)"


def _handle(service: Service, job: JobKind, kind: Kind) -> str:
    p, response = kind.prefix, qualified(service, f"{job.read}Response")
    page = service.paging.get(job.read) if job.start != TRAINING else None
    if job.start == TRAINING:
        base, doc = (
            f'Training["{kind.driver}"], {p}Job["{response}"]',
            "The training of a version of a project; its `job_id` is the version's name.",
        )
    elif page is not None:
        base = f'{p}VideoJob["{qualified(service, page_item(service, page))}", "{response}"]'
        doc = f"A job of {job.start}."
    else:
        base, doc = f'{p}Job["{response}"]', f"A job of {job.start}."
    tail = f", for {kind.callers}" if p else ""
    lines = [
        f"class {p}{job.job}({base}):",
        f'    """{doc.removesuffix(".")}{tail}."""' if tail and ";" not in doc else f'    """{doc}"""',
        "",
        f'    kind = "{job.name}"',
        f"    _read = ops.{snake(job.read).upper()}",
        f"    _rule = waiting_rules.{job.waiter}",
    ]
    if page is not None:
        lines += ["", _results(service, service.operations[job.read], kind)]
    return "\n".join(lines) + "\n"


def _results(service: Service, operation: Operation, kind: Kind) -> str:
    name = snake(operation.name)
    parameters = [part for part in arguments(service, operation) if part[2] not in ("NextToken", "MaxResults", "JobId")]
    doc = [
        "Return a pager over the results; it raises an error while the job is in progress, or if it has failed.",
        "",
        *wrapped(f"The arguments are those of `paginate_{name}`. {PAGING_WORDS}", INDENT),
    ]
    page = service.paging[operation.name]
    result = f"paging.{kind.prefix}Pager[{page_item(service, page)}, {operation.name}Response]"
    call = f"paging.{kind.prefix}Pager(self._driver, self._caller, paging_rules.{name.upper()}"
    text = method(service, "def results", result, parameters, 0, PAGING, doc, "", call)
    return text.rstrip("\n").removesuffix(")") + ", job_id=self.job_id)"


def _jobs(service: Service, found: list[JobKind], kind: Kind) -> str:
    p = kind.prefix
    lines = [
        f"class {p}Jobs({p}StartedJobs):",
        f'    """Jobs of a client, for {kind.callers}: a method for each kind starts one, another returns a handle."""',
        "",
    ]
    for job in found:
        lines += [_start(service, job, kind), _by_id(job, kind)]
    lines += [
        f"    def of(self, notification: JobNotification) -> {p}AnyVideoJob:",
        '        """Return the handle of the job that a notification is about; see `parse_notifications`."""',
        f'        return cast("{p}AnyVideoJob", self._of(_VIDEOS, notification))  # cast: the values of the table',
        "",
    ]
    return "\n".join(lines)


def _start(service: Service, job: JobKind, kind: Kind) -> str:
    operation = service.operations[job.start]
    started = snake(job.start)
    doc = [
        service.prose["operations"][operation.name]["summary"],
        "",
        *wrapped(f"The arguments and errors are those of the client's method `{started}`.", INDENT),
    ]
    key = "project_arn, " if job.start == TRAINING else ""
    call = f"{kind.prefix}{job.job}(self._driver, self._caller, {key}{kind.wait}self._start(ops.{started.upper()}"
    return method(
        service,
        f"{kind.define} start_{job.name}",
        f"{kind.prefix}{job.job}",
        arguments(service, operation),
        len(operation.positional),
        [],
        doc,
        operation.deprecated,
        call,
    )


def _by_id(job: JobKind, kind: Kind) -> str:
    name = f"{kind.prefix}{job.job}"
    key = ["project_arn", "version_name"] if job.start == TRAINING else ["job_id"]
    parameters = ", ".join(f"{each}: str" for each in key)
    what = "a training" if job.start == TRAINING else "a job that was started before"
    return (
        f"    def {job.name}(self, {parameters}) -> {name}:\n"
        f'        """Return the handle of {what}, without I/O."""\n'
        f"        return {name}(self._driver, self._caller, {', '.join(key)})\n"
    )
