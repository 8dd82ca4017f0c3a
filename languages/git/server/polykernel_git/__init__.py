"""The evaluation server of the git image: a shell, and pictures of histories."""
