"""A trained checkpoint becomes small model files: export, quantize, gates. Runs from the checkout, not on a device."""
