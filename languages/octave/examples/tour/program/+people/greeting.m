function words = greeting (person)
  words = sprintf ("Hello, %s!", person.name);
end
