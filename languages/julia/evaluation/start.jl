# Starts the server that is loaded, precompiled, from beside this file; queries find no trace of that.
let
    pushfirst!(LOAD_PATH, @__DIR__)
    push!(DEPOT_PATH, @__DIR__)
    server = Base.require(Main, :Polykernel)
    popfirst!(LOAD_PATH)
    pop!(DEPOT_PATH)
    Base.invokelatest(server.serve, ARGS[1])
end
