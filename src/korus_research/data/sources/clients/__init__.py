"""How to read the answers of each official source: one module per answer form, with its client as `CLIENT`."""
