"""Builds, checks and describes the images: manifests, vendoring, Docker images."""
