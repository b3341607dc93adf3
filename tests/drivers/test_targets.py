"""The target of a URL: the same parts that urllib finds, and errors that show no secret."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
