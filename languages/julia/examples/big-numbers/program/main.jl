println(BigFloat(2)^0.5)
println(big(2)^100)
