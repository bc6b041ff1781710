"""``edge-digits accuracy``: how well and how fast float32 and int8 files read, side by side, on data that ships."""
