name <- readline("What is your name? ")
age <- as.integer(readline("How old are you? "))
cat(name, " will be ", age + 10, ".\n", sep = "")
