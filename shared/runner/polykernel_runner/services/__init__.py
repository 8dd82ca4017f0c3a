"""Apps beside the user's programs: what they are, starting and ending them."""
