"""The command of each operation, made from the generated tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from .._generated.operations import METHODS
from .._generated.paging import PAGED
from . import drawing, output
from .examples import example_of
from .failures import note
from .help import Command, SectionedOption
from .parameters import Parameter, Words, arguments_of, description_of, parameters_of
from .progress import Progress
from .session import client_of
from .settings import Call, shared, shared_options

if TYPE_CHECKING:
    from .._values.model import Response

_FAMILIES = {
    "images": "Images",
    "collections": "Collections and faces",
    "users": "Users",
    "celebrities": "Celebrities",
    "videos": "Stored videos",
    "streams": "Streaming videos",
    "custom_labels": "Custom Labels",
    "media_analysis": "Media analysis",
    "liveness": "Face liveness",
    "tags": "Tags",
}
"""Family of operations to its title, in the order of the help."""


def summaries() -> dict[str, list[tuple[str, str]]]:
    """Return the commands of each family with their summaries."""
    found: dict[str, list[tuple[str, str]]] = {title: [] for title in _FAMILIES.values()}
    for method, operation in METHODS.items():
        title = _FAMILIES.get(operation.family, operation.family.replace("_", " ").capitalize())
        found.setdefault(title, []).append((method.replace("_", "-"), description_of(method).summary))
    return found


def operation_command(name: str) -> click.Command:
    """Return the command of an operation."""
    method = name.replace("-", "_")
    parameters = parameters_of(method)
    has_image = _has_image(method)
    options = [
        *(paging_options() if method in PAGED else ()),
        *([drawing.fit_option()] if has_image else ()),
        *(drawing.options(has_sides=method == "compare_faces") if drawing.can_draw(method) else ()),
    ]

    def run(call: Call) -> None:
        _run(method, parameters, call)

    return command_of(name, method, parameters, options, run)


def _has_image(method: str) -> bool:
    return any(name != "video" for name in METHODS[method].media)


def command_of(
    name: str,
    method: str,
    parameters: Sequence[Parameter],
    options: Sequence[click.Option],
    run: Callable[[Call], None],
) -> click.Command:
    """Return a command with the parameters and the help of an operation."""
    description = description_of(method)
    words = [Words(parameters)] if any(each.is_positional for each in parameters) else []
    return Command(
        name,
        callback=shared(run),
        params=[*words, *(each.option for each in parameters), *options, *shared_options()],
        help="\n\n".join(filter(None, (description.summary, description.text.replace("`", "")))),
        example=example_of(description.example, method),
    )


def paging_options() -> list[click.Option]:
    """Return the options of a listing; all its pages are read unless an option limits them."""
    section = "Pages"
    positive = click.IntRange(1)
    return [
        SectionedOption(["--max-items"], section=section, type=positive, help="Maximum number of results in total."),
        SectionedOption(["--page-size"], section=section, type=positive, help="Results of each request."),
        SectionedOption(["--starting-token"], section=section, metavar="TOKEN", help="Where an earlier command ended."),
    ]


def _run(method: str, parameters: Sequence[Parameter], call: Call) -> None:
    arguments = arguments_of(call.context, parameters, call.values)
    if call.values.get("fit"):
        drawing.fit(METHODS[method].media, arguments)
    plan = drawing.plan_of(method, arguments, call.values)
    with client_of(call.settings) as client:
        if method in PAGED:
            pager = getattr(client, f"paginate_{method}")(**arguments, **page_arguments(call))
            write_listing(call, pager, method)
            return
        with Progress(call.name):
            response: Response = getattr(client, method)(**arguments)
    try:
        if plan is not None:
            drawing.draw(plan, response)
    finally:  # a drawing that fails costs no response
        output.write_response(call.settings.output, response)


def page_arguments(call: Call) -> dict[str, Any]:
    """Return the arguments of a pager."""
    return {name: call.values[name] for name in ("max_items", "page_size", "starting_token")}


def write_listing(call: Call, pager: Any, method: str) -> None:
    """Write all pages of a pager; a listing that ended early is followed by the token to continue."""
    paged = PAGED[method]
    is_streamed = call.settings.output in ("jsonl", "csv") and sys.stdout.isatty()
    with Progress(call.name, is_wanted=not is_streamed) as progress:

        def counted() -> Any:
            count = 0
            for page in pager.pages():
                yield page
                count += len(paged.read(page))
                progress.update(f"{call.name}: {count} results")

        document = output.write_pages(call.settings.output, counted(), paged, before=progress.end)
    token = pager.resume_token
    if call.settings.output == "json":
        output.write_document(document if token is None else {**document, "NextToken": token})
    elif token is not None:
        note(f"more results: --starting-token {token}")
