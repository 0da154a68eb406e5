"""Stable Diffusion through diffusers: off the shelf, and its UNet fine-tuned on prompts."""
