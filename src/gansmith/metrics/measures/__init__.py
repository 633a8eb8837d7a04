"""The metrics: each file holds one ``Metric`` of its name; the module's first line is its help."""
