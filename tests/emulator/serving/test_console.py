"""The console: its files, who may load them, who may use the control API as the console, and requests without a key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import rekog.emulator.serving.console as module
from rekog import RekognitionClient
from rekog._generated.operations import OPERATIONS
from rekog.emulator import Emulator
from tests.emulator.serving.asgi_client import AsgiResponse, ask
from tests.emulator.serving.control_client import ControlTransport, error_of
from tests.kit.process import RESPONSE_TIMEOUT

if TYPE_CHECKING:
    from rekog.emulator import AsgiApp

FOLDER = Path(module.__file__).parent / "console_files"
PAGE = (FOLDER / "index.html").read_text("utf-8")
SCRIPTS = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.js")}
HOST = "127.0.0.1:8680"
CONSOLE = {"host": HOST, "sec-fetch-site": "same-origin", "x-rekog-console": "1", "origin": f"http://{HOST}"}


@pytest.fixture
def app(emulator: Emulator) -> AsgiApp:
    return emulator.asgi(allow_hosts=["emulator.example.com"])


@pytest.fixture
def control(emulator: Emulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url="http://rekog/_rekog/", transport=ControlTransport(emulator)) as client:
        yield client


# --- Files --------------------------------------------------------------------------------------------------------


def test_the_page_allows_scripts_and_styles_of_its_own_files_only(app: AsgiApp) -> None:
    response = ask(app, "GET", "/_rekog/console", {}, ())
    policy = dict(part.split(maxsplit=1) for part in response.headers["content-security-policy"].split(";"))
    assert policy.pop("img-src") == "'self' blob:"
    assert policy == {
        **dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'"),
        **dict.fromkeys(("script-src", "style-src", "connect-src"), "'self'"),
    }
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.content.decode() == PAGE
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", PAGE) == []


def test_each_file_that_page_and_scripts_name_is_served(app: AsgiApp) -> None:
    named = set(re.findall(r'(?:src|href)="console/([^"]+)"', PAGE))
    for source in SCRIPTS.values():
        named |= set(re.findall(r'from "\./([^"]+)"', source))
    assert named == {path.name for path in FOLDER.iterdir()} - {"index.html"}
    types = {}
    for name in named:
        response = ask(app, "GET", f"/_rekog/console/{name}", {}, ())
        types[name.partition(".")[2]] = response.headers["content-type"]
        assert (response.status, response.content) == (200, (FOLDER / name).read_bytes())
        assert response.headers["x-content-type-options"] == "nosniff"
    assert types == {
        "js": "text/javascript; charset=utf-8",
        "css": "text/css; charset=utf-8",
        "svg": "image/svg+xml; charset=utf-8",
    }


def test_each_element_that_a_script_uses_exists_once() -> None:
    ids = re.findall(r'\bid="([^"]+)"', PAGE)
    assert sorted(set(ids)) == sorted(ids)
    used = {name for source in SCRIPTS.values() for name in re.findall(r'byId\("([^"]+)"\)', source)}
    assert len(used) > 30
    assert used - set(ids) == set()


def test_scripts_make_no_html_from_texts() -> None:
    pattern = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function"
    assert [name for name, source in SCRIPTS.items() if re.search(pattern, source)] == []


@pytest.mark.parametrize(
    "name", ["", "nothing.js", "../console.py", "..%2fconsole.py", "%2e%2e/routes.py", "__init__.py"]
)
def test_a_name_that_is_no_file_of_the_console_is_not_found(app: AsgiApp, name: str) -> None:
    response = ask(app, "GET", f"/_rekog/console/{name}", {}, ())
    assert (response.status, json.loads(response.content)) == (404, {"error": f"the console has no file {name!r}"})


def test_the_page_and_its_files_are_neither_framed_nor_guessed_nor_shared(app: AsgiApp) -> None:
    for path, kind in (("console", "text/html"), ("console/index.html", "text/html")):
        headers = ask(app, "GET", f"/_rekog/{path}", {}, ()).headers
        assert headers.pop("content-security-policy").startswith("default-src 'none'; ")
        assert headers == {
            "content-type": f"{kind}; charset=utf-8", "content-length": f"{len(PAGE.encode())}",
            "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
            "cache-control": "no-cache",
        }  # fmt: skip


# --- Who may use it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", ["none", "same-origin", "same-site", "cross-site"])
def test_a_link_of_any_page_may_lead_to_the_console(app: AsgiApp, site: str) -> None:
    assert ask(app, "GET", "/_rekog/console", {"host": HOST, "sec-fetch-site": site}, ()).status == 200


def reset(app: AsgiApp, headers: Mapping[str, str | None], **scope: Any) -> AsgiResponse:
    given = {name: value for name, value in {**CONSOLE, **headers}.items() if value is not None}
    return ask(app, "POST", "/_rekog/reset", given, (b"{}",), **scope)


@pytest.mark.parametrize("host", [HOST, "localhost:8680", "[::1]:8680", "emulator:8680", "Emulator.Example.com:8680"])
@pytest.mark.parametrize("server", ["127.0.0.1", "0.0.0.0"])
def test_the_console_may_use_the_control_api(app: AsgiApp, host: str, server: str) -> None:
    response = reset(app, {"host": host, "origin": f"http://{host}"}, server=(server, 8680))
    assert (response.status, "access-control-allow-origin" in response.headers) == (200, False)
    assert reset(app, {"host": host, "origin": None}, server=(server, 8680)).status == 200  # as a GET, which has none


@pytest.mark.parametrize(
    "headers",
    [
        {"x-rekog-console": None},  # a form, an image or a link of a page beside the emulator
        {"sec-fetch-site": None},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://127.0.0.1"},
        {"origin": "null"},
        {"host": "attacker.example:8680", "origin": "http://attacker.example:8680"},  # DNS rebinding
        {"host": "attacker.example:8680", "origin": None},
        {"host": None, "origin": None},
    ],
)
@pytest.mark.parametrize("server", ["127.0.0.1", "0.0.0.0"])
def test_another_page_may_not_use_the_control_api(app: AsgiApp, headers: Mapping[str, str | None], server: str) -> None:
    assert reset(app, headers, server=(server, 8680)).status == 403


# --- Requests without a signature -----------------------------------------------------------------------------------


def test_an_operation_is_executed_without_a_signature() -> None:
    with (
        Emulator(verify_signatures={"AKID": "secret"}) as emulator,
        emulator.serve() as url,
        httpx.Client(base_url=f"{url}/_rekog/operations/", timeout=RESPONSE_TIMEOUT) as client,
    ):
        created = client.post("CreateCollection", json={"CollectionId": "people"})
        again = client.post("create_collection", json={"CollectionId": "people"})
        assert [call.operation for call in emulator.calls] == ["CreateCollection"] * 2
        assert client.get("").status_code == 404
    assert (created.status_code, created.json()["StatusCode"]) == (200, 200)
    assert (again.status_code, again.json()["__type"]) == (400, "ResourceAlreadyExistsException")


def test_an_operation_is_executed_in_a_region(emulator: Emulator, control: httpx.Client) -> None:
    for region in ("eu-west-1", "ap-south-1"):
        control.post(f"operations/CreateCollection?region={region}", json={"CollectionId": region})
    with RekognitionClient.local(emulator, region_name="eu-west-1") as client:
        assert client.list_collections().collection_ids == ["eu-west-1"]
    scope = control.get("operations").json()
    assert scope.pop("operations") == sorted(OPERATIONS)
    assert scope == {"account": "123456789012", "region": None, "regions": ["ap-south-1", "eu-west-1"]}


OPERATION = "operation must be one of the service's, like 'DetectFaces' or 'detect_faces', not"


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("operations/Nothing", 404, f"{OPERATION} 'Nothing'"),
        ("operations/", 404, f"{OPERATION} ''"),
        (
            "operations/ListCollections?region=eu%20west",
            400,
            "region must be 1 to 32 lowercase letters, digits and hyphens, not 'eu west'",
        ),
        ("operations/ListCollections?observed=maybe", 400, "observed must be yes or no, not 'maybe'"),
    ],
)
def test_an_invalid_request_is_an_error(control: httpx.Client, path: str, status: int, text: str) -> None:
    assert error_of(control.post(path, json={})) == (status, text)


def test_an_unobserved_call_is_neither_recorded_nor_counted_by_faults(
    emulator: Emulator, control: httpx.Client
) -> None:
    emulator.faults.add(calls=[1], error="ThrottlingException")
    path = "operations/ListCollections"
    codes = [control.post(f"{path}?observed={word}", json={}).status_code for word in ("no", "no", "yes", "yes")]
    assert codes == [200, 200, 500, 200]
    assert [call.status for call in emulator.calls] == [500, 200]


def test_a_fault_breaks_the_connection_of_the_console_too(emulator: Emulator) -> None:
    emulator.faults.add(reset=True)
    with emulator.serve() as url, pytest.raises(httpx.ReadError):
        httpx.post(f"{url}/_rekog/operations/ListCollections", content=json.dumps({}), timeout=RESPONSE_TIMEOUT)


@pytest.mark.parametrize(
    ("last", "expected"),
    [("0", []), ("1", ["c"]), ("2", ["b", "c"]), ("9", ["a", "b", "c"]), ("9" * 18, ["a", "b", "c"])],
)
def test_the_last_calls_are_returned(emulator: Emulator, control: httpx.Client, last: str, expected: list[str]) -> None:
    for name in "abc":
        control.post("operations/CreateCollection", json={"CollectionId": name})
    calls = control.get(f"calls?last={last}").json()["calls"]
    assert [call["request"]["CollectionId"] for call in calls] == expected


@pytest.mark.parametrize("last", ["-1", "x", "1.5", "1" * 19, "1" * 5000])
def test_an_invalid_number_of_calls_is_an_error(control: httpx.Client, last: str) -> None:
    assert error_of(control.get(f"calls?last={last}")) == (400, f"last must be a number of calls, not {last!r}")
