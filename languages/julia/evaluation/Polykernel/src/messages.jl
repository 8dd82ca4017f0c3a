struct Message
    words::Vector{String}
    body::Vector{UInt8}
end

const connection = Ref{IO}()
# A picture and its acknowledgement are one exchange, also where several tasks show some.
const exchange = ReentrantLock()

function receive()
    words = split(readline(connection[]))
    isempty(words) && return nothing
    body = read(connection[], parse(Int, pop!(words)))
    return Message(words, body)
end

function send(words...; body = "")
    message = IOBuffer()
    join(message, (words..., sizeof(body)), ' ')
    write(message, '\n', body)
    lock(() -> write(connection[], take!(message)), exchange)
end

function send_media(mime, data)
    lock(exchange) do
        # The query of a task that shows something may have ended meanwhile: nobody would take it.
        backend.evaluating || return nothing
        send("media", mime; body = data)
        receive()
    end
end
