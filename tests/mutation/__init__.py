"""Mutants: small changes of the code, made by a tool, each of which should make a test fail.

`python -m tests.mutation record` runs the default tests once and records which test executes which lines.
`python -m tests.mutation run [--sample N] [--seed N] [PATH ...]` runs, for each mutant, the tests that execute its line.

The mutants are those of mutmut. Its own runner cannot be used: it replaces each function by a dispatcher, which the tests
of signatures, import rules and instruction counts refuse, and it runs whole functions' tests. Ours collects the tests
once, and forks a process per mutant that replaces the code of the functions and runs the tests.
"""
