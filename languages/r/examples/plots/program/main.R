plot(1:10, main = "größer ≥ 東京")
lines(10:1)
hist(c(1, 2, 2, 3))
cat("drawn\n")
