"""Where frames come from: one protocol, one module per kind of source, ``opening`` to choose."""
