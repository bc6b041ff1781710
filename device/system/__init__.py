"""What the reader asks of the system that it runs on."""
