"""The reader is taught in a process of its own, so that the page and the camera go on."""
