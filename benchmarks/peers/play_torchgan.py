"""torchgan: the DCGAN of its starter example.

As there: step_channels 16, batches of 128, Adam at 2e-4. Changed: the device (its default is cuda:0), the channels and
the side, which must be a power of two, one epoch as long as the budget in place of twenty, and no picture at its end,
since torchvision no longer knows the argument ``range`` that it draws with.
"""

from contract import Draw, Job, main, network_side, picture_shape


def play(job: Job) -> Draw:
    """Train by its Trainer."""
    import torch
    from torch.optim import Adam
    from torchgan.losses import MinimaxDiscriminatorLoss, MinimaxGeneratorLoss
    from torchgan.models import DCGANDiscriminator, DCGANGenerator
    from torchgan.trainer import Trainer

    side, channels = network_side(job.folder), picture_shape(job.folder)[1]
    adam = {"name": Adam, "args": {"lr": 2e-4, "betas": (0.5, 0.999)}}
    of_generator = {"out_size": side, "out_channels": channels, "step_channels": 16}
    of_discriminator = {"in_size": side, "in_channels": channels, "step_channels": 16}
    networks = {
        "generator": {"name": DCGANGenerator, "args": of_generator, "optimizer": adam},
        "discriminator": {"name": DCGANDiscriminator, "args": of_discriminator, "optimizer": adam},
    }
    losses = [MinimaxGeneratorLoss(), MinimaxDiscriminatorLoss()]
    trainer = Trainer(networks, losses, device=torch.device("cpu"), sample_size=64, epochs=1)
    trainer.logger.logger_end_epoch.clear()
    trainer(job.loader(job.pictures(side), 128))
    generator = trainer.generator.eval()  # as it draws its own pictures
    return lambda count: generator(torch.randn(count, generator.encoding_dims))


if __name__ == "__main__":
    main(play)
