"""Accuracy of the emulator's analysis on named images: the tables of docs/vision.md.

A module for each capability has a function `tables()`; `python -m benchmarks.vision` runs them.
"""
