"""One case of a comparison in a process of its own.

``python -m gansmith.recipes.comparing.worker FOLDER CASE PARENT``, the last the process that waits for it.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from gansmith.core.errors import InputError, WorkError
from gansmith.core.progress import Progress
from gansmith.recipes.comparing.asked import Asked
from gansmith.recipes.comparing.cases import cases, play, trials
from gansmith.recipes.comparing.folder import ComparisonFolder

LOOK_EVERY_SECONDS = 1.0


def work(root: Path, place: str) -> None:
    """Play the case that lies at ``place``."""
    record = ComparisonFolder(root).read()
    asked, plan = Asked.from_json(record["asked"]), record["plan"]
    every = [*trials(asked, plan), *cases(asked, plan, record.get("rates", {}))]
    (case,) = (case for case in every if case.place == place)
    play(case, asked, plan, root, Progress())


def stop_without(parent: int) -> None:
    """Ask this process to save and end when its parent is gone, also when it was gone before this began."""
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    """The exit code, as the command line has it; the reason is the last line on stderr."""
    threading.Thread(target=stop_without, args=(int(sys.argv[3]),), daemon=True).start()
    try:
        work(Path(sys.argv[1]), sys.argv[2])
    except (InputError, WorkError) as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
