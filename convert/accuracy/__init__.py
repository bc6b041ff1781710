"""The data set that ships for ``edge-digits accuracy``, made anew."""
