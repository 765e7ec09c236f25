"""The families of document sites: one module each, for what its pages say and how they are marked up."""
