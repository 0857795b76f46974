"""Distances between checkpoints -> how to draw them: clusters, trees and places in the plane."""
