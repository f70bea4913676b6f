"""How a chapter shows what it found: findings, the words that speak them, figures and tables."""
