"""Planted faults: small mistakes in the code, each of which must make a test fail.

They measure the tests. There are two kinds: those of the lists in this folder, written by hand, and mutants, which
mutmut makes. `python -m tests.planted` has three commands:

    record [TEST ...]       run the default tests, or these, and record which test executes which lines
    lists [AREA ...]        plant the faults of the lists, or of other TOML files
    mutants [PATH ...]      plant mutants of these modules, drawn at random, or those that are named as FILE:NUMBER

A process imports the package and collects all tests once. For each fault it forks: the fork replaces the code of the
changed functions and runs the tests of the fault until one fails. A fault outside of functions, and one that no test
noticed, is planted again in a copy of the package that a new process imports.

Each list has the faults of one area:

    [[fault]]
    file = "src/rekog/paging.py"
    old = "code that occurs exactly once in the file"
    new = "code with the mistake"
    tests = ["tests/client/test_pagers.py"]
    note = "effect of the mistake"     # only where the change does not show it
    harmless = "reason"                # only for a change that no caller can notice
    survives = "reason"                # only for a fault that no test finds

A change of the code makes faults stale: `lists` names those whose `old` no longer occurs once.
"""
