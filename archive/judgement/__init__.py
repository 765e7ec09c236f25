"""Whether a run is fit to be published: what it was like, held against the site's own published runs."""
