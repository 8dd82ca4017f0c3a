greet(person::Person) = println("Hello, $(person.name)!")
