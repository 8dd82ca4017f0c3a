println("before")
error("on purpose")
println("after")
