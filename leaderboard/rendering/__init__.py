"""From boards to text, Markdown, CSV, JSON and HTML. The same board gives the same bytes."""
