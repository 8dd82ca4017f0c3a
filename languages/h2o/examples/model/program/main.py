import io
from contextlib import redirect_stdout

import h2o
from h2o.estimators import H2OGradientBoostingEstimator

with redirect_stdout(io.StringIO()):
    h2o.init(verbose=False)
h2o.no_progress()
sizes = ["small"] * 50 + ["large"] * 50
taught = h2o.H2OFrame({"number": list(range(100)), "size": sizes}, column_types={"size": "enum"})
model = H2OGradientBoostingEstimator(ntrees=5, seed=1)
model.train(x=["number"], y="size", training_frame=taught)
asked = h2o.H2OFrame({"number": [5, 95]})
small, large = (model.predict(asked)[row, "predict"] for row in range(2))
print(f"5 is {small}, 95 is {large}")
h2o.connection().close()
