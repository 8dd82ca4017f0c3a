"""Starts H2O-3 once: the classes that the JVM then keeps as it read them halve later starts."""

import time
from pathlib import Path

import h2o
from h2o.backend import H2OLocalServer
from h2o.estimators import H2OGradientBoostingEstimator

libraries = Path("/opt/java/lib/server")
options = [
    f"-XX:SharedArchiveFile={libraries / 'classes.jsa'}",
    f"-XX:ArchiveClassesAtExit={libraries / 'h2o.jsa'}",
]
server = H2OLocalServer.start(jvm_custom_args=options, verbose=False)
h2o.connect(server=server, verbose=False)
frame = h2o.H2OFrame({"x": list(range(40)), "y": list(range(40))})
model = H2OGradientBoostingEstimator(ntrees=2, min_rows=1)
model.train(x=["x"], y="y", training_frame=frame)
model.predict(frame)
h2o.cluster().shutdown()
while server.is_running():
    time.sleep(0.1)
