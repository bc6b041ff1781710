"""The page on lines."""

HEAD = """\
# Whole lines: the CRNN

Made by `python -m docs.results.lines --ship`; do not edit: these words stand in `docs/results/prose/lines.py`.

Digits that touch, overlap or are written in one stroke cannot be cut apart safely: where to cut is known only once they
are read. A CRNN reads the line as a sequence instead. It is an offer beside the CNN, not a replacement: what stands apart
is read digit by digit, at a fraction of the time, and with a reject class that has seen more that is no digit.

It is trained and converted from the checkout (`python -m train crnn`, `python -m convert crnn --ship`) and ships as
`crnn-128-int8.tflite` and `crnn-256-int8.tflite`.

```sh
edge-digits read --model auto photo.jpg    # the default: the CNN, and the CRNN for what touches
edge-digits read --model crnn photo.jpg    # whole rows by the CRNN alone
edge-digits read --model cnn photo.jpg     # digits by the CNN alone
```

## How a line is read

1. **Strip** (`edge_digits/model_input/normalize.py`, `line`). The line's own ink, neighbours and rules masked out, is scaled to a height of
   24 pixels in a strip of 32, as wide as that makes it. As with digits this is the only maker of model input, in training,
   calibration and reading.
2. **Network** (`train/networks.py`). Seven convolutions turn each four columns of the strip into one time step of 80 features; a
   recurrent layer reads them both ways; a linear layer gives each step a score for the ten digits, for ink that is no digit,
   and for the blank of connectionist temporal classification (CTC; Graves et al. 2006; Shi, Bai and Yao 2017).
3. **Decoding** (`edge_digits/lines/ctc.py`). The likeliest class of each step, repeats made one, blanks left out. A digit is as sure as
   the surest of its steps; its place is the middle of its steps, weighted by how sure they are.
4. **Windows** (`edge_digits/lines/windows.py`). There are files for strips 128 and 256 columns wide, so that short lines do not pay for
   long ones. A wider line is cut at the widest gap within reach. Where there is none, two windows overlap by 72 columns, and
   one reading goes over into the other at the digit nearest to the seam that both read alike in the same place, so
   nothing is lost or doubled; a property test holds that up to 40 digits.

## What `auto` does

- The judge says which hypotheses are several digits (`edge_digits/judge/`). The CRNN reads the ink of each, and where its digits part
  is a cut that is tried beside those where the ink is thin (`edge_digits/lines/votes.py`, `seams.py`). Each piece is shown to the judge,
  who has seen it alone; the page's network (`edge_digits/selection/page_context.py`) hears both: the judge, and how sure the CRNN is
  of the piece and of all digits that it reads there. What that is worth it has learned on synthesized pages.
- Where pieces of one hypothesis stand in the end, the CRNN reads them together. If it sees as many digits as stand there, its
  chances and the others' are multiplied (a geometric mean); else it has seen something else, and has no vote.
- With `--model crnn` it votes on whole rows so, in the CNN's place.

What ships was trained on lines that were photographed sheets, in front of the ink map of an earlier version; since then strips are cut by
the judge's hypotheses, and it has not been trained again. On the 142 photographs of `tune` it changes nothing that can be shown.

## Why this network

172,076 parameters, a gated recurrent unit of 56 cells each way. The [ablation](conversion/ablation.md) has four networks with the same
convolutions, each trained for four epochs on the same 83,513 lines with the same seed and recipe (`python -m train crnn-gru --epochs 4
--single 0 --plain 60000 --photographed 25000`, likewise the others) and converted alike: of those with a recurrence the GRU reads the most
validation lines, and one without any reads a point fewer than the plain recurrence of the publication. What ships is the GRU trained for
longer, and on other lines. (The four were trained at commit e55ebb9, when lines were photographed sheets, and 15 % of the lines were single digits; today 22 % are, and
beside them every digit of MNIST's training part is a line of one, which the four did not have.)

## What it is trained on

`train/lines/glyphs.py` writes lines of 1 to 10 digits of MNIST, USPS, Semeion and Pendigits and of our own strokes: apart,
with overlapping boxes, touching, overlapping by up to 15 % of their width, and joined by a stroke; with unsteady feet and sizes;
with letters among them (one mark for all that stands between two digits) and words instead of them; with rests of rules
and bits of neighbouring rows. These are ink as they are, and so is every MNIST digit by itself. The other lines are cut from
synthesized tiles as the reader cuts them (`train/lines/hypotheses.py`): hypotheses that are several digits, and neighbours of a row
as they stand or moved together; now and then what is no digit. What changes from epoch to epoch is slant, width, height, place, an elastic
field, the pen's thickness and blackness, noise and small holes (`train/lines/augmentation.py`).

## Figures

The test lines are MNIST's test digits, which no network saw: each by itself, and 4 to 10 of them apart, touching and overlapping
(`docs/results/lines/testsets.py`, a fixed seed). *Overlapping* means pushed up to 15 % of their mean width beyond the point where their
ink touches, so that strokes run through one another. A line counts only if it is read exactly.

**What touches is the weakest point of the whole road**: the network reads most of these strips, but the judge takes many pieces of
them for none, and the page's network believes the judge more than the CRNN: on synthesized pages it is a word, not a number, as often
as not. A judge trained on pieces cut at a line reader's seams, labelled as digits although a cut leaves only a part of some, read no
more of them.
"""
