"""Makes the small Stable Diffusion that ships with the project, from procedural textures alone."""
