"""When numbers are read, and whether the clock can be believed that says when."""
