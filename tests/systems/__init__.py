"""Real systems to run segments on."""
