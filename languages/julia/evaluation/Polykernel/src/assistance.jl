import REPL.REPLCompletions: MethodCompletion, completion_text, completions

"""Return between which bytes of the code suggestions go, and them."""
function complete(code, cursor)
    found, place = completions(code, thisind(code, cursor), Main)
    names = [completion_text(one) for one in found if !(one isa MethodCompletion)]
    isempty(names) && return cursor, cursor, names
    return first(place) - 1, nextind(code, last(place)) - 1, sort!(unique!(names))
end

const name_or_operator = r"[@\w!]+(\.[@\w!]+)*|[^\w\s(){}\[\],;\"'`#@.]+"

"""Return the documentation of what is under the cursor, or nothing."""
function inspect(code, cursor)
    for name in eachmatch(name_or_operator, code)
        if name.offset - 1 <= cursor <= name.offset - 1 + sizeof(name.match)
            return documentation(name.match)
        end
    end
    return ""
end

function documentation(name)
    parsed = Meta.parse(name; raise = false, depwarn = false)
    named = is_problem(parsed) ? Symbol(name) : parsed
    text = rendered(MIME("text/plain"), Core.eval(Main, :(Base.Docs.@doc $named)))
    return occursin("does not exist.", text) ? "" : text
end

const opens_block = r"""
    ^\s* (begin | catch | else | elseif | finally | for | function | if | let | macro | module |
        mutable\ struct | quote | struct | try | while) \b | \b do \b [^\#]* $"""x

"""Return whether code is complete, and the next line's indent."""
function completeness(code)
    ast = Base.parse_input_line(code; depwarn = false)
    tag = Base.incomplete_tag(ast)
    tag === :none && return (is_problem(ast) ? "invalid" : "complete"), ""
    tag in (:string, :comment, :cmd, :char) && return "incomplete", ""
    line = last(split(rstrip(code), '\n'))
    indent = match(r"^\s*", line).match
    return "incomplete", occursin(opens_block, line) ? indent * "    " : indent
end

"""Answer a question about code in the latest world, or `otherwise` where that fails."""
function assist(question, code, cursor; otherwise = "")
    try
        return Base.invokelatest(question, code, cursor)
    catch
        return otherwise
    end
end
