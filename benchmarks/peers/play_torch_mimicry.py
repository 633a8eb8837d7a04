"""torch-mimicry: the SNGAN of its README.

As there: batches of 64, five critic steps to one of the generator, Adam at 2e-4 that falls to nothing over the budget.
Its networks know 32, 48, 64 and 128 px in colour only. Changed: 100,000 generator steps to what the budget holds, and
its reader of ImageNet, which nothing here calls, finds the module that torch no longer has.
"""

import sys
from types import ModuleType

from contract import Draw, Job, main, network_side

BATCH, CRITIC_STEPS = 64, 5


def play(job: Job) -> Draw:
    """Train by its Trainer."""
    gone = ModuleType("torch._six")
    gone.PY3 = True  # pyright: ignore
    sys.modules["torch._six"] = gone

    import torch
    import torch_mimicry
    from torch_mimicry.nets import sngan

    side = network_side(job.folder)
    generator = getattr(sngan, f"SNGANGenerator{side}")()
    discriminator = getattr(sngan, f"SNGANDiscriminator{side}")()
    torch_mimicry.training.Trainer(
        netD=discriminator,
        netG=generator,
        optD=torch.optim.Adam(discriminator.parameters(), 2e-4, betas=(0.0, 0.9)),
        optG=torch.optim.Adam(generator.parameters(), 2e-4, betas=(0.0, 0.9)),
        n_dis=CRITIC_STEPS,
        num_steps=max(1, job.images // (BATCH * CRITIC_STEPS)),
        lr_decay="linear",
        dataloader=job.loader(job.pictures(side, 3), BATCH, CRITIC_STEPS),
        log_dir=str(job.out / "log"),
        device=torch.device("cpu"),
    ).train()
    generator.eval()  # as its metrics draw
    return generator.generate_images


if __name__ == "__main__":
    main(play)
