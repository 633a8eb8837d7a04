"""Freed memory is reused: a step of equal shapes faults in almost no page."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource
import torch
from gansmith.engine.memory import keep_freed_memory
kept = keep_freed_memory()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(4_000_000).add_(1)  # 16 MB, 3,900 pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(int(kept), [faults() for _ in range(8)][-1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="page faults are counted so on Linux")
def test_a_later_step_faults_in_almost_no_page():
    kept, faults = map(int, subprocess.check_output([sys.executable, "-c", PROGRAM], text=True).split())
    if not kept:
        pytest.skip("not glibc")
    assert faults < 100
