"""The one error root, and its children. Each child is also the built-in error that a caller would expect."""


class EdgeDigitsError(Exception):
    """Something went wrong that a user can understand; the message is one line and names the file, key or option."""


class ImageError(EdgeDigitsError, ValueError):
    """A picture that cannot be read: missing, empty, truncated, too large, or not a picture at all."""


class ModelError(EdgeDigitsError, ValueError):
    """A model file or its spec is missing, damaged, or does not fit this version of the preprocessing."""


class RuntimeMissingError(EdgeDigitsError, ImportError):
    """No installed runtime can run this model file."""


class DataError(EdgeDigitsError, ValueError):
    """A data set is missing, damaged or not what its checksum promises."""


class CameraError(EdgeDigitsError, OSError):
    """A camera or another source of frames is missing, busy, or stopped delivering."""


class ConfigError(EdgeDigitsError, ValueError):
    """The command line or a configuration file is wrong (exit status 2)."""


class LabelError(EdgeDigitsError):
    """A folder of labels cannot be read, or nothing can be learned from it."""
