"""Registries that discover their own folder: one file, one name.

The file name with ``-`` for ``_`` is the registered name, the first line of the module's docstring
its help; both are read without importing. A file holds one public thing of the registry's kind,
named like the file. A user's ``module:function`` is accepted wherever a name is.
"""

import ast
import difflib
import importlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from gansmith.core.errors import InputError


def hint(name: str, names: Iterable[str]) -> str:
    """What to say of a name that is not among these: the nearest one, or all of them."""
    near = difflib.get_close_matches(name, names := list(names), 1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}"


class Registry:
    """Everything in one package folder, by name.

    Args:
        kind: what one entry is called in messages, such as ``objective``.
        package: the dotted package, such as ``gansmith.objectives``.
        folder: the package's folder.
    Check: every name resolves to the function or class of the same name in its file.
    """

    def __init__(self, kind: str, package: str, folder: Path):
        self.kind, self.package, self.folder = kind, package, folder

    @cached_property
    def names(self) -> list[str]:
        """The registered names, sorted."""
        files = self.folder.glob("*.py")
        return sorted(f.stem.replace("_", "-") for f in files if not f.stem.startswith("_"))

    def help(self, name: str) -> str:
        """The first line of the entry's docstring, read without importing it."""
        source = (self.folder / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
        doc = ast.get_docstring(ast.parse(source)) or ""
        return doc.splitlines()[0] if doc else ""

    def get(self, name: str) -> Any:
        """The entry of that name, imported now.

        Raises: InputError: when there is none, with the nearest name.
        """
        if ":" in name:
            return self._from_user(name)
        if name not in self.names:
            raise InputError(f"no {self.kind} is named {name!r}; {hint(name, self.names)}")
        stem = name.replace("-", "_")
        return getattr(importlib.import_module(f"{self.package}.{stem}"), stem)

    def _from_user(self, name: str) -> Any:
        module, _, attribute = name.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise InputError(f"cannot load {self.kind} {name!r}: {error}") from error
