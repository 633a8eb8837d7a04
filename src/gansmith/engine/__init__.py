"""The engine runs turns: time, devices, averages, checkpoints, resume. It never learns the word GAN."""
