"""Text lines: the page's skew, rows of digits, and their text."""
