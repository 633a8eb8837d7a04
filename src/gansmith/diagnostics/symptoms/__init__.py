"""The symptoms: each file holds one ``Symptom`` of its name; the module's first line is its help."""

from pathlib import Path

from gansmith.core.registry import Registry

SYMPTOMS = Registry("symptom", __name__, Path(__file__).parent)
