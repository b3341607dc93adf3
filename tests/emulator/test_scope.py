"""ARNs of resources: their parts, their partitions, and texts that are none."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import Session

from rekog.emulator.scope import Scope, arn, arn_suffix, owner, without_scheme
from rekog.emulator.texts import check_texts

ACCOUNT = "123456789012"


def test_an_arn_has_the_partition_of_its_region() -> None:
    session: Any = Session()  # botocore has no types
    for region in ("us-east-1", "eu-west-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "eu-isoe-west-1"):
        partition = session.get_partition_for_region(region)
        assert arn(Scope(ACCOUNT, region), "collection/a:b") == (
            f"arn:{partition}:rekognition:{region}:{ACCOUNT}:collection/a:b"
        )
    assert arn(Scope(ACCOUNT, "nowhere"), "x") == f"arn:aws:rekognition:nowhere:{ACCOUNT}:x"


def test_the_owner_of_an_arn_is_its_account_and_region() -> None:
    scope = Scope("000000000001", "eu-west-1")
    for resource in ("project/dogs/1", "a:b:c", ""):
        assert owner(arn(scope, resource)) == scope
        assert f"arn:{without_scheme(arn(scope, resource))}" == arn(scope, resource)
    assert without_scheme("aws:arn:x") == "aws:arn:x"


@pytest.mark.parametrize(
    "text", ["", "nope", "arn:aws:rekognition:eu-west-1:1", "ARN:aws:rekognition:r:1:x", "a:b:c:d:e:f"]
)
def test_a_text_that_is_no_arn_has_no_owner(text: str) -> None:
    with pytest.raises(LookupError) as caught:
        owner(text)
    assert caught.value.args == (f"{text!r} is no ARN",)


def test_the_suffix_of_an_arn_is_a_time_in_whole_milliseconds() -> None:
    assert [arn_suffix(time) for time in (0.0, 1.5, 1_700_000_000.0019)] == [0, 1500, 1_700_000_000_001]


def test_half_a_surrogate_pair_is_no_text() -> None:
    check_texts(a="\U0001f600", b=None, c="", d="\ud7ff\ue000")
    for text in ("\ud800", "a\udfffb", "\udbff\ud800"):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole text is compared)
            check_texts(first="fine", second=text)
        assert str(caught.value) == "second must be text, without half a surrogate pair"
