person <- function(name, age) list(name = name, age = age)
greet <- function(person) cat("Hello, ", person$name, "!\n", sep = "")
age_in <- function(person, years) person$age + years
