"""From the share of wrong digits that someone can live with to a threshold of confidence."""

from __future__ import annotations

from edge_digits.errors import ConfigError, ModelError
from edge_digits.runtime.spec import ModelSpec


def threshold_for(spec: ModelSpec, max_error: float, model: str) -> float:
    """The confidence, 0..1, below which to read no digit, so that at most the share ``max_error`` of those read is
    wrong (El-Yaniv and Wiener 2010).

    It is the spec's for the greatest share in its table that is not above ``max_error``. model: what messages call the
    model. Raises ConfigError if ``max_error`` is not between 0 and 1 or below all shares of the table, ModelError if
    the spec has no table.
    """
    if not 0.0 < max_error < 1.0:
        raise ConfigError(f"max-error is {max_error:g}, expected a share between 0 and 1, such as 0.01")
    if not spec.thresholds:
        raise ModelError(
            f"{model}: its spec has no thresholds, so max-error cannot be kept; "
            f"python -m train confidence --models {model} fits them"
        )
    try:
        table = {float(share): float(threshold) for share, threshold in spec.thresholds.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise ModelError(f"{model}: its spec's thresholds are no table of numbers: {error}") from error
    kept = [share for share in table if share <= max_error]
    if not kept:
        raise ConfigError(f"max-error is {max_error:g}, the least that {model} has a threshold for is {min(table):g}")
    return table[max(kept)]
