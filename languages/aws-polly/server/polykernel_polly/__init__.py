"""The evaluation server of the image for Amazon Polly."""
