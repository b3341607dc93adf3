"""Odd bodies and URLs: numbers, nesting, encodings and literals that JSON or the model lack get an error each.

No response is a failure of the emulator, no request takes long, and the recorded calls stay valid JSON. A server with
orjson and one without get the same requests.
"""

from __future__ import annotations

import json
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from rekog._generated.operations import OPERATIONS
from tests.hostile.emulator.calls import Caller, judge, send
from tests.hostile.emulator.servers import attacked_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hostile.attack import Report

SLOW = 5.0
LONGEST_TARGET = 60_000
SURROGATE = b'"\xed\xa0\x80"'
LITERALS = (
    *("[" * 20_000, "[" * 900 + "]" * 900, "-" * 30_000 + "1", "1+" * 10_000 + "1", "not " * 5000 + "1"),
    *("{1:" * 5000, "(" * 150 + ")" * 150, "(" * 190 + "1," + ")," * 190, "(" * 99 + "1" + ",)" * 99, "9" * 5000),
    *("1e999", "{'Bytes': b'abc'}", "1+2j", "'a'*10", "lambda: 1", "__import__('os').system('true')", "().__class__"),
    *("f'{1}'", "{1,2}", "{b'a': 1}", "...", "'\0'", "'\\ud800'", "~" * 40_000 + "1", ".".join("a" * 20_000)),
    *("a[" * 3000, "1 if 1 else " * 3000 + "1", "1<" * 20_000 + "1", "1 and " * 9000 + "1", "'a' " * 15_000),
)
MEMBERS = (("DetectFaces", "Image"), ("ListFaces", "MaxResults"), ("CompareFaces", "SimilarityThreshold"))
LARGE = (b'{"MaxResults": ' + b"9" * 100_000 + b"}", b'{"CollectionId":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
BODIES = (
    *(
        b'{"MaxResults": %s}' % each
        for each in (b"NaN", b"Infinity", b"-1e999", b"1e308", b"1.0", b"true", b"9" * 4000)
    ),
    *(
        b'{"CollectionId":' + b"[" * each + b"]" * each + b"}"
        for each in (50, 150, 200, 480, 500, 990, 1023, 1025, 2000)
    ),
    *(b'{"MaxResults": 1, "MaxResults": "x"}', b'{"NextToken": "\\ud800"}', b'{"NextToken": "\\uDBFF"}'),
    *(b"\xff\xfe{\x00}\x00", '{"CollectionId": "a"}'.encode("utf-16"), b"\xef\xbb\xbf{}", b'{"a": "\x00"}'),
    *(b"", b"[]", b"null", b'""', b"{}{}", b"{}x", b"{", b"\x00", b'{"": 1}', b'{"__proto__": {}}', b"1", b"{'a': 1}"),
    *(b'{"CollectionId": "x", "Tags": {%s: "y"}}' % SURROGATE, b'{"CollectionId": "x", "Tags": {"a": NaN}}'),
    *(b'{"CollectionId": "x", "Tags": {"a": %s}}' % SURROGATE, b'{"Image":{"S3Object":{"Bucket":%s}}}' % SURROGATE),
    *(
        b'{"%s": %s}' % (name, value)
        for name in (b"NextToken", b"CollectionId", b"UserId", b"SessionId", b"ResourceArn", b"JobTag", b"Name")
        for value in (SURROGATE, b'"\\ud800"', b'"\\u0000"')
    ),
    *(b'{"FaceIds": [%s], "CollectionId": "x"}' % SURROGATE, b'{"ProjectNames": ["\\ud800"]}'),
    *(b'{"Image":{"S3Object":{"Bucket":"abc","Name":"\\ud800"}}}', b'{"Video":{"S3Object":{"Name":"\\ud800"}}}'),
)


def attack(count: int, report: Report) -> None:
    """Send the requests to a server with orjson and to one without."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "orjson.py").write_text("raise ImportError", "utf-8")
        for without in (False, True):
            with attacked_server(env={"PYTHONPATH": folder} if without else {}) as server:
                caller = server.caller()
                for operation, target, body in islice(cycle(_requests()), count // 2):
                    answer = send(caller, operation, body, target)
                    judge(report, answer, f"{target[:40]} {body[:40]!r}", slow=SLOW)
                _check_calls(caller, report)
                caller.close()
                server.check_alive(report)
                server.check_errors(report)


def _requests() -> Iterator[tuple[str, str, bytes]]:
    """Yield operations, targets and bodies; each body once before the bodies go to all operations."""
    for text in LITERALS:
        for operation, member in MEMBERS:
            yield operation, f"/?X-Amz-Signature=0&{member}={quote(text)}"[:LONGEST_TARGET], b""
    for body in LARGE:
        yield "ListCollections", "/", body
        yield "ListFaces", "/", body
    for operation in ("CreateCollection", *OPERATIONS):
        for body in BODIES:
            yield operation, "/", body


def _check_calls(caller: Caller, report: Report) -> None:
    answer = caller.send("GET", "/_rekog/calls", b"", {})
    report.check(answer.status == 200, f"the recorded calls have the status {answer.status}")
    try:
        json.loads(answer.body, parse_constant=_not_json)
    except ValueError as error:
        report.fault(f"the recorded calls are not JSON: {error}"[:200])


def _not_json(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
