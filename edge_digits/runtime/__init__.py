"""Model files: their specs, and one protocol before TFLite and ONNX. Scale, zero point and layout stay in here."""
