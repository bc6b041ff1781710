"""The published systems: their figures stand between these parts."""

OPENING = """# The published systems, side by side

Made by `python -m docs.results.published`; do not edit. `python -m train.published NAME` trains a system, `all` every
one; what was interrupted goes on. All are trained on MNIST's 60,000 training digits and tested on its 10,000 test
digits, by one measure, and none of them ships to a device. [accuracy.md](accuracy.md) has what decides for this
project: photographs.

## Published beside reproduced"""

MEASURES = """All systems see the test digits pixel by pixel as MNIST has them, ours too (accuracy.md normalizes
them first). Intervals are Wilson's, 95 %. Precision, recall and F1 are means over the ten digits. Our models may
answer "no digit", which counts as wrong. Training times are of the machines named below, some of them busy with other
work: they are no measure of speed."""

ONE_RUN = """The figure of cnn-421k is published for EMNIST, not MNIST. One run each, seed 1: a tenth of a point
between two systems may turn round with another seed."""

EPOCHS = """p is McNemar's, between the same run after fewer and after more epochs. The learning rate of these recipes
does not change from epoch to epoch (but for resnet's and committee's), so a run's first 15 epochs are a run of 15."""

ROBUSTNESS = """MNIST's test digits, distorted in one way at a time, five levels each; each column is the mean of the
five. All systems see the same pictures as they are. On a device our CNN would see them normalized, which undoes shift
and scale; our CRNN always does, since it reads strips that are cut to the ink."""

TAKEN_FOR_NONE = """The publications' systems have to name a digit, whatever they see. On a device the ink map
stands before the model, and measures ink against the paper's texture and the sensor's noise."""

PHOTOGRAPHS = """The shipped reader segments them, its own CNN judging; what it reads as digits, every system
classifies. So all have the same segmentation and the same rejections, made with our CNN: what differs is the
classifier alone, and the table says nothing about how a system would find digits by itself, or know what is none.
Strict are numbers on paper; macro CER is the mean of the sources' character error rates
([accuracy.md](accuracy.md))."""

TRAINING = """With augmentation or dropout, the training loss is that of harder pictures or of a thinned network, and
may lie above the test's. The test set is told after each epoch and chose nothing: what counts is the last epoch."""

SUREST = """The mistakes that each system is surest of (nearest neighbours and the support vector machine give no
probability; theirs are those with the most votes):"""
