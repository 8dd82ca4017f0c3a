function age = age_in (person, years)
  age = person.age + years;
end
