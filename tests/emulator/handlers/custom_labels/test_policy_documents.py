"""Policy documents: the rule that a malformed one breaks, and the requests that statements allow."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rekog.emulator.handlers.custom_labels.policy_documents import allows, check_document
from rekog.emulator.refusals import RefusalError

OTHER, THIRD = "210987654321", "111111111111"
COPY = "rekognition:CopyProjectVersion"
VERSION = "arn:aws:rekognition:us-east-1:123456789012:project/dogs/version/v1/1"
STATEMENT: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": COPY, "Resource": "*"}
ROLE = f"arn:aws:iam::{OTHER}:role/copier"
EMPTY: dict[str, Any] = {}
NO_ITEMS: list[Any] = []

FORM = "it must be a JSON object with a Statement, and may have an Id and the Version of the language"
STRINGS = "must be a string or a list of strings, none of them empty"
PRINCIPAL = "must be * or an object that names principals by their kind (AWS, CanonicalUser, Federated, Service)"
CONDITION = "Condition must be an object of operators, each an object of keys with their values"
ELEMENTS = "Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition"


def statement(**changes: object) -> dict[str, Any]:
    """Return a statement that allows the other account to copy; a change to None omits an element."""
    return {name: value for name, value in {**STATEMENT, **changes}.items() if value is not None}


def policy(*statements: object, **members: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **members})


NO_DOCUMENTS = [
    *("no json", "[]", '"text"', "1", "null", "{}", "[" * 100_000),
    *(policy(), policy("x"), policy(statement(), 1), policy(statement(), Foo=1), policy(statement(), version="1")),
    *(policy(statement(), Version=version) for version in ("2026-01-01", "", None, "2012-10-17 ")),
    json.dumps({"Version": "2012-10-17"}),
    json.dumps({"Statement": "x"}),
    json.dumps({"statement": [STATEMENT]}),
]
PAIRS = {name: f"Not{name}" for name in ("Principal", "Action", "Resource")}
MALFORMED: list[tuple[dict[str, Any], str]] = [
    *(
        (statement(**{name: None}), f"each statement must have one of {name} and {other}")
        for name, other in PAIRS.items()
    ),
    *(
        (statement(**{other: STATEMENT[name]}), f"each statement must have one of {name} and {other}")
        for name, other in PAIRS.items()
    ),
    (statement(Effect=None), "each statement must have an Effect"),
    *((statement(Effect=effect), "Effect must be Allow or Deny") for effect in ("allow", "DENY", "", 1, ["Allow"])),
    (statement(Foo=1), f"Foo is not an element of a statement; the elements are {ELEMENTS}"),
    (statement(effect="Deny"), f"effect is not an element of a statement; the elements are {ELEMENTS}"),
    *((statement(Sid=sid), "Sid must be a string") for sid in (5, ["a"], EMPTY)),
    *(
        (statement(**{name: value}), f"{name} {STRINGS}")
        for name in ("Action", "Resource")
        for value in ("", [], ["*", ""], [1], ["*", 1], EMPTY, 5)
    ),
    *((statement(Action=None, NotAction=value), f"NotAction {STRINGS}") for value in ("", [1])),
    *(
        (statement(Principal=value), f"Principal {PRINCIPAL}")
        for value in (
            *(5, EMPTY, "bob", OTHER, ["*"], {"User": OTHER}, {"AWS": OTHER, "User": OTHER}, {"Service": ""}),
            *({"AWS": value} for value in (5, [], "", "bob", [OTHER, ""], [OTHER, "bob"], f"{OTHER}1", OTHER[1:])),
            *({"AWS": value} for value in ("arn:", "A" * 15, "A" * 129, "AROAexampleexample", "**", f"{OTHER} ")),
        )
    ),
    (statement(Principal=None, NotPrincipal={"AWS": 5}), f"NotPrincipal {PRINCIPAL}"),
    *(
        (statement(Condition=value), CONDITION)
        for value in (
            *(3, "x", NO_ITEMS, {"StringEquals": "o"}, {"StringEquals": {"aws:PrincipalOrgID": EMPTY}}),
            *({"Bool": {"a": [None]}}, {"Bool": {"a": "b"}, "Null": {"c": [["d"]]}}, {"Bool": {"a": ["b", EMPTY]}}),
        )
    ),
]
WELL_FORMED = [
    *(statement(Sid=sid) for sid in ("", "Copies")),
    *(statement(Effect=effect) for effect in ("Allow", "Deny")),
    *(
        statement(Principal=value)
        for value in ("*", {"Service": "rekognition.amazonaws.com"}, {"CanonicalUser": ["a", "b"]})
    ),
    *(
        statement(Principal={"AWS": value})
        for value in (OTHER, "*", ROLE, ["*", OTHER], "A" * 16, "A" * 128, "AROAEXAMPLEEXAMPLE")
    ),
    statement(Principal={"Federated": "x", "AWS": OTHER}),
    *(statement(**{name: None, other: STATEMENT[name]}) for name, other in PAIRS.items()),
    *(statement(**{name: ["a", "b*"]}) for name in ("Action", "Resource")),
    *(
        statement(Condition=value)
        for value in (EMPTY, {"Bool": EMPTY}, {"StringEquals": {"a": ["b", "c"]}, "Bool": {"d": True}, "N": {"e": 1.5}})
    ),
]


def rule(text: str) -> str:
    """Return the rule that a document breaks; an empty text if it is well formed."""
    refusal: RefusalError | None = None
    try:
        check_document(text)
    except RefusalError as error:
        refusal = error
    if refusal is None:
        return ""
    beginning, _, broken = refusal.message.partition(": ")
    assert (refusal.code, beginning) == ("MalformedPolicyDocumentException", "The policy document is not well formed")
    assert broken.endswith(".")
    return broken[:-1]


def test_the_first_rule_that_a_document_breaks_is_named() -> None:
    assert [(text[:60], rule(text)) for text in NO_DOCUMENTS] == [(text[:60], FORM) for text in NO_DOCUMENTS]
    for broken, expected in MALFORMED:
        assert (broken, rule(policy(broken))) == (broken, expected)
        assert rule(policy(STATEMENT, broken)) == expected
        assert rule(json.dumps({"Statement": broken})) == expected


def test_a_well_formed_document_breaks_no_rule() -> None:
    for each in WELL_FORMED:
        assert (each, rule(policy(each, STATEMENT))) == (each, "")
    for members in ({"Id": "copies"}, {"Version": "2008-10-17"}, {"Version": "2012-10-17"}, {}):
        for statements in (STATEMENT, [STATEMENT], [STATEMENT, STATEMENT]):
            assert rule(json.dumps({"Statement": statements, **members})) == ""


def allowed(*statements: dict[str, Any], resource: str = VERSION, action: str = COPY) -> bool:
    return allows([policy(each) for each in statements], OTHER, action, resource)


MATCHING: list[dict[str, Any]] = [
    EMPTY,
    *({"Principal": value} for value in ("*", {"AWS": "*"}, {"AWS": [THIRD, OTHER]}, {"AWS": ROLE})),
    {"Principal": {"AWS": f"arn:aws-us-gov:sts::{OTHER}:assumed-role/a/b"}},
    {"Principal": {"Service": "x", "AWS": OTHER}},
    *({"Action": value} for value in ("*", "rekognition:*", "REKOGNITION:copy*", ["s3:*", COPY], "*:Copy*tVersio?")),
    *({"Resource": value} for value in (VERSION, "arn:*", "*/v1/*", "*/v?/1", [VERSION.upper(), VERSION], "*1")),
]
OTHERS: list[dict[str, Any]] = [
    *({"Principal": value} for value in ({"AWS": THIRD}, {"AWS": [THIRD]}, {"AWS": f"arn:aws:iam::{THIRD}:root"})),
    *(
        {"Principal": value}
        for value in ({"Service": "*"}, {"CanonicalUser": OTHER}, {"AWS": f"arn:aws:s3::{OTHER}:x"})
    ),
    {"Principal": {"AWS": "A" * 16}},
    *({"Action": value} for value in ("s3:*", "rekognition:Copy", f"{COPY}s", f"?{COPY}", ["s3:*", "*Detect*"])),
    *({"Resource": value} for value in (VERSION.upper(), VERSION[:-1], f"{VERSION}?", "*/v2/*", "arn.aws.*", "?")),
]


def test_a_statement_applies_if_its_principal_its_action_and_its_resource_match() -> None:
    for changes in MATCHING:
        assert (changes, allowed(statement(**changes))) == (changes, True)
    for changes in OTHERS:
        assert (changes, allowed(statement(**changes))) == (changes, False)


def test_a_statement_that_denies_overrides_all_that_allow_if_it_applies() -> None:
    denies = statement(Effect="Deny")
    assert not allowed()
    assert not allowed(denies)
    for statements in ((denies, STATEMENT), (STATEMENT, denies), (STATEMENT, STATEMENT, denies)):
        assert not allowed(*statements)
        assert not allows([policy(*statements)], OTHER, COPY, VERSION)
    for changes in OTHERS:
        assert allowed(STATEMENT, statement(Effect="Deny", **changes))


UNSUPPORTED: list[tuple[dict[str, Any], str]] = [
    ({"Condition": EMPTY}, "Condition"),
    ({"Principal": None, "NotPrincipal": {"AWS": THIRD}}, "NotPrincipal"),
    ({"Action": None, "NotAction": "s3:*"}, "NotAction"),
    ({"Resource": None, "NotResource": "x"}, "NotResource"),
    (
        {"Action": None, "NotAction": "s3:*", "Principal": None, "NotPrincipal": "*", "Condition": EMPTY},
        "Condition, NotPrincipal, NotAction",
    ),
]


def test_elements_that_are_not_evaluated_refuse_a_request_that_the_others_match() -> None:
    for changes, names in UNSUPPORTED:
        for effect in ("Allow", "Deny"):
            with pytest.raises(RefusalError) as caught:
                allowed(statement(Effect=effect, **changes))
            text = f"This emulator does not evaluate {names} of a project policy."
            assert (caught.value.code, caught.value.message) == ("NotServedByEmulator", text)
        for other in ({"Principal": {"AWS": THIRD}}, {"Action": "s3:*"}, {"Resource": "x"}):
            if not changes.keys() & other.keys():
                assert not allowed(statement(**{**changes, **other}))


@given(st.text("a?*", min_size=1, max_size=6), st.text("ab?\n", max_size=6))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_star_matches_any_text_and_a_question_mark_any_character(pattern: str, resource: str) -> None:
    """Compare with a plain regular expression, which is right but can be very slow."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    matches = re.fullmatch(expression, resource, re.DOTALL) is not None
    assert allowed(statement(Resource=pattern), resource=resource) is matches
