"""Where a request goes and for which region it is signed: the service's endpoint rules as one pure function.

Without a custom endpoint the host is `rekognition[-fips].REGION.SUFFIX`; the suffix belongs to the region's partition,
which has a second one for dual-stack. A region that no partition knows is taken for one of the `aws` partition, so that
a new region works before this table knows it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .._generated.partitions import PARTITIONS, Partition
from .._values.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..config import Config

CUSTOM_ENDPOINT_REGION = "us-east-1"
"""What requests to a custom endpoint are signed for when no region is set; local servers do not look at it."""

REGION_RULE = "a region name: letters, digits and inner hyphens, like 'eu-west-1'"
URL_RULE = "an http or https URL of a host, without user, query or fragment"

_REGION = re.compile(r"(?![0-9]+$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")
_URL = re.compile(
    r"""(?P<scheme>https?)://
        (?P<host>[a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9.])?|\[[0-9a-f:.]+])  # a name, an IPv4 or an IPv6 address
        (?::(?P<port>[0-9]{1,5}))?
        (?P<path>/[!-"$->@-~]*)?                                           # printable ASCII but # and ?
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Endpoint(NamedTuple):
    """Where requests go: the whole URL, its host as the Host header says it, its path, and the region to sign for."""

    url: str
    host: str
    path: str
    signing_region: str


def is_region(name: str) -> bool:
    """Tell whether a text can be a region: it becomes a part of the host name."""
    return _REGION.fullmatch(name) is not None


def split_url(url: str) -> tuple[str, str, str] | None:
    """Return a URL's scheme, host (with the port, unless it is the scheme's own) and path; None if it breaks the rule.

    >>> split_url("http://LOCALHOST:8680"), split_url("localhost:8680")
    (('http', 'localhost:8680', '/'), None)
    """
    match = _URL.fullmatch(url)
    if match is None or int(match["port"] or 0) > 65535:
        return None
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), int(match["port"] or 0)
    if port and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    return scheme, host, match["path"] or "/"


def find_partition(region: str, partitions: Sequence[Partition] = PARTITIONS) -> Partition:
    """Return the partition of a region.

    >>> find_partition("cn-north-1").id, find_partition("mars-north-1").id
    ('aws-cn', 'aws')
    """
    for partition in partitions:
        if region in partition.other_regions or re.match(partition.region_pattern, region):
            return partition
    return partitions[0]


def resolve_endpoint(config: Config, partitions: Sequence[Partition] = PARTITIONS) -> Endpoint:
    """Apply the service's endpoint rules to a client's settings."""
    if config.endpoint_url is not None:
        return _custom(config, config.endpoint_url)
    if config.region_name is None:
        raise ConfigError(
            "no region: give region_name, or set AWS_REGION, or region in the profile (or give an endpoint_url)"
        )
    partition = find_partition(config.region_name, partitions)
    for asked, supported, name in (
        (config.use_fips_endpoint, partition.supports_fips, "FIPS"),
        (config.use_dualstack_endpoint, partition.supports_dualstack, "dual-stack"),
    ):
        if asked and not supported:
            raise ConfigError(
                f"the partition {partition.id} of region {config.region_name} has no {name} endpoints: turn that off"
            )
    name = "rekognition-fips" if config.use_fips_endpoint else "rekognition"
    suffix = partition.dualstack_suffix if config.use_dualstack_endpoint else partition.suffix
    host = f"{name}.{config.region_name}.{suffix}"
    return Endpoint(f"https://{host}/", host.lower(), "/", config.region_name)


def _custom(config: Config, url: str) -> Endpoint:
    for asked, name in ((config.use_fips_endpoint, "FIPS"), (config.use_dualstack_endpoint, "dual-stack")):
        if asked:
            raise ConfigError(f"{name} cannot be combined with a custom endpoint")
    parts = split_url(url)
    if parts is None:
        raise ConfigError(f"endpoint_url must be {URL_RULE}")
    scheme, host, path = parts
    return Endpoint(f"{scheme}://{host}{path}", host, path, config.region_name or CUSTOM_ENDPOINT_REGION)
