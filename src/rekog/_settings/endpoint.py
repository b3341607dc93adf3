"""The service's endpoint rules as one pure function: the URL of requests and the region in their signatures.

Without a custom endpoint the host is `rekognition[-fips].REGION.SUFFIX`. The suffix belongs to the partition of the
region, which has another suffix for dual-stack. A region that matches no partition counts as one of the `aws`
partition, so that a new region works before this table contains it. A client warns about a region without a custom
endpoint that no partition lists.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .._generated.partitions import PARTITIONS, Partition
from .._values.errors import ConfigError
from .urls import URL_RULE, split_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .values import Config

SERVICE = "rekognition"
"""Name of the service in host names and signatures."""

CUSTOM_ENDPOINT_REGION = "us-east-1"
"""Region in the signatures of requests to a custom endpoint when no region is set; local servers ignore it."""


class Endpoint(NamedTuple):
    """The URL of requests, its host as in the Host header, its path, and the region in their signatures."""

    url: str
    host: str
    path: str
    signing_region: str


def find_partition(region: str, partitions: Sequence[Partition] = PARTITIONS) -> Partition:
    """Return the partition of a region.

    >>> find_partition("cn-north-1").id, find_partition("mars-north-1").id
    ('aws-cn', 'aws')
    """
    for partition in partitions:
        if region in partition.regions or re.match(partition.region_pattern, region):
            return partition
    return partitions[0]


def is_listed(region: str, partitions: Sequence[Partition] = PARTITIONS) -> bool:
    """Tell whether a partition lists a region; the patterns match regions that do not exist, too."""
    return any(region in partition.regions for partition in partitions)


def resolve_endpoint(config: Config, partitions: Sequence[Partition] = PARTITIONS) -> Endpoint:
    """Return the endpoint of a client's settings; raise `ConfigError` when there is none."""
    if config.endpoint_url is not None:
        return _custom(config, config.endpoint_url)
    if config.region_name is None:
        raise ConfigError(
            "no region: give region_name, or set AWS_REGION, or region in the profile (or give an endpoint_url)"
        )
    partition = find_partition(config.region_name, partitions)
    for requested, supported, name in (
        (config.use_fips_endpoint, partition.supports_fips, "FIPS"),
        (config.use_dualstack_endpoint, partition.supports_dualstack, "dual-stack"),
    ):
        if requested and not supported:
            raise ConfigError(
                f"the partition {partition.id} of region {config.region_name} has no {name} endpoints: turn that off"
            )
    name = f"{SERVICE}-fips" if config.use_fips_endpoint else SERVICE
    suffix = partition.dualstack_suffix if config.use_dualstack_endpoint else partition.suffix
    host = f"{name}.{config.region_name}.{suffix}"
    return Endpoint(f"https://{host}/", host.lower(), "/", config.region_name)


def _custom(config: Config, url: str) -> Endpoint:
    for requested, name in ((config.use_fips_endpoint, "FIPS"), (config.use_dualstack_endpoint, "dual-stack")):
        if requested:
            raise ConfigError(f"{name} cannot be combined with a custom endpoint")
    parts = split_url(url)
    if parts is None:
        raise ConfigError(f"endpoint_url must be {URL_RULE}")
    scheme, host, path = parts
    return Endpoint(f"{scheme}://{host}{path}", host, path, config.region_name or CUSTOM_ENDPOINT_REGION)
