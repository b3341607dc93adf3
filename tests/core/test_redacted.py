"""Responses that repeat their request: the whole text that is left when its secrets are removed."""

from __future__ import annotations

from rekog import Credentials
from rekog._core.flow import HttpRequest, HttpResponse
from rekog._core.retries.redaction import redacted
from rekog._settings.timeout import Timeout

KEY_ID, SECRET, TOKEN = "AKIDOFATEST00000extra", "AB+DE/GH=JKL.NOPqrs", "token-of-a-session"
SIGNATURE, IMAGE, SECOND = "0123456789abcdef0123", b"aGVsbG8gaW1hZ2U9hallo", b"c2Vjb25kIGltYWdlIHRvbw"
HEADERS = (
    (b"host", b"plain-host-name"),
    (b"Authorization", b"AWS4 SignedHeaders=host;date, Signature=" + SIGNATURE.encode()),
)
REQUEST = HttpRequest("http://host/", HEADERS, (b'{"A":"', IMAGE, b'","B":"', SECOND, b'"}'), Timeout(1))


def left(content: str, *, keys: Credentials | None = None, request: HttpRequest = REQUEST) -> str:
    """Return the rest of a page."""
    response = HttpResponse(502, {"x-echo": content}, content.encode("latin-1"))
    plain = redacted(response, request, keys or Credentials(KEY_ID, SECRET, TOKEN))
    assert (plain.status, plain.headers["x-echo"]) == (502, plain.content.decode("latin-1"))
    return plain.headers["x-echo"]


def test_each_secret_is_removed_to_its_end_and_the_rest_stays() -> None:
    for secret in (KEY_ID, SECRET, TOKEN, SIGNATURE, IMAGE.decode(), SECOND.decode()):
        for end in (" ", '"', "'", "<", ">", ",", "\n", ""):
            assert left(f"é a={secret}{end}b") == ("é a=(removed)" + (f"{end}b" if end else "")), (secret, end)
        assert left(f"{secret.lower()}, {secret.upper()}, {secret}") == "(removed), (removed), (removed)"
    assert left("plain-host-name host;date Signature= AWS4") == "plain-host-name host;date Signature= AWS4"
    assert left('{"A":" ","B":" "}') == '{"A":" ","B":" "}'


def test_the_beginning_of_a_secret_is_sufficient() -> None:
    for secret in (KEY_ID, SECRET, TOKEN, SIGNATURE, IMAGE.decode()):
        assert left(f"<{secret[:16]}>") == "<(removed)>"
        assert left(f"<{secret[:16]}-other>") == "<(removed)>"
        assert left(f"<{secret[:15]}>") == f"<{secret[:15]}>"


def test_a_secret_is_found_in_the_forms_of_urls_of_html_and_of_json() -> None:
    forms = {
        "+": ["%2b", "%2B", "&#43;", "&#0043;", "&#x2b;", "&#x02B;", r"\u002b", r"\\u002B", "\\+"],
        "/": ["%2f", "%2F", "&#47;", "&#x2F;", r"\u002f", "\\/", r"\\/"],
        "=": ["%3d", "&#61;", "&#x3d;", r"\u003D"],
        ".": ["%2e", "&#46;", "&#x2e;", r"\u002e", r"\."],
    }
    for character, written in forms.items():
        for form in written:
            assert left(f"[{SECRET.replace(character, form)}") == "[(removed)", form
    assert left("AB+DE/GH=JKLxNOPqrs") == "AB+DE/GH=JKLxNOPqrs"  # the dot is no pattern


def test_a_secret_shorter_than_eight_characters_stays() -> None:
    bare = HttpRequest("http://host/", (), (b"{}",), Timeout(1))
    response = HttpResponse(502, {"a": "b"}, b"AKID 1234567 token")
    assert redacted(response, bare, Credentials("AKID", "1234567", "token")) is response
    assert left("12345678", keys=Credentials("AKID", "12345678"), request=bare) == "(removed)"
    assert left("None", keys=Credentials("AKID", "12345678"), request=bare) == "None"
    short = HttpRequest("http://host/", (), (b"{", b"1234567", b"}", b"12345678"), Timeout(1))
    assert left("1234567 12345678", keys=Credentials("AKID", "secret"), request=short) == "1234567 (removed)"
