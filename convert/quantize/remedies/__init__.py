"""What is tried when int8 loses, each alone and in its order (``accuracy_control``)."""
