"""The page in the browser and the HTTP API behind it.

Two processes: the camera's own holds ``device.web.feed``, which costs it a look at a clock per frame and, while
somebody looks, a copy of a few frames a second; the server (``python -m device.web``, started by the feed) does all the
rest, and has pictures from outside decoded in processes of their own (``device.web.uploads.worker``).
"""
