"""Systems that others published, to compare with: nothing in here ships to a device."""
