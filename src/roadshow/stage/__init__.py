"""What is done with a built deck; nothing here knows of Sphinx."""
