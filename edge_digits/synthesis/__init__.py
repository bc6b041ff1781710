"""Made-up handwriting with numpy and OpenCV only: strokes, pens, paper, light, cameras, whole pages.

The demo camera draws its pages with it, training and calibration their digits and their non-digits. Every
function takes a ``numpy.random.Generator`` first and gives the same result for the same seed.
"""
