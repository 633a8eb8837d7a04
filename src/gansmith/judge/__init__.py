"""People judge pictures: a local web page that asks, votes that last, and what they amount to."""
