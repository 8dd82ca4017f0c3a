const interrupted = 130
const failed = 1

"""
What Base knows as `active_repl_backend`: while `in_eval`, an interrupt that ends a task which nobody
waits for is passed on to `backend_task`. Packages add to `ast_transforms`.
"""
mutable struct Backend
    backend_task::Task
    in_eval::Bool
    ast_transforms::Vector{Any}
    evaluating::Bool
end

const backend = Backend(current_task(), false, Any[REPL.softscope], false)
const queries = Ref(0)

function run_query(code)
    forget_interrupt()
    renew_stdin()
    queries[] += 1
    backend.evaluating = backend.in_eval = true
    exit_code = attempt(() -> evaluate(code, "In[$(queries[])]"))
    backend.evaluating = backend.in_eval = false
    Libc.flush_cstdio()
    return exit_code
end

"""Return what `action` returns; or tell why it did not, and return the exit code of that."""
function attempt(action)
    try
        return Base.reenable_sigint(action)
    catch error
        stack = exception_stack()
        # What fails because a child was interrupted may be noticed first.
        is_interrupt = forget_interrupt() || error isa InterruptException
        tell(stack)
        return is_interrupt ? interrupted : failed
    end
end

"""Report, though of an interrupt by force more signals may come meanwhile."""
function tell(stack)
    for telling in (report, report, report, report_unreportable)
        try
            return Base.reenable_sigint(() -> Base.invokelatest(telling, stack))
        catch
            continue
        end
    end
end

function evaluate(code, name)
    ast = Base.parse_input_line(code; filename = name)
    if is_problem(ast)
        report_syntax(ast, code, name)
        return failed
    end
    for transform in backend.ast_transforms
        ast = Base.invokelatest(transform, ast)
    end
    value = Core.eval(Main, ast)
    Core.eval(Main, Expr(:(=), :ans, QuoteNode(value)))
    if value !== nothing && !REPL.ends_with_semicolon(code)
        Base.invokelatest(display, value)
    end
    return 0
end

"""Drop an interrupt that came too late for what it meant; return whether there was one."""
function forget_interrupt()
    try
        Base.reenable_sigint(() -> false)
    catch error
        error isa InterruptException || rethrow()
        true
    end
end

"""Finish what would be half a message. An interrupt is thrown behind it."""
function uninterrupted(action)
    backend.in_eval = false
    try
        Base.disable_sigint(action)
    finally
        backend.in_eval = backend.evaluating
    end
end
