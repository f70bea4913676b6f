"""How the embedded data package is compiled from the collected figures; see tools/build_data.py."""
