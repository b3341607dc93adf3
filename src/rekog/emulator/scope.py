"""Names of resources: `arn:aws:rekognition:REGION:ACCOUNT:RESOURCE`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .._generated.partitions import PARTITIONS

if TYPE_CHECKING:
    from .context import Scope

_SCHEME = "arn:"


def arn(scope: Scope, resource: str) -> str:
    """Return the ARN of a resource such as `collection/people`.

    >>> from rekog.emulator.context import Scope
    >>> arn(Scope("123456789012", "us-gov-west-1"), "collection/people")
    'arn:aws-us-gov:rekognition:us-gov-west-1:123456789012:collection/people'
    """
    return f"{_SCHEME}{_partition(scope.region)}:rekognition:{scope.region}:{scope.account}:{resource}"


def without_scheme(name: str) -> str:
    """Return an ARN as CreateCollection gives it, which leaves its `arn:` out."""
    return name.removeprefix(_SCHEME)


def _partition(region: str) -> str:
    known = (partition.id for partition in PARTITIONS if re.match(partition.region_pattern, region))
    return next(known, PARTITIONS[0].id)
