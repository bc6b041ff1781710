"""Teaching a hand, simulated: hands that are known, their lessons, and what is read before and after."""
