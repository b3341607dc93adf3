"""The target of a URL: the parts that urllib finds, errors that show no secret, the proxy that botocore takes."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog._drivers.senders import find_proxy
from rekog._settings.urls import Target, parse_target
from rekog._values.errors import ConfigError

HOSTS = st.sampled_from(["localhost", "HOST.test", "a_b.test.", "127.0.0.1", "[::1]", "[FE80::1]"])
PORTS = st.sampled_from(["", ":0", ":80", ":443", ":8680", ":65535"])
PATHS = st.sampled_from(["", "/", "/a/b%20c", "/a;b", "//a"])


@settings(deadline=None, derandomize=True, max_examples=300)
@given(scheme=st.sampled_from(["http", "https", "HTTP"]), host=HOSTS, port=PORTS, path=PATHS)
def test_a_target_has_the_parts_that_urllib_finds(scheme: str, host: str, port: str, path: str) -> None:
    url = f"{scheme}://{host}{port}{path}"
    parts = urlsplit(url)
    tls = parts.scheme == "https"

    expected = Target(tls, parts.hostname or "", parts.port or (443 if tls else 80), parts.path or "/")
    assert parse_target(url) == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://host.test/", "^the endpoint ftp://host.test must be an http or https URL of a host"),
        ("http:///secret", "^the endpoint http:// must be"),
        ("http://me:secret@host.test:99999/", "^the endpoint http://host.test:99999 must be"),
        ("http://[host.test/secret", r"^the endpoint http://\[host.test must be"),
        ("http://host.test/?X-Amz-Signature=secret", "^the endpoint http://host.test must be"),
    ],
)
def test_the_error_for_an_invalid_url_shows_it_only_up_to_the_host(url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_target(url)

    assert "secret" not in str(caught.value)


get_environ_proxies: Any = import_module("botocore.utils").get_environ_proxies

NO_PROXY_URLS = [
    "http://localhost:8680/", "http://127.0.0.1:8680/", "http://[::1]:8680/", "http://[::1]/", "http://emulator:8680/",
    "http://a.b.example/", "http://b.example./", "https://rekognition.eu-west-1.amazonaws.com/", "https://a:80/",
]  # fmt: skip
NO_PROXY_RULES = [
    "", "*", "localhost", "127.0.0.1", "127.0.0.1:8680", "127.0.0.1:1", "::1", "[::1]", "[::1]:8680", "[::1]:80",
    ".amazonaws.com", "amazonaws.com", "eu-west-1.amazonaws.com", "rekognition.eu-west-1.amazonaws.com:443", "a:80",
    "127.0.0.0/8", "EMULATOR", "b.example", ".b.example", "b.example.", "localhost , emulator:8680", "ws.com",
]  # fmt: skip


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the variables of proxies from the environment."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize("url", NO_PROXY_URLS)
def test_no_proxy_has_the_same_meaning_as_for_botocore(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    ours, theirs = dict[str, bool](), dict[str, bool]()
    for rule in NO_PROXY_RULES:
        monkeypatch.setenv("NO_PROXY", rule)
        ours[rule] = find_proxy(parse_target(url)) is None
        theirs[rule] = not get_environ_proxies(url)

    assert ours == theirs
    assert {True, False} == set(ours.values())


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize(
    ("variables", "for_http", "for_https"),
    [
        ({}, None, None),
        ({"HTTP_PROXY": "proxy.test:3128"}, "http://proxy.test:3128", None),
        ({"HTTPS_PROXY": "https://proxy.test"}, None, "https://proxy.test"),
        ({"ALL_PROXY": "socks5://proxy.test"}, "socks5://proxy.test", "socks5://proxy.test"),
        ({"ALL_PROXY": "a.test", "https_proxy": "b.test"}, "http://a.test", "http://b.test"),
    ],
    ids=str,
)
def test_the_proxy_of_the_environment_may_lack_its_scheme(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], for_http: str | None, for_https: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert find_proxy(parse_target("http://host.test/")) == for_http
    assert find_proxy(parse_target("https://host.test/")) == for_https
