from importlib.metadata import version


def greeting(name: str) -> str:
    return f"Hello, {name}, from greeter {version('greeter')}!"
