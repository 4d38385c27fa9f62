"""What is put on the path of the kernels to note the files that they open; see `sitecustomize`."""
