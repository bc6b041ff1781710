"""What Home Assistant shows as available, and the pictures of regions."""

from __future__ import annotations

import cv2
import numpy as np
from broker import Broker, Listener, needs_mosquitto, retained
from mqtt_helpers import SCORE, config, hand_over, until

from device.config.regions import RegionRule
from device.scene.status import DriftStatus, Outline
from device.sinks.mqtt import MqttSink
from device.sinks.mqtt.pictures import LONGEST_SIDE, MOST_BYTES, PERIOD, RegionPictures, encode
from device.sinks.record.sqlite import Record
from device.tracking.views import NOTHING
from edge_digits.types import Box, Frame, Image

CAMERA = "edge-digits/desk_cam/camera"


def frame(image: Image | None = None) -> Frame:
    return Frame(np.zeros((4, 4), np.uint8) if image is None else image, 0, 1_800_000_000.0)


def noise(height: int, width: int) -> Image:
    return np.random.default_rng(0).integers(0, 256, (height, width), dtype=np.uint8)


def decoded(data: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


@needs_mosquitto
def test_the_camera_is_online_while_frames_come_and_offline_when_they_do_not(broker: Broker, record: Record) -> None:
    sink = MqttSink(config(broker.port), record, SCORE, silence=0.2)
    until(lambda: retained(broker).get(CAMERA) == "offline")

    def comes_online() -> bool:
        sink.watch(frame(), NOTHING)
        return retained(broker).get(CAMERA) == "online"

    until(comes_online)
    until(lambda: retained(broker).get(CAMERA) == "offline")
    assert retained(broker)["edge-digits/desk_cam/availability"] == "online"
    until(comes_online)
    sink.close()
    assert retained(broker)[CAMERA] == "offline"


@needs_mosquitto
def test_a_reading_brings_the_picture_of_its_region_if_wished(broker: Broker, record: Record) -> None:
    image = noise(100, 200)
    sink = MqttSink(config(broker.port, pictures=True), record, [RegionRule("score", Box(20, 10, 60, 40))])
    with Listener(broker.port) as listener:
        hand_over(range(1), record, sink)
        sink.watch(frame(image), NOTHING)
        until(lambda: bool(listener.pictures))
    topic, data = listener.pictures[0]
    assert topic == "edge-digits/desk_cam/picture/score"
    assert np.abs(decoded(data).astype(int) - image[10:50, 20:80]).mean() < 20
    sink.close()


def test_a_picture_is_taken_once_when_something_happens_and_not_too_often() -> None:
    now = 100.0
    pictures = RegionPictures(lambda: now)
    boxes: dict[str | None, Box] = {"a": Box(0, 0, 10, 10), "b": Box(5, 5, 10, 10)}
    pictures.watch(noise(20, 20), boxes)
    assert pictures.taken() == {}
    pictures.want("a")
    pictures.watch(noise(20, 20), boxes)
    pictures.watch(noise(20, 20), boxes)
    assert pictures.taken().keys() == {"a"}
    pictures.want("a")
    pictures.want("b")
    pictures.watch(noise(20, 20), boxes)
    assert pictures.taken().keys() == {"b"}
    now += PERIOD
    pictures.watch(noise(20, 20), boxes)
    assert pictures.taken().keys() == {"a"}


def test_a_region_that_has_gone_or_lies_outside_has_no_picture() -> None:
    pictures = RegionPictures(lambda: 100.0)
    for region in ("gone", "outside"):
        pictures.want(region)
    pictures.watch(noise(20, 20), {"outside": Box(50, 50, 5, 5)})
    assert pictures.taken() == {}


def test_a_picture_is_small_whatever_it_shows() -> None:
    pictures = RegionPictures(lambda: 100.0)
    pictures.want(None)
    pictures.watch(noise(2000, 3000), {})
    [data] = pictures.taken().values()
    assert len(data) <= MOST_BYTES
    assert max(decoded(data).shape) <= LONGEST_SIDE
    assert decoded(encode(noise(20, 3))).shape == (20, 3)


@needs_mosquitto
def test_regions_that_cannot_be_found_are_a_problem_until_they_are(broker: Broker, record: Record) -> None:
    status = DriftStatus()
    sink = MqttSink(config(broker.port), record, SCORE, scene=lambda: status)
    topic = "edge-digits/desk_cam/problem"
    until(lambda: retained(broker).get(topic) == '{"problem": null}')
    status = DriftStatus("unsure", problem="score: something is in front of it")
    until(lambda: retained(broker).get(topic) == '{"problem": "score: something is in front of it"}')
    status = DriftStatus("following")
    until(lambda: retained(broker).get(topic) == '{"problem": null}')
    sink.close()


@needs_mosquitto
def test_the_picture_is_of_where_the_region_is_now(broker: Broker, record: Record) -> None:
    image = noise(100, 200)
    corners = [[90.4, 50.2], [150.2, 50.2], [150.2, 80.0], [90.4, 80.0]]
    status = DriftStatus("following", outlines={"score": Outline(Box(20, 10, 60, 30), corners)})
    rules = [RegionRule("score", Box(20, 10, 60, 30))]
    sink = MqttSink(config(broker.port, pictures=True), record, rules, scene=lambda: status)
    with Listener(broker.port) as listener:
        hand_over(range(1), record, sink)
        sink.watch(frame(image), NOTHING)
        until(lambda: bool(listener.pictures))
    assert np.abs(decoded(listener.pictures[0][1]).astype(int) - image[50:80, 90:151]).mean() < 20
    sink.close()
