"""One file per format; see `etanche.ingest.bids` for what a reader is and how the best one is chosen."""
