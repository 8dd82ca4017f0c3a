f <- function() stop("boom")
cat("before\n")
f()
