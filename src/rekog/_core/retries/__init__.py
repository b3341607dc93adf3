"""Retries of a call: the loop, its rules, and the send rate of adaptive mode."""
