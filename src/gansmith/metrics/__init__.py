"""How far generated images are from real ones: one metric a file.

``METRICS`` names them all; ``metric.py`` says what each promises, ``evidence.py`` what it may read, and
``measures/`` holds one a file. The formulas that training's own score uses as well are beside them.
"""

from pathlib import Path

from gansmith.core.registry import Registry

METRICS = Registry("metric", "gansmith.metrics.measures", Path(__file__).parent / "measures")
