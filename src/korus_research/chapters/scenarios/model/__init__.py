"""The inputs of the model: choices, estimates of the agreement's effect, duties; and one method a scenario."""
