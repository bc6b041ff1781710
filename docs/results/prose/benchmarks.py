"""The page on benchmarks."""

HEAD = """\
# Benchmarks

Made by `python -m docs.results.benchmarks page RESULTS`; do not edit: these words stand in `docs/results/prose/benchmarks.py`.

```sh
python -m device.benchmark --quick                          # a trial of minutes, to see that it works
python -m device.benchmark --out before.json                # half an hour; leave the machine alone
python -m device.benchmark --out after.json --pictures DIR  # your own labelled pictures too
python -m device.benchmark compare before.json after.json
```

It needs nothing but what reading needs; MNIST's test set is fetched and checked if it is not there (1.6 MB). How long it will
take is said at the start: every reader is tried on three of the pictures for that. What cannot be run (a runtime that is not
installed, more threads than cores) is named with the reason.

## What is measured, and how

- **Real inputs.** Models are timed on the pixels that the reader itself hands them on frames of the demo camera, candidates
  that turn out to be no digit included. A network for lines gets the strips that the reader makes of those frames' rows: each
  TFLite file those that go to its width, an ONNX file all of them at the widest, since the reader pads them to that. The road is
  timed on those frames, from the hand-over by the camera's thread to the line in a file, through the loop that ships
  (`device/loop.py`) with every frame taken. *capture* is that hand-over; what a camera itself takes is the camera's. *track* has
  the look whether the picture has changed in it.
- **Readers.** A network for digits is a reader by itself; one for lines is one with its files for all widths; `auto` is both
  int8 TFLite networks together, as people use them ([lines.md](lines.md)). All of them read the pictures. The road is timed
  with int8 TFLite files only, where there are such: with others it differs in the inference, which is timed by itself.
- **A line of ten digits** of MNIST's test set, a quarter of their height apart: what the network for lines takes for all the
  strips that the reader asks of it, in turns with what the network for digits takes for the ten in one call. Normalization and
  decoding are in neither.
- **Windows.** Every model file in every runtime with every number of threads (but for what is left out, see below) is measured
  in 5 windows of 10 seconds unless the command under *Figures* says otherwise, after a warm-up. Each window is a process of its own: where code and data come to lie in memory differs from start to start,
  and makes more of a difference than the hundred thousand calls within one window show (Mytkowicz et al. 2009). Rounds go through
  all variants, each round in an order of its own, so that a slow minute meets them all.
- **Whole distributions.** p50, p95 and p99 are those of each window, and the tables give the median window's; the slowest call is kept
  too. Throughput is one over the mean. Cold start is what importing, loading and the first inference take in a new process; peak memory
  is the kernel's (`VmHWM`).
- **Accuracy from the same code**: MNIST test by `Model.scores` as the reader calls it, and as lines of one by `LineReader.read`,
  where nothing but that digit may be read; whole pictures by `DigitReader.read`.
  Synthesized pages are the same on every machine. A labelled folder is either pictures with a text file beside each
  (`page.txt` beside `page.jpg`, a line for each written row, empty if there is nothing to read), or one `labels.json`
  ([edge_digits/evaluation/ground_truth.py](../../edge_digits/evaluation/ground_truth.py) has its form). Macro CER is the mean of the sources' character error rates, as
  in [accuracy.md](accuracy.md). Each part that the labels name is a set of its own, with intervals over sources; of `check` the
  results hold numbers in place of the names of files and sources.
- **The machine** stands with every result: board, processor, cores, governor, clock and temperature under load, throttle flags,
  memory, system, versions, commit, hashes of the models. A run is **void**, and its times are not averaged, if the firmware says that
  it was throttled, or if the clock under the same number of threads differed by more than 5 % between windows. Where the kernel does
  not tell the clock, as in most virtual machines, that is "unknown" and voids nothing.
- **Other programs.** The kernel says how long each window wanted to run and had no core. Where that is more than 5 % of the time,
  `compare` calls no time different but the median of single inferences, which are over before they have to wait.
- **Arithmetic** is counted in the files, as they are: in TFLite the unrolled steps, zeros of their block-diagonal matrices
  included; in ONNX the recurrent node's matrices at each step, where the package `onnx` is installed (it comes with the extra
  `benchmark`). Weights are all constants that are multiplied or added; int8 steps have biases of their own.

- **Under emulation** (`--emulated --quick --count-instructions …`, then `page … --emulated FILE`): that it runs, what is read,
  how many instructions; never a time. [frame-rate.md](frame-rate.md) makes an estimate of the frame rate of Raspberry Pis.

What is left out, so that a run takes about half an hour:

- Of a network for lines only the widest int8 file of each format runs with more than one thread: its steps come one after
  another, and the other files have the same ones. All of them would take four minutes more for every number of threads.
- The road is not timed with ONNX and float32 files, see above.
- What the wrapper costs is measured on networks for digits, where it shows: it is some microseconds a call.
- There are no batches of lines: the reader asks for one strip at a time.
- OpenCV's DNN module (`--opencv`) does not read our ONNX files for lines.

Results are JSON; [device/benchmark/schema.json](../../device/benchmark/schema.json) says what stands in them.

## What `compare` calls different

Calls within a window are not independent, so a window is one observation: its logarithm, and the difference of the two runs'
means. A bootstrap over the windows gives the standard error, widened for their small number (Hesterberg 2015), with Student's t.
All figures are judged at once, so each one's interval is made wide enough that all of them hold together with 95 % (Bonferroni).
*Different* is what lies beyond 2 % with its whole interval, and beyond two microseconds; *the same* what lies within 2 % with its whole
interval; the rest is said to be not measurably different. Accuracy is compared by McNemar's exact test on the same digits, and by a
bootstrap over the same pictures, or over their sources where there are five or more. What int8 brings in each run, network by network, stands at the end.
`tests/device/benchmark/test_benchmark_compare.py` holds, on made-up windows, that two runs of one build are called different in at most
one of ten tries, and that a sleep in the model and a copied frame are found.

OpenCV's DNN module runs our ONNX files in the same rounds (`--opencv`), inside our own reader. Other readers stand beside ours in
[peers.md](peers.md).

## Figures
"""
