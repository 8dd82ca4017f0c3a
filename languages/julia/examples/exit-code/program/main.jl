println("out")
println(stderr, "err")
exit(3)
