"""The page on accuracy."""

HEAD = """\
# Accuracy

Made by `python -m docs.results.accuracy`; do not edit: these words stand in `docs/results/prose/accuracy.py`.

How well the shipped models read, and what they still get wrong. One command measures everything again, fits the confidence
of the shipped models first, and writes this page, and the figures of photographs in the README:

```sh
python -m docs.results.accuracy      # needs the data sets, with the photographs in photos/ of the data folder
```

`python -m train evaluate` scores any model files (`--models`) and leaves this page as it is. Both write the
pictures of mistakes into `runs/evaluate/`: of each test set the surest wrong answers, and in `photographs/` every photograph
that was not read exactly, with the reading drawn in, but for those of the part `check`. Those photographs belong to other people
and are not published; their figures are. `--part tune` leaves `check` unread, which is for measuring what is finished and not for
choosing; `--mnist 10000` reads all of MNIST's test digits as files.

## What is measured, and by what

- **Test sets** (MNIST, USPS, every fifth of Semeion, Pendigits, ARDIS, DIDA) only report. ARDIS and DIDA were never trained on.
  A digit that is taken for no digit counts as wrong: that is what a reader makes of it. *Of ten* is the likeliest of the ten digits where
  "no digit" is no answer: how networks that know no other answer are measured, and the figure to put beside theirs. DIDA's tight crops are read by the reader itself, with the model in question; of
  the digits that it finds, the one nearest to the middle counts, and if it reads none that is wrong (until commit 5ef769c they were cut by rules of their own:
  76.4 %).
  A crop gets a margin as bright as its paper, since a camera shows some paper around a digit (`train/evaluate/testsets.py`).
- **Photographs** are read by the whole reader, as `edge-digits read` reads them. Nothing was trained on them. Each belongs by its
  source to the part *tune* or *check*. What is in *tune* was looked at: limits were set and rules written with it in sight.
  **The figure that says how other people's photographs will be read is that of *check***: nobody opens its pictures or lists its errors,
  and there is nothing of it here but figures. *Strict* are numbers
  on paper; *all* has tables, equations, forms, scattered digits and screens as well. The measures are those of the yardstick
  that lies beside the photographs (`photos/score.py`): **CER** is the edit distance over the digits written, at most 1 for each
  picture; **macro CER** is the mean of the sources' own CERs, so that no source outweighs the others; a line is **exact** if a
  line with just these digits was read.
- **Intervals** hold with 95 %. Pictures of one source share a hand, a pen and a camera, so what is drawn again is sources, not
  pictures (bootstrap, 4,000 times, always the same). They say how far the figure would move with other people of the same kind; with
  fewer than five sources nothing can be said. Two readers are compared on the same draws, so that hard sources do not hide a difference.
- **Single digits as pictures** have to be found before they are read: 500 digits by European writers with pens (`pen_digits/`),
  often near or over the picture's edge, and MNIST's test digits as files of 28×28 pixels. Exactly read is a picture in which that digit
  was read and no other; the interval is that of a share (Wilson 1927).
- **Wrong in surest 90 %**: digits that were read, ordered by confidence. On photographs, read and written digits are aligned
  with the fewest edits, or counted where there is no order; a digit that is inserted or substituted is wrong. Digits that were missed
  are not in it: they are in the CER.
- **int8 against float**, paired on 50,000 augmented validation crops and 5,000 synthesized ones, is in the
  [conversion report](conversion/report.md); what of it is to be seen in whole photographs is in the table of two readers.

## Figures
"""

TAIL = """\
## Which CNN ships

The CNN that ships was trained at commit 397e397, on photographed sheets that an earlier reader cut out (its spec, and the CRNN's, no longer name that reader's ink map); MNIST's digits are shown to it as they were. `python -m
train cnn` of today learns the hypotheses of synthesized tiles beside the bitmaps. A run of it (seed 1, 30 epochs, 20,000 tiles) read 99.44 % of
MNIST's test digits of the ten, where the shipped file reads 99.65 %, and changed nothing that can be shown on the photographs of *tune*; so it does not ship. Over three
seeds of the shipped recipe it was 99.67 ± 0.02 %.

## What confidence can promise

`edge-digits read --max-error 0.01` (`open_reader(max_error=0.01)`) reads only digits that are sure enough for at most 1 % of
them to be wrong; the others are listed as `low-confidence` and leave a `?`. The thresholds are fitted for each model file, on
what the whole reader reads on 250 synthesized pages of glyphs and fonts that nothing was trained on, those among them that lie
about right (`train/evaluate/pages.py`). They stand in the model's spec. A model of one's own gets them from
`python -m train confidence --models FILE`. Synthesized pages are harder than most of what people photograph, so a threshold keeps its
share on them and rather more than that elsewhere; the table shows what it keeps on photographs.

A line's confidence is the product of its digits' confidences to the power that the spec gives as `line_exponent`. The product
alone is too high: a line is also wrong when a digit in it was missed or torn, of which its digits know nothing. The exponent
is fitted by likelihood on the lines of these pages. The confidence of a reading that has settled on a camera is
calibrated on top of it, by `python -m device.calibrate`.

## What kinds of mistakes are left

Seen in the photographs of *tune*, in the pictures that the command writes.

**Letters read as digits.** Most of what is read too much: the words of a marksheet's table (seven photographs of one source, a quarter of whose digits are
wrong), of forms, and of the pictures without digits; each an o, an l, an s or a g that looks like one. The set network condemns lines of text and rows of letters,
not yet every word of three letters. Printed digits are none to the judge; a few in forms still are read.

**Equations.** `=`, `)` and steep slashes are read as 1 here and there, and signs between digits take a digit with them.

**Digits not taken.** Thin 1s between others, flat and open 0s that the set network takes for letters in a hand that writes them so, and digits that touch at 15 pixels or
less, which no cut parts well.

**Rows of printed boxes.** A cell's border is read as 1 or becomes a `?`, most of all where the pen is fainter than the print.

**Which digit it is** is hardly the question: some ten of 3,241 are taken for another.
"""
