"""
Evaluates queries for the runner, in `Main`: docs/evaluation-server.md.

Only what Julia has from 1.5 to 1.11 is used.
"""
module Polykernel

import Markdown
import REPL
import Sockets

include("messages.jl")
include("input.jl")
include("display.jl")
include("report.jl")
include("evaluation.jl")
include("assistance.jl")

"""Serve the runner at a socket until it hangs up."""
function serve(path)
    prepare(Sockets.connect(path))
    # An interrupt is for the query, or for nobody.
    Base.disable_sigint() do
        send("ready")
        while true
            message = receive()
            message === nothing && return
            answer(message)
        end
    end
end

function prepare(socket)
    connection[] = socket
    backend.backend_task = current_task()
    Core.eval(Base, Expr(:global, Expr(:(=), :active_repl_backend, backend)))
    Core.eval(Main, :(using InteractiveUtils))  # as at the prompt
    pushdisplay(MediaDisplay())
    # A Project.toml that comes later, or that a query leaves behind, counts as well.
    insert!(LOAD_PATH, 2, "@.")
    # Else `include` would look beside what started this.
    delete!(task_local_storage(), :SOURCE_PATH)
    empty!(ARGS)
    Base.exit_on_sigint(false)
end

function answer(message)
    code = String(copy(message.body))
    request = message.words[1]
    if request == "evaluate"
        send("done", run_query(code))
    elseif request == "complete"
        cursor = parse(Int, message.words[2])
        start, stop, suggestions = assist(complete, code, cursor; otherwise = (cursor, cursor, ""))
        send("completions", start, stop; body = join(suggestions, '\n'))
    elseif request == "inspect"
        send("inspection"; body = assist(inspect, code, parse(Int, message.words[2])))
    elseif request == "is-complete"
        status, indent = completeness(code)
        send("completeness", status; body = indent)
    end
end

# What every start and every query needs.
precompile(serve, (String,))
precompile(answer, (Message,))
precompile(run_query, (String,))
precompile(evaluate, (String, String))
precompile(send, (String,))
precompile(send, (String, Int))
precompile(renew_stdin, ())
precompile(display, (MediaDisplay, Int))
precompile(report, (Vector{Any},))

end
