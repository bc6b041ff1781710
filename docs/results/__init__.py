"""Pages with measured figures, each beside the program that writes it: ``python -m docs.results`` lists them."""
