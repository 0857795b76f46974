"""Distances between checkpoints -> clusters, trees and positions in the plane."""
