"""Which documents are copies of one work, however cut, retitled, renumbered or mangled."""

from archive.without_pandas import do_with_numpy

do_with_numpy()  # before any module of this package asks for it
