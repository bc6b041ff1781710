"""For all tests: none may hang on the machine's speed, and Hypothesis gives an example 200 ms unless told otherwise."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
