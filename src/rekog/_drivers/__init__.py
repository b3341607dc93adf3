"""The only rooms that do I/O: they run a Flow over a transport, `sync.py` with threads and `aio.py` with tasks."""
