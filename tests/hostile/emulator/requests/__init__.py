"""Attacks on the requests of the emulator: HTTP, the control API, operations, signatures and names."""
