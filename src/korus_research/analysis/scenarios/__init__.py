"""What if an agreement ended or duties rose: general equilibrium (methods section 10)."""
