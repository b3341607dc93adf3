"""Completion by shells: scripts, and the answers to a shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from rekog._generated.operations import METHODS
from rekog._generated.partitions import PARTITIONS
from rekog.command import program
from rekog.command.failures import Failure

if TYPE_CHECKING:
    from tests.command.conftest import Run

Completions: TypeAlias = Callable[..., list[str]]
REGIONS = [name for each in PARTITIONS for name in each.regions if "global" not in name]


@pytest.fixture
def completions(run: Run, monkeypatch: pytest.MonkeyPatch) -> Completions:
    """Return the function that completes the last word of a line, as a shell asks for it."""

    def of(line: str, shell: str = "bash") -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("_REKOG_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
        done = run()
        assert done.err == ""
        return done.out.split()

    return of


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_this_command(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert (done.status, done.err) == (0, "")
    assert f"_REKOG_COMPLETE={shell}_complete" in done.out


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rekog detect-l", ["plain,detect-labels"]),
        ("rekog pe", ["plain,people"]),
        ("rekog people en", ["plain,enroll"]),
        ("rekog job start lab", ["plain,label-detection"]),
        ("rekog bulk detect-t", ["plain,detect-text"]),
        ("rekog detect-faces --attributes AG", ["plain,AGE_RANGE"]),
        ("rekog detect-faces --attributes ag", ["plain,AGE_RANGE"]),
        ("rekog get-label-detection id --sort-by ", ["plain,NAME", "plain,TIMESTAMP"]),
        ("rekog detect-labels cat", ["file,cat"]),
        ("rekog index-faces staff cat", ["file,cat"]),
        ("rekog index-faces --image cat.jpg sta", []),
        ("rekog detect-labels --image cat.jpg c", []),
        ("rekog start-label-detection s3", ["plain,s3"]),
        ("rekog list-faces staff --max", ["plain,--max-items", "plain,--max-attempts"]),
        ("rekog --loc", ["plain,--local"]),
        ("rekog bulk detect-faces fol", ["file,fol"]),
        ("rekog --region mx-", ["plain,mx-central-1"]),
        # bash makes words of their own of colons and equals signs
        ("rekog --endpoint-url http : //127.0.0.1 : 80 detect-l", ["plain,detect-labels"]),
        ("rekog detect-faces s3 : //photos/a.jpg --attributes = ag", ["plain,AGE_RANGE"]),
        ("rekog detect-faces --image = cat", ["file,cat"]),
        ("rekog --region =", [f"plain,{name}" for name in REGIONS]),
    ],
)
def test_a_word_is_completed(completions: Completions, line: str, expected: list[str]) -> None:
    assert completions(line) == expected


@pytest.mark.parametrize("line", ["rekog --region=mx-", "rekog list-faces c --region=mx-"])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_value_of_an_option_in_one_word_is_completed(
    completions: Completions, monkeypatch: pytest.MonkeyPatch, shell: str, line: str
) -> None:
    monkeypatch.setenv("COMP_BREAKS", " ;")  # a user's COMP_WORDBREAKS
    assert "--region=mx-central-1" in completions(line, shell)[shell == "zsh"].removeprefix("plain,")


def test_all_commands_are_offered(completions: Completions) -> None:
    offered = {line.removeprefix("plain,") for line in completions("rekog ")}
    assert {name.replace("_", "-") for name in METHODS} | set(program.GROUPS) == offered


def test_a_failure_is_silent(completions: Completions, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_name: str) -> None:
        raise Failure("the module does not load", 2)

    monkeypatch.setattr("rekog.command.groups.emulator.import_module", failing)
    assert completions("rekog emulator s") == []
