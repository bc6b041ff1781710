"""The documents, and in ``docs.results`` what measures and writes those with figures. Only in a checkout."""
