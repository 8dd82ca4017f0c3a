include("people/People.jl")

using .People: Person, age_in, greet

function ask(question)
    print(question, " ")
    return readline()
end

times = isempty(ARGS) ? 1 : parse(Int, ARGS[1])
name = ask("What is your name?")
person = Person(name, parse(Int, ask("How old are you?")))
for _ in 1:times
    greet(person)
end
println("In 10 years you will be ", age_in(person, 10), ".")
