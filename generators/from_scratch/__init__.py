"""Latent diffusion models trained from first weights: autoencoder, UNet, and the pipeline that they make up."""
