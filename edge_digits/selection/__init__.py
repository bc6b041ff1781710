"""Selection: the hypotheses that explain a page best."""
