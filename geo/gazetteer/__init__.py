"""Names and addresses to points, and back."""
