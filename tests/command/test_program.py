"""The program: its start, its help, shared options, exit statuses, and the end of a run."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

import rekog
from rekog import RekognitionClient, errors
from rekog._generated.operations import METHODS
from rekog.command import main, program
from rekog.command.docstrings import described
from rekog.command.failures import Failure, is_closed_pipe, report, status_of
from rekog.command.session import client_of
from rekog.command.settings import Settings
from tests.kit.backends import Scripted, json_reply
from tests.kit.wire import image_file, plain_image

if TYPE_CHECKING:
    from tests.command.conftest import Run

Service = Callable[..., Scripted]


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version") == (0, f"rekog {rekog.__version__}\n", "")


def test_the_help_lists_every_command(run: Run) -> None:
    done = run("--help")
    names = {line.split()[0] for line in done.out.splitlines() if line.startswith("  ") and line.strip()}
    assert done.status == 0
    assert {name.replace("_", "-") for name in METHODS} | set(program.GROUPS) <= names


def test_no_command_shows_the_help(run: Run) -> None:
    assert run().out == run("--help").out
    assert run("job").status == 2


def test_a_method_name_is_a_command_too(run: Run, service: Service) -> None:
    service(json_reply({}))
    assert run("list_collections").status == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["detect-lables"], "did you mean detect-labels"),
        (["xyz"], "rekog -h lists all"),
        (["people", "xyz"], "there are enroll, identify, users, remove, inventory"),
        (["job", "start", "labels"], "there are celebrity-recognition, "),
    ],
)
def test_an_unknown_command_is_an_error_with_the_nearest_names(run: Run, words: list[str], hint: str) -> None:
    done = run(*words)
    assert done.status == 2
    assert f"there is no command {words[-1]!r}: {hint}" in done.err


def test_an_unknown_option_is_a_usage_error(run: Run) -> None:
    assert "No such option" in run("--xyz").err
    assert "No such option" in run("people", "--xyz").err


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert main([]) == 2
    line = f"rekog: the command needs {missing}: pip install '.[cli]' in a clone of rekog\n"
    assert capsys.readouterr().err == line


def test_the_arguments_of_the_process_are_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["rekog", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("rekog ")


def test_the_package_as_a_module_is_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["rekog", "--version"])
    path = Path(rekog.__file__).with_name("__main__.py")
    code = compile(path.read_text(), path, "exec")  # `runpy` does not know the loader of pytest
    # coverage finds the package of a program by its spec
    names = {"__package__": "rekog", "__spec__": find_spec("rekog.__main__")}
    exec(code, {**names, "__name__": "rekog.__main__"})
    assert capsys.readouterr().out == ""
    with pytest.raises(SystemExit) as end:
        exec(code, {**names, "__name__": "__main__"})
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("rekog ")


def test_ctrl_c_while_modules_are_loaded_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_words: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "run", interrupt)
    assert main([]) == 130


# --- Shared options ----------------------------------------------------------------------------------------------


@pytest.fixture
def settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Return the function that runs a command line and returns the settings that it would use."""
    found: list[Settings] = []

    def keep(given: Settings) -> Any:
        found.append(given)
        raise Failure("no call")

    monkeypatch.setattr("rekog.command.operations.client_of", keep)

    def of(*words: object) -> Settings:
        done = run(*words)
        assert done.err == "error: no call\n"
        return found.pop()

    return of


def test_shared_options_may_be_before_or_after_the_command(settings: Callable[..., Settings]) -> None:
    before = settings("--region", "eu-west-1", "--json", "list-collections")
    after = settings("list-collections", "--region", "eu-west-1", "--json")
    assert before == after == Settings(region="eu-west-1", json=True)


def test_an_option_after_the_command_wins_over_one_before_it(settings: Callable[..., Settings]) -> None:
    found = settings("--region", "eu-west-1", "--json", "list-collections", "--region", "us-east-1", "--format", "csv")
    assert (found.region, found.output) == ("us-east-1", "csv")
    assert settings("--format", "csv", "list-collections", "--json").output == "json"


def test_environment_variables_are_defaults(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    values = {
        "region": "eu-west-1", "profile": "home", "endpoint_url": "http://127.0.0.1:1", "timeout": 2.5,
        "max_attempts": 7, "local": False, "data": str(tmp_path), "s3_root": str(tmp_path), "declare": (__file__,),
        "format": "csv", "json": False, "verbose": True,
    }  # fmt: skip
    for name, value in values.items():
        if name != "json":
            monkeypatch.setenv(f"REKOG_{name.upper()}", value[0] if isinstance(value, tuple) else str(value))
    assert settings("list-collections") == Settings(**{**values, "local": True})  # type: ignore[arg-type]  # mixed types
    assert settings("list-collections", "--region", "us-east-1").region == "us-east-1"
    assert settings("--region", "us-east-1", "list-collections").region == "us-east-1"


def test_what_was_typed_wins_over_the_environment(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REKOG_LOCAL", "1")
    assert settings("list-collections").local
    assert not settings("list-collections", "--endpoint-url", "http://127.0.0.1:1").local
    monkeypatch.setenv("REKOG_LOCAL", "")
    monkeypatch.setenv("REKOG_ENDPOINT_URL", "http://127.0.0.1:1")
    assert settings("list-collections", "--local").local
    assert not settings("list-collections").local


@pytest.mark.parametrize(("local", "remote"), [("--local", "--profile"), ("--data", "--endpoint-url")])
def test_the_emulator_and_the_service_exclude_each_other(run: Run, local: str, remote: str) -> None:
    words = [local] if local == "--local" else [local, "folder"]
    done = run(*words, "list-collections", remote, "home")
    assert done.status == 2
    assert f"{local} and {remote} exclude each other" in done.err


@pytest.mark.parametrize(
    "words", [["--timeout", "0"], ["--max-attempts", "0"], ["--format", "xml"], ["--s3-root", "no"]]
)
def test_a_wrong_value_of_a_shared_option_is_a_usage_error(run: Run, words: list[str]) -> None:
    done = run("list-collections", *words)
    assert (done.status, done.out) == (2, "")
    assert f"Invalid value for '{words[0]}'" in done.err


def test_a_client_of_the_service_has_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", "adaptive")
    given = Settings(region="eu-west-1", endpoint_url="http://127.0.0.1:1", timeout=2.5, max_attempts=7)
    with client_of(given) as client:
        assert (client.region_name, client.endpoint_url) == ("eu-west-1", "http://127.0.0.1:1/")
        assert client.config.timeout.total == 2.5
        assert (client.config.retry.mode, client.config.retry.max_attempts) == ("adaptive", 7)


def test_an_embedded_emulator_keeps_its_state_in_the_folder(run: Run, tmp_path: Path) -> None:
    assert run("create-collection", "staff", "--data", tmp_path).status == 0
    assert run("list-collections", "--data", tmp_path).out == "collection_id\tface_model_version\nstaff\t7.0\n"


def test_an_embedded_emulator_has_objects_and_declarations(run: Run, tmp_path: Path) -> None:
    bucket = tmp_path / "objects" / "photos"
    bucket.mkdir(parents=True)
    bucket.joinpath("cat.png").write_bytes(image_file(plain_image(200, 100)))
    truth = tmp_path / "truth.json"
    truth.write_text('{"declare": [{"of": "s3://photos/cat.png", "labels": ["Cat"]}]}')
    words = ["detect-labels", "s3://photos/cat.png", "--s3-root", bucket.parent, "--declare", truth]
    done = run(*words, "--region", "eu-west-1", "--format", "csv")
    assert done.out.splitlines()[1].startswith("Cat,100.0"), done.err


def test_a_mistake_in_a_declaration_is_one_line(run: Run, tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    truth.write_text("{}")
    done = run("list-collections", "--declare", truth)
    assert done.status == 2
    assert done.err.count("\n") == 1


# --- Failures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ThrottlingException("slow"), 1),
        (errors.JobFailedError("failed"), 1),
        (errors.DecodeError("form"), 1),
        (OSError(errno.ENOSPC, "No space left on device", "out.png"), 1),
        (click.ClickException("emulator"), 1),
        (click.UsageError("usage"), 2),
        (errors.ParamValidationError("argument"), 2),
        (errors.ConfigError("setting"), 2),
        (ModuleNotFoundError("install the extra"), 2),
        (errors.ConnectError("no connection"), 3),
        (errors.CallTimeoutError("late"), 3),
        (errors.CredentialsError("none"), 4),
        (errors.WaiterTimeoutError("late"), 5),
        (Failure("failed", 5), 5),
        (KeyError("x"), 70),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
    ],
)
def test_each_kind_of_error_has_its_exit_status(error: BaseException, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "out.png"), "out.png: No space left on device"),
        (OSError("odd"), "odd"),
        (errors.ServiceError(code="Odd"), "Odd"),
        (errors.RekogError(), "RekogError"),
        (KeyError("x"), "this is a defect of rekog: KeyError: 'x'; --verbose shows where"),
        (errors.ParamValidationError("f: of all", problems=["image: a", "of all"]), "image: a; of all"),
        (errors.ConfigError("no region: give region_name, or set X"), "no region: give --region, set X"),
    ],
)
def test_an_error_is_one_line(capsys: pytest.CaptureFixture[str], error: BaseException, line: str) -> None:
    report(error, is_verbose=False)
    assert capsys.readouterr().err == f"error: {line}\n"


def test_ctrl_c_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(KeyboardInterrupt(), is_verbose=True) == 130
    assert capsys.readouterr() == ("", "")


def test_verbose_shows_causes_and_where_a_defect_is(capsys: pytest.CaptureFixture[str]) -> None:
    lost = errors.ConnectError("no connection")
    lost.__cause__ = OSError("refused")
    report(lost, is_verbose=True)
    assert capsys.readouterr().err == "error: no connection\ncaused by: OSError: refused\n"
    report(KeyError("x"), is_verbose=True)
    assert "error: this is a defect of rekog: KeyError: 'x'\n" in (text := capsys.readouterr().err)
    assert text.endswith("KeyError: 'x'\n")


@pytest.mark.parametrize(("value", "shown"), [("1", True), ("", False), ("0", False), ("False", False)])
def test_the_environment_may_ask_for_details(
    run: Run, service: Service, monkeypatch: pytest.MonkeyPatch, value: str, shown: bool
) -> None:
    service(errors.ConnectError("no connection"), json_reply({}))
    monkeypatch.setenv("REKOG_VERBOSE", value)
    assert ("DEBUG: " in run("list-collections", "--max-attempts", 1).err) is shown


def test_a_closed_pipe_is_an_error_of_the_output_alone() -> None:
    assert is_closed_pipe(BrokenPipeError(errno.EPIPE, "Broken pipe"))
    assert not is_closed_pipe(BrokenPipeError(errno.EPIPE, "Broken pipe", "fifo"))
    assert not is_closed_pipe(OSError(errno.ENOSPC, "full"))


class Broken(io.FileIO):
    """A file that cannot be written until its descriptor is that of another file."""

    def __init__(self, path: Path, number: int) -> None:
        super().__init__(path, "w")
        self._number = number
        self._identity = os.fstat(self.fileno()).st_ino

    def write(self, content: Any, /) -> int:
        if os.fstat(self.fileno()).st_ino == self._identity:
            raise OSError(self._number, os.strerror(self._number))
        return super().write(content)


@pytest.mark.parametrize(
    ("number", "status", "line"), [(errno.EPIPE, 141, ""), (errno.ENOSPC, 1, "error: No space left on device\n")]
)
@pytest.mark.parametrize("fails", [False, True], ids=["output", "command"])
def test_output_that_cannot_be_written_is_one_line_and_dropped(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    number: int, status: int, line: str, fails: bool,
) -> None:  # fmt: skip
    service(json_reply({"Labels": []}))
    source = tmp_path / "none.png"
    source.touch()
    with io.TextIOWrapper(io.BufferedWriter(Broken(tmp_path / "out", number))) as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["bulk", "detect-labels", str(tmp_path), "--json"] if fails else ["--version"]) == status
    before = "error: 1 of 1 images failed\n" if fails else ""
    assert capsys.readouterr().err.endswith(before + line)
    assert (tmp_path / "out").read_text() == ""


def test_a_full_standard_error_changes_no_status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        def fileno(self) -> int:
            return file.fileno()

    with (tmp_path / "err").open("wb", buffering=0) as file:
        monkeypatch.setattr(sys, "stderr", Full())
        assert report(FileNotFoundError(2, "No such file"), is_verbose=True) == 1
        file.write(b"the rest")
    assert (tmp_path / "err").read_bytes() == b""


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_missing_stream_is_an_empty_one(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sys, name, None)
    assert run("--version").status == 0
    with getattr(sys, name) as stream:
        assert stream.name == os.devnull


def test_the_remedies_are_options(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    words = ["list-collections", "--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:1", "--max-attempts", "1"]
    assert "and AWS_CA_BUNDLE" in run(*words).err
    assert run(*words, "--timeout", "0.000001").err.endswith("increase --timeout (ListCollections)\n")


def test_a_stream_without_an_encoding_is_left_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    assert run("--version").status == 0
    assert stream.getvalue().startswith("rekog ")


def test_texts_that_a_code_page_lacks_are_escaped(run: Run, service: Service) -> None:
    service(json_reply({"TextDetections": [{"DetectedText": "\u4f60"}]}))
    run("--version")
    assert sys.stdout.errors == sys.stderr.errors == "backslashreplace"


def test_colours_need_a_terminal_and_a_consenting_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    report(errors.RekogError("a"), is_verbose=False)
    assert capsys.readouterr().err == "\x1b[31m\x1b[1merror:\x1b[0m a\n"
    for name, value in (("TERM", "dumb"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
        report(errors.RekogError("a"), is_verbose=False)
        assert capsys.readouterr().err == "error: a\n"
        monkeypatch.delenv(name)


# --- Docstrings --------------------------------------------------------------------------------------------------


def test_python_without_docstrings_has_a_command_without_texts() -> None:
    assert described(None) == ("", "", {}, "")


def test_a_docstring_has_a_summary_a_text_arguments_and_an_example() -> None:
    parts = described(
        """Find
        it.

        More.

        Args:
            image: Image to
                read.
            limit: Maximum.

        Raises: AnError,
            Another.

        Example:
            client.find("a.jpg")
        """
    )
    assert parts == ("Find it.", "More.", {"image": "Image to read.", "limit": "Maximum."}, 'client.find("a.jpg")')


def test_the_client_class_has_docstrings_for_all_methods() -> None:
    assert all(described(getattr(RekognitionClient, name).__doc__).summary for name in METHODS)


# --- The emulator's own group ------------------------------------------------------------------------------------


def test_the_group_of_the_emulator_is_loaded_by_its_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def health() -> None:
        print("ready")

    class Module:
        group = click.Group("emulator", {"health": health})

    def found(_name: str) -> type[Module]:
        return Module

    monkeypatch.setattr("rekog.command.groups.emulator.import_module", found)
    assert run("emulator", "health").out == "ready\n"
