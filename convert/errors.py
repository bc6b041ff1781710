"""What can go wrong in a conversion."""

from __future__ import annotations

from edge_digits.errors import EdgeDigitsError


class ConversionError(EdgeDigitsError, RuntimeError):
    """A network could not be converted, or a converted file did not pass a gate; nothing was written, or what
    ``PartlyFailed`` says."""
