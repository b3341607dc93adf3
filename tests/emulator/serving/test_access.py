"""Web pages: which origins may call the service, which names a server has, and preflight requests."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from rekog.emulator.serving.access import is_loopback
from tests.emulator.serving.asgi_client import LIST_COLLECTIONS, AsgiResponse, ask
from tests.kit.process import running_server

if TYPE_CHECKING:
    from rekog.emulator import AsgiApp, Emulator

APP = "https://app.example.com"
ATTACKER = "http://attacker.example:8680"
WANTED = "amz-sdk-invocation-id,amz-sdk-request,authorization,content-type,x-amz-date,x-amz-target,x-amz-user-agent"


@pytest.fixture
def app(emulator: Emulator) -> AsgiApp:
    return emulator.asgi()


@pytest.fixture
def open_app(emulator: Emulator) -> AsgiApp:
    return emulator.asgi(cors=[APP], allow_hosts=["Emulator.Example.com"])


def call(app: AsgiApp, server: str = "127.0.0.1", **headers: str) -> AsgiResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(app, headers={**LIST_COLLECTIONS, **named}, server=(server, 8680))


def preflight(app: AsgiApp, origin: str, path: str = "/", **more: str) -> AsgiResponse:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": WANTED}
    return ask(app, "OPTIONS", path, {"origin": origin, **asked, **more}, ())


def refusal(response: AsgiResponse) -> tuple[int, str]:
    return response.status, json.loads(response.content)["__type"]


# --- Origins ------------------------------------------------------------------------------------------------------

LOCAL = ["http://localhost", "http://localhost:3000", "https://localhost:5173", "http://127.0.0.1:8080", "http://[::1]"]
FOREIGN = [
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://localhost:3000/",
    "ftp://localhost",
    "null",
    "",
    ATTACKER,
    APP + ":8443",
]


@pytest.mark.parametrize("origin", LOCAL)
def test_a_page_of_this_machine_may_call_the_service(app: AsgiApp, origin: str) -> None:
    response = call(app, origin=origin)
    assert (response.status, response.headers["access-control-allow-origin"]) == (200, origin)
    assert response.headers["access-control-expose-headers"].lower() == "x-amzn-requestid"
    assert response.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_origin_may_not_call_the_service(app: AsgiApp, origin: str) -> None:
    response = call(app, origin=origin)
    assert refusal(response) == (400, "AccessDeniedException")
    assert [name for name in response.headers if name.startswith("access-control")] == []


def test_further_origins_are_allowed_by_a_list(app: AsgiApp, open_app: AsgiApp) -> None:
    assert [call(each, origin=APP).status for each in (app, open_app)] == [400, 200]


def test_errors_can_be_read_by_the_page_too(open_app: AsgiApp) -> None:
    response = call(open_app, origin=APP, x_amz_target="RekognitionService.Nothing")
    assert (response.status, response.headers["access-control-allow-origin"]) == (400, APP)


def test_a_response_to_a_client_without_an_origin_has_no_such_headers(app: AsgiApp) -> None:
    assert set(call(app).headers) == {"content-type", "x-amzn-requestid", "content-length"}


@pytest.mark.parametrize("origin", ["http://localhost:3000", APP])
def test_a_preflight_of_an_allowed_page_succeeds(open_app: AsgiApp, origin: str) -> None:
    response = preflight(open_app, origin)
    assert (response.status, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == origin
    assert response.headers["access-control-allow-methods"] == "POST"
    assert response.headers["access-control-allow-headers"] == WANTED
    assert "content-length" not in response.headers  # RFC 9110, 8.6: not with 204


def test_a_preflight_of_another_page_is_refused(open_app: AsgiApp) -> None:
    assert refusal(preflight(open_app, "https://evil.example")) == (400, "AccessDeniedException")


def test_a_preflight_from_a_public_page_to_a_private_address_succeeds(open_app: AsgiApp) -> None:
    response = preflight(open_app, APP, **{"access-control-request-private-network": "true"})
    assert response.headers["access-control-allow-private-network"] == "true"


def test_options_without_an_origin_is_no_preflight(app: AsgiApp) -> None:
    assert refusal(ask(app, "OPTIONS")) == (400, "UnknownOperationException")


@pytest.mark.parametrize("origin", [*LOCAL, *FOREIGN, APP])
def test_the_control_api_is_closed_to_pages_of_every_origin(open_app: AsgiApp, origin: str) -> None:
    for method, path in (("GET", "/_rekog/health"), ("POST", "/_rekog/reset")):
        response = ask(open_app, method, path, {"origin": origin})
        assert (response.status, "access-control-allow-origin" in response.headers) == (403, False)
    assert preflight(open_app, origin, "/_rekog/reset").status == 403


@pytest.mark.parametrize(
    ("site", "service", "control"),
    [("cross-site", 400, 403), ("same-site", 200, 403), ("same-origin", 200, 403), ("none", 200, 200)],
)
def test_the_site_of_a_request_without_an_origin_counts(app: AsgiApp, site: str, service: int, control: int) -> None:
    headers = {"sec-fetch-site": site}
    assert ask(app, headers={**LIST_COLLECTIONS, **headers}).status == service
    assert ask(app, "GET", "/_rekog/health", headers, ()).status == control


def test_a_local_page_of_another_site_may_call_the_service(app: AsgiApp) -> None:
    assert call(app, origin="http://localhost:3000", sec_fetch_site="cross-site").status == 200


@pytest.mark.parametrize("path", ["/", "/_rekog/reset", "/_rekog/objects/b/k", "/_rekog/nothing"])
@pytest.mark.parametrize("body", [("content-length", "400000000"), ("transfer-encoding", "chunked")])
def test_a_page_is_refused_before_its_body_is_received(app: AsgiApp, path: str, body: tuple[str, str]) -> None:
    headers = dict([("origin", "https://evil.example"), ("content-type", "text/plain"), body])
    response = ask(app, "POST", path, headers, [bytes(1024)] * 400_000)
    assert (response.status in (400, 403), response.received) == (True, 0)
    assert response.headers["connection"] == "close"


# --- Names --------------------------------------------------------------------------------------------------------

NAMES = [
    "localhost", "LOCALHOST:8680", "localhost.", "app.localhost:8680", "127.0.0.1:8680", "192.168.1.5", "[::1]:8680",
    "host.docker.internal:8680", "emulator:8680", "rekog.test", "emulator.example.com:8680",
]  # fmt: skip
PUBLIC_NAMES = [
    "attacker.example:8680", "attacker.example.", "localhost.attacker.example", "127.0.0.1.nip.io", "other.example.com",
    "attacker.example,localhost", "a@localhost:1@attacker.example", "127.0.0.1 attacker.example", "[attacker.example]",
    "::1",
]  # fmt: skip


@pytest.mark.parametrize("host", NAMES)
@pytest.mark.parametrize("server", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost"])
def test_a_loopback_address_may_have_names_that_no_public_dns_has(open_app: AsgiApp, server: str, host: str) -> None:
    assert call(open_app, server, host=host).status == 200


@pytest.mark.parametrize("host", PUBLIC_NAMES)
@pytest.mark.parametrize("server", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "localhost"])
def test_another_name_of_a_loopback_address_is_refused(open_app: AsgiApp, server: str, host: str) -> None:
    assert refusal(call(open_app, server, host=host)) == (400, "AccessDeniedException")
    response = ask(open_app, "GET", "/_rekog/snapshot", {"host": host}, (), server=(server, 8680))
    assert response.status == 403


@pytest.mark.parametrize("host", [*NAMES, *PUBLIC_NAMES])
@pytest.mark.parametrize("server", ["0.0.0.0", "::", "172.17.0.2"])
def test_a_server_on_another_address_may_have_every_name(app: AsgiApp, server: str, host: str) -> None:
    assert call(app, server, host=host).status == 200


def test_a_server_that_does_not_tell_its_address_may_have_every_name(app: AsgiApp) -> None:
    assert ask(app, headers={**LIST_COLLECTIONS, "host": "attacker.example"}, server=None).status == 200


def test_the_error_names_the_remedy(app: AsgiApp) -> None:
    message = json.loads(call(app, host="proxy.example.com").content)["Message"]
    assert message.startswith("the Host 'proxy.example.com' is refused on a loopback address, because a web page may")
    assert "--allow-host" in message
    message = json.loads(call(app, origin=APP).content)["Message"]
    assert message.startswith(f"pages of the origin '{APP}' may not call the emulator; allow it by --cors")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"cors": ["app.example.com"]}, "cors must have origins, like 'https://app.example.com:8443', not 'app.exam"),
        ({"cors": ["*"]}, "cors must have origins"),
        ({"cors": ["https://app.example.com/page"]}, "cors must have origins"),
        ({"cors": APP}, "cors must be a list of texts, not the text 'https://app.example.com'"),
        ({"cors": [5]}, r"cors must be a list of texts, not \[5\]"),
        ({"allow_hosts": ["app.example.com:80"]}, "allow_hosts must have names without a port, like 'app.example.com'"),
        ({"allow_hosts": "app"}, "allow_hosts must be a list of texts, not the text 'app'"),
    ],
)
def test_an_invalid_origin_or_name_is_an_error(emulator: Emulator, arguments: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        emulator.asgi(**arguments)
    with pytest.raises(ValueError, match=text):
        emulator.serve(**arguments)


def test_capitals_and_a_last_slash_of_an_origin_do_not_matter(emulator: Emulator) -> None:
    assert call(emulator.asgi(cors=["HTTPS://App.Example.com/"]), origin=APP).status == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "localhost"])
def test_a_loopback_address_is_one(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.1", "emulator"])
def test_another_address_is_no_loopback_address(address: str) -> None:
    assert not is_loopback(address)


# --- A server -----------------------------------------------------------------------------------------------------


@pytest.fixture
def url(emulator: Emulator) -> Iterator[str]:
    with emulator.serve(cors=[APP]) as served:
        yield served


def status_of(url: str, method: str, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    connection.request(method, path, b"{}" if method == "POST" else None, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_page_whose_name_resolves_to_this_machine_reads_nothing(url: str) -> None:
    page = {"Host": "attacker.example:8680", "Sec-Fetch-Site": "same-origin", "Referer": f"{ATTACKER}/"}
    for path in ("snapshot", "calls", "objects/b/k", "notifications", ""):
        assert status_of(url, "GET", f"/_rekog/{path}", page) == 403
    assert status_of(url, "POST", "/", {**LIST_COLLECTIONS, **page, "Origin": ATTACKER}) == 400


def test_a_server_knows_its_origins(url: str) -> None:
    assert [status_of(url, "POST", "/", {**LIST_COLLECTIONS, "Origin": origin}) for origin in (APP, ATTACKER)] == [
        200,
        400,
    ]


def test_a_server_on_all_addresses_accepts_every_name_and_warns() -> None:
    with running_server("--host", "0.0.0.0", "--cors", APP) as process:
        url = process.url.replace("0.0.0.0", "127.0.0.1")
        statuses = [
            status_of(url, "GET", "/_rekog/health", {"Host": "emulator.example.com:8680"}),
            status_of(url, "POST", "/", {**LIST_COLLECTIONS, "Host": "emulator.example.com", "Origin": APP}),
            status_of(url, "POST", "/", {**LIST_COLLECTIONS, "Host": "emulator.example.com", "Origin": ATTACKER}),
        ]
        _, _, log = process.stop()
    assert statuses == [200, 200, 400]
    assert "WARNING rekog.emulator: listening on 0.0.0.0: the control API has no authentication" in log


def test_an_option_allows_a_name() -> None:
    with running_server("--allow-host", "emulator.example.com") as process:
        hosts = [{"Host": "emulator.example.com"}, {"Host": "other.example.com"}]
        assert [status_of(process.url, "GET", "/_rekog/health", host) for host in hosts] == [200, 403]
