"""Where readings go: one protocol, one module per kind of sink, ``opening`` to choose."""
