"""Diffusion Atlas: measure diffusion networks and checkpoints, publish them as a site."""
