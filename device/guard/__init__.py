"""What is expected of a region's number: its value, the rules that hold it back, and what a guard remembers."""
