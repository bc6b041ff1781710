"""What the pages say whatever the figures are, by page: what stands before its figures, and what after them."""
