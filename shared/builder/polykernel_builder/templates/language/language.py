"""How programs of @name@ are built, run and queried."""

from polykernel_runner.language import Project, Snippet

name = "@name@"
projects = (Project(when=("main.sh", "*.sh"), run=("bash", "{main}", "{args}")),)
query = Snippet(file="query.sh", run=("bash", "{main}", "{args}"))
