"""What drove the flows: accounting, demand equations, what they predict (methods section 5)."""
