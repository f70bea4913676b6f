"""The three-way gravity model of an agreement (methods section 4)."""
