"""Short, plain functions on Xarray objects, one idea each, and the catalogue of the data that they are shown on."""
