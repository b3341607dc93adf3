"""Rules for web pages, without an application: whole messages, all headers, and both sides of each rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator.front.exchange import Request
from rekog.emulator.serving.access import Access, ForbiddenError, is_host_name, is_loopback

PAGE = "https://app.example.com"
OPEN = Access.of(cors=[PAGE + "/", "HTTP://Other.example:8080"], allow_hosts=["Emulator.Example.com", "b/"])
CLOSED = Access()
CONTROL = "the control API is not for browsers: a request of a web page is refused"


def head(method: str = "POST", path: str = "/", **headers: str) -> Request:
    return Request(method, path, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


def refused(access: Access, request: Request, listening: str | None = None, *, is_control: bool = False) -> str:
    """Return the text with which a request is refused, "" for one that is served."""
    try:
        access.check(request, listening, is_control=is_control)
    except ForbiddenError as error:
        return str(error)
    return ""


def test_a_list_of_origins_and_names_is_kept_in_lowercase_without_a_last_slash() -> None:
    assert OPEN.origins == {PAGE, "http://other.example:8080"}
    assert OPEN.hosts == {"emulator.example.com", "b"}
    assert Access.of() == CLOSED == Access(frozenset(), frozenset())


ORIGIN = "cors must have origins, like 'https://app.example.com:8443', not {!r}"
NAME = "allow_hosts must have names without a port, like 'app.example.com', not {!r}"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"cors": ["app.example.com"]}, ORIGIN.format("app.example.com")),
        ({"cors": [PAGE, "*"]}, ORIGIN.format("*")),
        ({"cors": [f"{PAGE}/page"]}, ORIGIN.format(f"{PAGE}/page")),
        ({"cors": PAGE}, f"cors must be a list of texts, not the text {PAGE!r}"),
        ({"cors": [PAGE, 5]}, f"cors must be a list of texts, not {[PAGE, 5]!r}"),
        ({"allow_hosts": ["app.example.com:80"]}, NAME.format("app.example.com:80")),
        ({"allow_hosts": "app"}, "allow_hosts must be a list of texts, not the text 'app'"),
        ({"allow_hosts": [None]}, "allow_hosts must be a list of texts, not [None]"),
    ],
)
def test_an_invalid_origin_or_name_is_an_error(arguments: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
        Access.of(**arguments)
    assert str(caught.value) == text


def test_pages_of_this_machine_and_listed_ones_are_allowed_in_any_case() -> None:
    for origin in (PAGE, "HTTPS://APP.example.com", "http://other.example:8080", "HTTP://LOCALHOST:1", "https://[::1]"):
        assert OPEN.allows(origin)
    for origin in (
        "http://app.example.com",
        "http://other.example",
        "null",
        "",
        "xhttp://localhost",
        "http://localhost/",
    ):
        assert not OPEN.allows(origin)
    assert not CLOSED.allows(PAGE)


def test_a_request_of_a_page_is_refused_with_the_reason_and_the_remedy() -> None:
    name = (
        "the Host 'a.example' is refused on a loopback address, because a web page may have that name;"
        " allow it by --allow-host, or allow_hosts=[...] in Python"
    )
    origin = f"pages of the origin {PAGE!r} may not call the emulator; allow it by --cors, or cors=[...] in Python"
    site = "a request of another site's page is refused"
    for is_control in (False, True):
        assert refused(CLOSED, head(host="a.example"), "127.0.0.1", is_control=is_control) == name
        for listening in (None, "0.0.0.0", "10.0.0.1"):
            assert refused(CLOSED, head(host="a.example"), listening, is_control=is_control) == ""
        assert refused(CLOSED, head(), "127.0.0.1", is_control=is_control) == ""
    assert refused(CLOSED, head(origin=PAGE)) == origin
    assert refused(CLOSED, head(origin=PAGE), is_control=True) == CONTROL
    assert refused(OPEN, head(origin=PAGE, sec_fetch_site="cross-site")) == ""
    assert refused(OPEN, head(sec_fetch_site="Cross-Site")) == site
    for other in ("same-site", "same-origin", "none"):
        assert refused(OPEN, head(sec_fetch_site=other)) == ""


def test_an_allowed_page_may_read_the_response_and_no_other() -> None:
    expected = {
        "access-control-allow-origin": PAGE,
        "access-control-expose-headers": "x-amzn-RequestId",
        "vary": "Origin",
    }
    assert OPEN.headers(head(origin=PAGE)) == expected
    assert OPEN.headers(head()) == OPEN.headers(head(origin="null")) == CLOSED.headers(head(origin=PAGE)) == {}


ASKED = {"origin": PAGE, "access_control_request_method": "POST"}


def test_a_preflight_is_answered_with_the_names_and_the_network_that_it_asks_for() -> None:
    always = {
        **OPEN.headers(head(origin=PAGE)),
        "access-control-allow-methods": "POST",
        "access-control-max-age": "600",
    }

    def answer(**headers: str) -> dict[str, str]:
        response = OPEN.preflight(head("OPTIONS", **ASKED, **headers))
        assert response is not None
        assert (response.status, response.content) == (204, b"")
        return dict(response.headers)

    assert answer() == answer(access_control_request_headers="") == always
    assert answer(access_control_request_headers="a,b-c") == {**always, "access-control-allow-headers": "a,b-c"}
    assert answer(access_control_request_headers="a\nb") == answer(access_control_request_headers="a;b") == always
    network = {**always, "access-control-allow-private-network": "true"}
    assert answer(access_control_request_private_network="true") == network
    assert answer(access_control_request_private_network="false") == always


def test_other_requests_are_no_preflight() -> None:
    assert OPEN.preflight(head("POST", **ASKED)) is None
    for name in ASKED:
        assert (
            OPEN.preflight(head("OPTIONS", **{other: text for other, text in ASKED.items() if other != name})) is None
        )


LOCAL_NAMES = [
    "localhost", "LOCALHOST:1", "localhost.", "emulator", "emulator:80", "a.localhost", "a.b.internal", "x.test:1",
    "127.0.0.1", "10.0.0.1:80", "[::1]", "[::1]:80", "emulator.example.com", "Emulator.Example.Com.:80", "a:",
]  # fmt: skip
PUBLIC_NAMES = [
    "a.example", "localhost.example", "internal.example", "test.example:80", "127.0.0.1.nip.io", "256.0.0.1", "", ":80",
    "a:b", "a:80:80", "::1", "[a.example]", "[::1", "x.emulator.example.com", "..",
]  # fmt: skip


def test_a_name_that_a_public_dns_can_have_is_none_of_this_machine() -> None:
    assert [host for host in LOCAL_NAMES if not OPEN.is_name(host)] == []
    assert [host for host in PUBLIC_NAMES if OPEN.is_name(host)] == []


CONSOLE = {
    "host": "localhost:1",
    "origin": "http://localhost:1",
    "sec_fetch_site": "same-origin",
    "x_rekog_console": "",
}


def test_the_console_and_programs_use_the_control_api_and_no_page() -> None:
    def is_refused(request: Request) -> bool:
        text = refused(OPEN, request, is_control=True)
        assert text in ("", CONTROL)
        return text == CONTROL

    without = [{name: text for name, text in CONSOLE.items() if name != left} for left in CONSOLE]
    no_host, no_origin, no_site, no_header = without
    assert [is_refused(head(**given)) for given in (no_host, no_site, no_header)] == [True] * 3
    served = [{}, {"sec_fetch_site": "none"}, CONSOLE, no_origin, {**CONSOLE, "origin": "HTTPS://LocalHost:1"}]
    assert [is_refused(head(**given)) for given in served] == [False] * 5
    for change in (
        {"origin": "http://localhost:2"}, {"origin": "localhost:1"}, {"origin": "null"},
        {"sec_fetch_site": "same-site"}, {"sec_fetch_site": "none"}, {"host": "a.example", "origin": "http://a.example"},
    ):  # fmt: skip
        assert is_refused(head(**{**CONSOLE, **change})), change
    page = {"origin": "null", "sec_fetch_site": "cross-site"}
    for method, path, expected in (
        ("GET", "/_rekog/console", False), ("HEAD", "/_rekog/console", False), ("GET", "/_rekog/console/a.js", False),
        ("POST", "/_rekog/console", True), ("GET", "/_rekog/consoles", True), ("GET", "/_rekog/", True),
    ):  # fmt: skip
        assert is_refused(head(method, path, **page)) is expected, (method, path)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(address=st.ip_addresses())
def test_an_address_is_no_name(address: Any) -> None:
    assert not is_host_name(str(address))
    assert is_loopback(str(address)) is (
        address.is_loopback or bool(getattr(address, "ipv4_mapped", None) and address.ipv4_mapped.is_loopback)
    )


def test_a_name_is_letters_digits_dots_and_hyphens() -> None:
    assert [name for name in ("a", "A.Example", "a-b_c.d", "localhost") if not is_host_name(name)] == []
    assert [name for name in ("", "a b", "a:80", "[::1]", "127.0.0.1", "a/") if is_host_name(name)] == []
    assert [is_loopback(name) for name in ("localhost", "LOCALHOST", "emulator", "[::1]", "::ffff:127.0.0.1")] == [
        True, False, False, True, True,
    ]  # fmt: skip
