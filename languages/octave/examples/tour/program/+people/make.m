function person = make (name, age)
  person = struct ("name", name, "age", age);
end
