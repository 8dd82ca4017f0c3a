from __future__ import annotations

import io
from contextlib import redirect_stdout

import h2o
from h2o.estimators import H2OGeneralizedLinearEstimator

AGES = list(range(100))


class Aging:
    """A model that has seen how people age, and what it says of others."""

    def __init__(self, years: int) -> None:
        # It says that H2O is old, whatever it is told of being verbose.
        with redirect_stdout(io.StringIO()):
            h2o.init(verbose=False)
        h2o.no_progress()
        seen = h2o.H2OFrame({"age": AGES, "then": [age + years for age in AGES]})
        self._model = H2OGeneralizedLinearEstimator(lambda_=0)
        self._model.train(x=["age"], y="then", training_frame=seen)

    def of(self, age: int) -> int:
        return round(self._model.predict(h2o.H2OFrame({"age": [age]}))[0, 0])

    def __enter__(self) -> Aging:
        return self

    def __exit__(self, *_: object) -> None:
        h2o.connection().close()
