"""ganim: ``fit`` on a folder, ``save``, ``load``, ``sample``.

Its networks know 64 px in colour only, and it scales what it is given by itself. Changed: its loader hands out what
the budget holds as one epoch in place of 5,000 whole ones.
"""

from contract import Draw, Job, main


def play(job: Job) -> Draw:
    """Train by its fit."""
    import ganim
    from ganim import core
    from torch.utils.data import DataLoader

    def loader(dataset, batch_size: int, **_) -> DataLoader:
        return job.loader(dataset, batch_size)

    core.DataLoader = loader
    ganim.setup(epochs=1)
    generator, _ = ganim.fit(str(job.folder.parent))  # which wants its pictures in a folder within
    ganim.save(generator, str(job.out / "ganim.pth"))
    loaded = ganim.load(str(job.out / "ganim.pth"))
    return lambda count: ganim.sample(loaded, count)


if __name__ == "__main__":
    main(play)
