"""The replay set: features of everybody's digits, which ships so that a hand can be taught without training data."""
