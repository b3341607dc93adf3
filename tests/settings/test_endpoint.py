"""Endpoints: the service's public cases, botocore's rule engine as the oracle for every region, custom endpoints."""

from __future__ import annotations

import json
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.partitions import render_partitions
from rekog._generated import partitions as generated
from rekog._generated.partitions import PARTITIONS, REGIONS, Partition
from rekog._settings.endpoint import Endpoint, find_partition, is_listed, resolve_endpoint
from rekog._settings.urls import is_region, split_url
from rekog._values.errors import ConfigError
from rekog.config import Config

CASES: list[list[Any]] = json.loads((Path(__file__).parent / "data" / "endpoint_cases.json").read_text())["cases"]

loader: Any = import_module("botocore.loaders").Loader()
provider = import_module("botocore.endpoint_provider")
exceptions = import_module("botocore.exceptions")
host_of = import_module("botocore.auth")._host_from_url
RULES: Any = loader.load_service_model("rekognition", "endpoint-rule-set-1")
PARTITION_DATA: Any = loader.load_data("partitions")

law = settings(derandomize=True, deadline=None, max_examples=150)
regions = st.from_regex(r"(us|eu|cn|us-gov|us-iso|us-isob|eu-isoe|eusc|mars)-[a-z]{2,9}-[0-9]{1,2}", fullmatch=True)


def url_of(config: Config, partitions: Any = PARTITIONS) -> str | None:
    try:
        return resolve_endpoint(config, partitions).url.removesuffix("/")
    except ConfigError:
        return None


def botocore_url(region: str, fips: bool, dualstack: bool, partitions: Any = PARTITION_DATA) -> str | None:
    engine = provider.EndpointProvider(RULES, partitions)
    try:
        return str(engine.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dualstack).url)
    except exceptions.EndpointProviderError:
        return None


@pytest.mark.parametrize("case", CASES, ids=[f"case {number}" for number in range(len(CASES))])
def test_public_case(case: list[Any]) -> None:
    region, fips, dualstack, custom, expected = case
    config = Config(region_name=region, use_fips_endpoint=fips, use_dualstack_endpoint=dualstack, endpoint_url=custom)

    assert url_of(config) == expected


def test_every_region_of_every_partition_resolves_as_in_botocore() -> None:
    listed = [region for partition in PARTITION_DATA["partitions"] for region in partition["regions"]]
    cases = list(product(listed, (False, True), (False, True)))
    ours = [
        url_of(Config(region_name=region, use_fips_endpoint=fips, use_dualstack_endpoint=dualstack))
        for region, fips, dualstack in cases
    ]

    assert len(cases) > 150
    assert ours == [botocore_url(*case) for case in cases]


@law
@given(region=regions, fips=st.booleans(), dualstack=st.booleans())
def test_unknown_region_resolves_as_in_botocore(region: str, fips: bool, dualstack: bool) -> None:
    config = Config(region_name=region, use_fips_endpoint=fips, use_dualstack_endpoint=dualstack)

    assert url_of(config) == botocore_url(region, fips, dualstack)


@pytest.mark.parametrize(("has_fips", "has_dualstack", "fips", "dualstack"), list(product((False, True), repeat=4)))
def test_unsupported_variant_is_refused_as_in_botocore(
    has_fips: bool, has_dualstack: bool, fips: bool, dualstack: bool
) -> None:
    ours = Partition("moon", r"^moon\-\w+$", "moon.example", "v6.moon.example", has_fips, has_dualstack, ())
    theirs = {
        "id": "moon",
        "regionRegex": r"^moon\-\w+$",
        "regions": {},
        "outputs": {
            "name": "moon",
            "dnsSuffix": "moon.example",
            "dualStackDnsSuffix": "v6.moon.example",
            "supportsFIPS": has_fips,
            "supportsDualStack": has_dualstack,
        },
    }
    config = Config(region_name="moon-dark", use_fips_endpoint=fips, use_dualstack_endpoint=dualstack)

    assert url_of(config, [ours]) == botocore_url("moon-dark", fips, dualstack, {"partitions": [theirs]})


@pytest.mark.parametrize("variant", ["FIPS", "dual-stack"])
def test_the_error_of_an_unsupported_variant_names_partition_region_and_variant(variant: str) -> None:
    moon = Partition("moon", r"^moon\-\w+$", "moon.example", "v6.moon.example", False, False, ())
    config = Config(
        region_name="moon-dark", use_fips_endpoint=variant == "FIPS", use_dualstack_endpoint=variant != "FIPS"
    )

    with pytest.raises(ConfigError, match=f"partition moon of region moon-dark has no {variant} endpoints"):
        resolve_endpoint(config, [moon])


def test_the_error_of_a_missing_region_names_the_settings() -> None:
    with pytest.raises(ConfigError, match="no region: give region_name, or set AWS_REGION"):
        resolve_endpoint(Config())


def test_endpoint_has_the_parts_that_a_signature_needs() -> None:
    host = "rekognition.eu-west-1.amazonaws.com"

    assert resolve_endpoint(Config(region_name="eu-west-1")) == Endpoint(f"https://{host}/", host, "/", "eu-west-1")


def test_the_host_of_a_request_is_lowercase() -> None:
    endpoint = resolve_endpoint(Config(region_name="EU-West-1"))

    assert (endpoint.host, endpoint.signing_region) == ("rekognition.eu-west-1.amazonaws.com", "EU-West-1")


def test_custom_endpoint_keeps_port_and_path() -> None:
    config = Config(region_name="eu-west-1", endpoint_url="HTTP://Localhost:8680/aws/")

    assert resolve_endpoint(config) == Endpoint("http://localhost:8680/aws/", "localhost:8680", "/aws/", "eu-west-1")


def test_custom_endpoint_without_region_is_signed_for_us_east_1() -> None:
    assert resolve_endpoint(Config(endpoint_url="http://localhost")).signing_region == "us-east-1"


def test_custom_endpoint_that_is_not_a_url_is_refused() -> None:
    with pytest.raises(ConfigError, match="endpoint_url must be an http or https URL"):
        resolve_endpoint(Config(endpoint_url="localhost"))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:80",
        "https://localhost:443/",
        "https://localhost:80",
        "http://localhost:443/x",
        "http://127.0.0.1:8680",
        "http://[::1]:8680/",
        "https://[2001:db8::1]",
        "https://EXAMPLE.com/a/b",
    ],
)
def test_host_header_of_a_custom_endpoint_is_botocores(url: str) -> None:
    assert resolve_endpoint(Config(endpoint_url=url)).host == host_of(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost",
        "localhost:8680",
        "//localhost",
        "ftp://localhost",
        "http://",
        "http:///path",
        "http://local host",
        "http://localhost:65536",
        "https://[::1]:65536/path",
        "http://localhost:99999",
        "http://localhost:port",
        "http://user:password@localhost",
        "http://localhost?query",
        "http://localhost/#fragment",
        "http://localhost/\n",
        "http://münchen.example",
        "http://-a.example",
    ],
)
def test_url_outside_the_rule_is_refused(url: str) -> None:
    assert split_url(url) is None


@pytest.mark.parametrize(("port", "valid"), [(1, True), (65535, True), (65536, False), (65537, False)])
def test_a_port_is_65535_at_most(port: int, valid: bool) -> None:
    assert (split_url(f"http://localhost:{port}") is not None) == valid


@law
@given(name=st.text(st.sampled_from("aZ0-._ é"), max_size=6) | st.text(max_size=70))
def test_region_names_are_those_that_botocore_accepts(name: str) -> None:
    try:
        import_module("botocore.utils").validate_region_name(name)
    except exceptions.InvalidRegionError:
        valid = False
    else:
        valid = not name.endswith("\n") and name != ""  # two that botocore's pattern accepts by accident

    assert is_region(name) == valid


def test_the_listed_regions_are_those_of_botocore() -> None:
    listed = {region for partition in PARTITIONS for region in partition.regions}

    assert listed == {region for partition in PARTITION_DATA["partitions"] for region in partition["regions"]}
    assert set(REGIONS) <= listed


@pytest.mark.parametrize(("region", "listed"), [("eu-west-1", True), ("eu-north-7", False), ("EU-WEST-1", False)])
def test_a_region_is_listed_when_a_partition_has_it_by_this_name(region: str, listed: bool) -> None:
    assert is_listed(region) == listed


def test_regions_of_the_service_belong_to_known_partitions() -> None:
    partitions = {find_partition(region).id for region in REGIONS}

    assert partitions == {"aws", "aws-us-gov", "aws-iso-e", "aws-iso-f"}
    assert {"us-east-1", "eu-west-1", "us-gov-west-1"} <= set(REGIONS)


def test_generated_table_is_up_to_date() -> None:
    assert Path(str(generated.__file__)).read_text("utf-8") == render_partitions()
