"""Attacks: thousands of seeded, hostile inputs and moments for each law that the SDK and the emulator promise.

`python -m tests.hostile` runs them all, `python -m tests.hostile NAME ... --share 0.1` a tenth of some of them. pytest
runs a small share of each under the marker `slow`.
"""
