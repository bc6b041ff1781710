"""Float against int8 on this device: a set that ships, both read it, one table."""
