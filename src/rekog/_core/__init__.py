"""A call without I/O: no sockets, no files, and no clock that a test cannot replace."""
