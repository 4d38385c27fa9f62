"""A small package with one defect, seeded on purpose: the material of guide/the-lab.md. Use it for nothing else."""
