"""What trade would have been without an agreement (methods section 3)."""
