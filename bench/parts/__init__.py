"""The parts of the benchmark: one module a subject, each with `rows(folder, sizes)`, found by its name."""
