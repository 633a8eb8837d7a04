"""``python -m gansmith`` is ``gansmith``."""

from gansmith.cli.app import main

main()
