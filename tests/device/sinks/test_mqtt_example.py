"""The example that sends what a picture says to a broker does so, to a real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
from broker import Broker, needs_mosquitto, retained

from edge_digits.synthesis.page import make_page

ROOT = Path(__file__).parents[3]


@needs_mosquitto
def test_the_example_s_message_stands_at_the_broker(broker: Broker, tmp_path: Path) -> None:
    page = make_page(np.random.default_rng(1), 640, 480, texts=["4827"], digit_height=60, others=False)
    cv2.imwrite(str(tmp_path / "page.png"), page.image)
    command = [sys.executable, str(ROOT / "examples" / "mqtt.py"), "page.png", "127.0.0.1", str(broker.port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    (message,) = (json.loads(text) for text in retained(broker).values())
    assert [line["text"] for line in message["lines"]] == ["4827"]
