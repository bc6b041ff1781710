"""The words of docs/results/peers.md."""

from __future__ import annotations

HEAD = """\
# Other readers

Made by `python -m docs.results.peers`; do not edit: these words stand in `docs/results/prose/peers.py`.

```sh
python3 -m venv peers && peers/bin/pip install -e '.[peers]' && sudo apt install -y tesseract-ocr
python -m train.published cnn-421k && python -m convert cnn-421k --out demo     # the demo's network, once
peers/bin/python -m docs.results.peers --demo-cnn demo/cnn-421k-float32.tflite
```

Every picture is read by all, one after another, each in a process of its own with one thread; pictures come in random
order. Loading the picture is not counted. What is no digit in an answer is left out.

| reader | settings, and why |
|---|---|
| `edge-digits` | as `edge-digits read` opens it: `--model auto`, int8 TFLite |
| `rapidocr` | RapidOCR 3 with the small networks of PP-OCRv6 that its package carries, the picture in colour; it keeps texts down to a score of 0.3 (usual: 0.5). Boxes side by side are joined to rows |
| `tesseract` | its command line, digits only, sparse text (page segmentation 11). Its program's start is in its time, as for anybody who calls it so |
| `demo-cnn` | the usual demo: adaptive threshold, contours of plausible sizes, MNIST's normalization (our own function), and the network `cnn-421k` of [published.md](published.md) |

EasyOCR, docTR, PaddleOCR, TrOCR and Kraken fetch their networks when they are first started, and were not to be had here.
ddddocr carries its own; they are made for captchas, and its detector finds no rows on a page.

- **photographs** are those of the part *check* ([accuracy.md](accuracy.md)): other people's, which nobody looked at.
  Intervals: sources are drawn again. **photographs without digits** belong to it.
- **pages** are drawn, 640×480, eight of each paper. They are made by what also makes training data, which favours our
  reader; each page counts as a source.
- **pen digits** are a hundred pictures of one digit each, by European writers; each counts as a source. Exact are those
  in which that digit was read and no other."""
