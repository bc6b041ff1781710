"""Region proposals: what in a picture could be a digit, before anything is decided."""
