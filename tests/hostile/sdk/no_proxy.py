"""NO_PROXY: the proxy of each address is the one that botocore chooses, and no error shows a proxy's password."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, Any, cast

from botocore import utils

from rekog._drivers.senders import find_proxy
from rekog._settings.urls import parse_target
from rekog.errors import RekogError
from tests.hostile.sdk.ways import outcome, pools
from tests.hostile.watch import environment

if TYPE_CHECKING:
    from tests.hostile.attack import Report

PASSWORD = "the-password-of-the-proxy"  # of no proxy
PROXY = f"http://user:{PASSWORD}@127.0.0.1:9"
URLS = [
    "http://localhost:8680/",
    "http://127.0.0.1:8680/",
    "http://[::1]:8680/",
    "https://rekognition.eu-west-1.amazonaws.com/",
    "http://emulator:8680/",
    "http://a.b.example/",
    "http://b.example./",
]
RULES = [
    *("", "*", "localhost", "127.0.0.1", "127.0.0.1:8680", "127.0.0.1:1", "::1", "[::1]", "[::1]:8680"),
    *(".amazonaws.com", "amazonaws.com", "eu-west-1.amazonaws.com", "127.0.0.0/8", "EMULATOR", "b.example"),
    *(".b.example", "localhost , emulator", "ws.com"),
]


def attack(count: int, report: Report) -> None:
    """Compare each rule and address with botocore, then call through a proxy that is not there."""
    pairs = [(rule, url) for rule in RULES for url in URLS]
    for name in ("NO_PROXY", "no_proxy"):
        with environment(HTTP_PROXY=PROXY, HTTPS_PROXY=PROXY):
            for rule, url in pairs[: max(count - report.attempts, 0)]:
                with environment(**{name: rule}):
                    report.attempt()
                    ours = find_proxy(parse_target(url)) is None
                    theirs = not cast("Any", utils).get_environ_proxies(url)  # cast: botocore has no types
                report.check(ours == theirs, f"{name}={rule}, {url}: botocore {'direct' if theirs else 'by proxy'}")
    for way in pools():
        for url in URLS[1], URLS[4]:
            with environment(HTTP_PROXY=PROXY):
                given = way.run(outcome(report, way.client(url).list_collections))
            argument = way.run(outcome(report, way.client(url, proxy=PROXY).list_collections))
            for error in *given, *argument:
                report.attempt()
                report.check(isinstance(error, RekogError), "a call through no proxy succeeded")
                texts = [repr(error), *traceback.format_exception(cast(BaseException, error))]  # cast: checked above
                report.check(PASSWORD not in "".join(texts), f"the password of the proxy is shown in {way.name}")
    assert "NO_PROXY" not in os.environ
