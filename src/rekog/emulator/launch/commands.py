"""Commands on a running server or on a data folder: reset, snapshot, restore, health, calls."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, cast

from ..state import State, open_existing
from ..state.copies import new_file
from .options import VARIABLE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx  # at run time in functions: a help text needs no HTTP

DEFAULT_PORT = "8680"
URL_VARIABLE = f"{VARIABLE_PREFIX}URL"
TIMEOUT_SECONDS = 300.0
HEALTH_SECONDS = 5.0
HELP: Mapping[str, str] = {
    "serve": "serve Amazon Rekognition on this machine, for any client with a configurable endpoint URL",
    "reset": "delete all state; a folder must contain a state",
    "snapshot": "write the whole state into FILE; a folder must contain a state",
    "restore": "replace the state by the snapshot FILE; a folder without a state gets one",
    "health": "print version and URL of a running server; the exit status is 1 if there is none",
    "calls": "list the recorded calls of a running server",
}
URL_HELP = f"a running server (default: {URL_VARIABLE}, or http://127.0.0.1 with {VARIABLE_PREFIX}PORT or 8680)"
DATA_HELP = "a data folder, which a server may be using"


class Target(NamedTuple):
    """The object of a command: a running server, or a data folder if `data` is given."""

    url: str
    data: str | None = None


def target_of(url: str | None, data: str | None, environment: Mapping[str, str]) -> Target:
    """Return the object of a command. The variable of the data folder is the server's, so it does not count here.

    >>> target_of(None, None, {"REKOG_EMULATOR_PORT": "9000"}).url
    'http://127.0.0.1:9000'
    """
    port = environment.get(f"{VARIABLE_PREFIX}PORT", "")
    local = f"http://127.0.0.1:{port if port.strip('0').isdecimal() else DEFAULT_PORT}"
    return Target((url or environment.get(URL_VARIABLE) or local).rstrip("/"), data)


# Commands on a folder use the state alone: an emulator would also process the jobs and messages of a server.


def reset(target: Target) -> None:
    """Delete all state."""
    if target.data is None:
        _request(target, "POST", "reset")
        return
    with closing(open_existing(target.data)) as state:
        state.clear()
        while state.delete_part():  # else the next emulator deletes the rest
            pass


def snapshot(target: Target, file: str) -> None:
    """Write the whole state into a file."""
    if target.data is None:
        content = _request(target, "GET", "snapshot").content
        with new_file(file) as unfinished:
            unfinished.write_bytes(content)
        return
    with closing(open_existing(target.data)) as state:
        state.snapshot(file)


def restore(target: Target, file: str) -> None:
    """Replace the state by a snapshot."""
    if target.data is None:
        with open(file, "rb") as opened:
            _request(target, "PUT", "snapshot", opened.read())
        return
    with closing(State(target.data)) as state:
        state.restore(file)


def health(target: Target) -> str:
    """Return a line with version and URL of a running server; raise `ConnectionError` if there is none."""
    found: object = _request(target, "GET", "health", seconds=HEALTH_SECONDS).json()
    # cast: the control API's own response
    return f"rekog {cast('Mapping[str, object]', found)['version']} is ready on {target.url}"


def calls(target: Target, operation: str | None, last: int | None = None) -> Sequence[Mapping[str, object]]:
    """Return the recorded calls of a running server, or the last of one operation, the oldest first."""
    import httpx

    query = {"operation": operation, "last": last}
    parameters = httpx.QueryParams({name: value for name, value in query.items() if value is not None})
    found: object = _request(target, "GET", f"calls?{parameters}").json()
    # cast: the control API's own response
    return cast("Mapping[str, Sequence[Mapping[str, object]]]", found)["calls"]


def clear_calls(target: Target) -> None:
    """Delete the recorded calls of a running server."""
    _request(target, "DELETE", "calls")


def _request(
    target: Target, method: str, path: str, content: bytes | None = None, *, seconds: float = TIMEOUT_SECONDS
) -> httpx.Response:
    import httpx

    try:
        with httpx.Client(base_url=f"{target.url}/_rekog", timeout=seconds, trust_env=False) as client:
            response = client.request(method, f"/{path}", content=content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectionError(f"{target.url} can't be reached: {error}") from error
    if response.status_code != 200:
        raise OSError(f"{target.url} returned status {response.status_code}: {response.text}")
    return response
