"""Evaluating: generated images and real ones in, the card out."""
