"""Attacks on the state of the emulator, and on its life in a process."""
