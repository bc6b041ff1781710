"""Ink -> what the networks see: the only maker of their input, in training, calibration and reading."""
