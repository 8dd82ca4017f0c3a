import sys

from people.aging import Aging
from people.person import Person

times = int(sys.argv[1]) if len(sys.argv) > 1 else 1
name = input("What is your name? ")
person = Person(name, int(input("How old are you? ")))
for _ in range(times):
    print(person.greeting())
with Aging(years=10) as aging:
    print(f"In 10 years you will be {aging.of(person.age)}.")
