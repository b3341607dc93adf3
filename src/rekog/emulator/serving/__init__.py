"""Access to the emulator: httpx transport, ASGI application, HTTP server, control API."""
