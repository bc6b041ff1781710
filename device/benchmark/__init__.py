"""Benchmarks of the models and of the whole road on this device. Light to import: child processes time what follows."""
