"""Options that all commands share: the client's settings and the form of the output.

They may be given before the command or after it, or by environment variables that begin with `REKOG_`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import click
from click.core import ParameterSource

from .help import SectionedOption
from .values import complete_region

FORMATS = ("table", "json", "jsonl", "csv")


class Settings(NamedTuple):
    """The values of the shared options of a command line."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    timeout: float | None = None
    max_attempts: int | None = None
    local: bool = False
    data: str | None = None
    s3_root: str | None = None
    declare: tuple[str, ...] = ()
    format: str = "table"
    json: bool = False
    verbose: bool = False

    @property
    def output(self) -> str:
        """The format of the output: one of `FORMATS`."""
        return "json" if self.json else self.format


class Call(NamedTuple):
    """A command line that was parsed: the shared settings, and the values of the command's own parameters."""

    context: click.Context
    settings: Settings
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the command, such as `detect-labels`."""
        return self.context.info_name or ""


def _option(name: str, section: str, text: str, **settings: Any) -> click.Option:
    declaration = f"--{name.replace('_', '-')}"
    variable = f"REKOG_{name.upper()}"
    return SectionedOption(
        [declaration, name], section=section, help=f"{text} [{variable}]", envvar=variable, **settings
    )


def shared_options() -> list[click.Parameter]:
    """Return new options for a command."""
    service, emulator, output = "Service", "Embedded emulator", "Output"
    seconds, count = click.FloatRange(0, min_open=True), click.IntRange(1)
    folder, file = click.Path(exists=True, file_okay=False), click.Path(exists=True, dir_okay=False)
    return [
        _option("region", service, "Region; else that of the environment or the profile.", metavar="NAME",
                shell_complete=complete_region),
        _option("profile", service, "Profile of the AWS configuration files.", metavar="NAME"),
        _option("endpoint_url", service, "URL of the service, such as that of an emulator.", metavar="URL"),
        _option(
            "timeout", service, "Maximum time of a call, retries included.", type=seconds, metavar="SECONDS"
        ),
        _option("max_attempts", service, "Attempts of a call, the first included.", type=count, metavar="NUMBER"),
        _option("local", emulator, "Use the emulator in this process: no network, no credentials.", is_flag=True,
                default=False),
        _option("data", emulator, "Folder that keeps its state; implies --local.", metavar="FOLDER",
                type=click.Path(file_okay=False)),
        _option("s3_root", emulator, "Folder with its S3 objects, one subfolder per bucket; implies --local.",
                type=folder, metavar="FOLDER"),
        _option("declare", emulator, "File of declared content; implies --local. Repeatable.", multiple=True,
                type=file, metavar="FILE"),
        _option("format", output, f"Form of the result: {', '.join(FORMATS)}.", type=click.Choice(FORMATS),
                default="table", metavar="FORMAT"),
        SectionedOption(["--json", "json"], section=output, is_flag=True, default=False,
                        help="The response as JSON, with the service's names; as --format json."),
        SectionedOption(["--verbose", "-v", "verbose"], section=output, is_flag=True, default=False,
                        envvar="REKOG_VERBOSE", help="Log each request, and show details of errors. [REKOG_VERBOSE]"),
    ]  # fmt: skip


def root_values(context: click.Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shared options that were given before the command."""
    return {name: value for name, value in values.items() if _is_given(context, name)}


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def settings_of(context: click.Context, values: Mapping[str, Any]) -> Settings:
    """Return the shared settings: an option of the command wins over one before it, and both over the environment."""
    before: Mapping[str, Any] = context.find_root().obj or {}
    given = {name: values[name] for name in Settings._fields if _is_given(context, name)}
    chosen = {**{name: values[name] for name in Settings._fields}, **before, **given}
    if "format" in given and "json" not in given:
        chosen["json"] = False  # the format after the command wins over --json before it
    settings = Settings(**chosen)
    asked = {**before, **given}
    return _located(settings, asked, context)


def _located(settings: Settings, asked: Mapping[str, Any], context: click.Context) -> Settings:
    """Return settings that address either the service or the embedded emulator; what was typed wins."""
    emulator = [name for name in ("local", "data", "s3_root", "declare") if asked.get(name)]
    remote = [name for name in ("endpoint_url", "profile") if asked.get(name)]
    if emulator and remote:
        both = " and ".join(f"--{name.replace('_', '-')}" for name in (emulator[0], remote[0]))
        raise click.UsageError(
            f"{both} exclude each other: the embedded emulator is no server and has no profiles", context
        )
    wants_local = settings.local or any((settings.data, settings.s3_root, settings.declare))
    return settings._replace(local=bool(emulator) or (wants_local and not remote))


def shared(function: Callable[[Call], None]) -> Callable[..., None]:
    """Return the callback of a command with shared options: it calls the function with a `Call`."""

    def callback(**values: Any) -> None:
        context = click.get_current_context()
        settings = settings_of(context, values)
        function(Call(context, settings, values))

    return callback
