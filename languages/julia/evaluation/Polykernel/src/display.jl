"""Shows pictures and HTML to the runner, and all else as text."""
struct MediaDisplay <: AbstractDisplay end

# Richest first.
const rich = MIME.((
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "text/html",
))
# They have HTML too, but are read well as text, and not in a browser only.
const Readable = Union{Base.MethodList, Method, Markdown.MD}

richest(::Readable) = nothing

function richest(@nospecialize value)
    found = findfirst(mime -> showable(mime, value), rich)
    return found === nothing ? nothing : rich[found]
end

function Base.display(shown::MediaDisplay, @nospecialize value)
    # Between queries nobody takes pictures.
    mime = backend.evaluating ? richest(value) : nothing
    display(shown, mime === nothing ? MIME("text/plain") : mime, value)
end

function Base.display(::MediaDisplay, mime::MIME"text/plain", @nospecialize value)
    write(stdout, rendered(mime, value) * '\n')
    return nothing
end

function Base.display(shown::MediaDisplay, mime::MIME, @nospecialize value)
    backend.evaluating || throw(MethodError(display, (shown, mime, value)))
    data = repr(mime, value; context = :limit => true)
    uninterrupted(() -> send_media(mime, data))
    return nothing
end

rendered(mime, @nospecialize value) = as_at_the_prompt(io -> show(io, mime, value))

"""
Return what is shown: to a terminal, for which Julia brings much of what shows something in compiled
form. Elsewhere the first error takes a second.
"""
function as_at_the_prompt(show_it)
    shown = IOBuffer()
    terminal = REPL.Terminals.TTYTerminal("dumb", stdin, shown, stderr)
    show_it(IOContext(terminal, :limit => true, :module => Main))
    return String(take!(shown))
end
