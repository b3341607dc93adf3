"""The sans-IO core: what a call is, without sockets, files or clocks of its own."""
