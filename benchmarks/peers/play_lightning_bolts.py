"""lightning-bolts: its DCGAN, as its own script plays it on MNIST and LSUN.

As there: 64 px (other pictures are scaled), batches of 64, Adam at 2e-4. Changed: one epoch as long as the budget, and
no callbacks that draw pictures on the way.
"""

from contract import Draw, Job, main, picture_shape


def play(job: Job) -> Draw:
    """Train by Lightning's Trainer."""
    import torch
    from pl_bolts.models.gans import DCGAN
    from pytorch_lightning import Trainer

    model = DCGAN(image_channels=picture_shape(job.folder)[1])
    Trainer(max_epochs=1, accelerator="cpu", default_root_dir=str(job.out)).fit(model, job.loader(job.pictures(64), 64))
    model.eval()
    return lambda count: model(torch.randn(count, model.hparams.latent_dim))


if __name__ == "__main__":
    main(play)
