"""Ruby: `main.rb` or the only Ruby file."""

from polykernel_runner.language import Project, Snippet

_RUN = ("ruby", "{main}", "{args}")
name = "ruby"
projects = (Project(when=("main.rb", "*.rb"), run=_RUN),)
query = Snippet(file="main.rb", run=_RUN)
live_env = {"RUBYOPT": "-r/opt/polykernel/live.rb"}  # prompts are shown at once
