"""Steps that every request passes: checks before its handler, faults, recording, the response."""
