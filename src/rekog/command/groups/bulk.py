"""The group `rekog bulk`: one operation over the images of a folder, of a manifest, or of a prefix in S3."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, TextIO

import click

from ... import bulk
from ..._core.answers.rows import columns_of
from ..._generated.operations import METHODS
from .. import drawing
from ..failures import UNFINISHED, Failure, note, silence
from ..help import Command, Group, SectionedOption
from ..output import Writer
from ..parameters import arguments_of, description_of, parameters_of
from ..progress import Progress
from ..session import client_of
from ..settings import Call, shared, shared_options
from ..texts import dumped
from ..values import complete_path, is_same_file

_METHODS = [name for name, each in METHODS.items() if each.media and "video" not in each.media]
_SUFFIXES = (".jpg", ".jpeg", ".png")
_CONVERTED = (".avif", ".bmp", ".gif", ".heic", ".heif", ".tif", ".tiff", ".webp")
"""Suffixes of further images that `--fit` takes from a folder."""
_FILES = (".jsonl", ".csv")
_LISTED_FAILURES = 5
_HELP = "Run an operation over all images of a folder, several at once."


class _Operations(Group):
    """A command for each operation on images, made when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the operations."""
        return [name.replace("_", "-") for name in _METHODS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command for an operation."""
        method = cmd_name.replace("-", "_")
        return _command(method) if method in _METHODS else None


def command() -> click.Group:
    """Return the group."""
    return _Operations("bulk", help=_HELP)


def _command(method: str) -> click.Command:
    media = "target_image" if method == "compare_faces" else "image"
    parameters = [each for each in parameters_of(method, with_words=False) if each.name != media]
    names_faces = method == "index_faces"
    if names_faces:
        parameters = [each for each in parameters if each.name != "external_image_id"]

    def run(call: Call) -> None:
        arguments = arguments_of(call.context, parameters, call.values)
        if names_faces and call.values["external_image_id"]:
            arguments["external_image_id"] = _external_id(call.values["external_image_id"])
        _run(method, arguments, call)

    name = method.replace("_", "-")
    return Command(
        name,
        callback=shared(run),
        params=[
            click.Argument(["source"], metavar="FOLDER|FILE|S3_PREFIX", shell_complete=complete_path),
            *(each.option for each in parameters),
            *_run_options(names_faces=names_faces),
            *shared_options(),
        ],
        help=f"{description_of(method).summary}\n\nThe images are those of a folder and its subfolders, of s3://BUCKET/"
        "PREFIX, or of a file with a path or an s3:// URL in each line. Images that fail do not end the run; the exit "
        "status is 5 if there are any.",
        example=f"rekog bulk {name} photos --output results.jsonl --checkpoint run.jsonl",
    )


def _run_options(*, names_faces: bool) -> list[click.Option]:
    section = "Run"
    count, path = click.IntRange(1), click.Path(dir_okay=False)
    options: list[click.Option] = [
        SectionedOption(["--output", "-o"], section=section, type=path, metavar="FILE",
                        help="Write the results to this file: .jsonl with an object for each image, or .csv."),
        SectionedOption(["--checkpoint"], section=section, type=path, metavar="FILE",
                        help="Record the run in this file; the same command continues from it."),
        SectionedOption(["--pattern"], section=section, metavar="GLOB",
                        help="Files of a folder, such as '2026/*.jpg'; when not given all JPEG and PNG files, and with "
                        "--fit those that it converts."),
        SectionedOption(["--concurrency"], section=section, type=count, metavar="NUMBER", help="Calls at once."),
        SectionedOption(["--max-failures"], section=section, type=click.IntRange(0), metavar="NUMBER",
                        help="End the run when more images fail."),
        drawing.fit_option(section),
    ]  # fmt: skip
    if names_faces:
        kinds = click.Choice(("name", "stem"))
        options.append(
            SectionedOption(["--external-image-id"], section=section, type=kinds,
                            help="Id of each image: the name of its file, or the name without its suffix.")
        )  # fmt: skip
    return options


def _external_id(kind: str) -> Any:
    def of(source: object) -> str:
        name = os.path.basename(_place(source))
        return os.path.splitext(name)[0] if kind == "stem" else name

    return of


def _place(source: object) -> str:
    """Return the path of a source, or the key of an object in S3."""
    key: str | None = getattr(source, "name", None) if hasattr(source, "bucket") else None
    return str(source) if key is None else key


def _run(method: str, arguments: dict[str, Any], call: Call) -> None:
    values = call.values
    path: str | None = values["output"]
    kind = _kind_of(path, call)
    if path is not None:
        _check_output(path, call)
    sources = _sources(values["source"], values["pattern"], fit=values["fit"])
    with ExitStack() as stack:
        client: Any = stack.enter_context(client_of(call.settings))
        prints_at_once = path is None and kind != "table" and sys.stdout.isatty()
        progress = stack.enter_context(Progress(call.name, is_wanted=not prints_at_once))

        def show(state: Any) -> None:
            total = "" if state.total is None else f"/{state.total}"
            failed = f", {state.failed} failed" if state.failed else ""
            progress.update(f"{call.name}: {state.done}{total}{failed}", done=state.done, total=state.total)

        run = getattr(client.bulk, method)(
            sources,
            **arguments,
            checkpoint=values["checkpoint"],
            concurrency=values["concurrency"],
            max_failures=values["max_failures"],
            fit=values["fit"],
            on_progress=show,
        )
        failures: list[str] = []
        with run, _told_at_ctrl_c(run):
            outcomes = _noted(run, failures)
            if path is None:
                _write(kind, outcomes, method, sys.stdout, progress)
            elif kind == "csv":
                bulk.write_csv(outcomes, path)
            else:
                # A name of a file that is not UTF-8 has characters that only an escape can write.
                with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                    _write(kind, outcomes, method, file, progress)
    _report(run.progress, failures)


@contextmanager
def _told_at_ctrl_c(run: Any) -> Generator[None]:
    """Tell at Ctrl-C that the run waits for its calls under way, and how to end it at once."""
    try:
        yield
    except KeyboardInterrupt:
        calls: int = run._workers  # a worker makes one call at a time
        if calls:
            try:
                note(f"waiting for {calls} call{'s' * (calls > 1)} under way; press Ctrl-C again to stop at once")
            except OSError:  # a full disk, or a reader that has gone
                silence(sys.stderr)
        raise


def _kind_of(path: str | None, call: Call) -> str:
    """Return the form of the results: that of the file's name, else that of the output."""
    if path is None:
        return call.settings.output
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in _FILES:
        raise click.UsageError(f"--output: {path!r} must end in {' or '.join(_FILES)}", call.context)
    return suffix.removeprefix(".")


def _check_output(path: str, call: Call) -> None:
    """Refuse an output that would replace another file of the command."""
    for name, text in (("source", "the list of images"), ("checkpoint", "the checkpoint")):
        other: str | None = call.values[name]
        if other is not None and is_same_file(path, other):
            raise click.UsageError(f"--output: {path!r} is {text} too: give another file", call.context)


def _sources(source: str, pattern: str | None, *, fit: bool) -> Any:
    if source.startswith("s3://"):
        return bulk.s3_prefix(source)
    if os.path.isfile(source):
        return bulk.manifest(source)
    if pattern is not None:
        return bulk.folder(source, pattern)
    wanted = (*_SUFFIXES, *_CONVERTED) if fit else _SUFFIXES
    files = bulk.folder(source)
    if not fit and (others := sum(path.suffix.lower() in _CONVERTED for path in files)):
        note(f"left out: {others} image{'s' * (others > 1)} of formats that the service does not read; --fit converts")
    return [path for path in files if path.suffix.lower() in wanted]


def _noted(run: Iterable[Any], failures: list[str]) -> Iterator[Any]:
    for outcome in run:
        if outcome.error is not None:
            failures.append(f"{outcome.key}: {outcome.error}")
        yield outcome


def _write(kind: str, outcomes: Iterable[Any], method: str, file: TextIO, progress: Progress) -> None:
    """Write outcomes: an object of JSON for each, or rows with the key in front, as in files of `bulk.write_csv`."""
    if kind in ("json", "jsonl"):
        for outcome in outcomes:
            result = (
                {"error": str(outcome.error)} if outcome.error else {"answer": outcome.answer.to_dict(names="wire")}
            )
            print(dumped({"key": outcome.key, **result}, indent=None), file=file)
        return
    writer = Writer(kind)
    columns = ["key", "error", *columns_of(f"{METHODS[method].name}Response")]
    for outcome in outcomes:
        writer.add(_rows_of(outcome, columns), columns)
    progress.end()
    writer.close()


def _rows_of(outcome: Any, columns: Sequence[str]) -> list[dict[str, object]]:
    if outcome.error is not None:
        return [{**dict.fromkeys(columns), "key": outcome.key, "error": str(outcome.error)}]
    rows: list[dict[str, object]] = outcome.answer.to_rows(key=outcome.key, error=None)
    return rows


def _report(state: Any, failures: list[str]) -> None:
    for failure in failures[:_LISTED_FAILURES]:
        note(f"failed: {failure}")
    if (more := len(failures) - _LISTED_FAILURES) > 0:
        note(f"and {more} more")
    before = f", {state.from_checkpoint} from the checkpoint" if state.from_checkpoint else ""
    note(f"{state.done} images, {state.failed} failed{before}, {state.seconds:.1f} s")
    if failures:
        raise Failure(f"{len(failures)} of {state.done} images failed", UNFINISHED)
