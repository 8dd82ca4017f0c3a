from setuptools import setup

setup(name="shapes", version="0.1.0", py_modules=["shapes"])
