"""The query engine of languages with an evaluation server: docs/evaluation-server.md."""
