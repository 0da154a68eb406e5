"""Results in MLflow: a subscriber of the event log. Nothing here is needed to make a result."""
