"""How the picture is rotated, flipped and cropped: shown in the page and changed from there."""
