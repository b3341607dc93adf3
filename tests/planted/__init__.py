"""Planted faults: small mistakes in the code, each with the tests that must fail with it.

`python -m tests.planted` measures the tests: it plants one fault at a time in a copy of `src/rekog` and runs the tests
named for it. The `.toml` files of this folder list the faults of one area each:

    [[fault]]
    file = "src/rekog/paging.py"
    old = "code that occurs exactly once in the file"
    new = "code with the mistake"
    tests = ["tests/client/test_pagers.py"]
    note = "effect of the mistake"     # only where the change does not show it
    harmless = "reason"                # only for a change that no caller can notice
    survives = "reason"                # only for a fault that no test finds

A change of the code makes faults stale: the program lists those whose `old` no longer occurs once.
"""
