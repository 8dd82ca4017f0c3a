library(lattice)
library(Matrix)
options(digits = 3)
norm(Matrix(c(1, 1), 1), "F")
coef(MASS::rlm(mpg ~ wt, mtcars))["wt"]
print(xyplot(mpg ~ wt, mtcars))
