"""A headless Chromium, driven through the DevTools protocol over two pipes (`--remote-debugging-pipe`).

Each message is JSON with a null byte at its end. https://chromedevtools.github.io/devtools-protocol/ has the methods.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "the tests of the console need Chromium: apt-get install chromium"
WAIT_SECONDS = 90.0
"""Maximum time for a response of the browser and for a condition of a page, also on a busy machine."""
_POLL_SECONDS = 0.05
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39, " ": 32}
_SHIFT = 8
# The protocol's file descriptors are 3 and 4. A process sets them: a preexec_fn is unsafe beside threads.
_START = """
import os, sys
copies = [os.dup2(int(each), 1000 + int(each)) for each in sys.argv[1:3]]
for number, copy in zip((3, 4), copies):
    os.dup2(copy, number)
os.execvp(sys.argv[3], sys.argv[3:])
"""


class BrowserError(Exception):
    """The browser reported an error, or did not respond."""


class Browser:
    """A running browser with one page."""

    def __init__(self, program: str, profile: Path) -> None:
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        command = [program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"]
        command += ["--no-first-run", "--disable-dev-shm-usage", f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, str(to_read), str(to_write), *command],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        """The events that have arrived so far, such as `Runtime.exceptionThrown`."""

    def open_page(self) -> None:
        """Attach to a new page, and report its errors."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM", "Network"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        """End the browser."""
        self._process.kill()
        self._process.wait(WAIT_SECONDS)
        os.close(self._read)
        os.close(self._write)

    def send(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command, and return its result."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + WAIT_SECONDS
        while True:
            received = self._receive(until, method)
            if received.get("id") == self._number:
                if "error" in received:
                    raise BrowserError(f"{method}: {received['error']}")
                return cast("dict[str, Any]", received["result"])
            self.events.append(received)

    def go(self, url: str) -> None:
        """Load a page, as if a person had typed its URL."""
        self.send("Page.navigate", url=url)
        self.wait(f"location.href.startsWith({json.dumps(url.partition('#')[0])}) && document.readyState == 'complete'")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript, or of its promise."""
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise BrowserError(str(result["exceptionDetails"].get("exception", {}).get("description", result)))
        return result["result"].get("value")

    def wait(self, condition: str) -> Any:
        """Return the value of an expression as soon as it is true."""
        until = time.monotonic() + WAIT_SECONDS
        while not (value := self.evaluate(condition)):
            if time.monotonic() > until:
                shown = self.evaluate("document.body.innerText")
                raise BrowserError(f"{condition} did not become true; the page shows {shown!r} {self.problems()}")
            time.sleep(_POLL_SECONDS)
        return value

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files in a file input."""
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release a key."""
        keys: dict[str, object] = {"key": key, "windowsVirtualKeyCode": _KEYS[key], "modifiers": _SHIFT * shift}
        if key in ("Enter", " "):
            keys["text"] = "\r" if key == "Enter" else " "
        self.send("Input.dispatchKeyEvent", type="keyDown", **keys)
        self.send("Input.dispatchKeyEvent", type="keyUp", **keys)

    def type(self, text: str) -> None:
        """Insert a text where the focus is."""
        self.send("Input.insertText", text=text)

    def look(self, size: tuple[int, int], *, dark: bool = False) -> None:
        """Set width and height of the window in pixels, and the preferred colour scheme."""
        width, height = size
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self) -> bytes:
        """Return the visible part of the page as a PNG file."""
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])

    def problems(self) -> Sequence[str]:
        """Return the errors of scripts, and the errors that the browser has logged, such as those of the CSP."""
        self.evaluate("1")  # receives the events before its result
        texts: list[str] = []
        for event in self.events:
            if event["method"] == "Runtime.exceptionThrown":
                texts.append(str(event["params"]["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                texts.append(str(event["params"]["entry"]["text"]))
        return texts

    def _receive(self, until: float, method: str) -> dict[str, Any]:
        with selectors.DefaultSelector() as selector:
            selector.register(self._read, selectors.EVENT_READ)
            while b"\0" not in self._buffer:
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise BrowserError(f"{method}: no response within {WAIT_SECONDS} seconds")
                piece = os.read(self._read, 1 << 20)
                if not piece:
                    raise BrowserError(f"{method}: the browser has ended")
                self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        return cast("dict[str, Any]", json.loads(message))


@contextmanager
def browser(profile: Path) -> Generator[Browser]:
    """Run a browser with a new page until the end of the context; `profile` is an empty folder for its data."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None or sys.platform == "win32":
        raise BrowserError(MISSING)
    running = Browser(program, profile)
    try:
        running.open_page()
        yield running
    finally:
        running.close()
