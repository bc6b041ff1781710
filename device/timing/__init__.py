"""When numbers are read."""
