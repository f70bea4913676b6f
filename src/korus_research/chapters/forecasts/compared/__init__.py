"""What is set side by side: forecasts, evaluations, our estimates, and trade by sector; frames in, frames out."""
