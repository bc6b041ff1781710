"""The set network of a page goes into the package as it is, with a spec that says which judge it is for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from convert.atomic_place import place, staging
from edge_digits.errors import ModelError
from edge_digits.runtime.spec import sha256_of, spec_path
from edge_digits.selection.set_network import load_set_network

_STAGES = ("judge-first", "judge")
_SHORT = 8
"""Digits of the two files' sha256 in what ``python -m train judge-page`` writes of them."""


def ship(network: Path, models: Path) -> Path:
    """Put ``network`` (.npz, with what training wrote of it in .json) into ``models``, where the judge's files are that
    it was trained behind. Returns where it is.

    Raises ModelError if it is missing or damaged or those files are not there, ConversionError if ``models`` cannot be
    written.
    """
    load_set_network(network)
    about = _about(network.with_suffix(".json"))
    trained, made = about["judge"], models / network.name
    spec: dict[str, Any] = {"name": network.stem, "sha256": sha256_of(network)}
    spec["judge"] = {
        stage: _behind(network, models, stage, trained[start : start + _SHORT])
        for stage, start in zip(_STAGES, (0, _SHORT), strict=True)
    }
    spec |= {"recipe": about["recipe"], "seed": about["recipe"]["seed"]}
    spec |= {key: about[key] for key in ("commit", "figures")}
    with staging(models) as folder:
        staged = folder / network.name
        shutil.copyfile(network, staged)
        spec_path(staged).write_text(json.dumps(spec, indent=2) + "\n", "utf-8")
        place([spec_path(staged), staged], models)
    return made


def _about(path: Path) -> dict[str, Any]:
    """What training wrote beside a network."""
    try:
        about: dict[str, Any] = json.loads(path.read_text("utf-8"))
        complete = (
            len(about["judge"]) == 2 * _SHORT and {"seed"} <= {*about["recipe"]} and {"commit", "figures"} <= {*about}
        )
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such file; python -m train judge-page writes it beside the network") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: not what python -m train judge-page writes: {error!r}") from error
    if not complete:
        raise ModelError(f"{path}: not what python -m train judge-page writes: it does not say all of a network")
    return about


def _behind(network: Path, models: Path, stage: str, start: str) -> str:
    """The sha256 of that of a stage's files in ``models`` whose sha256 begins with ``start``."""
    digests = [sha256_of(path) for path in sorted(models.glob(f"{stage}-*")) if path.suffix in (".tflite", ".onnx")]
    fitting = [value for value in digests if value.startswith(start)]
    if not fitting:
        raise ModelError(
            f"{network}: was trained behind a file of {stage} with the sha256 {start}…, which is not in {models}"
        )
    return fitting[0]
