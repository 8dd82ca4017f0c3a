using Dates
using LinearAlgebra
using Serialization
using Statistics

println(round(det([1 2; 3 4]); digits = 6))
println(mean([1, 2, 3]))
println(Date(2026, 11, 20) + Day(1))
buffer = IOBuffer()
serialize(buffer, Dict("a" => 1))
println("{\"a\" => 1} round trip: ", deserialize(seekstart(buffer)) == Dict("a" => 1))
