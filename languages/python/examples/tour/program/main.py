import sys

from people.person import Person

times = int(sys.argv[1]) if len(sys.argv) > 1 else 1
name = input("What is your name? ")
person = Person(name, int(input("How old are you? ")))
for _ in range(times):
    print(person.greeting())
print(f"In 10 years you will be {person.age_in(10)}.")
