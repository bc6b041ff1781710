"""Cameras on the network: streams and single pictures over HTTP, and whatever else FFmpeg reads from a URL."""
