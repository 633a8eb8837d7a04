"""particlegan: ``GANTrainer`` with the default recipe, as in its README.

It leaves the networks to its user, and its defaults are those of points in the plane. So for images: the plain DCGAN
of torch's tutorial, whose critic has no batch normalisation since the penalty looks at one picture at a time, and the
batch of 64 and the 64 latent dimensions of its own presets for larger data.
"""

from contract import Draw, Job, main, network_side, picture_shape

BATCH, LATENT, WIDTH = 64, 64, 64


def play(job: Job) -> Draw:
    """Train by its GANTrainer."""
    from particlegan import GANTrainer, get_recipe, init

    side, channels = network_side(job.folder), picture_shape(job.folder)[1]
    recipe = get_recipe(total_steps=max(1, job.images // BATCH), batch_size=BATCH, z_dim=LATENT)
    generator = init.deterministic_orthogonal_(generator_of(side, channels), seed=0)
    critic = init.deterministic_orthogonal_(critic_of(side, channels), seed=1)
    prior = init.deterministic_orthogonal_(recipe.make_prior())
    trainer = GANTrainer(recipe, generator, critic, prior=prior, seed=0)
    for real, _ in job.loader(job.pictures(side), BATCH):
        trainer.step(real)
    return trainer.sample


def generator_of(side: int, channels: int):
    """From 4x4 up, half as wide at each doubling."""
    from torch import nn

    width = WIDTH * side // 8
    layers = [nn.Unflatten(1, (LATENT, 1, 1)), nn.ConvTranspose2d(LATENT, width, 4, bias=False)]
    while width > WIDTH:
        layers += [nn.BatchNorm2d(width), nn.ReLU()]
        layers += [nn.ConvTranspose2d(width, width // 2, 4, 2, 1, bias=False)]
        width //= 2
    layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.ConvTranspose2d(width, channels, 4, 2, 1), nn.Tanh()]
    return nn.Sequential(*layers)


def critic_of(side: int, channels: int):
    """Down to 4x4, twice as wide at each halving."""
    from torch import nn

    width = WIDTH
    layers = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    while width < WIDTH * side // 8:
        layers += [nn.Conv2d(width, 2 * width, 4, 2, 1), nn.LeakyReLU(0.2)]
        width *= 2
    return nn.Sequential(*layers, nn.Conv2d(width, 1, 4), nn.Flatten(0))


if __name__ == "__main__":
    main(play)
