local Person = require("people.person")

local function ask(question)
    io.write(question, " ")
    return io.read()
end

local times = tonumber(arg[1]) or 1
local name = ask("What is your name?")
local person = Person.new(name, math.tointeger(ask("How old are you?")))
for _ = 1, times do
    person:greet()
end
print("In 10 years you will be " .. person:age_in(10) .. ".")
