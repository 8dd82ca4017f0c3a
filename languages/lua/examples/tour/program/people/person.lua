local greet = require("people.greet")

local Person = { greet = greet }
Person.__index = Person

function Person.new(name, age)
    return setmetatable({ name = name, age = age }, Person)
end

function Person:age_in(years)
    return self.age + years
end

return Person
