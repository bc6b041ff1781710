"""Readings to an MQTT broker and to Home Assistant: ``MqttSink``, and ``try_broker`` for ``--check``."""

from device.sinks.mqtt.client import address, try_broker
from device.sinks.mqtt.sink import NAME, MqttSink

__all__ = ["NAME", "MqttSink", "address", "try_broker"]
