"""What is measured on a GPU: needs torch, diffusers, transformers, accelerate, safetensors, NumPy and Pillow alone."""
