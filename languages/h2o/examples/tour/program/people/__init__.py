"""Who is greeted."""
