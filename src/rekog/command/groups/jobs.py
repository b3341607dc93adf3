"""The group `rekog job`: start a job, see its state, wait for it, read its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..._generated.operations import METHODS
from ..._values.errors import WaiterTimeoutError
from .. import output
from ..failures import Failure, note
from ..help import Command, Group, SectionedOption
from ..operations import command_of, page_arguments, paging_options, write_listing
from ..parameters import arguments_of, description_of, parameters_of
from ..progress import Progress
from ..session import client_of
from ..settings import Call, Settings, shared, shared_options

if TYPE_CHECKING:
    from ..._core.waiting_rules import Poll
    from ..._generated.client import RekognitionClient

_VIDEO_KINDS = [name.removeprefix("start_") for name, each in METHODS.items() if each.media == ("video",)]
STARTS = {kind: f"start_{kind}" for kind in _VIDEO_KINDS} | {
    "media_analysis": "start_media_analysis_job",
    "training": "create_project_version",
}
"""Kind of job to the operation that starts it."""

_SUMMARIES = {
    "start": "Start a job and print its id.",
    "status": "Print the state of a job.",
    "wait": "Wait until a job has ended.",
    "results": "Print the results of an ended job.",
}


def command() -> click.Group:
    """Return the group."""
    group = Group("job", help="Start jobs, wait for them, and read their results.")
    makers: dict[str, tuple[Sequence[str], Callable[[str], click.Command]]] = {
        "start": (list(STARTS), _start),
        "status": (list(STARTS), _status),
        "wait": (list(STARTS), _wait),
        "results": (list(STARTS), _results),
    }
    for name, (kinds, make) in makers.items():
        group.add_command(Kinds(name, kinds, make))
    return group


class Kinds(Group):
    """A command for each kind of job, made when it is called."""

    def __init__(self, name: str, kinds: Sequence[str], make: Callable[[str], click.Command]) -> None:
        super().__init__(name, help=_SUMMARIES[name], subcommand_metavar="KIND [ARGS]...")
        self._kinds = {kind.replace("_", "-"): kind for kind in kinds}
        self._make = make

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the kinds."""
        return list(self._kinds)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command for a kind."""
        kind = self._kinds.get(cmd_name.replace("_", "-"))
        return None if kind is None else self._make(kind)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the kinds with the summaries of the operations that start them."""
        with formatter.section("Kinds"):
            formatter.write_dl([(name, description_of(STARTS[kind]).summary) for name, kind in self._kinds.items()])


def _waiting_options() -> list[click.Option]:
    section = "Waiting"
    positive = click.FloatRange(0, min_open=True)
    return [
        SectionedOption(["--max-wait"], section=section, type=positive, metavar="SECONDS",
                        help="Maximum time of the wait; afterwards the exit status is 5, and the job goes on."),
        SectionedOption(["--delay"], section=section, type=positive, metavar="SECONDS",
                        help="Pause between two polls."),
    ]  # fmt: skip


def _start(kind: str) -> click.Command:
    method = STARTS[kind]
    parameters = parameters_of(method)
    text = "Wait for the end of the job, and print its results."
    wait = SectionedOption(["--wait"], section="Waiting", is_flag=True, default=False, help=text)

    def run(call: Call) -> None:
        arguments = arguments_of(call.context, parameters, call.values)
        with client_of(call.settings) as client:
            with Progress(f"start {call.name}"):
                job = getattr(client.jobs, f"start_{kind}")(**arguments)
            if not call.values["wait"]:
                _print_id(call.settings, job.job_id)
                return
            note(f"started: {job.job_id}")  # the job goes on when the wait is interrupted
            response = _waited(call, job)
            if kind in _VIDEO_KINDS:
                write_listing(call, job.results(), f"get_{kind}")
            else:
                _print_result(call.settings, response)

    return command_of(kind.replace("_", "-"), method, parameters, [wait, *_waiting_options()], run)


def _print_id(settings: Settings, job_id: str) -> None:
    """Print an id alone, for `id=$(rekog job start ...)`."""
    if settings.output == "table":
        print(job_id)
    else:
        output.write_rows(settings.output, [{"job_id": job_id}], {"JobId": job_id})


def _print_state(settings: Settings, job_id: str, state: str, response: Any = None) -> None:
    if settings.output == "table":
        print(state)
        return
    document = {"JobId": job_id, "Status": state} if response is None else response.to_dict(names="wire")
    output.write_rows(settings.output, [{"job_id": job_id, "status": state}], document)


def _waited(call: Call, job: Any) -> Any:
    """Wait for a job, and show how long that takes."""
    with Progress(f"{call.name}: waiting", patience=0.0) as progress:

        def show(poll: Poll[Any]) -> None:
            progress.update(f"{call.name}: {'retrying' if poll.error else poll.state}, poll {poll.attempt}")

        return job.wait(timeout=call.values["max_wait"], delay=call.values["delay"], on_poll=show)


def _keys(kind: str) -> list[click.Parameter]:
    """Return the arguments that identify a job."""
    names = ["project_arn", "version_name"] if kind == "training" else ["job_id"]
    return [click.Argument([name]) for name in names]


def _job(client: RekognitionClient, kind: str, call: Call) -> Any:
    keys = [call.values[str(key.name)] for key in _keys(kind)]
    return getattr(client.jobs, kind)(*keys)


def _reader(kind: str, text: str, options: Sequence[click.Parameter], run: Callable[[Call], None]) -> click.Command:
    return Command(
        kind.replace("_", "-"), callback=shared(run), params=[*_keys(kind), *options, *shared_options()], help=text
    )


def _status(kind: str) -> click.Command:
    def run(call: Call) -> None:
        with client_of(call.settings) as client:
            job = _job(client, kind, call)
            with Progress(call.name):
                state = job.status()
        _print_state(call.settings, job.job_id, state)

    return _reader(kind, _SUMMARIES["status"], [], run)


def _wait(kind: str) -> click.Command:
    def run(call: Call) -> None:
        with client_of(call.settings) as client:
            job = _job(client, kind, call)
            response = _waited(call, job)
        _print_state(call.settings, job.job_id, "SUCCEEDED", response)

    return _reader(kind, "Wait until a job has succeeded; a failed job is an error.", _waiting_options(), run)


def _print_result(settings: Settings, response: Any) -> None:
    """Print the last response of a job whose results are files in S3: their places, and the figures beside them."""
    (result,) = getattr(response, "project_version_descriptions", [response])  # of one version of a project
    output.write_record(settings.output, output.flat(result.to_dict()), response.to_dict(names="wire"))


def _read_once(job: Any) -> Any:
    """Return the last response of an ended job; an error of the service is raised as it is."""

    def check(poll: Poll[Any]) -> None:
        if poll.error is not None:
            raise poll.error

    return job.wait(max_attempts=1, on_poll=check)


def _results_in_s3(kind: str) -> click.Command:
    def run(call: Call) -> None:
        with client_of(call.settings) as client:
            try:
                with Progress(call.name):
                    response = _read_once(_job(client, kind, call))
            except WaiterTimeoutError as error:
                words = " ".join([call.name, *(str(call.values[str(key.name)]) for key in _keys(kind))])
                raise Failure(f"the job is in progress: rekog job wait {words} waits for it") from error
        _print_result(call.settings, response)

    return _reader(kind, _SUMMARIES["results"], [], run)


def _results(kind: str) -> click.Command:
    if kind not in _VIDEO_KINDS:
        return _results_in_s3(kind)
    method = f"get_{kind}"
    parameters = [each for each in parameters_of(method) if not each.is_positional]

    def run(call: Call) -> None:
        arguments = arguments_of(call.context, parameters, call.values)
        with client_of(call.settings) as client:
            pager = _job(client, kind, call).results(**arguments, **page_arguments(call))
            write_listing(call, pager, method)

    options = [*(each.option for each in parameters), *paging_options()]
    return _reader(kind, _SUMMARIES["results"], options, run)
