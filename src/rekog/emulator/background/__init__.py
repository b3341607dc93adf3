"""Asynchronous steps: run them when they are due."""
