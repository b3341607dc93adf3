"""Declared content: parse, check and store declarations."""
