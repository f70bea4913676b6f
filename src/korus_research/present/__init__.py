"""How a result looks: theme, figures, tables, prose. Computes nothing."""
