"""One frozen Config, from a TOML file and the command line.

Every table of the file is a frozen dataclass, every key one of its fields; what a field accepts is its type, and the
least and most of its metadata (``device.config.fields``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from device.config.camera import CameraSettings
from device.config.reading import LampConfig, ReadConfig, TrackingRule
from device.config.regions import RegionRule


@dataclass(frozen=True)
class RecordConfig:
    """The record of readings and refusals, an SQLite file.

    path: of the file. keep_days: older entries are removed. max_megabytes: the oldest entries are removed when the
    file would grow larger. pictures: whether a refusal keeps a small picture of the line. reading_pictures: how many
    readings keep one, in files in a folder beside the record; the oldest are removed. reading_pictures_megabytes: what
    they may take up.
    """

    path: Path = Path("readings.sqlite")
    keep_days: float = field(default=365.0, metadata={"least": 0.01, "most": 36500})
    max_megabytes: float = field(default=200.0, metadata={"least": 1, "most": 1_000_000})
    pictures: bool = True
    reading_pictures: int = field(default=0, metadata={"least": 0, "most": 1_000_000})
    reading_pictures_megabytes: float = field(default=100.0, metadata={"least": 0.1, "most": 1_000_000})


@dataclass(frozen=True)
class MqttConfig:
    """The MQTT broker that readings are delivered to, from the record.

    host, port: of the broker; no port is 8883 with TLS and 1883 without. username, password_file: the file holds the
    password alone. tls: whether to encrypt. ca_file: the certificate authority that signed the broker's certificate;
    None is the system's. base_topic: begins every topic. discovery: Home Assistant's discovery prefix, "" announces
    nothing. client_id: unique to this reader among the broker's clients, also part of its topics; None is
    made from the host's name. expire_after: seconds without a reading after which Home Assistant shows none; None is
    never. pictures: whether the picture of a region goes with its readings and refusals.
    """

    host: str
    port: int | None = field(default=None, metadata={"least": 1, "most": 65535})
    username: str | None = None
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None
    base_topic: str = "edge-digits"
    discovery: str = "homeassistant"
    client_id: str | None = None
    expire_after: float | None = field(default=None, metadata={"least": 1, "most": 31_536_000})
    pictures: bool = False


@dataclass(frozen=True)
class WebhookConfig:
    """A web server that each reading is POSTed to as JSON, from the record.

    url: http or https. secret_file: holds what is sent in the header ``header``, alone. ca_file: the certificate
    authority that signed the server's certificate; None is the system's. timeout: seconds without a sign of life after
    which a request has failed.
    """

    url: str
    header: str = "Authorization"
    secret_file: Path | None = None
    ca_file: Path | None = None
    timeout: float = field(default=10.0, metadata={"least": 0.1, "most": 600.0})


@dataclass(frozen=True)
class InfluxConfig:
    """An InfluxDB, or what takes its line protocol, that readings are written to, from the record.

    url: of the server, http or https. org, bucket: where in it. token_file: holds the token alone. measurement: what
    the points are called. reader: tag that tells this reader's points; None is made from the host's name. ca_file,
    timeout: as for a webhook.
    """

    url: str
    bucket: str
    org: str = ""
    token_file: Path | None = None
    measurement: str = "reading"
    reader: str | None = None
    ca_file: Path | None = None
    timeout: float = field(default=10.0, metadata={"least": 0.1, "most": 600.0})


@dataclass(frozen=True)
class WebConfig:
    """The page in the browser.

    listen: HOST:PORT; other hosts than this one need the token. token_file: holds the token; made at the first start.
    frame_rate: pictures a second that viewers get at most. models: a folder whose model files, at any depth, can be
    chosen beside the shipped ones; None is only these.
    """

    listen: str = "127.0.0.1:8080"
    token_file: Path = Path("web-token")
    frame_rate: float = field(default=5.0, metadata={"least": 0.1, "most": 30.0})
    models: Path | None = None


@dataclass(frozen=True)
class DriftConfig:
    """What becomes of the regions when the camera is nudged, or what it looks at is moved.

    follow: whether they follow, and are not read where it is not sure where they are.
    """

    follow: bool = True


@dataclass(frozen=True)
class TeachConfig:
    """Digits that are collected, for people to say what they are, so that the reader can be taught a hand.

    folder: where they are kept; None collects nothing. samples: most that are kept without a label. random: share of
    the settled readings of which a random digit is kept, however sure. unsure: a digit that is less sure is kept.
    """

    folder: Path | None = None
    samples: int = field(default=500, metadata={"least": 1, "most": 100_000})
    random: float = field(default=0.02, metadata={"least": 0.0, "most": 1.0})
    unsure: float = field(default=0.9, metadata={"least": 0.0, "most": 1.0})


@dataclass(frozen=True)
class Config:
    """All that a run of the camera reader depends on.

    source: see ``device.config.sources``. model: the name of a shipped model or the path of a model file. sinks: see
    ``device.config.sinks``. duration: seconds to read for; None is until the source ends. draw: a folder for the frames
    with what was read drawn in; None is no frames. region: the parts of the picture that are read; none is all of
    it. record, mqtt, webhook, influx, web, lamp: None is without. drift: where the regions are when the scene has
    moved. read: when numbers are read. teach: which digits are collected.
    """

    source: str = "auto"
    model: str = "auto"
    sinks: tuple[str, ...] = ("console",)
    duration: float | None = field(default=None, metadata={"least": 0.0})
    draw: Path | None = None
    camera: CameraSettings = field(default_factory=CameraSettings)
    tracking: TrackingRule = field(default_factory=TrackingRule)
    region: tuple[RegionRule, ...] = ()
    record: RecordConfig | None = None
    mqtt: MqttConfig | None = None
    webhook: WebhookConfig | None = None
    influx: InfluxConfig | None = None
    web: WebConfig | None = None
    lamp: LampConfig | None = None
    drift: DriftConfig = field(default_factory=DriftConfig)
    read: ReadConfig = field(default_factory=ReadConfig)
    teach: TeachConfig = field(default_factory=TeachConfig)

    @property
    def record_path(self) -> Path | None:
        """The file of the record, where the guards remember: of ``record``, else of the first sink ``sqlite:PATH``."""
        if self.record is not None:
            return self.record.path.expanduser()
        paths = [rest for kind, _, rest in (name.partition(":") for name in self.sinks) if kind == "sqlite"]
        return Path(paths[0]).expanduser() if paths else None
