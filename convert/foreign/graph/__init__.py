"""A model of any known kind -> its float ONNX graph, which every file is made from."""
