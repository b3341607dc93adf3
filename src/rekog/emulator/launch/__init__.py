"""The emulator as a program: options, seeds, log, start, and commands on a running server or a data folder."""
