"""The command in a real terminal, by tmux: what a person sees."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.command import captures
from tests.kit.screens import SHELLS, Screen, open_screen

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]

PHOTO = Path("examples/images/astronaut.jpg").absolute()


@pytest.fixture
def screen() -> Generator[Callable[[int], Screen]]:
    """Yield the function that opens a terminal of some columns."""
    with ExitStack() as stack:
        yield lambda columns: stack.enter_context(open_screen(columns))


@pytest.fixture
def silent_url() -> Generator[str]:
    """Yield the URL of a server that never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_person_sees_a_table_that_fits(screen: Callable[[int], Screen]) -> None:
    narrow = screen(40)
    narrow.type(f"clear; rekog detect-faces {PHOTO} --local; echo end=$?", "Enter")
    text = narrow.wait_for(lambda text: "end=0" in text)
    assert [line.split()[0] for line in text.splitlines()[:3]] == ["confidence", "box", "roll"]


def test_progress_appears_and_ctrl_c_leaves_nothing(screen: Callable[[int], Screen], silent_url: str) -> None:
    terminal = screen(60)
    terminal.type(f"clear; rekog list-faces staff --region eu-west-1 --endpoint-url {silent_url}; echo end=$?", "Enter")
    terminal.wait_for(lambda text: "list-faces" in text and "0:00:0" in text)
    terminal.type("", "C-c")
    text = terminal.wait_for(lambda text: "end=130" in text)
    assert "0:00:0" not in text
    assert "Traceback" not in text


def test_errors_are_red_except_with_no_color(screen: Callable[[int], Screen]) -> None:
    terminal = screen(80)
    terminal.type("clear; rekog detect-labels nothing.jpg --local; echo end=$?", "Enter")
    assert "\x1b[31m" in terminal.wait_for(lambda text: "end=2" in text, "-e").partition("error:")[0]
    terminal.type("clear; NO_COLOR=1 rekog detect-labels nothing.jpg --local; echo end=$?", "Enter")
    text = terminal.wait_for(lambda text: "end=2" in text and "\x1b[31m" not in text, "-e")
    assert "error: image: 'nothing.jpg' cannot be read" in text


def shows(line: str) -> Callable[[str], bool]:
    """Return a condition: a text has a line."""
    return lambda text: line in text


LOADED = {
    "bash": 'eval "$(rekog completion bash)"',
    "zsh": 'autoload -Uz compinit; compinit -u; eval "$(rekog completion zsh)"',
    "fish": "rekog completion fish | source",
}
COMPLETED = {
    "rekog detect-fa": "rekog detect-faces ",
    "rekog --endpoint-url http://127.0.0.1:80 detect-fac": "rekog --endpoint-url http://127.0.0.1:80 detect-faces ",
    "rekog detect-labels s3://photos/a.jpg --max-l": "rekog detect-labels s3://photos/a.jpg --max-labels ",
    "rekog detect-faces a.jpg --attributes smi": "rekog detect-faces a.jpg --attributes SMILE ",
    "rekog detect-faces a.jpg --attributes=smi": "rekog detect-faces a.jpg --attributes=SMILE ",
    "rekog detect-faces ~/holi": "rekog detect-faces ~/holidays/",
    "rekog detect-faces ~/holidays/in": "rekog detect-faces ~/holidays/in\\ town.jpg ",
    "rekog detect-faces --image=$HOME/holidays/in": "rekog detect-faces --image=$HOME/holidays/in\\ town.jpg ",
    "rekog detect-faces a.jpg --data=$HOME/ho": "rekog detect-faces a.jpg --data=$HOME/holidays/",
    "rekog bulk detect-faces ~/holi": "rekog bulk detect-faces ~/holidays/",
    "rekog list-collections --region=mx-": "rekog list-collections --region=mx-central-1 ",
}


@pytest.mark.parametrize(
    "shell",
    [
        pytest.param(each, marks=pytest.mark.skipif(shutil.which(each) is None, reason=f"{each} is not installed"))
        for each in SHELLS
    ],
)
def test_a_shell_completes_commands_options_members_and_files(shell: str) -> None:
    with open_screen(120, shell=shell) as terminal:
        terminal.type("mkdir ~/holidays; touch ~/holidays/in\\ town.jpg ~/note.txt", "Enter")
        terminal.type(f"{LOADED[shell]}; clear; echo loaded", "Enter")
        terminal.wait_for(lambda text: text.startswith("loaded"))
        for typed, expected in COMPLETED.items():
            terminal.type(typed, "Tab")
            terminal.type("=")  # shows whether a space follows
            terminal.wait_for(shows(f"$ {expected}="))
            terminal.type("", "C-u")


def test_the_captures_of_the_documentation_are_those_of_this_version(tmp_path: Path) -> None:
    documented = captures.PAGE.read_text("utf-8")
    assert captures.page(documented, tmp_path) == documented
