"""A server that keeps to the documented API of Microsoft R Server, and to nothing else."""
