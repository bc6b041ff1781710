"""A model that was trained elsewhere becomes TFLite and ONNX files: ``python -m convert file``."""
