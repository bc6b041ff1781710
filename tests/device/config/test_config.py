"""The configuration file: what it sets, and errors that name the file and the key."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.config.camera import CameraSettings
from device.config.load import load_config, override
from device.config.reading import LampConfig, ReadConfig, TrackingRule
from device.config.regions import RegionRule
from device.config.settings import Config, DriftConfig, InfluxConfig, MqttConfig, RecordConfig, WebhookConfig
from edge_digits.errors import ConfigError
from edge_digits.types import Box

EVERYTHING = """
source = "picamera:0"
model = "cnn"
sinks = ["console", "jsonl:readings.jsonl"]
duration = 60
draw = "frames"

[camera]
width = 640
height = 480
frame_rate = 7.5
timeout = 30
rotate = 90
flip = "vertical"
crop = [10, 20, 300, 200]
lens_position = 5
exposure_time = 0.02
analogue_gain = 4
flicker = 50
poll_interval = 20

[tracking]
settle = 3
forget = 9
overlap = 0.5
min_confidence = 0.8

[[region]]
name = "score"
box = [10, 20, 300, 100]
title = "Wasserzähler 水表"
decimals = 2
unit = "m³"
device_class = "water"
state_class = "total_increasing"
digits = 4
range = [0, inf]
change_per_minute = 20
counter = true
rise_per_hour = 0.5
rollover = 4
min_confidence = 0.9
accept_after = 30

[drift]
follow = false

[read]
every = 600
at = ["06:00", "23:59"]
repeat = 60

[record]
path = "record.sqlite"
keep_days = 30
max_megabytes = 50
pictures = false

[mqtt]
host = "broker.local"
port = 8883
username = "reader"
password_file = "password"
tls = true
ca_file = "ca.pem"
base_topic = "digits"
discovery = ""
client_id = "kitchen"

[webhook]
url = "https://home.local:8123/api/webhook/meter?a=b"
header = "X-Key"
secret_file = "secret"
ca_file = "ca.pem"
timeout = 5

[influx]
url = "http://[::1]:8086"
bucket = "meters"
org = "home"
token_file = "token"
measurement = "meter"
reader = "kitchen"

[lamp]
pin = 18
active_high = false
settle = 2
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "reader.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "")) == Config()


def test_a_list_that_is_empty_by_default_may_be_written_so(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "[read]\nat = []")) == Config()


def test_every_key_is_set(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, EVERYTHING)) == Config(
        "picamera:0",
        "cnn",
        ("console", "jsonl:readings.jsonl"),
        60.0,
        Path("frames"),
        CameraSettings(
            640, 480, 7.5, 30.0, 90, "vertical", Box(10, 20, 300, 200), 5.0, None, 0.02, 4.0, 50, poll_interval=20.0
        ),
        TrackingRule(3, 9, 0.5, 0.8),
        (
            RegionRule(
                "score",
                Box(10, 20, 300, 100),
                "Wasserzähler 水表",
                2,
                "m³",
                "water",
                "total_increasing",
                digits=4,
                range=(0.0, math.inf),
                change_per_minute=20.0,
                counter=True,
                rise_per_hour=0.5,
                rollover=4,
                min_confidence=0.9,
                accept_after=30,
            ),
        ),
        RecordConfig(Path("record.sqlite"), 30.0, 50.0, False),
        MqttConfig("broker.local", 8883, "reader", Path("password"), True, Path("ca.pem"), "digits", "", "kitchen"),
        WebhookConfig("https://home.local:8123/api/webhook/meter?a=b", "X-Key", Path("secret"), Path("ca.pem"), 5.0),
        InfluxConfig("http://[::1]:8086", "meters", "home", Path("token"), "meter", "kitchen"),
        None,
        LampConfig(18, False, 2.0),
        drift=DriftConfig(False),
        read=ReadConfig(600.0, ("06:00", "23:59"), 60.0),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n# first\nsauce = 'demo'", "3: sauce: unknown key; did you mean source?"),
        ("[tracking]\nsettle = 3\nsetle = 3", "3: tracking.setle: unknown key; did you mean settle?"),
        ("[tracking]\nxyz = 3", "2: tracking.xyz: unknown key; expected one of settle, forget, overlap"),
        ("[cameras]", "1: cameras: unknown key; did you mean camera?"),
        ("source = 0", "1: source: expected text, not 0"),
        ("model = 'cnn'\nsource = 'webcam'", "2: source: unknown source 'webcam': expected auto, demo"),
        ("sinks = 'console'", "1: sinks: expected a list of text, not 'console'"),
        ("sinks = []", "1: sinks: expected at least one, not []"),
        ("sinks = [\n 'console',\n 1,\n]", "1: sinks: expected a list of text, not ['console', 1]"),
        ("model = 'cnn'\nsinks = ['console', 'foo']", "2: sinks: unknown sink 'foo': expected console"),
        ("draw = ''", "1: draw: expected a path, not ''"),
        ("duration = 'long'", "1: duration: expected a number, not 'long'"),
        ("duration = -1", "1: duration: expected at least 0, not -1"),
        ("duration = nan", "1: duration: expected a finite number, not nan"),
        ("duration = inf", "1: duration: expected a finite number, not inf"),
        ("duration = 1e309", "1: duration: expected a finite number, not 1e309"),
        ("[record]\nkeep_days = -1e400", "2: record.keep_days: expected a finite number, not -1e400"),
        ("[camera]\ntimeout = nan", "2: camera.timeout: expected a finite number, not nan"),
        ("[record]\nreading_pictures = -1", "2: record.reading_pictures: expected 0 to 1000000, not -1"),
        ("camera = 3", "1: camera: expected a table, [camera], not 3"),
        ("[camera]\nwidth = 640.0", "2: camera.width: expected a whole number, not 640.0"),
        ("[camera]\nframe_rate = 0", "2: camera.frame_rate: expected 0.1 to 240, not 0"),
        ("camera.timeout = 0", "1: camera.timeout: expected 1 to 86400, not 0"),
        ("[camera]\nrotate = 45", "2: camera.rotate: expected 0, 90, 180 or 270, not 45"),
        ("[camera]\nrotate = 90.0", "2: camera.rotate: expected 0, 90, 180 or 270, not 90.0"),
        ("[camera]\nrotate = false", "2: camera.rotate: expected 0, 90, 180 or 270, not False"),
        ("[camera]\nflip = true", "2: camera.flip: expected 'none', 'horizontal' or 'vertical', not True"),
        ("[camera]\ncrop = [0, 0, 10]", "2: camera.crop: expected [x, y, width, height] in pixels, not [0, 0, 10]"),
        ("[camera]\ncrop = [-1, 0, 9, 9]", "2: camera.crop: expected [x, y, width, height] in pixels of the picture a"),
        ("[camera]\ncrop = [0, 0, 0, 9]", "2: camera.crop: expected [x, y, width, height] in pixels of the picture a"),
        ("[camera]\nflicker = 55", "2: camera.flicker: expected 50 or 60, not 55"),
        ("[camera]\nexposure_time = 0", "2: camera.exposure_time: expected 1e-06 to 240, not 0"),
        (
            "[camera]\nfocus_range = 'macro'\nlens_position = 1",
            "2: camera.focus_range: expected no lens_position beside it",
        ),
        ("[camera]\npoll_interval = 0", "2: camera.poll_interval: expected 0.1 to 86400, not 0"),
        ("source = 'http://h/x'\n[camera]\npassword_file = 'p'", "3: camera.password_file: expected a source that is"),
        ("source = 'rtsp://u:p@h/x'\n[camera]\npassword_file = 'p'", "3: camera.password_file: expected a source that"),
        ("source = 'demo'\n[camera]\npassword_file = 'p'", "3: camera.password_file: expected a source that is a URL"),
        ("source = 'rtsp://u:secret/x@h/x'", "1: source: source 'rtsp://h/x': expected rtsp://HOST/"),
        ("[read]\nevery = 0.5", "2: read.every: expected 1 to 86400, not 0.5"),
        ("[read]\nevery = '10 min'", "2: read.every: expected a number, not '10 min'"),
        ("[read]\nevery = 60\nat = '06:00'", "3: read.at: expected a list of text, not '06:00'"),
        ("[read]\nat = ['6:00']", '2: read.at: expected local times as in ["06:00", "18:30"], not \'6:00\''),
        ("[read]\nat = ['06:00', '24:00']", '2: read.at: expected local times as in ["06:00", "18:30"], not \'24:'),
        ("[read]\nrepeat = 0", "2: read.repeat: expected 1 to 525600, not 0"),
        ("[read]\nevry = 5", "2: read.evry: unknown key; did you mean every?"),
        ("[lamp]", "1: lamp: pin is missing; expected a whole number"),
        ("[lamp]\npin = 40", "2: lamp.pin: expected 0 to 27, not 40"),
        ("[tracking]\nsettle = true", "2: tracking.settle: expected a whole number, not True"),
        (f"\n[tracking]\nsettle = {5000 * '9'}", "3: not valid TOML: a whole number has too many digits"),
        (f"[tracking]\nsettle = 0x{5000 * 'f'}", "2: tracking.settle: expected 1 to 1000, not a number of thousands"),
        (f"source = 'demo:{5000 * '9'}'", "1: source: source 'demo:999"),
        ("source = 'file:~no-such-user/x'", "1: source: unknown source 'file:~no-such-user/x'"),
        ("draw = '~no-such-user/x'", "1: draw: expected a path, not '~no-such-user/x'"),
        ('sinks = ["jsonl:a\\u0000b"]', r"1: sinks: sink 'jsonl:a\x00b': expected a path without zero bytes"),
        ('sinks = ["sqlite:a\\u0000b"]', r"1: sinks: sink 'sqlite:a\x00b': expected a path without zero bytes"),
        ("sinks = ['jsonl:~no-such-user/x']", "1: sinks: sink 'jsonl:~no-such-user/x': expected a path"),
        ("[tracking]\nsettle = 0", "2: tracking.settle: expected 1 to 1000, not 0"),
        ("[tracking]\noverlap = 2", "2: tracking.overlap: expected 0 to 1, not 2"),
        ("[mqtt]\nport = 1883", "1: mqtt: host is missing; expected text"),
        ("[mqtt]\nhost = 'broker'", "1: mqtt: expected a table [record] too: MQTT delivers from the record"),
        ("[record]\n[mqtt]\nhost = 'broker'\nport = 0", "4: mqtt.port: expected 1 to 65535, not 0"),
        ("[record]\npictures = 1", "2: record.pictures: expected true or false, not 1"),
        ('[record]\npath = "a\\u0000b"', "2: record.path: expected a path, not 'a\\x00b'"),
        ("[web]\nlisten = '127.0.0.1:http'", "2: web.listen: expected HOST:PORT, as 127.0.0.1:8080, not '127.0"),
        ("region = 3", "1: region: expected tables, [[region]], not 3"),
        ("[region]\nname = 'a'", "1: region: expected tables, [[region]], not {'name': 'a'}"),
        ("[[region]]\nname = 'a'", "1: region[1]: box is missing; expected [x, y, width, height] in pixels"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    assert complaint(tmp_path, text).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("box = [1, 2, 3]", "6: region[2].box: expected [x, y, width, height] in pixels, not [1, 2, 3]"),
        ("box = [1, 2, 0, 4]", "6: region[2].box: expected [x, y, width, height] in pixels of the frame, all positive"),
        (f"box = [0, 0, 9, 9]\nrange = [0, {10**309}]", "7: region[2].range: expected [least, most], not [0, 1000"),
        (
            "box = [0, 0, 9, 9]\nrange = [0, 0x" + 4000 * "f" + "]",
            "7: region[2].range: expected [least, most], not a n",
        ),
        (f"box = [1, 2, 3, {10**9}]", "6: region[2].box: expected [x, y, width, height] in pixels"),
        ("box = [0, 0, 9, 9]\nrange = [5, 1]", "7: region[2].range: expected [least, most], not [5.0, 1.0]"),
        ("box = [0, 0, 9, 9]\nrange = [5]", "7: region[2].range: expected [least, most], not [5]"),
        ("box = [0, 0, 9, 9]\nrange = [0, nan]", "7: region[2].range: expected [least, most], not [0, nan]"),
        ("box = [0, 0, 9, 9]\nrange = [inf, inf]", "7: region[2].range: expected [least, most], not [inf, inf]"),
        ("box = [0, 0, 9, 9]\nrange = [0, 1e309]", "7: region[2].range: expected [least, most], not [0, 1e309]"),
        ("box = [0, 0, 9, 9]\nchange_per_minute = inf", "7: region[2].change_per_minute: expected a finite number"),
        ("box = [0, 0, 9, 9]\ndecimals = 'two'", "7: region[2].decimals: expected 0 to 6, or \"seen\", not 'two'"),
        ("box = [0, 0, 9, 9]\ndecimals = 7", '7: region[2].decimals: expected 0 to 6, or "seen", not 7'),
        ("box = [0, 0, 9, 9]\ndecimals = 1.5", "7: region[2].decimals: expected a whole number or text, not 1.5"),
        ('box = [0, 0, 9, 9]\ntitle = "a\\u001bb"', "7: region[2].title: expected 1 to 100 printable characters"),
        ("box = [0, 0, 9, 9]\nunit = ' '", "7: region[2].unit: expected 1 to 30 printable characters, not ' '"),
        ("box = [0, 0, 9, 9]\ndevice_class = 'Water!'", "7: region[2].device_class: expected one of Home Assistant's"),
        ("box = [0, 0, 9, 9]\nstate_class = 'sum'", "7: region[2].state_class: expected 'measurement', 'total' or "),
        ("box = [0, 0, 9, 9]\nrise_per_hour = 1", "7: region[2].rise_per_hour: expected counter = true too"),
        ("box = [0, 0, 9, 9]\nrollover = 5\ncounter = true", "7: region[2].rollover: expected rise_per_hour too"),
        ("box = [0, 0, 9, 9]\ndigits = 0", "7: region[2].digits: expected 1 to 100, not 0"),
        ("box = [0, 0, 9, 9]\ndigit = 4", "7: region[2].digit: unknown key; did you mean digits?"),
    ],
)
def test_a_wrong_region_is_named_by_its_place(tmp_path: Path, text: str, message: str) -> None:
    first = "[[region]]\nname = 'a'\nbox = [0, 0, 9, 9]\n"
    assert complaint(tmp_path, f"{first}[[region]]\nname = 'b'\n{text}").startswith(message)


@pytest.mark.parametrize(("name", "message"), [("a", "expected another name"), ("a/b", "expected up to 64 letters")])
def test_a_region_needs_a_name_of_its_own_that_topics_can_hold(tmp_path: Path, name: str, message: str) -> None:
    region = "[[region]]\nbox = [0, 0, 9, 9]\nname = '{}'\n"
    assert complaint(tmp_path, region.format("a") + region.format(name)).startswith(f"6: region[2].name: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("host = 'a..b'", "3: mqtt.host: expected the name or the address of the broker, not 'a..b'"),
        ("host = ''", "3: mqtt.host: expected the name or the address of the broker, not ''"),
        (f"host = '{64 * 'a'}'", "3: mqtt.host: expected the name or the address of the broker"),
        ('host = "a\\u0000b"', "3: mqtt.host: expected the name or the address of the broker"),
        ("host = 'b'\nbase_topic = 'a/#'", "4: mqtt.base_topic: expected the beginning of a topic, without + and"),
        ("host = 'b'\nbase_topic = '/'", "4: mqtt.base_topic: expected the beginning of a topic"),
        ("host = 'b'\ndiscovery = '+'", "4: mqtt.discovery: expected the beginning of a topic"),
        (f"host = 'b'\nbase_topic = '{16_001 * 'a'}'", "4: mqtt.base_topic: expected at most 16000 bytes"),
        (f"host = 'b'\nclient_id = '{16_001 * 'a'}'", "4: mqtt.client_id: expected at most 16000 bytes"),
        (f"host = 'b'\nusername = '{32_768 * 'ä'}'", "4: mqtt.username: expected at most 65535 bytes, none of them z"),
        ('host = "b"\nusername = "a\\u0000b"', "4: mqtt.username: expected at most 65535 bytes, none of them zero"),
        ("host = 'b'\npassword_file = 'p'", "4: mqtt.password_file: expected a username too"),
        ("host = 'b'\nca_file = 'c'", "4: mqtt.ca_file: expected tls = true too"),
    ],
)
def test_what_mqtt_cannot_work_with_is_named_when_the_file_is_read(tmp_path: Path, text: str, message: str) -> None:
    said = complaint(tmp_path, f"[record]\n[mqtt]\n{text}")
    assert said.startswith(message)
    assert len(said) < 200


@pytest.mark.parametrize("host", ["broker.local.", "käse.local", "::1", "192.168.1.5"])
def test_a_broker_s_name_or_address_is_taken(tmp_path: Path, host: str) -> None:
    mqtt = load_config(write(tmp_path, f"[record]\n[mqtt]\nhost = '{host}'")).mqtt
    assert mqtt is not None and mqtt.host == host


def complaint(folder: Path, text: str) -> str:
    """What is said about a file after its name; in one line."""
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}:")
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[webhook]\nurl = 'http://a/'", "1: webhook: expected a table [record] too: readings are delivered from"),
        ("[influx]\nbucket = 'b'", "1: influx: url is missing; expected text"),
        ("[record]\n[webhook]\nurl = 'ftp://a/'", "3: webhook.url: expected an address such as https://host:port/path"),
        ("[record]\n[webhook]\nurl = 'http:///path'", "3: webhook.url: expected an address such as"),
        ("[record]\n[webhook]\nurl = 'http://a:99999/'", "3: webhook.url: expected an address such as"),
        ("[record]\n[webhook]\nurl = 'http://a/ä'", "3: webhook.url: expected an address such as"),
        ('[record]\n[webhook]\nurl = "http://a/b\\nHost: c"', "3: webhook.url: expected an address such as"),
        (
            "[record]\n[webhook]\nurl = 'http://u:p@a/'",
            "3: webhook.url: expected an address such as",
        ),
        (
            "[record]\n[webhook]\nurl = 'http://a/'\nheader = 'X Key'",
            "4: webhook.header: expected the name of a",
        ),
        ("[record]\n[webhook]\nurl = 'http://a/'\nheader = 'Host'", "4: webhook.header: expected the name of a"),
        ("[record]\n[webhook]\nurl = 'http://a/'\nca_file = 'c'", "4: webhook.ca_file: expected a url with https too"),
        ("[record]\n[influx]\nurl = 'http://a/'\nbucket = ''", "4: influx.bucket: expected printable text without \\"),
        ('[record]\n[influx]\nurl = "http://a/"\nbucket = "a\\nb"', "4: influx.bucket: expected printable text"),
        ("[record]\n[influx]\nurl = 'http://a/'\nbucket = 'b'\nreader = 'c\\'", "5: influx.reader: expected printable"),
    ],
)
def test_where_readings_cannot_be_sent_over_http_is_named(tmp_path: Path, text: str, message: str) -> None:
    said = complaint(tmp_path, text)
    assert said.startswith(message)
    assert "u:p" not in said


def test_what_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, "source = 'demo'\nmodel = \n")
    with pytest.raises(ConfigError, match=r"reader\.toml: not valid TOML: .*line 2"):
        load_config(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: No such file or directory$"):
        load_config(tmp_path / "none.toml")


def test_options_override_the_file_where_they_are_given(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, EVERYTHING))
    changed = override(config, {"source": "demo", "model": None, "sinks": ["jsonl:-"], "duration": 5.0})
    assert (changed.source, changed.model, changed.sinks, changed.duration) == ("demo", "cnn", ("jsonl:-",), 5.0)
    assert changed.camera == config.camera


def test_an_option_out_of_range_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^--duration: expected at least 0, not -1\.0$"):
        override(Config(), {"duration": -1.0})


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_text_is_a_config_or_a_clear_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        assert isinstance(load_config(path), Config)
    except ConfigError as error:
        assert str(error).startswith(str(path))
