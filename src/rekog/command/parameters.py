"""The parameters of an operation as options: their names, types and help.

Everything comes from tables: names and order from the client's method, types from the shapes of the service model,
texts from the method's docstring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .._core.names import snake
from .._generated.client import RekognitionClient
from .._generated.operations import METHODS
from .._generated.paging import PAGED
from .._generated.shapes import SHAPES
from .docstrings import Description, described
from .help import SectionedOption
from .values import STDIN, Json, ListOf, Media, Member, Pairs, Text, read_standard_input

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from .._core.operation import Shape

_PAGE_TOKENS = ("next_token", "max_results")
_MEDIA_HELP = {
    "image": "a path, - for the standard input, or s3://BUCKET/KEY.",
    "video": "s3://BUCKET/KEY; the service reads stored videos from S3 only.",
}
_DOCUMENTS = ("ProjectPolicyDocument",)
"""Shapes of texts that are usually in a file."""


class Parameter(NamedTuple):
    """A parameter of an operation: its Python name, its shape, and the option for it."""

    name: str
    shape: Shape
    is_required: bool
    is_positional: bool
    option: click.Option

    @property
    def is_media(self) -> bool:
        """Whether it is the place of an image or a video."""
        return isinstance(self.option.type, Media)

    @property
    def is_list(self) -> bool:
        """Whether it takes several words."""
        return self.option.multiple

    def value(self, given: Any) -> Any:
        """Return the value for the client's method; None when the option was not given."""
        if not self.is_list:
            return given
        if not given:
            return None
        if self.shape.kind == "map":
            return {key: item for pairs in given for key, item in pairs.items()}
        return [item for items in given for item in items]

    def converted(self, words: Sequence[str], context: click.Context) -> Any:
        """Return the value of words in place of the option."""
        converted = [self.option.type.convert(word, self.option, context) for word in words]
        return self.value(tuple(converted) if self.is_list else converted[0])


@cache
def description_of(method_name: str) -> Description:
    """Return the parts of the docstring of a client's method."""
    return described(getattr(RekognitionClient, method_name).__doc__)


def parameters_of(method_name: str, *, with_words: bool = True) -> list[Parameter]:
    """Return the parameters of an operation in the order of its method, without tokens of pages.

    With `with_words` the positional parameters of the method are words of the command line, else options only.
    """
    operation = METHODS[method_name]
    request = SHAPES[f"{operation.name}Request"]
    wire_names = {snake(name): name for name in request.members}
    code = getattr(RekognitionClient, method_name).__code__
    names: Sequence[str] = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    hidden = {"options", *(_PAGE_TOKENS if method_name in PAGED else ())}
    texts = description_of(method_name).arguments
    found: list[Parameter] = []
    for place, name in enumerate(names, 1):
        if name in hidden:
            continue
        shape_name = request.members[wire_names[name]]
        is_required = wire_names[name] in request.required
        is_positional = with_words and place < code.co_argcount
        kind = "video" if name == "video" else "image" if name in operation.media else ""
        settings: dict[str, Any] = {"help": _help(texts.get(name, ""), kind), "section": _section(is_positional)}
        option = _option(name, shape_name, kind, required=is_required and not is_positional, **settings)
        found.append(Parameter(name, SHAPES[shape_name], is_required, is_positional, option))
    return found


def _section(is_positional: bool) -> str:  # noqa: FBT001 (a yes or no)
    return "Arguments, in this order or as options" if is_positional else "Options"


def _option(name: str, shape_name: str, media: str, **settings: Any) -> click.Option:
    shape = SHAPES[shape_name]
    flag = f"--{name.replace('_', '-')}"
    if shape.kind == "boolean":
        return SectionedOption([f"{flag}/--no-{flag[2:]}", name], default=None, **settings)
    if media == "image":
        names = [flag, f"{flag}-bytes", name]  # the second name is the one of the AWS CLI for a local image
        return SectionedOption(names, type=Media(media), metavar="IMAGE", **settings)
    kind, is_list = (Media(media), False) if media else _type_of(shape_name)
    if members := _unnamed_members(kind):
        settings["help"] = f"{settings['help']} Members: {', '.join(members)}.".strip()
    if isinstance(kind, Json):
        settings["help"] = f"{settings['help']} Form: {_form_of(shape_name)}.".strip()
    if is_list and shape.kind != "map":
        settings["help"] = f"{settings['help']} Repeatable.".strip()
    return SectionedOption([flag, name], type=kind, multiple=is_list, **settings)


def _form_of(shape_name: str) -> str:
    """Return the form of a structure: its fields with the kinds of their values."""
    shape = SHAPES[shape_name]
    if shape.kind == "structure":
        return f"{{{', '.join(f'{name}: {_form_of(target)}' for name, target in shape.members.items())}}}"
    if shape.kind == "list":
        return f"[{_form_of(shape.item)}, ...]"
    if shape.enum:
        return "|".join(shape.enum)
    return {"string": "TEXT", "boolean": "true|false", "blob": "BASE64"}.get(shape.kind, "NUMBER")


def _unnamed_members(kind: click.ParamType[Any]) -> Sequence[str]:
    """Return the members of an enum that are too many for the line of the option."""
    item = kind.item if isinstance(kind, ListOf) else kind
    return item.choices if isinstance(item, Member) and item.is_long else ()


def _type_of(shape_name: str) -> tuple[click.ParamType[Any], bool]:
    """Return the type of an option, and whether it is repeatable."""
    shape = SHAPES[shape_name]
    if shape.kind == "map":
        return Pairs(), True
    if shape.kind == "list":
        if SHAPES[shape.item].kind == "structure":
            return Json(shape_name), True
        return ListOf(_type_of(shape.item)[0]), True
    if shape.kind == "structure":
        return Json(shape_name), False
    numbers: Mapping[str, click.ParamType[Any]] = {"integer": click.INT, "float": click.FLOAT}
    if shape.kind in numbers:
        return numbers[shape.kind], False
    return (Member(shape.enum) if shape.enum else Text(is_document=shape_name in _DOCUMENTS)), False


def _help(text: str, media: str) -> str:
    """Return the text of an argument for a terminal: the forms of a medium are those of the command."""
    if media:
        subject = text.partition(". ")[0].rstrip(".")
        return f"{subject}: {_MEDIA_HELP[media]}"
    return text.replace("`", "")


class Words(click.Argument):
    """The positional arguments of an operation; each of them may be given as an option of its name instead."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.parameters: list[Parameter] = [each for each in parameters if each.is_positional]
        super().__init__(["words"], nargs=-1, required=False, metavar=" ".join(map(_metavar, self.parameters)))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the next positional argument."""
        given = ctx.params.get("words") or ()
        free = [each for each in self.parameters if not ctx.params.get(each.name)]
        if not free:
            return []
        parameter = free[min(len(given), len(free) - 1)]
        return parameter.option.type.shell_complete(ctx, parameter.option, incomplete)


def _metavar(parameter: Parameter) -> str:
    return parameter.name.upper() + ("..." if parameter.is_list else "")


def arguments_of(context: click.Context, parameters: Sequence[Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the client's method from the words and options of a command line."""
    arguments = {each.name: each.value(values[each.name]) for each in parameters}
    words: list[str] = list(values.get("words") or ())
    for parameter in (each for each in parameters if each.is_positional):
        if not words or arguments[parameter.name] is not None:
            continue
        taken = words if parameter.is_list else words[:1]
        words = words[len(taken) :]
        arguments[parameter.name] = parameter.converted(taken, context)
    if words:
        raise click.UsageError(f"unexpected extra argument: {' '.join(words)}", context)
    missing = [_metavar(each) for each in parameters if each.is_required and arguments[each.name] is None]
    if missing:
        raise click.UsageError(f"missing argument{'s' if missing[1:] else ''}: {' '.join(missing)}", context)
    piped = [each.name for each in parameters if each.is_media and arguments[each.name] == STDIN]
    if piped[1:]:
        raise click.UsageError("only one image can be - (the standard input)", context)
    for name in piped:
        arguments[name] = read_standard_input("the image")
    return {name: value for name, value in arguments.items() if value is not None}
