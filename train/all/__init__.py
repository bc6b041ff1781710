"""Judge, CNN and CRNN trained one after another, in so many minutes."""
