"""From images that passed their tests to a registry that others pull from."""
