square(x)
