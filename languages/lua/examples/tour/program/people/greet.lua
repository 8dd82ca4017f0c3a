return function(person)
    print("Hello, " .. person.name .. "!")
end
