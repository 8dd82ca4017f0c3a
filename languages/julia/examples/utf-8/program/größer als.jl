größe = "größer"
println(größe, " ≥ 東京 🙂")
println(length(ARGS), ":", (" [$arg]" for arg in ARGS)...)
