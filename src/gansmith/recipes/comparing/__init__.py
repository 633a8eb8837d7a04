"""Comparing: methods under one network, data, budget and protocol, and what may be concluded."""
