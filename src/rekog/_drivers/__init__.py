"""All network I/O: drivers run Flows, senders send their requests, `pools/` keeps the connections.

`sync.py` has the driver for threads, `aio.py` the one for tasks of asyncio and trio.
"""
