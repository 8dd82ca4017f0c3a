exception_stack() =
    isdefined(Base, :current_exceptions) ? Base.current_exceptions() : Base.catch_stack()

"""Tell on stderr what was thrown, and where in the user's code."""
function report(stack)
    told = [(exception, users_frames(trace)) for (exception, trace) in stack]
    write(stderr, "ERROR: " * as_at_the_prompt(io -> Base.show_exception_stack(io, told)))
end

report_unreportable(_) = write(stderr, "ERROR: an error that cannot be shown\n")

function users_frames(trace)
    frames = stacktrace(trace)
    bottom = findlast(frame -> is_ours(frame) && frame.func === :evaluate, frames)
    bottom === nothing || resize!(frames, bottom - 1)
    while !isempty(frames) && is_way_in(last(frames))
        pop!(frames)
    end
    return filter!(!is_ours, frames)
end

is_ours(frame) = dirname(string(frame.file)) == @__DIR__
is_way_in(frame) = frame.func === :eval || occursin("invokelatest", string(frame.func))

"""Tell that code cannot be parsed, and in which line; newer parsers say all that themselves."""
function report_syntax(problem, code, name)
    reason = problem.args[1]
    if reason isa Exception
        text = sprint(showerror, reason)
    else
        text = "syntax: $reason\nStacktrace:\n [1] top-level scope at $name:$(line_of_problem(code))"
    end
    write(stderr, "ERROR: $text\n")
end

function line_of_problem(code)
    next = 1
    while next <= ncodeunits(code)
        expression, next = Meta.parse(code, next; raise = false, depwarn = false)
        is_problem(expression) && break
    end
    return 1 + count(isequal('\n'), rstrip(code[1:prevind(code, next)]))
end

is_problem(expression) = expression isa Expr && expression.head in (:error, :incomplete)
