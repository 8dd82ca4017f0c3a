"""A client of Microsoft R Server, later Machine Learning Server: its sessions evaluate queries."""

# The newest description of the API; what is used of it is in all since 9.0.1.
API = "9.3.0"
