"""Readings over HTTP: to a webhook, and to an InfluxDB."""
