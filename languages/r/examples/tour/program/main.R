source("people/person.R")

times <- as.integer(commandArgs(trailingOnly = TRUE)[1])
name <- readline("What is your name? ")
someone <- person(name, as.integer(readline("How old are you? ")))
for (i in seq_len(times)) greet(someone)
cat("In 10 years you will be ", age_in(someone, 10), ".\n", sep = "")
