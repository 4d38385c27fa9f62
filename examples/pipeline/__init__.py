"""A product made every cycle: the workflow (`Snakefile`) and the step that it runs."""
