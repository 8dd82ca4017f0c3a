"""R: `main.R` or the only R file; queries go to Jupyter's kernel for R."""

from polykernel_runner.language import JupyterKernel, Project

# In the kernel's own namespace, beside what it is made of.
_START = "source('/opt/polykernel/r/kernel.R', new.env(parent = asNamespace('IRkernel')))"

name = "r"
projects = (Project(when=("main.R", "main.r", "*.R", "*.r"), run=("Rscript", "{main}", "{args}")),)
query = JupyterKernel(argv=(*("Rscript", "-e", _START), "{connection_file}"))
env = {"R_PROFILE": "/opt/polykernel/r/profile.R"}
