"""Training of the judge: labelled hypotheses, its two networks, their training and their figures."""
