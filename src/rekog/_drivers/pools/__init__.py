"""Connection pools: one for threads, one for asyncio, one for trio."""
