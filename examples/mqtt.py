"""What a picture says as JSON to an MQTT broker: python examples/mqtt.py photo.jpg localhost 1883"""

import json
import sys

from paho.mqtt import publish

import edge_digits

path, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
page = edge_digits.open_reader().read(path)
message = {"file": path, **page.to_dict()}
publish.single("edge-digits/example", json.dumps(message), retain=True, hostname=host, port=port)
print(f"{len(page.lines)} lines sent to {host}:{port}")
