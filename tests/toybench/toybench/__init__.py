"""An outside package, as a user would write it: a dataset, an extractor, a task, generators and a suite."""
