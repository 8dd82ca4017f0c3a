module People

struct Person
    name::String
    age::Int
end

include("greeting.jl")

age_in(person::Person, years) = person.age + years

end
