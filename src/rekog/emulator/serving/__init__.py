"""How the emulator is reached: httpx transport, ASGI, HTTP server, control API."""
