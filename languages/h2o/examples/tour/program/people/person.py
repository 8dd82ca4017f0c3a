from dataclasses import dataclass


@dataclass
class Person:
    name: str
    age: int

    def greeting(self) -> str:
        return f"Hello, {self.name}!"
