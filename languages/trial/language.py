"""How programs of trial are built, run and queried."""

from polykernel_runner.language import Project, Snippet

name = "trial"
projects = (Project(when=("main.sh", "*.sh"), run=("bash", "{main}", "{args}")),)
query = Snippet(file="query.sh", run=("bash", "{main}", "{args}"))
