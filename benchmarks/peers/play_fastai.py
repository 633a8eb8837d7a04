"""fastai: the WGAN of its documentation.

As there: 64 px (other pictures are scaled), batches of 128, RMSProp at 2e-4, weights clipped to 0.01, five critic steps
to one of the generator, an extra layer in both networks. Changed: one epoch as long as the budget, and the loader is
torch's, since its own counts in whole epochs; the noise goes with the pictures as it does there.
"""

from functools import partial

from contract import Draw, Job, Pictures, main, picture_shape

SIDE, BATCH, CRITIC_STEPS, LATENT = 64, 128, 5, 100


def play(job: Job) -> Draw:
    """Train by its GANLearner."""
    import torch
    from fastai.vision.all import DataLoaders, RMSProp, nn
    from fastai.vision.gan import GANLearner, basic_critic, basic_generator

    class Noisy(Pictures):
        def __getitem__(self, row: int):
            return torch.randn(LATENT), super().__getitem__(row)[0]

    channels = picture_shape(job.folder)[1]
    generator = basic_generator(SIDE, n_channels=channels, n_extra_layers=1)
    activation = partial(nn.LeakyReLU, negative_slope=0.2)
    critic = basic_critic(SIDE, n_channels=channels, n_extra_layers=1, act_cls=activation)
    loader = job.loader(Noisy(job.pictures(SIDE).pictures), BATCH, CRITIC_STEPS + 1)
    learner = GANLearner.wgan(DataLoaders(loader, []), generator, critic, opt_func=RMSProp)
    learner.fit(1, 2e-4, wd=0.0)
    generator.eval()
    return lambda count: generator(torch.randn(count, LATENT))


if __name__ == "__main__":
    main(play)
