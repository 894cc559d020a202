"""The pretend VLE of the demo, tried as a browser and a tool would."""
