"""What Prometheus is told."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from device.web.live import Live
from device.web.uploads.pool import Pool

PREFIX = "edge_digits_"

COUNTED = {
    "frames": "Frames taken from the camera",
    "read": "Frames read; the others showed what was read before",
    "skipped": "Frames of the camera that were not taken",
    "readings": "Readings published",
    "refusals": "Readings that broke their region's rules",
}


class Metrics:
    """A registry of its own, and what is counted here."""

    def __init__(self, live: Live, pool: Pool) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Camera(live, pool))
        self.uploads = Counter(f"{PREFIX}uploads", "Pictures sent to be read", ["outcome"], registry=self.registry)
        self.upload_seconds = Histogram(
            f"{PREFIX}upload_seconds", "From the last byte of a picture to its answer", registry=self.registry
        )

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)


class _Camera(Collector):
    def __init__(self, live: Live, pool: Pool) -> None:
        self._live, self._pool = live, pool

    def collect(self) -> Iterator[Metric]:
        """What is known now."""
        live = self._live
        yield GaugeMetricFamily(f"{PREFIX}up", "Whether frames are being read", float(live.is_healthy))
        yield GaugeMetricFamily(f"{PREFIX}viewers", "Streams of pictures that are open", live.viewers)
        yield CounterMetricFamily(f"{PREFIX}pictures_encoded", "Pictures encoded for viewers", live.encoded)
        yield CounterMetricFamily(f"{PREFIX}worker_deaths", "Processes that died of a picture", self._pool.died)
        summary = live.summary
        if summary is None:
            return
        for name, help in COUNTED.items():
            yield CounterMetricFamily(f"{PREFIX}{name}", help, summary["counts"][name])
        if summary["frame_rate"] is not None:
            yield GaugeMetricFamily(f"{PREFIX}frame_rate", "Frames taken a second", summary["frame_rate"])
        if summary["temperature"] is not None:
            yield GaugeMetricFamily(f"{PREFIX}temperature_celsius", "Of the processor", summary["temperature"])
        latency = GaugeMetricFamily(
            f"{PREFIX}latency_seconds", "From a frame to its reading, over the last 1000", labels=["quantile"]
        )
        for label, key in (("0.5", "median"), ("0.99", "p99")):
            if summary["latency_ms"][key] is not None:
                latency.add_metric([label], summary["latency_ms"][key] / 1000)
        yield latency
