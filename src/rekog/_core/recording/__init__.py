"""Recording: the answers that a client receives, as declarations for the emulator."""
