"""The page on robustness."""

HEAD = """\
# Photographs that are altered

Made by `python -m docs.results.robustness --ship`; do not edit: these words stand in `docs/results/prose/robustness.py`.

Photographs say how well those are read. A reader can be fitted to them: a limit here, a rule there, until they come
out right, and the next picture does not. So every photograph is read again after it was altered as cameras, light and paper
alter pictures: smaller, turned, out of focus, in noise, in shadow, on squares, on a desk. Nobody can fit a reader to all of that
at once, and where a row falls far behind the first one, that is what the reader cannot do yet.

```sh
python -m docs.results.robustness          # the table
python -m docs.results.robustness --ship   # the same, into this page
```

It takes some minutes on one core. Read by `auto`, the default of `edge-digits read`. The columns are those of
[accuracy.md](accuracy.md), part by part: strict are numbers on paper; all are tables, equations, forms and single digits as well. The
pictures without digits are altered too. `--part tune` is for whoever looks for what to mend. What is drawn onto a picture (lines, shadows, a desk) is drawn by `docs/results/robustness/alterations.py`;
lengths are shares of the picture's longer side.
"""

TAIL = """\
## What is left

- **Turned pages**: at 15 degrees three times as much is wrong as on those that lie straight; the judge has seen rows at such a slope, most of its tiles hardly turned.
- **Strong squares** as dark as the pen: what is divided out leaves corners, and takes a stroke with it that runs along a line.
- **The edge of a shadow** across the page, and **a desk brighter than its sheet**: digits that lie on the edge are torn or taken for part of it.
- **Tables with words in them** read differently with every alteration: which word is text and which is a digit beside a letter is
  decided by a handful of pieces of ink.
"""
