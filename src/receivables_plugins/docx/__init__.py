"""Letters as Word files, for those who must edit them."""
