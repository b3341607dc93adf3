"""Accounts and regions, and the ARNs of their resources: `arn:aws:rekognition:REGION:ACCOUNT:RESOURCE`."""

from __future__ import annotations

import re
from typing import NamedTuple

from .._generated.partitions import PARTITIONS

_SCHEME = "arn:"
_PARTS = 5
"""Number of an ARN's parts after the scheme; the third is the region, the fourth the account."""


class Scope(NamedTuple):
    """Account and region of a request: it sees no resources of other accounts and regions."""

    account: str
    region: str


def arn(scope: Scope, resource: str) -> str:
    """Return the ARN of a resource such as `collection/people`.

    >>> arn(Scope("123456789012", "us-gov-west-1"), "collection/people")
    'arn:aws-us-gov:rekognition:us-gov-west-1:123456789012:collection/people'
    """
    return f"{_SCHEME}{_partition(scope.region)}:rekognition:{scope.region}:{scope.account}:{resource}"


def arn_suffix(created: float) -> int:
    """Return the last part of the ARN of a project, dataset or version: its creation time in milliseconds (assumed)."""
    return int(created * 1000)


def owner(arn: str) -> Scope:
    """Return the account and region of a whole ARN; raise `LookupError` if the text is not an ARN.

    >>> owner("arn:aws:rekognition:eu-west-1:123456789012:project/dogs/1")
    Scope(account='123456789012', region='eu-west-1')
    """
    scheme, *parts = arn.split(":", 5)
    if scheme != "arn" or len(parts) != _PARTS:
        raise LookupError(f"{arn!r} is no ARN")
    return Scope(parts[3], parts[2])


def without_scheme(arn: str) -> str:
    """Return an ARN in the form of CreateCollection's response, which leaves out `arn:`."""
    return arn.removeprefix(_SCHEME)


def _partition(region: str) -> str:
    matches = (partition.id for partition in PARTITIONS if re.match(partition.region_pattern, region))
    return next(matches, PARTITIONS[0].id)
